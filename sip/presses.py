"""Keys pressed towards a peer by INFO, one after the other (`application/dtmf-relay`).

No RFC has it; trunks that want keys by INFO read this body. The next key goes when the one
before was answered, so that none overtakes another.
"""

from collections import deque

from sip.dialog import Dialog
from sip.port import Port
from sip.transactions import ClientTransaction

DURATION = 160
"""Milliseconds that each key is said to be held."""
KEYS = frozenset("0123456789*#ABCD")


class Presses:
    """What is still to be pressed on one leg."""

    __slots__ = ("_left", "_port", "_sent")

    def __init__(self, port: Port) -> None:
        self._port = port
        self._left: deque[str] = deque()
        self._sent: ClientTransaction | None = None

    def press(self, keys: str, dialog: Dialog, leg: object, now: float) -> None:
        """Press these after those that still wait; what is no key is passed over."""
        self._left += [key for key in keys.upper() if key in KEYS]
        if self._sent is None:
            self._next(dialog, leg, now)

    def owns(self, transaction: ClientTransaction) -> bool:
        """Tell whether a request was a key."""
        return transaction is self._sent

    def done(self, taken: bool, dialog: Dialog, leg: object, now: float) -> None:
        """Go on after an answer; a peer that takes no keys is sent no more."""
        self._sent = None
        if not taken:
            self._left.clear()
        self._next(dialog, leg, now)

    def _next(self, dialog: Dialog, leg: object, now: float) -> None:
        if not self._left:
            return
        hop = self._port.hop(dialog)
        info = dialog.request("INFO", self._port.via(hop))
        info.headers.add("Content-Type", "application/dtmf-relay")
        info.body = f"Signal={self._left.popleft()}\r\nDuration={DURATION}\r\n".encode()
        self._sent = self._port.transactions.send(info, hop, now, leg)
