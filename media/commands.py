"""What the engine and the media worker say to each other, as frozen values.

On the wire each value is a frame: four octets of length, network order, and a body.
A body is compact JSON, `["Play","leg-1",7,["/prompts/welcome.wav"],false]`, except
that of `TapAudio`, which is binary. Both ends are ours and of one version; a body
that is none of ours raises `UnknownMessage`.
"""

import json
import struct
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from calls.ids import LegId

CodecName = Literal["PCMA", "PCMU"]


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """What a media worker is told once, when it is started."""

    first_port: int
    """The range that RTP ports are taken from: even ones, RTCP on the next."""
    last_port: int
    clock_offset: float
    """What to add to CLOCK_MONOTONIC for the engine's `now` (UTC seconds)."""
    no_media_after: float = 20.0
    """Seconds from ConnectLeg without any RTP until MediaSilent."""
    media_lost_after: float = 20.0
    """Seconds since the last RTP until MediaSilent."""
    max_legs: int = 1000
    max_backlog: int = 64
    """Seconds of one recording that may wait for a slow disk."""


# --- engine → worker -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """Bind an RTP port for a leg; answered by LegOpened or LegFailed."""

    leg: LegId
    address: str


@dataclass(frozen=True, slots=True)
class ConnectLeg:
    """The peer agreed; said again after each re-INVITE. From now on we send."""

    leg: LegId
    codec: CodecName
    event_payload: int | None
    """Payload type of telephone-event (RFC 4733), None if not agreed."""
    address: str
    port: int
    sends: bool
    """Whether we may send."""
    receives: bool
    """Whether the peer will send; if not, its silence is no fault."""
    also: str | None = None
    """Where the peer's signalling came from: a phone behind NAT describes an address that
    its packets do not come from. None if it is the same."""


@dataclass(frozen=True, slots=True)
class Play:
    """Play files one after the other, in place of what plays now.

    `prompts` are absolute paths of WAV files, 8 kHz mono PCM16.
    """

    leg: LegId
    playback: int
    prompts: tuple[str, ...]
    loop: bool


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Silence from the next frame on; no PlaybackFinished follows."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Bridge:
    """Let two legs hear each other; playing on either ends."""

    left: LegId
    right: LegId


@dataclass(frozen=True, slots=True)
class Unbridge:
    """Part this leg from the one it is bridged with."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record what the citizen says, on the left channel, from now on."""

    recording: str
    path: str
    """Absolute."""
    left: LegId


@dataclass(frozen=True, slots=True)
class AddToRecording:
    """Record what the agent says, on the right channel, from now on."""

    recording: str
    right: LegId


@dataclass(frozen=True, slots=True)
class StopRecording:
    """Close the file; answered by RecordingClosed."""

    recording: str


@dataclass(frozen=True, slots=True)
class Tap:
    """Begin or end to pass on what a leg says, as TapAudio."""

    leg: LegId
    on: bool


@dataclass(frozen=True, slots=True)
class WatchSpeech:
    """Begin or end to say when a leg starts and stops to speak."""

    leg: LegId
    on: bool
    silence: float
    """Seconds of quiet after which speech counts as stopped."""


@dataclass(frozen=True, slots=True)
class CloseLeg:
    """Give up a leg and its port; answered by LegClosed."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Shutdown:
    """Close every recording and leg, say so, and exit."""


# --- worker → engine -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegOpened:
    """The leg's RTP port is bound."""

    leg: LegId
    port: int


@dataclass(frozen=True, slots=True)
class LegFailed:
    """The leg does not exist: no port free, or the address is not ours."""

    leg: LegId
    why: str


@dataclass(frozen=True, slots=True)
class PlaybackFinished:
    """The last frame of a playback that does not loop was sent."""

    leg: LegId
    playback: int


@dataclass(frozen=True, slots=True)
class PlaybackFailed:
    """Nothing of the playback was or will be sent."""

    leg: LegId
    playback: int
    why: str


@dataclass(frozen=True, slots=True)
class KeyHeard:
    """A key was pressed; once a press, at its first packet."""

    leg: LegId
    key: str
    at: float


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The leg began to speak at `at`."""

    leg: LegId
    at: float


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """The leg was quiet for as long as WatchSpeech asked, up to `at`."""

    leg: LegId
    at: float


@dataclass(frozen=True, slots=True)
class FirstPacket:
    """The first good RTP packet of the leg came."""

    leg: LegId
    at: float


@dataclass(frozen=True, slots=True)
class MediaSilent:
    """No RTP has come for `seconds`, or ever; once per silence."""

    leg: LegId
    seconds: float


@dataclass(frozen=True, slots=True)
class RecordingClosed:
    """The file is whole; or recording stopped early because of `trouble`."""

    recording: str
    path: str
    seconds: float
    trouble: str | None


@dataclass(frozen=True, slots=True)
class TapAudio:
    """What a leg said: in-order PCM16 at 8 kHz, little-endian, mostly 100 ms.

    An empty one is the last of its tap.
    """

    leg: LegId
    start: float
    """Seconds since the leg's recording began, or since the tap if it has none."""
    pcm: bytes


@dataclass(frozen=True, slots=True)
class LegClosed:
    """The leg's port is free again; what its media came to. Times in seconds."""

    leg: LegId
    received: int
    sent: int
    lost: int
    jitter: float
    """Interarrival jitter (RFC 3550 §6.4.1)."""
    latest: float
    """The latest packet's lateness against the leg's own 20 ms grid."""
    late_p99: float


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """The worker's figures of the last five seconds; `cpu_seconds` since its start."""

    legs: int
    sent: int
    late_p99_ms: float
    late_max_ms: float
    dropped: int
    cpu_seconds: float


Command = (
    OpenLeg
    | ConnectLeg
    | Play
    | StopPlaying
    | Bridge
    | Unbridge
    | StartRecording
    | AddToRecording
    | StopRecording
    | Tap
    | WatchSpeech
    | CloseLeg
    | Shutdown
)
Event = (
    LegOpened
    | LegFailed
    | PlaybackFinished
    | PlaybackFailed
    | KeyHeard
    | SpeechStarted
    | SpeechStopped
    | FirstPacket
    | MediaSilent
    | RecordingClosed
    | TapAudio
    | LegClosed
    | WorkerFigures
)
Value = Command | Event

KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Value)}
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
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def from_wire(body: bytes) -> Value:
    """Return the value that a body stands for; raise UnknownMessage if it is none."""
    try:
        if body[:1] == TAP:
            return _tap_audio(body)
        name, *values = json.loads(body)
        kind = KINDS[name]
        if kind is Play:
            values[2] = tuple(values[2])
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
