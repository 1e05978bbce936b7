"""PINs for the service numbers: only their scrypt hashes are kept, and guessing is slow.

The file is JSON, `{"1001": {"salt": hex, "hash": hex}}`, readable by its owner only, in the
data folder's `secrets/`; never in the settings, which are published and shown.
"""

import hmac
import json
import os
import secrets
from collections import deque
from dataclasses import dataclass, field
from hashlib import scrypt
from pathlib import Path

FILE = "service-pins.json"
FIGURES = 8
"""Of a PIN that we make."""
TRIES = 5
"""Wrong PINs of one person, or from one telephone, within `WITHIN`; then nobody is let in."""
WITHIN = 900.0
"""Seconds."""
IN_ONE_CALL = 3


class Pins:
    """The PINs of one data folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the one of secrets."""
        self._path = folder / FILE

    def people(self) -> list[str]:
        """Return who has a PIN."""
        return sorted(self._read())

    def make(self, who: str) -> str:
        """Make somebody a new PIN, and return it: it is shown this once."""
        pin = "".join(secrets.choice("0123456789") for _ in range(FIGURES))
        salt = secrets.token_bytes(16)
        kept = self._read()
        kept[who] = {"salt": salt.hex(), "hash": _hashed(pin, salt)}
        self._write(kept)
        return pin

    def revoke(self, who: str) -> bool:
        """Take somebody's PIN away; False if there was none."""
        kept = self._read()
        if kept.pop(who, None) is None:
            return False
        self._write(kept)
        return True

    def right(self, who: str, pin: str) -> bool:
        """Tell whether a PIN is somebody's; takes as long for one who has none."""
        kept = self._read().get(who)
        salt = bytes.fromhex(kept["salt"]) if kept else bytes(16)
        same = hmac.compare_digest(_hashed(pin, salt), kept["hash"] if kept else "")
        return kept is not None and same

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            kept: dict[str, dict[str, str]] = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return kept

    def _write(self, kept: dict[str, dict[str, str]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._path.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(kept, file, indent=1, sort_keys=True)
        draft.replace(self._path)


def _hashed(pin: str, salt: bytes) -> str:
    return scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1).hex()


@dataclass(slots=True)
class Attempts:
    """Wrong PINs of late, by whom they were meant for and by where they came from."""

    _wrong: dict[str, deque[float]] = field(default_factory=dict)

    def barred(self, names: tuple[str, ...], now: float) -> bool:
        """Tell whether one of these has had too many."""
        return any(self._lately(name, now) >= TRIES for name in names)

    def missed(self, names: tuple[str, ...], now: float) -> None:
        """Count a wrong PIN."""
        for name in names:
            self._wrong.setdefault(name, deque(maxlen=TRIES)).append(now)

    def forgive(self, names: tuple[str, ...]) -> None:
        """Take the newest back: the PIN was right."""
        for name in names:
            if self._wrong.get(name):
                self._wrong[name].pop()

    def _lately(self, name: str, now: float) -> int:
        times = self._wrong.get(name)
        if times is None:
            return 0
        while times and times[0] <= now - WITHIN:
            times.popleft()
        if not times:
            del self._wrong[name]
            return 0
        return len(times)
