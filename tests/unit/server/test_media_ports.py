"""Ports that are bound before they are asked for; real ones, on loopback."""

from collections.abc import Iterator

import pytest

from server.media_ports import Ports, Spares
from tests.helpers.ports import engine_voices

HOME = "127.0.0.1"


@pytest.fixture
def ports() -> Ports:
    first, last = engine_voices()
    return Ports(first, last)


@pytest.fixture
def spares(ports: Ports) -> Iterator[Spares]:
    spares = Spares(ports)
    yield spares
    spares.close()


def test_nothing_is_bound_before_an_address_is_known(spares: Spares) -> None:
    assert spares.bind() == ()


def test_a_quarter_of_the_ports_at_most_is_bound_ahead_and_again_when_half_are_gone(
    ports: Ports, spares: Spares
) -> None:
    most = len(ports) // 4
    spares.wanted(HOME)
    ready = spares.bind()
    assert len(ready) == most
    few = (most - 1) // 2
    taken = [spares.take(port) for port in ready[:few]]
    assert spares.bind() == (), "more than half are left"
    taken.append(spares.take(ready[few]))
    assert len(spares.bind()) == len(taken)
    for _, voice, control in taken:
        voice.close()
        control.close()


def test_when_all_ports_are_in_use_there_are_spares_again_once_some_are_free(
    ports: Ports, spares: Spares
) -> None:
    used = [ports.bind(HOME) for _ in range(len(ports))]
    spares.wanted(HOME)
    assert (spares.bind(), spares.bind()) == ((), ())
    for port, voice, control in used:
        voice.close()
        control.close()
        ports.release(port)
    assert len(spares.bind()) == len(used) // 4


def test_what_came_while_it_was_nobodys_is_thrown_away_and_it_is_no_spare_any_more(
    spares: Spares,
) -> None:
    spares.wanted(HOME)
    port, other = spares.bind()[:2]
    _, stranger, idle = spares.take(other)
    stranger.sendto(b"late", (HOME, port))
    _, voice, control = spares.take(port)
    with pytest.raises(BlockingIOError):
        voice.recv(100)
    with pytest.raises(OSError, match=f"port {port} is no spare"):
        spares.take(port)
    for end in (stranger, idle, voice, control):
        end.close()
