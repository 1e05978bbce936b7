"""The media worker's sockets that may have something to say."""

import socket
import time
from collections.abc import Callable
from select import EPOLLIN, epoll
from typing import Any, Protocol

from media import hot
from media.hot import PLAIN
from media.session import Session
from server.media_tapes import Leg

LONGEST_DATAGRAM = 1500
"""Octets that are read at once; of a longer one, which is nobody's voice, the rest is lost."""
MOST = 5
"""Datagrams of one socket that are taken at once."""

Take = Callable[[float], bytes | None]
"""Takes a datagram of a socket at a time (UTC); returns what goes on to the partner."""


class AnyEars(Protocol):
    """What listens to all sockets of all legs, and to the stream to the engine."""

    def listen(self, end: socket.socket, take: Take, leg: Leg) -> None:
        """Listen to a socket of a leg's."""

    def listen_plainly(self, line: socket.socket, leg: Leg) -> None:
        """Listen to a line that is for a leg's known peer only and is not in secret."""

    def hang_up(self, end: socket.socket) -> None:
        """Listen to a socket no more, and close it."""

    def receive(self, most: int = MOST) -> bool:
        """Take what has come, so many datagrams of a socket; tell whether the engine has said
        something too. The rest is there next time."""


class Ears:
    """All sockets of all legs, and the stream to the engine."""

    def __init__(
        self,
        stream: socket.socket,
        fault: Callable[[Session], None],
        offset: float,
    ) -> None:
        """`fault` ends a leg in which one of ours is; `offset` makes UTC of the monotonic clock."""
        self._fault = fault
        self._offset = offset
        self._poll = epoll()
        self._poll.register(stream, EPOLLIN)
        self._ears: dict[int, tuple[Take, Leg]] = {}
        self._room = memoryview(bytearray(LONGEST_DATAGRAM))

    def listen(self, end: socket.socket, take: Take, leg: Leg) -> None:
        """Listen to a socket of a leg's."""
        self._ears[end.fileno()] = take, leg
        self._poll.register(end, EPOLLIN)

    def listen_plainly(self, line: socket.socket, leg: Leg) -> None:
        """Listen to a line that is for a leg's known peer only and is not in secret."""
        self.listen(line, _plain(leg, line, self._room), leg)

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
            told = self._take(
                came, time.monotonic() + self._offset
            )  # not earlier than any of it came
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


def _plain(leg: Leg, line: socket.socket, room: memoryview) -> Take:
    """Return what takes a datagram of a known peer's, in a room that all use in turn."""
    take, usual, receive = line.recv_into, room[:PLAIN], leg.session.receive_known

    def take_plain(now: float) -> bytes | None:
        size = take(room)
        return receive(usual if size == PLAIN else room[:size], now)

    return take_plain


class CompiledEars:
    """The same, where it is compiled (`media/c/crowd.c`)."""

    def __init__(
        self, stream: socket.socket, fault: Callable[[Session], None], offset: float
    ) -> None:
        """As `Ears`."""
        self._crowd: Any = hot.compiled.Crowd(stream.fileno(), fault, offset)

    def listen(self, end: socket.socket, take: Take | None, leg: Leg) -> None:
        """Listen to a socket of a leg's."""
        self._crowd.listen(end.fileno(), take, leg)

    def listen_plainly(self, line: socket.socket, leg: Leg) -> None:
        """Listen to a line that is for a leg's known peer only and is not in secret."""
        self.listen(line, None, leg)

    def hang_up(self, end: socket.socket) -> None:
        """Listen to a socket no more, and close it."""
        self._crowd.hang_up(end.fileno())
        end.close()

    def receive(self, most: int = MOST) -> bool:
        """Take what has come, as `Ears.receive`."""
        told: bool = self._crowd.receive(most)
        return told


def ears(stream: socket.socket, fault: Callable[[Session], None], offset: float) -> AnyEars:
    """Return what listens to all sockets of all legs, compiled if it can be had."""
    return (Ears if hot.compiled is None else CompiledEars)(stream, fault, offset)
