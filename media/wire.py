"""How the engine's and the media worker's words go over their stream.

On the wire each value is a frame: four octets of length, network order, and a body.
A body is compact JSON, `["Play","leg-1",7,["/prompts/welcome.wav"],false]`, except
that of `TapAudio`, which is binary. Both ends are ours and of one version; a body
that is none of ours raises `UnknownMessage`.
"""

import json
import struct
from dataclasses import asdict, fields
from typing import Any

import orjson

from calls import json_text
from calls.ids import LegId
from media.commands import KINDS, Confer, Play, PortsReady, TapAudio, Value
from media.worker_settings import WorkerSettings

FIELDS: dict[type, tuple[str, ...]] = {k: tuple(f.name for f in fields(k)) for k in KINDS.values()}

TAP = b"\x01"  # JSON never begins with it
TAP_HEAD = struct.Struct("!cHd")  # TAP, octets of the leg's name, start
LENGTH = struct.Struct("!I")
LARGEST = 1 << 20  # octets of a body


class UnknownMessage(ValueError):
    """A body that is no value of ours: the other end is broken or of another version."""


def to_wire(value: Value) -> bytes:
    """Return the body that `from_wire` reads."""
    if isinstance(value, TapAudio):
        leg = value.leg.encode()
        return TAP_HEAD.pack(TAP, len(leg), value.start) + leg + value.pcm
    kind = type(value)
    body = [kind.__name__, *(getattr(value, name) for name in FIELDS[kind])]
    return json_text.to_text(body).encode()


def from_wire(body: bytes) -> Value:
    """Return the value that a body stands for; raise UnknownMessage if it is none."""
    try:
        if body[:1] == TAP:
            return _tap_audio(body)
        name, *values = orjson.loads(body)
        kind = KINDS[name]
        if kind is Play:
            values[2] = tuple(values[2])
        elif kind is PortsReady:
            values[1] = tuple(values[1])
        elif kind is Confer:
            values[1] = tuple((leg, tuple(others)) for leg, others in values[1])
        if len(values) != len(FIELDS[kind]):
            raise ValueError(f"{name} has {len(values)} fields")
        return kind(*values)  # type: ignore[no-any-return]  # a member of the union
    except (ValueError, TypeError, KeyError, IndexError, struct.error) as error:
        raise UnknownMessage(f"{body[:80]!r}: {error}") from None


def _tap_audio(body: bytes) -> TapAudio:
    _, length, start = TAP_HEAD.unpack_from(body)
    voice = TAP_HEAD.size + length
    if len(body) < voice:
        raise ValueError("cut short")
    return TapAudio(LegId(body[TAP_HEAD.size : voice].decode()), start, body[voice:])


def frame(value: Value) -> bytes:
    """Return a value as it goes over the stream: length, then body."""
    body = to_wire(value)
    return LENGTH.pack(len(body)) + body


class Frames:
    """Cuts a stream of octets back into the bodies that were sent."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, octets: bytes) -> list[bytes]:
        """Take what came; return each body now whole. Raise UnknownMessage on a wild length."""
        rest, bodies, at = self._rest + octets, [], 0
        while len(rest) - at >= LENGTH.size:
            (length,) = LENGTH.unpack_from(rest, at)
            if length > LARGEST:
                raise UnknownMessage(f"a body of {length} octets")
            if len(rest) - at - LENGTH.size < length:
                break
            bodies.append(rest[at + LENGTH.size : at + LENGTH.size + length])
            at += LENGTH.size + length
        self._rest = rest[at:]
        return bodies


def settings_to_text(settings: WorkerSettings) -> str:
    """Return settings as the JSON that goes on the worker's command line."""
    return json.dumps(asdict(settings), separators=(",", ":"))


def settings_from_text(text: str) -> WorkerSettings:
    """Read the worker's command line."""
    values: dict[str, Any] = json.loads(text)
    return WorkerSettings(**values)
