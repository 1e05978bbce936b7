"""Ports that nobody else takes, neither now nor later: each test process has a block of its own.

A port that is only looked at and bound seconds later, by a program that has yet to start, may
meanwhile be taken by another test process that looked at the same moment. So each process
holds a block for as long as it lives, and gives out its ports in turn. All lie below 32768,
where the ports of connections begin.
"""

from functools import cache
from itertools import cycle
from socket import AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SocketKind, socket

BLOCKS, SIZE = 24, 400
SINGLE, PHONES, ENGINES = 10_000, 10_300, 20_000
"""Where the first block's single ports begin, those of phones' voices, and those of engines'."""
APART = 4
"""A single port's next three are its own: SIPp uses them, and engines listen for TLS there."""
VOICES = 40
"""Ports of one engine's voices."""
_held: list[socket] = []


@cache
def block() -> int:
    """Return the number of this process's block; a name that only one process can have holds it."""
    for number in range(BLOCKS):
        guard = socket(AF_UNIX, SOCK_DGRAM)
        try:
            guard.bind(f"\0hotline-tests-{number}")
        except OSError:
            guard.close()
            continue
        _held.append(guard)
        return number
    raise AssertionError(f"{BLOCKS} test processes run on this machine already")


_single, _engines = cycle(range(SINGLE, PHONES, APART)), cycle(range(0, SIZE, VOICES))


def free_port(kind: SocketKind | None = None) -> int:
    """Return a port that nobody uses, for datagrams and connections unless told which."""
    kinds = (SOCK_DGRAM, SOCK_STREAM) if kind is None else (kind,)
    for _ in range(SINGLE, PHONES, APART):
        port = next(_single) + SIZE * block()
        if all(_is_free(port, each) for each in kinds):
            return port
    raise AssertionError("every port of this process's block is in use")


def free_voice_port() -> int:
    """Return a port that is free for datagrams with the three after it.

    SIPp takes them for voice and video, each with its reports.
    """
    while True:
        first = free_port(SOCK_DGRAM)
        if all(_is_free(port, SOCK_DGRAM) for port in range(first, first + APART)):
            return first


def engine_voices() -> tuple[int, int]:
    """Return the first and the last port for the voices of one more engine or media worker."""
    first = ENGINES + SIZE * block() + next(_engines)
    return first, first + VOICES - 2


def many_voices() -> tuple[int, int]:
    """Return the ports of all engines of this process, for one that runs alone."""
    first = ENGINES + SIZE * block()
    return first, first + SIZE - 2


def phone_voices() -> tuple[int, int]:
    """Return the first and the last port for the voices of phones that choose for themselves."""
    first = PHONES + SIZE * block()
    return first, SINGLE + SIZE * (block() + 1) - 1


def _is_free(port: int, kind: SocketKind) -> bool:
    with socket(AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
