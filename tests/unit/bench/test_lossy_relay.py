"""The road that loses: what it passes on, and that the seed decides."""

from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from bench.lossy_relay import LossyRelay
from tests.helpers.serving import until


def end() -> socket:
    made = socket(AF_INET, SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(10)
    return made


def test_both_ways_lead_through_it() -> None:
    with end() as engine, end() as caller, LossyRelay(engine.getsockname(), 0.0, 1) as relay:
        host, port = relay.address.split(":")
        caller.sendto(b"INVITE", (host, int(port)))
        asked, source = engine.recvfrom(100)
        engine.sendto(b"200", source)
        assert (asked, caller.recv(100)) == (b"INVITE", b"200")
        assert (relay.passed, relay.dropped) == (2, 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_seed_decides_what_is_lost(seed: int) -> None:
    def told() -> list[bytes]:
        with end() as engine, end() as caller, LossyRelay(engine.getsockname(), 0.5, seed) as relay:
            host, port = relay.address.split(":")
            for number in range(50):
                caller.sendto(b"%d" % number, (host, int(port)))
            until(lambda: relay.passed + relay.dropped == 50, 10.0, "all went through")
            return [engine.recv(100) for _ in range(relay.passed)]

    first = told()
    assert first == told()
    assert 5 < len(first) < 45
