"""What the engine and the media worker say to each other, as frozen values."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from calls.ids import LegId

Law = Literal["PCMA", "PCMU"]
"""The two forms of G.711."""
CodecName = Literal["PCMA", "PCMU", "G722"]


# --- engine → worker -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenLeg:
    """Bind an RTP port for a leg; answered by LegOpened, if no port is named, or LegFailed."""

    leg: LegId
    address: str
    port: int = 0
    """One of PortsReady, 0 for any."""
    beside: LegId | None = None
    """A leg that it may come to hear: where there are several workers, it goes to that one's."""


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
    tones: bool = False
    """Whether keys may come as tones in the voice; once an event came, tones are none."""
    payload: int | None = None
    """The codec's payload type, if it is not the usual one."""
    ptime: int = 20
    """Milliseconds of voice in each of our packets: 10, 20 … 60. Any length is heard."""
    mux: bool = False
    """RTCP goes and comes on the port of RTP (RFC 5761)."""
    rtcp_port: int | None = None
    """Where RTCP goes, if not to the next port (RFC 3605)."""
    key_in: str | None = field(default=None, repr=False)
    """SRTP: the peer's master key and salt (AES_CM_128_HMAC_SHA1_80), base64. None: plain RTP."""
    key_out: str | None = field(default=None, repr=False)
    """Ours."""


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
class SendKeys:
    """Press keys one after the other (RFC 4733), 100 ms each; voice gives way meanwhile.

    What was still to be pressed is pressed first. Nothing happens where the peer takes none.
    """

    leg: LegId
    keys: str
    """Of 0-9, *, # and A-D; others are passed over."""


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


Hears = tuple[tuple[LegId, tuple[LegId, ...]], ...]
"""Each member of a conference with those whom it hears."""


@dataclass(frozen=True, slots=True)
class Confer:
    """Let each leg hear the sum of others; said anew for each change, live.

    A leg that is named no more hears silence; a bridge or an earlier conference of a leg
    ends. What plays on a leg is heard there in place of the others, until it is over.
    """

    conference: str
    hears: Hears
    """Empty: the conference ends."""


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record what the citizen says, on the left channel, from now on."""

    recording: str
    path: str
    """Absolute."""
    left: LegId


@dataclass(frozen=True, slots=True)
class AddToRecording:
    """Record what this leg says too, on the right channel, from now on."""

    recording: str
    right: LegId


@dataclass(frozen=True, slots=True)
class LeaveRecording:
    """Record no more what this leg says; the others on the right go on."""

    recording: str
    right: LegId


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """Write silence in place of what both say, or no more: while a number is told.

    The time of the file goes on, so that what is heard later keeps its place.
    """

    recording: str
    on: bool


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
class PortsReady:
    """RTP ports that are bound already: a leg that is opened with one of them is open at once."""

    address: str
    ports: tuple[int, ...]


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
    sha256: str | None = None
    """Of the file, in hexadecimal, as the manifest beside it says; None if it is not closed or
    could not be read."""


@dataclass(frozen=True, slots=True)
class DiskLow:
    """The disk that recordings go to has little room left; said once until it has room again."""

    folder: str
    free: int
    """Octets."""


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
    mos: float | None = None
    """What was heard of the leg, by the E-model (ITU-T G.107); None if nothing was."""
    round_trip: float | None = None
    """As the peer's reports say; None if it sends none."""


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
    | SendKeys
    | StopPlaying
    | Bridge
    | Unbridge
    | Confer
    | StartRecording
    | AddToRecording
    | LeaveRecording
    | PauseRecording
    | StopRecording
    | Tap
    | WatchSpeech
    | CloseLeg
    | Shutdown
)
Event = (
    PortsReady
    | LegOpened
    | LegFailed
    | PlaybackFinished
    | PlaybackFailed
    | KeyHeard
    | SpeechStarted
    | SpeechStopped
    | FirstPacket
    | MediaSilent
    | RecordingClosed
    | DiskLow
    | TapAudio
    | LegClosed
    | WorkerFigures
)
Value = Command | Event

KINDS: dict[str, type] = {kind.__name__: kind for kind in get_args(Value)}
