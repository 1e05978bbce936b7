"""What call control asks the edge to do, as values; the edge does it and decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from asr.turns import Urgency
from calls.events import Fact
from calls.ids import CallId, Language
from media.commands import Command as MediaCommand
from sip.registrar import RegistrarEvent


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Begin to recognise a stretch of one leg's speech."""

    stream: str
    language: Language
    offset: float
    """Seconds from the start of the recording to the stretch's first sample."""
    urgency: Urgency = Urgency.LIVE
    """Whose turn it is when not all can be heard in time."""
    phrases: tuple[str, ...] = ()
    """All that a menu listens for; empty: any words."""


@dataclass(frozen=True, slots=True)
class FeedStream:
    """The next piece of a stretch: PCM16 at 8 kHz."""

    stream: str
    pcm: bytes


@dataclass(frozen=True, slots=True)
class CloseStream:
    """The stretch is over; its last words are still wanted."""

    stream: str


@dataclass(frozen=True, slots=True)
class MakeDraft:
    """Draft a work order from a call's facts so far."""

    call: CallId
    facts: tuple[Fact, ...]
    transcript: str
    """`done`, `pending`, `partial` or `none`."""


@dataclass(frozen=True, slots=True)
class LookUp:
    """Find out for a call; answer with `CallControl.looked_up`, or not at all if it fails."""

    call: CallId
    what: str
    """One of `storage.lookups`."""
    key: str
    """Number of a caller or of an order; personal data."""


@dataclass(frozen=True, slots=True)
class AskStanding:
    """Find out how a caller stands; answer with `FlowSide.stands`, or not at all if it fails."""

    call: CallId
    number: str
    """Personal data."""


@dataclass(frozen=True, slots=True)
class ServiceAsk:
    """Do something for a call on a service number; answer with `CallControl.looked_up`."""

    call: CallId
    what: str
    about: Mapping[str, str] = field(repr=False)
    """May hold a PIN."""


Output = (
    MediaCommand
    | OpenStream
    | FeedStream
    | CloseStream
    | MakeDraft
    | LookUp
    | ServiceAsk
    | AskStanding
    | RegistrarEvent
    | Fact
)
