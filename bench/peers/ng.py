"""Enough of rtpengine's control protocol to let it relay a call: bencoded words over UDP."""

import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.turns import on_core

HOST = "127.0.0.1"
PATIENCE = 10.0
"""Seconds to start in, and to answer in."""


class Refused(Exception):
    """It answered that it will not, and why."""


def bencoded(value: Any) -> bytes:
    """Return a text, octets, whole number, list or mapping as it goes over the wire."""
    match value:
        case str():
            return bencoded(value.encode())
        case bytes():
            return b"%d:%s" % (len(value), value)
        case int():
            return b"i%de" % value
        case Mapping():
            return b"d%se" % b"".join(
                bencoded(name) + bencoded(value[name]) for name in sorted(value)
            )
    return b"l%se" % b"".join(map(bencoded, value))


def bdecoded(octets: bytes, at: int = 0) -> tuple[Any, int]:
    """Return a value and where it ends; raise ValueError for what is none."""
    kind = octets[at : at + 1]
    if kind == b"i":
        end = octets.index(b"e", at)
        return int(octets[at + 1 : end]), end + 1
    if kind not in (b"l", b"d"):
        begin = octets.index(b":", at) + 1
        end = begin + int(octets[at : begin - 1])
        return octets[begin:end].decode(), end
    found, at = [], at + 1
    while octets[at : at + 1] != b"e":
        value, at = bdecoded(octets, at)
        found.append(value)
    return (dict(zip(found[::2], found[1::2], strict=True)) if kind == b"d" else found), at + 1


def described(port: int) -> str:
    """Return the description of a peer that hears A-law at a port of loopback."""
    return (
        f"v=0\r\no=- 1 1 IN IP4 {HOST}\r\ns=-\r\nc=IN IP4 {HOST}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=ptime:20\r\n"
    )


def voice_port(description: str) -> int:
    """Return the port of the first audio stream."""
    return int(description.partition("m=audio ")[2].split()[0])


class Control:
    """Asks one rtpengine, one question at a time."""

    def __init__(self, port: int) -> None:
        self._end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._end.connect((HOST, port))
        self._end.settimeout(0.2)
        self._asked = 0

    def ask(self, **words: Any) -> dict[str, Any]:
        """Return the answer; raise Refused, or TimeoutError if none comes."""
        self._asked += 1
        cookie, until = b"%d " % self._asked, time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                self._end.send(cookie + bencoded({n.replace("_", "-"): words[n] for n in words}))
                answer = self._end.recv(65535)
            except OSError:  # nobody listens yet, or the datagram was lost
                time.sleep(0.05)  # noqa: TID251 - another process is waited for
                continue
            if answer.startswith(cookie):
                return self._read(answer[len(cookie) :])
        raise TimeoutError("rtpengine does not answer")

    @staticmethod
    def _read(answer: bytes) -> dict[str, Any]:
        told: dict[str, Any] = bdecoded(answer)[0]
        if told["result"] == "error":
            raise Refused(told.get("error-reason", told))
        return told

    def joined(self, call: str, caller: int, called: int) -> tuple[int, int]:
        """Relay between two peers' ports; return where the caller, and the called, shall send."""
        common: dict[str, Any] = {"call_id": call, "from_tag": "a", "ICE": "remove"}
        common["replace"] = ["origin", "session-connection"]
        offered = self.ask(command="offer", sdp=described(caller), **common)
        agreed = self.ask(command="answer", to_tag="b", sdp=described(called), **common)
        return voice_port(agreed["sdp"]), voice_port(offered["sdp"])

    def close(self) -> None:
        """Ask no more."""
        self._end.close()


@contextmanager
def rtpengine(
    program: list[str], port: int, log: Path, core: int | None
) -> Iterator[tuple[Control, int]]:
    """Run it without its kernel module, controlled at a port; yield control and process."""
    command = [
        *program, "--config-file=none", "--table=-1", f"--interface={HOST}",
        f"--listen-ng={HOST}:{port}", "--foreground", "--log-stderr", "--log-level=4",
        "--port-min=31000", "--port-max=32766",
    ]  # fmt: skip
    with log.open("wb") as said, on_core(core):
        process = subprocess.Popen(command, stderr=said, stdout=said)
    control = Control(port)
    try:
        control.ask(command="ping")
        yield control, process.pid
    finally:
        control.close()
        process.kill()
        process.wait(PATIENCE)
