"""The media worker's sockets that may have something to say."""

import socket
from collections.abc import Callable
from select import EPOLLIN, epoll

from media.session import Session
from server.media_tapes import Leg

LONGEST_DATAGRAM = 1500
"""Octets that are read at once; of a longer one, which is nobody's voice, the rest is lost."""
MOST = 5
"""Datagrams of one socket that are taken at once."""

Take = Callable[[float], bytes | None]
"""Takes a datagram of a socket at a time (UTC); returns what goes on to the partner."""


class Ears:
    """All sockets of all legs, and the stream to the engine."""

    def __init__(
        self,
        stream: socket.socket,
        fault: Callable[[Session], None],
        clock: Callable[[], float],
    ) -> None:
        """`fault` ends a leg in which one of ours is; `clock` gives UTC."""
        self._fault = fault
        self._clock = clock
        self._poll = epoll()
        self._poll.register(stream, EPOLLIN)
        self._ears: dict[int, tuple[Take, Leg]] = {}

    def listen(self, end: socket.socket, take: Take, leg: Leg) -> None:
        """Listen to a socket of a leg's."""
        self._ears[end.fileno()] = take, leg
        self._poll.register(end, EPOLLIN)

    def hang_up(self, end: socket.socket) -> None:
        """Listen to a socket no more, and close it."""
        del self._ears[end.fileno()]
        self._poll.unregister(end)
        end.close()

    def receive(self, most: int = MOST) -> bool:
        """Take what has come, so many datagrams of a socket; tell whether the engine has said
        something too. The rest is there next time."""
        told = False
        for _ in range(most):
            came = self._poll.poll(0)
            told = self._take(came, self._clock())  # not earlier than any of it came
            if len(came) <= told:
                break
        return told

    def _take(self, came: list[tuple[int, int]], now: float) -> bool:
        """Take one datagram of each socket that has any; tell whether the engine's is there.

        What goes on is sent when all are read: one after the other, each costs the less.
        """
        ears, told, onward = self._ears, False, []
        for number, _ in came:
            ear = ears.get(number)
            if ear is None:
                told = True
                continue
            take, leg = ear
            try:
                packet = take(now)
                if packet is not None and leg.partner is not None:
                    onward.append((leg.partner.send, packet, leg))
            except OSError:
                leg.session.dropped += 1
            except Exception:
                self._fault(leg.session)
        self._send(onward)
        return told

    def _send(self, onward: list[tuple[Callable[[bytes], object], bytes, Leg]]) -> None:
        """Send what goes on; `onward` says by what, and whose it was."""
        for send, packet, leg in onward:
            try:
                send(packet)
            except OSError:
                leg.session.dropped += 1
            except Exception:
                self._fault(leg.session)
