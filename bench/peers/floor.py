"""What plain Python pays for packets, and nothing else: for `./hotline bench beside`.

    python -m bench.peers.floor relay PAUSE PORT PORT …      each pair of peers hears each other
    python -m bench.peers.floor play PAUSE PORT PORT …       each peer hears a tone and is heard

Prints the ports that it has for the peers, as JSON. One connected socket a peer, `epoll`,
`recv_into` and `send`. PAUSE: seconds between looks at what came; 0: at once. It ends by itself
after some minutes, should nobody end it.
"""

import json
import signal
import struct
import sys
import time
from select import EPOLLIN, epoll
from socket import AF_INET, SOCK_DGRAM, SOCK_NONBLOCK, socket

LIMIT, PTIME, FRAME = 300, 0.02, bytes([0xD5]) * 160
ROOM = memoryview(bytearray(2048))


def connected(port: int) -> socket:
    """Return a socket of ours that talks to one peer."""
    end = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK)
    end.bind(("127.0.0.1", 0))
    end.connect(("127.0.0.1", port))
    return end


def watched(ends: list[socket]) -> epoll:
    """Return what tells at which of them something came."""
    poll = epoll()
    for end in ends:
        poll.register(end.fileno(), EPOLLIN)
    return poll


def relay(ends: list[socket], pause: float) -> None:
    """Pass on what comes from each to the other of its pair: at once, or at even intervals."""
    pairs = [*zip(ends[::2], ends[1::2], strict=True), *zip(ends[1::2], ends[::2], strict=True)]
    ways = {one.fileno(): (one.recv_into, other.send) for one, other in pairs}
    poll, due = watched(ends), time.monotonic()
    while True:
        while came := poll.poll(0 if pause else None):
            for number, _ in came:
                take, give = ways[number]
                give(ROOM[: take(ROOM)])
        due += pause
        time.sleep(max(0.0, due - time.monotonic()))  # noqa: TID251 - this is the timetable


def play(ends: list[socket], pause: float) -> None:
    """Send a packet to each every 20 ms, and read what comes: at once, or then only."""
    readers, poll = {end.fileno(): end.recv_into for end in ends}, watched(ends)
    due, number = time.monotonic(), 0
    while True:
        number, due = number + 1, due + PTIME
        for source, end in enumerate(ends):
            end.send(struct.pack("!BBHII", 128, 8, number & 65535, number * 160, source) + FRAME)
        if pause:
            time.sleep(max(0.0, due - time.monotonic()))  # noqa: TID251 - this is the timetable
        while (left := due - time.monotonic()) > 0 or pause:
            came = poll.poll(max(0.0, left))
            for end, _ in came:
                readers[end](ROOM)
            if pause and not came:
                break


def main() -> None:
    """Open a socket for each peer, say where they are, and begin."""
    signal.alarm(LIMIT)
    what, pause, *ports = sys.argv[1:]
    ends = [connected(int(port)) for port in ports]
    print(json.dumps([end.getsockname()[1] for end in ends]), flush=True)
    {"relay": relay, "play": play}[what](ends, float(pause))


if __name__ == "__main__":
    main()
