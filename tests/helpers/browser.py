"""A browser's SIP phone over WebSocket: JavaScript's part played in Python."""

from itertools import count
from typing import Any

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from sip.digest import Challenge, Login, authorize
from sip.message import Message, Request, Response, parse

HOST = "df7jal23ls0d.invalid"
"""What a browser that knows no address of its own calls itself (RFC 7118 §5)."""

PATIENCE = 60.0
"""Seconds that a busy machine may take over anything that is waited for."""


class Browser:
    """One page, one connection."""

    def __init__(self, port: int, user: str, password: str = "") -> None:
        self.user, self._login = user, Login(user, password)
        self._way = connect(
            f"ws://127.0.0.1:{port}/",
            subprotocols=[Subprotocol("sip")],
            compression=None,
            open_timeout=PATIENCE,
        )
        self.socket: Any = None
        self._numbers = count(1)

    def __enter__(self) -> "Browser":
        self.socket = self._way.__enter__()
        return self

    def __exit__(self, *fault: Any) -> None:
        self._way.__exit__(*fault)

    def ask(self, method: str, to: str, more: str = "", body: str = "", **how: str) -> None:
        """Send a request; `tag`, `call_id`, `cseq`, `branch` and `kind` may be given."""
        number = next(self._numbers)
        cseq = how.get("cseq", f"{number} {method}")
        kind = f"Content-Type: {how.get('kind', 'application/sdp')}\r\n" if body else ""
        called = f"{self.user}@{to}" if method == "REGISTER" else to
        self.socket.send(
            f"{method} sip:{to} SIP/2.0\r\n"
            f"Via: SIP/2.0/WS {HOST};branch={how.get('branch', f'z9hG4bK{self.user}{number}')}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{self.user}@hotline>;tag=b\r\n"
            f"To: <sip:{called}>{how.get('tag', '')}\r\n"
            f"Call-ID: {how.get('call_id', self.user)}\r\nCSeq: {cseq}\r\n"
            f"Contact: <sip:{self.user}@{HOST};transport=ws>\r\n{more}{kind}\r\n{body}"
        )

    def next(self) -> Message:
        """Return the next message of the engine's."""
        text = self.socket.recv(timeout=PATIENCE)
        return parse(text.encode() if isinstance(text, str) else text)

    def final(self) -> Response:
        """Return the next final answer; requests on the way are passed over."""
        while True:
            message = self.next()
            if isinstance(message, Response) and message.status >= 200:
                return message

    def asked(self, method: str) -> Request:
        """Return the next request of a method."""
        while True:
            message = self.next()
            if isinstance(message, Request) and message.method == method:
                return message

    def proven(self, method: str, to: str, more: str = "", body: str = "", **how: str) -> Response:
        """Ask, meet the challenge, and return the answer."""
        self.ask(method, to, more, body, **how)
        refusal = self.final()
        if refusal.status != 401:
            return refusal
        if method == "INVITE":
            branch = refusal.headers.via.branch or ""
            number = f"{refusal.headers.cseq.number} ACK"
            tag = f";tag={refusal.headers.to.tag}"
            self.ask("ACK", to, tag=tag, cseq=number, branch=branch, **how)
        challenge = Challenge.parse(refusal.headers.get("www-authenticate") or "")
        proof = authorize(challenge, self._login, method, f"sip:{to}", "c", 1)
        self.ask(method, to, f"{more}Authorization: {proof}\r\n", body, **how)
        return self.final()
