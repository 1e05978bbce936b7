"""Versions of a site: kept for good, numbered, one of them current; drafts are the folder itself.

published/0003-5f1c9a2be07d/    a version: a copy of the folder, read-only, named by its hash
published/log.jsonl             who published or rolled back what, when and why; a line each
published/current               the name of the version that calls begin on
published/running               what the running engine has made of it (the engine writes it)
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from config.difference import differences, files_of

NAME = re.compile(r"([0-9]{4,})-([0-9a-f]{12})")
CURRENT = "current"
HASHED = 12
"""Hexadecimal digits of SHA-256 that a version's name shows."""
READ_ONLY = 0o444


class NotPublished(Exception):
    """Nothing was published or rolled back; the words are for people, Chinese / English."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history."""

    act: str
    """`publish`, `rollback`, `plan_on` or `plan_off`."""
    version: str
    """That became current."""
    at: float
    """UTC seconds."""
    who: str
    why: str
    before: str | None
    """The version that was current; None at the first."""
    changes: tuple[str, ...]
    """What differs from the version before, in words."""


def digest(folder: Path) -> str:
    """Return a hash of everything that makes up a site: the same content, the same hash."""
    whole = hashlib.sha256()
    for name in files_of(folder):
        octets = (folder / name).read_bytes()
        whole.update(f"{hashlib.sha256(octets).hexdigest()}  {name}\n".encode())
    return whole.hexdigest()[:HASHED]


class Shelf:
    """The versions in one data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "published"

    # what is there

    def current(self) -> str | None:
        """Return the name of the version that calls begin on; None: nothing is published."""
        try:
            name = (self.folder / CURRENT).read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        return name or None

    def path(self, version: str) -> Path:
        """Return the folder of a version."""
        return self.folder / version

    def versions(self) -> list[str]:
        """Return every version that is kept, oldest first."""
        if not self.folder.is_dir():
            return []
        names = [path.name for path in self.folder.iterdir() if NAME.fullmatch(path.name)]
        return sorted(names, key=_number)

    def history(self) -> list[Entry]:
        """Return what was done, oldest first; a line torn by a power cut is passed over."""
        try:
            lines = (self.folder / "log.jsonl").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return [entry for line in lines if (entry := _entry(line)) is not None]

    def whole(self, version: str) -> bool:
        """Tell whether a version still is what was published."""
        found = NAME.fullmatch(version)
        path = self.path(version)
        return found is not None and path.is_dir() and digest(path) == found[2]

    def named(self, wanted: str) -> str:
        """Return the version that a person means by `3`, `0003` or its whole name."""
        for version in self.versions():
            number = version.partition("-")[0]
            if wanted in (version, number) or (wanted.isdecimal() and int(wanted) == int(number)):
                return version
        listed = ", ".join(self.versions()) or "—"
        raise NotPublished(f"没有版本“{wanted}” / no version {wanted!r}: {listed}")

    # what is done

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else publish meanwhile; raise NotPublished if somebody does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                words = "另一个人正在发布，请稍后再试 / somebody else is publishing; try again"
                raise NotPublished(words) from None
            yield

    @contextmanager
    def copied(self, site: Path) -> Iterator[Path]:
        """Make a copy to be judged; what is published is this copy, whatever is edited meanwhile.

        A file that the current version has in the same form is linked, not copied again.
        """
        draft = self.folder / ".new"
        shutil.rmtree(draft, ignore_errors=True)
        current = self.current()
        for name in files_of(site):
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            _copy(site / name, draft / name, self.path(current) / name if current else None)
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def publish(self, copy: Path, who: str, why: str, at: float) -> Entry:
        """Make a copy that was found sound the current version."""
        before = self.current()
        mark = digest(copy)
        if before is not None and before.endswith(mark):
            raise NotPublished(f"与当前版本 {before} 完全相同 / nothing differs from {before}")
        kept = self.versions()
        number = _number(kept[-1]) + 1 if kept else 1
        version = f"{number:04}-{mark}"
        changes = differences(self.path(before), copy) if before is not None else []
        copy.rename(self.path(version))
        return self._turn(Entry("publish", version, at, who, why, before, tuple(changes)))

    def restore(self, version: str, site: Path, kept: Path) -> None:
        """Make a folder of settings what a version is; what was there before goes to `kept`."""
        for name in files_of(site):
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(site / name, kept / name)
        for name in files_of(self.path(version)):
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.path(version) / name, site / name)

    def roll_back(self, version: str, who: str, why: str, at: float) -> Entry:
        """Make an earlier version current again."""
        before = self.current()
        if version == before:
            raise NotPublished(f"{version} 就是当前版本 / {version} is current already")
        if not self.whole(version):
            words = "的文件被改动过，不能使用 / its files were altered; it cannot be used"
            raise NotPublished(f"{version} {words}")
        changes = differences(self.path(before), self.path(version)) if before else []
        return self._turn(Entry("rollback", version, at, who, why, before, tuple(changes)))

    def note(self, entry: Entry) -> None:
        """Write an act down that changes no version."""
        self._log(entry)

    def _turn(self, entry: Entry) -> Entry:
        """Write the act down, then let it count."""
        self._log(entry)
        write_whole(self.folder / CURRENT, entry.version + "\n")
        return entry

    def _log(self, entry: Entry) -> None:
        line = json.dumps(asdict(entry), ensure_ascii=False) + "\n"
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(line if self._log_is_whole() else "\n" + line)
            log.flush()
            os.fsync(log.fileno())

    def _log_is_whole(self) -> bool:
        octets = (self.folder / "log.jsonl").read_bytes()
        return not octets or octets.endswith(b"\n")

    # what the engine says

    def note_running(self, said: dict[str, Any]) -> None:
        """Write down what the running engine has made of the current version."""
        write_whole(self.folder / "running", json.dumps(said, ensure_ascii=False))

    def running(self) -> dict[str, Any]:
        """Return what the engine wrote last; empty if nothing."""
        try:
            said = json.loads((self.folder / "running").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}


def write_whole(path: Path, text: str) -> None:
    """Replace a file so that whoever reads it gets the old text or the new, whole."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _copy(source: Path, to: Path, like: Path | None) -> None:
    octets = source.read_bytes()
    if like is not None and like.is_file() and like.read_bytes() == octets:
        os.link(like, to)
        return
    to.write_bytes(octets)
    to.chmod(READ_ONLY)


def _number(version: str) -> int:
    return int(version.partition("-")[0])


def _entry(line: str) -> Entry | None:
    try:
        values = json.loads(line)
        return Entry(**{**values, "changes": tuple(values["changes"])})
    except (ValueError, TypeError, KeyError):
        return None
