"""The media worker's sockets that may have something to say."""

import socket
from collections.abc import Callable
from select import EPOLLIN, epoll
from typing import Any

from media.session import Session

LONGEST_DATAGRAM = 1500

Ear = tuple[Callable[[int], Any], Callable[[Any, float], bytes | None], Session]
"""What reads a socket, who takes what was read, and whose it is."""


class Ears:
    """All sockets of all legs, and the stream to the engine."""

    def __init__(
        self,
        stream: socket.socket,
        relay: Callable[[Session, bytes], None],
        fault: Callable[[Session], None],
    ) -> None:
        """`relay` sends a packet on for the partner; `fault` ends a leg in which one of ours is."""
        self._relay = relay
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

    def receive(self, now: float) -> bool:
        """Take one datagram of each socket that has any; tell whether the engine has said
        something too. The rest is there next time."""
        ears, told = self._ears, False
        for number, _ in self._poll.poll(0):
            ear = ears.get(number)
            if ear is None:
                told = True
                continue
            take, receive, session = ear
            try:
                packet = receive(take(LONGEST_DATAGRAM), now)
                if packet is not None and session.partner is not None:
                    self._relay(session.partner, packet)
            except OSError:
                session.dropped += 1
            except Exception:
                self._fault(session)
        return told
