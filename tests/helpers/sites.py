"""Copies of the shipped site to break, with recordings linked rather than copied."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

SHIPPED = Path(__file__).parents[2] / "config" / "site"
LONG = {"units.yaml": "units", "gazetteer.yaml": "places"}
"""Files left empty in a light copy, for speed."""
MARK = "⟦"
"""Stands in an edit where the fault is to be reported; taken out before reading."""


@dataclass(frozen=True)
class Case:
    """One broken configuration: edits of the shipped one, and what is to be said of it."""

    name: str
    edits: list[dict[str, str]]
    report: list[str]
    """Of each fault: `file key: zh / en`, without its place."""

    @property
    def whole(self) -> bool:
        """Whether it breaks what a light copy lacks."""
        return any(one["file"] in LONG or "texts" in one["file"] for one in self.edits)


def cases(folder: Path) -> list[Case]:
    """Read every broken configuration in a folder."""
    found = []
    for path in sorted(folder.glob("*.yaml")):
        case = YAML(typ="safe", pure=True).load(path)
        found.append(Case(path.stem, case["edits"], case["report"]))
    return found


def copy(to: Path, *, whole: bool = False) -> Path:
    """Copy the shipped site; unless it is to be whole, long files become empty."""
    to.mkdir(parents=True)
    (to / "flows").mkdir()
    for path in [*SHIPPED.glob("*.yaml"), *SHIPPED.glob("flows/*.yaml")]:
        name = str(path.relative_to(SHIPPED))
        if name in LONG and not whole:
            (to / name).write_text(f"{LONG[name]}: {{}}\n", encoding="utf-8")
        else:
            shutil.copyfile(path, to / name)
    link_prompts(to, texts=whole)
    return to


def only_flow(site: Path, text: str) -> None:
    """Let a copy of the site have one flow and no other, also none that is called."""
    for path in (site / "flows").glob("*.yaml"):
        path.unlink()
    (site / "flows/main.yaml").write_text(text, encoding="utf-8")


def link_prompts(to: Path, *, texts: bool) -> None:
    """Link every recording into a copy of the site."""
    for folder in (SHIPPED / "prompts").iterdir():
        (to / "prompts" / folder.name).mkdir(parents=True)
        for path in folder.glob("*.wav"):
            (to / "prompts" / folder.name / path.name).symlink_to(path)
        if texts and (folder / "texts.yaml").exists():
            shutil.copyfile(folder / "texts.yaml", to / "prompts" / folder.name / "texts.yaml")


@contextmanager
def edited(site: Path, edits: list[dict[str, str]]) -> Iterator[tuple[int, int]]:
    """Carry out edits for a while; what was there comes back."""
    paths = {site / one["file"] for one in edits}
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        yield edit(site, edits)
    finally:
        for path, octets in before.items():
            if octets is None:
                path.unlink()
            else:
                path.write_bytes(octets)


def edit(site: Path, edits: list[dict[str, str]]) -> tuple[int, int]:
    """Carry out edits; return line and column of the mark, or 1 and 1 without one."""
    place = 1, 1
    for one in edits:
        path = site / one["file"]
        if "remove" in one:
            path.unlink()
            continue
        if "find" in one:
            text = path.read_text(encoding="utf-8")
            assert text.count(one["find"]) == 1, f"{one['find']!r} must stand once in {path.name}"
            text = text.replace(one["find"], one["put"])
        else:
            text = one["write"]
        if MARK in text:
            before, text = text.split(MARK)[0], text.replace(MARK, "")
            place = before.count("\n") + 1, len(before) - before.rfind("\n")
        if path.is_symlink():
            path.unlink()
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode(one.get("encoding", "utf-8")))
    return place
