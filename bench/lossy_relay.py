"""A road between a caller and the engine that loses datagrams, by seed, both ways."""

from collections.abc import Callable
from random import Random
from select import select
from socket import AF_INET, SOCK_DGRAM, socket
from threading import Thread

LARGEST = 65535


class LossyRelay:
    """Two sockets: one that the caller sends to, one that the engine sees. Runs in a thread.

    `address` is where to call. Answers come back by it if the caller asks for that with
    `rport` (RFC 3581).
    """

    def __init__(self, engine: tuple[str, int], lost: float, seed: int) -> None:
        self._engine, self._lost, self._chance = engine, lost, Random(seed)
        self._outer, self._inner = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
        for end in (self._outer, self._inner):
            end.bind(("127.0.0.1", 0))
        self._caller: tuple[str, int] | None = None
        self._over = False
        self.passed = self.dropped = 0
        self._thread = Thread(target=self._run, daemon=True)

    @property
    def address(self) -> str:
        """`host:port` to call."""
        host, port = self._outer.getsockname()
        return f"{host}:{port}"

    def __enter__(self) -> "LossyRelay":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join(5)
        self._outer.close()
        self._inner.close()

    def _run(self) -> None:
        while not self._over:
            ready = select([self._outer, self._inner], (), (), 0.2)[0]
            if self._outer in ready:
                datagram, self._caller = self._outer.recvfrom(LARGEST)
                self._pass(datagram, self._inner.sendto, self._engine)
            if self._inner in ready:
                datagram, _ = self._inner.recvfrom(LARGEST)
                if self._caller is not None:
                    self._pass(datagram, self._outer.sendto, self._caller)

    def _pass(
        self,
        datagram: bytes,
        send: Callable[[bytes, tuple[str, int]], int],
        to: tuple[str, int],
    ) -> None:
        if self._chance.random() < self._lost:
            self.dropped += 1
        else:
            self.passed += 1
            send(datagram, to)
