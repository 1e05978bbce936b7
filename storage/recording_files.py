"""Where a recording lies: as it was written, or as it was converted afterwards.

Rows and facts name the WAV file, whatever became of it: a name is for ever, a form is not.
"""

from pathlib import Path

KINDS = {".wav": "audio/wav", ".opus": "audio/ogg", ".mp3": "audio/mpeg"}
"""Media types by suffix, in the order of preference: the original first."""


def forms(path: Path) -> tuple[Path, ...]:
    """Return every file that has what the recording `path` has, the best first."""
    found = (path.with_suffix(suffix) for suffix in dict.fromkeys((path.suffix, *KINDS)))
    return tuple(each for each in found if each.is_file())


def kind_of(path: Path) -> str:
    """Return the media type of a recording's file."""
    return KINDS.get(path.suffix, "application/octet-stream")
