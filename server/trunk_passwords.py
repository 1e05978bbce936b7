"""The trunks' passwords: `trunks.json` beside the phones', readable by its owner only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.faults import Fault, SettingsError
from config.trunk_schema import Trunk

FILE = "trunks.json"


@dataclass(frozen=True, slots=True)
class TrunkPasswords:
    """Of one trunk."""

    login: str = ""
    """Ours, at the other side."""
    inbound: str = ""
    """Theirs, at ours."""


def read(folder: Path, trunks: Mapping[str, Trunk]) -> dict[str, TrunkPasswords]:
    """Return every trunk's passwords; raise SettingsError naming each that is missing.

    The file is JSON: `{"carrier": {"login": "…", "inbound": "…"}}`.
    """
    path = folder / FILE
    needed = [name for name, trunk in trunks.items() if trunk.login or trunk.inbound_user]
    known = _known(path) if needed else {}
    faults = []
    found = {}
    for name, trunk in trunks.items():
        said = known.get(name, {})
        found[name] = TrunkPasswords(said.get("login", ""), said.get("inbound", ""))
        for kind, wanted in (("login", trunk.login), ("inbound", trunk.inbound_user)):
            if wanted and not said.get(kind):
                zh = f'线路 {name} 缺少密码：在文件里写 {{"{name}": {{"{kind}": "密码"}}}}'
                en = f'trunk {name} lacks a password: write {{"{name}": {{"{kind}": "…"}}}} there'
                faults.append(Fault(str(path), 1, 1, f"{name}.{kind}", zh, en))
    if faults:
        raise SettingsError(faults)
    return found


def _known(path: Path) -> dict[str, dict[str, str]]:
    try:
        known = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        zh, en = f"线路密码文件读不了：{error}", f"unreadable: {error}"
        raise SettingsError([Fault(str(path), 1, 1, "", zh, en)]) from None
    if not isinstance(known, dict) or not all(_sound(one) for one in known.values()):
        zh, en = '应写 {"线路": {"login": "密码"}}', 'need {"trunk": {"login": "password"}}'
        raise SettingsError([Fault(str(path), 1, 1, "", zh, en)])
    return known


def _sound(one: object) -> bool:
    return isinstance(one, dict) and all(isinstance(word, str) for word in one.values())
