"""The engine's socket to a media worker: what is said goes out at once, without a turn of the loop.

Twisted's own stream connections write when the loop comes round, which costs two calls
of the system more for each of the three times that a call speaks to the worker.
"""

import socket
from collections.abc import Callable
from typing import cast

from twisted.internet.abstract import FileDescriptor
from twisted.internet.interfaces import IReactorFDSet
from twisted.internet.main import CONNECTION_DONE, CONNECTION_LOST
from twisted.internet.posixbase import PosixReactorBase
from twisted.python.failure import Failure

ROOM = 1 << 18
"""Octets read at once."""


class MediaSocket(FileDescriptor):
    """One end of a pair of stream sockets, owned from here on."""

    def __init__(
        self,
        reactor: PosixReactorBase,
        ours: socket.socket,
        took: Callable[[bytes], None],
        ended: Callable[[], None],
    ) -> None:
        super().__init__(cast(IReactorFDSet, reactor))
        ours.setblocking(False)
        self._socket, self._took, self._ended = ours, took, ended
        self.connected = 1
        self.startReading()  # type: ignore[no-untyped-call]

    def fileno(self) -> int:
        """Return the number that the loop watches."""
        return self._socket.fileno()

    def say(self, octets: bytes) -> None:
        """Write at once what the system takes; the rest when it takes more."""
        if self.connected and not self.dataBuffer and not self._tempDataBuffer:
            sent = self.writeSomeData(octets)
            if isinstance(sent, Exception):
                return  # the loop notices that it is gone, and says so
            octets = octets[sent:]
        if octets:
            self.write(octets)

    def writeSomeData(self, data: bytes) -> int | Exception:
        """Write what the system takes."""
        try:
            return self._socket.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            return CONNECTION_LOST

    def doRead(self) -> Exception | None:
        """Take what has come."""
        try:
            octets = self._socket.recv(ROOM)
        except BlockingIOError:
            return None
        except OSError:
            return CONNECTION_LOST
        if not octets:
            return CONNECTION_DONE
        self._took(octets)
        return None

    def connectionLost(self, reason: Failure) -> None:
        """Close; say so once."""
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self._socket.close()
        self._ended()
