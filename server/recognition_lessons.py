"""What a new recogniser hears before callers come: the site's own prompts in its language.

A recogniser grows its part of the search graph as it hears speech. One that was only warmed with
noise costs a third more on a caller than one that heard ten seconds of prompts, and up to twice
as much as one that callers used (docs/recognition-measured.md).
"""

import wave
from pathlib import Path

from asr.recogniser import RATE, SAMPLE

ENOUGH = 10.0
"""Seconds of speech, lessons or callers', after which little more is gained."""
PIECE = 0.5
"""Seconds of a lesson at once: a caller who comes meanwhile finds a thread busy for so little."""
FORM = (1, SAMPLE, RATE)
"""One channel, 16 bits, 8000 Hz: what recognisers are fed."""


def lessons(folder: Path, seconds: float = ENOUGH) -> bytes:
    """Join a folder's recordings until they are `seconds` long; empty if they are no piece.

    What has another form, or is no recording, is passed over: `./hotline check` tells of it.
    """
    speech = b""
    for path in sorted(folder.glob("*.wav")):
        if len(speech) >= seconds * RATE * SAMPLE:
            break
        speech += _recorded(path)
    enough = len(speech) >= PIECE * RATE * SAMPLE
    return speech[: int(seconds * RATE) * SAMPLE] if enough else b""


def lesson_at(speech: bytes, heard: float) -> bytes:
    """Return the piece for a recogniser that has heard `heard` seconds; it goes round."""
    begin = int(heard * RATE) * SAMPLE % len(speech)
    return speech[begin : begin + int(PIECE * RATE) * SAMPLE]


def _recorded(path: Path) -> bytes:
    try:
        with wave.open(str(path), "rb") as file:
            form = file.getnchannels(), file.getsampwidth(), file.getframerate()
            return file.readframes(file.getnframes()) if form == FORM else b""
    except (OSError, EOFError, wave.Error):
        return b""
