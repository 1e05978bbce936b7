"""The media worker's sockets that may have something to say."""

import socket
from collections.abc import Callable
from select import EPOLLIN, epoll
from typing import Any

from media.session import Session
from server.media_tapes import Leg

LONGEST_DATAGRAM, USUAL_DATAGRAM = 1500, 479
"""Octets that are read at once. The usual room, 50 ms of G.711 in secret, is what Python's own
allocator still takes: a longer one is fetched from the system's and given back, each time."""
MOST = 5
"""Datagrams of one socket that are taken at once."""

Ear = tuple[Callable[[int], Any], int, Callable[[Any, float], bytes | None], Leg]
"""What reads a socket, how many octets, who takes what was read, and whose it is."""


class Ears:
    """All sockets of all legs, and the stream to the engine."""

    def __init__(
        self,
        stream: socket.socket,
        fault: Callable[[Session], None],
    ) -> None:
        """`fault` ends a leg in which one of ours is."""
        self._fault = fault
        self._poll = epoll()
        self._poll.register(stream, EPOLLIN)
        self._ears: dict[int, Ear] = {}

    def listen(self, end: socket.socket, *ear: Any) -> None:
        """Listen to a socket; `ear` is as its type says."""
        self._ears[end.fileno()] = ear
        self._poll.register(end, EPOLLIN)

    def hang_up(self, end: socket.socket) -> None:
        """Listen to a socket no more, and close it."""
        del self._ears[end.fileno()]
        self._poll.unregister(end)
        end.close()

    def receive(self, now: float, most: int = MOST) -> bool:
        """Take what has come, so many datagrams of a socket; tell whether the engine has said
        something too. The rest is there next time."""
        told = False
        for _ in range(most):
            came = self._poll.poll(0)
            told = self._take(came, now)
            if len(came) <= told:
                break
        return told

    def _take(self, came: list[tuple[int, int]], now: float) -> bool:
        """Take one datagram of each socket that has any; tell whether the engine's is there."""
        ears, told = self._ears, False
        for number, _ in came:
            ear = ears.get(number)
            if ear is None:
                told = True
                continue
            take, room, receive, leg = ear
            try:
                datagram = take(room)
                if len(datagram) == room:
                    self._widen(number, ear)
                    continue
                packet = receive(datagram, now)
                if packet is not None and leg.partner is not None:
                    leg.partner.send(packet)
            except OSError:
                leg.session.dropped += 1
            except Exception:
                self._fault(leg.session)
        return told

    def _widen(self, number: int, ear: Ear) -> None:
        """Take longer datagrams from here on; the one that showed it is lost."""
        take, _, receive, leg = ear
        leg.session.dropped += 1
        self._ears[number] = (take, LONGEST_DATAGRAM, receive, leg)
