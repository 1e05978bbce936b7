"""Many callers at once over real sockets: they dial, press keys at random, and hang up.

One thread, one SIP socket, one socket that sends voice; no library of anybody's,
so that hundreds of them cost little.
"""

import random
import re
import select
import threading
import time
from dataclasses import dataclass, field
from socket import AF_INET, SOCK_DGRAM, socket

VOICE_EVERY = 0.2
"""Seconds between two packets of each caller: enough to be known as alive."""


@dataclass
class Caller:
    """One call, as its caller lives it."""

    id: str
    stays: float
    state: str = "new"
    began: float = 0.0
    tag: str = ""
    cseq: int = 1
    voice: tuple[str, int] | None = None
    press_at: float = 0.0
    sequence: int = 0
    refused: int = 0
    """The final answer that was no 200; 0: none."""


@dataclass
class Crowd:
    """Calls `count` times within `within` seconds; each caller stays a while."""

    engine: tuple[str, int]
    count: int
    within: float
    stays: float = 8.0
    keys: str = "0123456789*#"
    seed: int = 12345
    begun: int | None = None
    """So many call, the others only when this is None: for what is to happen in between."""
    callers: dict[str, Caller] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._sip, self._rtp = socket(AF_INET, SOCK_DGRAM), socket(AF_INET, SOCK_DGRAM)
        for one in (self._sip, self._rtp):
            one.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(self.within + 4 * self.stays + 150)
        for one in (self._sip, self._rtp):
            one.close()

    @property
    def calling(self) -> bool:
        """Whether calls still begin or go on."""
        return self._thread.is_alive()

    def _run(self) -> None:
        began, voiced = time.monotonic(), 0.0
        while True:
            now = time.monotonic()
            due = min(self.begun or self.count, int((now - began) / self.within * self.count) + 1)
            due = min(self.count, due)
            while len(self.callers) < due:
                self._dial(now)
            if select.select([self._sip], [], [], 0.02)[0]:
                self._take(self._sip.recv(65535).decode())
            if now - voiced > VOICE_EVERY:
                voiced = now
                self._speak()
            self._act(now)
            if len(self.callers) == self.count and self._over(now):
                return

    def _over(self, now: float) -> bool:
        late = self.stays * 3 + 120  # on a busy machine
        return all(c.state == "over" or now - c.began > late for c in self.callers.values())

    def _dial(self, now: float) -> None:
        name = f"crowd{self.seed}x{len(self.callers)}"
        caller = Caller(name, self._dice.uniform(0.3, 1.0) * self.stays, began=now)
        self.callers[name] = caller
        port = self._rtp.getsockname()[1]
        body = (
            f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 8\r\n"
        )
        self._send(caller, "INVITE", body, "application/sdp")

    def _act(self, now: float) -> None:
        for caller in self.callers.values():
            if caller.state != "talking":
                continue
            if now - caller.began > caller.stays:
                caller.state, caller.cseq = "leaving", caller.cseq + 1
                self._send(caller, "BYE")
            elif now > caller.press_at:
                caller.press_at, caller.cseq = now + self._dice.uniform(0.3, 3.0), caller.cseq + 1
                key = self._dice.choice(self.keys)
                self._send(caller, "INFO", f"Signal={key}\r\n", "application/dtmf-relay")

    def _speak(self) -> None:
        for caller in self.callers.values():
            if caller.voice is not None and caller.state == "talking":
                caller.sequence += 1
                head = bytes([0x80, 8]) + caller.sequence.to_bytes(2, "big")
                time_stamp = (caller.sequence * 160).to_bytes(4, "big")
                source = (hash(caller.id) & 0xFFFFFFFF).to_bytes(4, "big")
                self._rtp.sendto(head + time_stamp + source + b"\xd5" * 160, caller.voice)

    def _take(self, text: str) -> None:
        name = _found(r"Call-ID: *(\S+)", text)
        caller = self.callers.get(name)
        if caller is None:
            return
        if not text.startswith("SIP/2.0 "):
            self._answer(caller, text)
            return
        status, method = int(text[8:11]), _found(r"CSeq: *\d+ (\w+)", text)
        if status < 200:
            return
        if method == "INVITE":
            self._answered(caller, status, text)
        elif method == "BYE":
            caller.state = "over"

    def _answered(self, caller: Caller, status: int, text: str) -> None:
        caller.tag = _found(r"To: [^\r]*;tag=([^;\r\s]+)", text)
        self._send(caller, "ACK")
        if status != 200:
            caller.refused, caller.state = status, "over"
        elif caller.state == "new":
            caller.state = "talking"
            caller.voice = ("127.0.0.1", int(_found(r"m=audio (\d+)", text)))

    def _answer(self, caller: Caller, text: str) -> None:
        """Agree to whatever the engine asks for: it hangs up."""
        lines = [line for line in text.split("\r\n") if re.match("Via|From|To|Call-ID|CSeq", line)]
        whole = "\r\n".join(["SIP/2.0 200 OK", *lines, "Content-Length: 0", "", ""])
        self._sip.sendto(whole.encode(), self.engine)
        if text.startswith("BYE"):
            caller.state = "over"

    def _send(self, caller: Caller, method: str, body: str = "", kind: str = "") -> None:
        host, port = self.engine
        mine = self._sip.getsockname()[1]
        cseq = 1 if method == "ACK" else caller.cseq
        tag = f";tag={caller.tag}" if caller.tag else ""
        type_line = f"Content-Type: {kind}\r\n" if kind else ""
        text = (
            f"{method} sip:12345@{host}:{port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{mine};branch=z9hG4bK{caller.id}{method}{cseq}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:139@127.0.0.1>;tag={caller.id}\r\n"
            f"To: <sip:12345@{host}:{port}>{tag}\r\nCall-ID: {caller.id}\r\n"
            f"CSeq: {cseq} {method}\r\nContact: <sip:139@127.0.0.1:{mine}>\r\n"
            f"{type_line}Content-Length: {len(body)}\r\n\r\n{body}"
        )
        self._sip.sendto(text.encode(), self.engine)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else ""
