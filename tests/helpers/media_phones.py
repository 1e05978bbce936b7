"""A real media worker in a process of its own, and phones that talk to it."""

import math
import os
import socket
import struct
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from select import select
from typing import TypeVar

from calls.ids import LegId
from media import commands as c
from media import g711, rtp, wire
from media.playout import FADING, SPARSE
from media.worker_settings import WorkerSettings

ROOT = Path(__file__).resolve().parents[2]
PORTS = 38000 + os.getpid() % 50 * 40  # so that two runs on one machine rarely meet
E = TypeVar("E")


def tone(hertz: float, seconds: float = 1.0, loud: int = 8000) -> bytes:
    count = round(seconds * 8000)
    wave_ = (int(loud * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(count))
    return struct.pack(f"<{count}h", *wave_)


def strength(pcm: bytes, hertz: float) -> float:
    """Amplitude of one frequency (Goertzel)."""
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    turn = 2 * math.pi * hertz / 8000
    real = sum(s * math.cos(turn * n) for n, s in enumerate(samples))
    imaginary = sum(s * math.sin(turn * n) for n, s in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / max(1, len(samples))


class Worker:
    """A worker process, and the engine's end of its stream."""

    def __init__(self, files: int | None = None, before: str = "", **settings: float) -> None:
        """`files`: octets that a file may have; `before`: what the process runs first."""
        self.stream, theirs = socket.socketpair()
        told = WorkerSettings(
            PORTS,
            PORTS + 38,
            clock_offset=time.time() - time.monotonic(),
            **settings,  # type: ignore[arg-type]
        )
        limit = (
            f"import resource as r;r.setrlimit(r.RLIMIT_FSIZE,({files},{files}));" if files else ""
        )
        run = "import runpy;runpy.run_module('server.media_worker',run_name='__main__')"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"{before}\n{limit}{run}",
                str(theirs.fileno()),
                wire.settings_to_text(told),
            ],
            cwd=ROOT,
            pass_fds=[theirs.fileno()],
        )
        theirs.close()
        self._frames = wire.Frames()
        self.events: list[c.Value] = []

    def send(self, *commands: c.Command) -> None:
        self.stream.sendall(b"".join(map(wire.frame, commands)))

    def look(self, patience: float = 0.0) -> bool:
        """Take the events that are there; return whether the stream goes on."""
        if not select([self.stream], [], [], patience)[0]:
            return True
        octets = self.stream.recv(1 << 18)
        self.events += map(wire.from_wire, self._frames.feed(octets))
        return bool(octets)

    def found(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def wait(self, kind: type[E], count: int = 1, patience: float = 20.0) -> list[E]:
        end = time.monotonic() + patience
        while len(self.found(kind)) < count:
            assert time.monotonic() < end, f"no {kind.__name__}: {self.events}"
            assert self.look(0.05) or len(self.found(kind)) >= count, "the worker is gone"
        return self.found(kind)

    def end(self) -> None:
        self.stream.close()
        self.process.wait(10)


class Phone:
    """A peer of the worker: says what it is given, keeps what it hears."""

    def __init__(
        self, worker: Worker, name: str, codec: c.Law = "PCMA", address: str = "127.0.0.1"
    ) -> None:
        self.worker, self.leg, self.codec = worker, LegId(name), codec
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.end = socket.socket(family, socket.SOCK_DGRAM)
        self.end.bind((address, 0))
        self.end.setblocking(False)
        self.packets: list[rtp.Packet] = []
        self.count, self.ssrc = 0, 77
        self.says: Iterator[bytes] = iter(())
        worker.send(c.OpenLeg(self.leg, address))
        while not (mine := [e for e in worker.found(c.LegOpened) if e.leg == self.leg]):
            worker.wait(c.LegOpened, len(worker.found(c.LegOpened)) + 1)
        self.to = (address, mine[0].port)

    def connect(self) -> "Phone":
        self.worker.send(self.terms())
        assert select([self.end], [], [], 20.0)[0], "nothing is sent to a leg that is connected"
        return self

    def terms(self) -> c.ConnectLeg:
        port: int = self.end.getsockname()[1]
        return c.ConnectLeg(self.leg, self.codec, 101, "127.0.0.1", port, True, True)

    def say(self, pcm: bytes) -> None:
        self.says = iter(g711.frames(pcm, self.codec))

    def send(self, payload: bytes, kind: int | None = None, timestamp: int | None = None) -> None:
        self.count += 1
        kind = g711.PAYLOAD_TYPES[self.codec] if kind is None else kind
        at = self.count * 160 if timestamp is None else timestamp
        packet = rtp.Packet(kind, False, self.count, at, self.ssrc, payload)
        self.end.sendto(bytes(packet), self.to)

    def take(self) -> None:
        while select([self.end], [], [], 0)[0]:
            datagram = self.end.recv(2048)
            self.hear(datagram)

    def hear(self, datagram: bytes) -> None:
        if not 192 <= datagram[1] <= 223:  # RTCP for a neighbour of ours
            self.packets.append(rtp.parse(datagram))

    def heard(self) -> bytes:
        return g711.decode(b"".join(p.payload for p in self.packets), self.codec)


def talk(phones: list[Phone], until: Callable[[], bool] | float) -> float:
    """Let phones say what they have and hear, for a time or until something is so."""
    began, count = time.monotonic(), 0
    over = until if callable(until) else lambda: time.monotonic() - began >= until
    while not over():
        assert time.monotonic() - began < 30, phones[0].worker.events
        for phone in phones:
            if (frame := next(phone.says, None)) is not None:
                phone.send(frame)
        count += 1
        select([], [], [], max(0.0, began + count * 0.02 - time.monotonic()))
        for phone in phones:
            phone.take()
        phones[0].worker.look()
    return time.monotonic() - began


def steps(packets: list[rtp.Packet]) -> list[int]:
    """Return how many frames of 20 ms each packet is after the one before."""
    return [(b.timestamp - a.timestamp) % 2**32 // g711.FRAME for a, b in pairwise(packets)]


def silence_of(count: int, *, after_voice: bool = False) -> list[int]:
    """Return the `steps` of so many packets of a leg to which there is nothing to say."""
    fading = [1] * (FADING - 1) if after_voice else []
    return (fading + [SPARSE] * count)[: count - 1]


def channels(path: Path) -> tuple[bytes, bytes]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        stereo = file.readframes(file.getnframes())
    samples = [stereo[at : at + 2] for at in range(0, len(stereo), 2)]
    return b"".join(samples[0::2]), b"".join(samples[1::2])
