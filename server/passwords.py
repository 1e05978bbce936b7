"""The phones' passwords: a file of its own, readable by its owner only, never in the settings."""

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from calls.ids import AgentId


class PasswordsUnreadable(Exception):
    """The file is there and is not what we wrote."""


def read_or_make(path: Path, agents: Iterable[AgentId]) -> dict[str, str]:
    """Return user → password; make the file, or the missing agents' lines, at random.

    The file is JSON, `{"1001": "…"}`; users who are no agents may stand in it
    too and can register a phone.
    """
    known = _read(path) if path.exists() else {}
    missing = [agent for agent in agents if agent not in known]
    if missing:
        known |= {agent: secrets.token_urlsafe(12) for agent in missing}
        _write(path, known)
    return known


def _read(path: Path) -> dict[str, str]:
    try:
        known = json.loads(path.read_text("utf-8"))
    except (ValueError, OSError) as error:
        raise PasswordsUnreadable(f"{path}: {error}") from None
    if not isinstance(known, dict) or not all(isinstance(v, str) for v in known.values()):
        raise PasswordsUnreadable(f'{path}: need {{"user": "password", …}}')
    return known


def _write(path: Path, known: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(known, file, ensure_ascii=False, indent=1, sort_keys=True)
    draft.replace(path)
