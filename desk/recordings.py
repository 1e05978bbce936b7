"""Recordings, to those who are signed in; never without a note of who listened."""

import re
from pathlib import Path

from calls.ids import CallId
from desk.call_pages import wanted_call
from desk.house import House
from desk.noting import note
from desk.web import Answer, Asked, Part, Refusal
from storage.recording_files import forms, kind_of

RANGE = re.compile(r"bytes=(?P<first>[0-9]{0,15})-(?P<last>[0-9]{0,15})")
"""One range (RFC 9110 §14.1.2); for anything else the whole file goes, as §14.2 allows."""
NOTED_AGAIN_AFTER = 600.0
"""Seconds: a player asks for many stretches of what one person opened once."""


class Unsatisfiable(Exception):
    """The range begins behind the end of the file."""


async def recording(house: House, asked: Asked) -> Answer:
    """Send a call's recording, or the stretch of it that is asked for."""
    whole = await wanted_call(house, asked)
    place = asked.names.get("place", "0")
    if not place.isascii() or not place.isdigit() or int(place) >= len(whole.recordings):
        raise Refusal(404, "没有录音", "no recording")
    name = whole.recordings[int(place)].path
    path = next(iter(forms(inside(house.settings.recordings, name))), None)
    size = None if path is None else _size(path)
    if path is None or size is None:
        raise Refusal(404, "录音文件不在", "the recording's file is not there")
    if asked.method != "HEAD":
        await _note_once(house, asked, whole.call.record.call, name)
    return _stretch(path, size, asked.headers.get("range"))


def inside(folder: Path, name: str) -> Path:
    """Return the file of that name under `folder`; raise Refusal if it would be elsewhere."""
    root = folder.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or path == root:
        raise Refusal(404, "没有录音", "no recording")
    return path


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


async def _note_once(house: House, asked: Asked, call: CallId, name: str) -> None:
    session = asked.signed_in
    noted = session.listened.get(name)
    if noted is not None and asked.now - noted < NOTED_AGAIN_AFTER:
        return
    await note(house, asked, "opened_recording", call, name)
    session.listened[name] = asked.now


def _stretch(path: Path, size: int, wanted: str | None) -> Answer:
    headers = (
        ("Accept-Ranges", "bytes"),
        ("Content-Disposition", "inline"),
    )
    try:
        stretch = span(wanted, size)
    except Unsatisfiable:
        where = (("Content-Range", f"bytes */{size}"),)
        return Answer(b"", 416, kind_of(path), headers + where)
    if stretch is None:
        return Answer(Part(path, 0, size), 200, kind_of(path), headers)
    first, last = stretch
    where = (("Content-Range", f"bytes {first}-{last}/{size}"),)
    return Answer(Part(path, first, last - first + 1), 206, kind_of(path), headers + where)


def span(wanted: str | None, size: int) -> tuple[int, int] | None:
    """Return the first and last octet of a Range header; None for the whole file."""
    match = RANGE.fullmatch((wanted or "").replace(" ", ""))
    if match is None or match["first"] == match["last"] == "":
        return None
    if match["first"] == "":
        count = int(match["last"])
        if count == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - count), size - 1
    first = int(match["first"])
    last = min(int(match["last"]), size - 1) if match["last"] else size - 1
    if match["last"] and int(match["last"]) < first:
        return None  # not a valid range: §14.1.1 lets us pass over it
    if first >= size:
        raise Unsatisfiable
    return first, last
