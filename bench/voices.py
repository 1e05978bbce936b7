"""The voices of all agents' phones on one port: they speak to whoever is heard, and note when."""

import socket
import time
from threading import Event, Thread

STEP = 0.02
SILENT = 0.3
"""Seconds without a packet after which a stream has ended."""
VOICE = bytes([0xD5]) * 160
"""20 ms of silence in A-law: what is measured is when packets come, not what they say."""


class Voices:
    """Hears and speaks in a thread; `began` is when streams from each port began."""

    def __init__(self) -> None:
        self._end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self._end.bind(("127.0.0.1", 0))
        self._end.setblocking(False)
        self.port: int = self._end.getsockname()[1]
        self.began: dict[int, list[float]] = {}
        self._heard: dict[int, float] = {}
        self._over = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Voices":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(5)
        self._end.close()

    def _run(self) -> None:
        count, due = 0, time.monotonic()
        while not self._over.is_set():
            self._hear(time.time())
            if time.monotonic() < due:
                time.sleep(0.002)  # noqa: TID251 - a phone keeps its own time
                continue
            count, due = count + 1, due + STEP
            self._speak(count)

    def _hear(self, now: float) -> None:
        while True:
            try:
                _, (_, port) = self._end.recvfrom(2048)
            except BlockingIOError:
                return
            if now - self._heard.get(port, 0.0) > SILENT:
                self.began.setdefault(port, []).append(now)
            self._heard[port] = now

    def _speak(self, count: int) -> None:
        now = time.time()
        head = (
            b"\x80\x08"
            + (count & 0xFFFF).to_bytes(2, "big")
            + (160 * count & 0xFFFFFFFF).to_bytes(4, "big")
            + b"voic"
        )
        for port, at in self._heard.items():
            if now - at < SILENT:
                self._end.sendto(head + VOICE, ("127.0.0.1", port))
