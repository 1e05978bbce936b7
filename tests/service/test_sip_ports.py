"""The ports' log of bans, as fail2ban reads it: see docs/defences.md."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Any, cast
from unittest.mock import Mock

from structlog.testing import capture_logs
from twisted.internet.task import Clock

from server.sip_ports import LATE, SipPorts
from server.sip_udp import AT_ONCE
from sip.guard import Guard, GuardLimits
from sip.settings import Listening, StackSettings
from sip.stack import Stack
from tests.helpers.sip_messages import request

DOC = Path(__file__).parents[2] / "docs" / "defences.md"


def test_a_ban_is_one_log_line_that_names_the_source_and_changes_nothing_else() -> None:
    stack = Stack(
        StackSettings("127.0.0.1"), None, lambda: "t", Guard(GuardLimits(), lambda host: False)
    )
    turns: list[int] = []
    ports = SipPorts(
        stack, Clock(), lambda: 0.0, lambda: turns.append(1), [Listening("UDP", "127.0.0.1", 5060)]
    )
    scan = request("OPTIONS", more=("User-Agent: friendly-scanner",))
    with capture_logs() as lines:
        ports.take(scan, ("203.0.113.7", 5060))
        ports.take(scan, ("203.0.113.7", 5060))
    assert turns == []
    assert [{**line} for line in lines] == [
        {
            "source": "203.0.113.7", "why": "scanner", "event": "sip_source_banned",
            "log_level": "warning",
        }
    ]  # fmt: skip


def test_the_documented_filter_finds_the_host_in_the_line_as_it_is_written() -> None:
    found = re.search(r"^failregex = (.+)$", DOC.read_text(), re.MULTILINE)
    assert found is not None
    pattern = found[1].replace("<ADDR>", r"(?P<host>[0-9A-Fa-f:.]+)")
    line = (
        '{"source": "203.0.113.7", "why": "scanner", "event": "sip_source_banned", '
        '"level": "warning", "timestamp": "2026-01-01T00:00:00Z"}'
    )
    match = re.search(pattern, line)
    assert match is not None
    assert match["host"] == "203.0.113.7"


def test_the_one_timer_is_moved_only_to_an_earlier_instant_and_misses_nothing() -> None:
    clock = Clock()
    stack = Stack(StackSettings("127.0.0.1"), None, iter("abcdefgh").__next__)
    ports = SipPorts(
        stack, clock, clock.seconds, lambda: None, [Listening("UDP", "127.0.0.1", 5060)]
    )
    ports._turn = ports.flush
    sent: list[float] = []
    ports._datagrams[0].send = lambda *_: sent.append(clock.seconds())  # type: ignore[method-assign]
    for number in range(3):
        ports.take(request("OPTIONS", call_id=f"call-{number}"), ("192.0.2.10", 5060))
        clock.advance(1.0)
    assert len(sent) == 3
    assert len(clock.getDelayedCalls()) == 1
    for _ in range(80):
        clock.advance(0.5)
    assert stack.transactions() == 0
    assert clock.getDelayedCalls() == []


def test_a_timer_that_fires_late_waits_until_what_has_come_meanwhile_is_read() -> None:
    """Else an answer would be repeated although its ACK waits at the socket."""
    clock, ticks = Clock(), []
    stack = Stack(StackSettings("127.0.0.1"), None, iter("abcdefgh").__next__)
    ports = SipPorts(
        stack, clock, clock.seconds, lambda: None, [Listening("UDP", "127.0.0.1", 5060)]
    )
    ports._turn = ports.flush
    ports._datagrams[0].send = lambda *_: None  # type: ignore[method-assign]
    ports.take(request("OPTIONS"), ("192.0.2.10", 5060))
    stack.tick = ticks.append  # type: ignore[method-assign]
    due = stack.next_deadline()
    assert due is not None
    late = due + 10 * LATE
    clock.rightNow = late  # the engine was busy with something else
    (timer,) = clock.getDelayedCalls()
    timer.func()
    assert ticks == [], "first the sockets"
    (after,) = (call for call in clock.getDelayedCalls() if call is not timer)
    assert after.getTime() == late
    after.func()
    assert ticks == [late]


def test_the_largest_datagram_that_there_is_is_taken() -> None:
    """RFC 3261 §18.1.1: 65,535 octets, with the headers of IP and UDP."""
    stack = Stack(StackSettings("127.0.0.1"), None, lambda: "t")
    ours = [Listening("UDP", "127.0.0.1", 0)]
    ports = SipPorts(stack, Mock(), lambda: 0.0, lambda: None, ours)
    ports.open()
    transport = cast(Any, ports._datagrams[0].transport)
    assert transport.maxPacketSize == 65535
    transport.socket.close()
    largest = request("OPTIONS", body=b"x" * 65_000, content_type="text/plain")
    stack.receive(largest, ("192.0.2.10", 5060), 0.0)
    ((answer, _),) = stack.to_send()
    assert answer.startswith(b"SIP/2.0 200 ")


@contextmanager
def open_port(stack: Stack) -> Iterator[tuple[SipPorts, Any]]:
    """Yield ports on a free number, and the reader that a reactor would call."""
    ours = [Listening("UDP", "127.0.0.1", 0)]
    ports = SipPorts(stack, Mock(), lambda: 0.0, lambda: None, ours)
    ports.open()
    reader = cast(Any, ports._datagrams[0].transport)
    with closing(reader.socket):
        yield ports, reader


def send(to: tuple[str, int], *messages: bytes) -> None:
    with socket(AF_INET, SOCK_DGRAM) as peer:
        for message in messages:
            peer.sendto(message, to)


def test_messages_that_wait_together_are_one_turn() -> None:
    stack = Stack(StackSettings("127.0.0.1"), None, iter("abcdefgh").__next__)
    with open_port(stack) as (ports, reader):
        waiting: list[int] = []
        ports._turn = lambda: waiting.append(len(stack.to_send()))
        options = [request("OPTIONS", call_id=f"call-{number}") for number in range(3)]
        send(reader.socket.getsockname(), *options)
        reader.doRead()
        reader.doRead()
        assert waiting == [3], "all of them, and no turn where nothing came"


def test_more_than_a_burst_does_not_keep_the_first_waiting() -> None:
    stack = Stack(StackSettings("127.0.0.1"), None, lambda: "t")
    with open_port(stack) as (ports, reader):
        turns: list[int] = []
        ports._turn = lambda: turns.append(len(stack.to_send()))
        options = [request("OPTIONS", call_id=f"call-{number}") for number in range(40)]
        send(reader.socket.getsockname(), *options)
        for _ in range(4):
            reader.doRead()
        assert sum(turns) == 40
        assert 1 < turns[0] <= 1 + AT_ONCE // min(map(len, options))


def test_a_fault_in_a_turn_does_not_close_the_port() -> None:
    stack = Stack(StackSettings("127.0.0.1"), None, lambda: "t")
    with open_port(stack) as (ports, reader):

        def broken() -> None:
            raise RuntimeError("broken")

        ports._turn = broken
        send(reader.socket.getsockname(), request("OPTIONS"))
        reader.doRead()
        assert reader.socket.fileno() != -1
        ports._turn = ports.flush
        with socket(AF_INET, SOCK_DGRAM) as peer:
            peer.bind(("127.0.0.1", 0))
            peer.settimeout(5)
            via = f"127.0.0.1:{peer.getsockname()[1]}"
            options = request("OPTIONS", call_id="call-2", via=via)
            peer.sendto(options, reader.socket.getsockname())
            reader.doRead()
            assert b"call-2" in peer.recv(2000)
