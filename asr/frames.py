"""What crosses between the engine and a recognition worker: a header and sound, with lengths.

A frame is two big-endian 32-bit lengths, a JSON object and raw PCM:

    | header length | body length | header … | body … |

Engine to worker, by `kind`: `feed` (stream, at, phrases, urgency, order, room: whether one more
stream could be heard as well; PCM), `finish` (stream), `rest` (stream: its recogniser is wanted
for others, and a piece that waits for its turn is not wanted any more), `hurry` (stream: its
piece is wanted before all others), `file` (stream, path, channel). Worker to engine: `ready`,
`unloadable` (why), `fed` (stream, heard, spent: seconds that it took), `rested` (stream, heard),
`closed` (stream, heard), `failed` (stream, why). Each answer carries `resident`, the worker's
memory in bytes. Each `feed` is answered unless a `rest` came before it was begun, and each
`rest` is, after the answer to a piece that was begun.
"""

import json
import struct
from dataclasses import asdict
from typing import Any

from asr.recogniser import Heard
from calls.events import Word

LENGTHS = struct.Struct(">II")
MOST_HEADER = 1 << 20
"""A minute-long utterance with all its word times is about 20 kB."""
MOST_BODY = 1 << 20
"""A minute of sound."""

Header = dict[str, Any]


class BrokenFrame(ValueError):
    """The other end does not speak this protocol, or is out of step."""


def pack(header: Header, body: bytes = b"") -> bytes:
    """Return one frame; raise BrokenFrame rather than send what would not be taken."""
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    if len(text) > MOST_HEADER or len(body) > MOST_BODY:
        raise BrokenFrame(f"frame of {len(text)} + {len(body)} bytes")
    return LENGTHS.pack(len(text), len(body)) + text + body


class Unpacker:
    """Frames out of a stream of bytes, however it was cut."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, received: bytes) -> list[tuple[Header, bytes]]:
        """Return the frames that are now whole; raise BrokenFrame on nonsense."""
        self._bytes += received
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> tuple[Header, bytes] | None:
        if len(self._bytes) < LENGTHS.size:
            return None
        header_size, body_size = LENGTHS.unpack_from(self._bytes)
        if header_size > MOST_HEADER or body_size > MOST_BODY:
            raise BrokenFrame(f"frame of {header_size} + {body_size} bytes announced")
        middle = LENGTHS.size + header_size
        end = middle + body_size
        if len(self._bytes) < end:
            return None
        header = _read(bytes(self._bytes[LENGTHS.size : middle]))
        body = bytes(self._bytes[middle:end])
        del self._bytes[:end]
        return header, body


def _read(text: bytes) -> Header:
    try:
        header = json.loads(text)
    except ValueError as error:
        raise BrokenFrame(f"header is no JSON: {error}") from None
    if not isinstance(header, dict) or not isinstance(header.get("kind"), str):
        raise BrokenFrame("header has no kind")
    return header


def heard_to_json(heard: Heard) -> Header:
    """Return a result as JSON values."""
    return asdict(heard)


def heard_from_json(values: Header) -> Heard:
    """Return the result that `heard_to_json` wrote; raise BrokenFrame if it is none."""
    try:
        words = tuple(Word(**word) for word in values["words"])
        return Heard(**{**values, "words": words})
    except (TypeError, KeyError) as error:
        raise BrokenFrame(f"no result: {error}") from None
