"""More than two in one talk: who hears whom, and what that sounds like."""

from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Protocol

from calls.ids import LegId
from media import codecs, g711
from media.commands import CodecName, Hears, Law


class Supervision(Enum):
    """How a supervisor takes part in the talk of a citizen and an agent."""

    LISTEN = "listen"
    """Hears both; nobody hears the supervisor."""
    WHISPER = "whisper"
    """Hears both; only the agent hears the supervisor."""
    BARGE = "barge"
    """All three hear each other."""


def everyone(legs: Sequence[LegId]) -> Hears:
    """Let each hear all the others."""
    return tuple((leg, tuple(other for other in legs if other != leg)) for leg in legs)


def supervised(citizen: LegId, agent: LegId, supervisor: LegId, how: Supervision) -> Hears:
    """Let a supervisor take part."""
    to_citizen = (agent, supervisor) if how is Supervision.BARGE else (agent,)
    to_agent = (citizen,) if how is Supervision.LISTEN else (citizen, supervisor)
    return ((citizen, to_citizen), (agent, to_agent), (supervisor, (citizen, agent)))


def without(leg: LegId, hears: Hears) -> Hears:
    """Let a leg go; the others hear what is left."""
    return tuple(
        (one, tuple(other for other in others if other != leg))
        for one, others in hears
        if one != leg
    )


class Speaker(Protocol):
    """Somebody who is heard in a mix."""

    @property
    def law(self) -> Law:
        """What `frame` is encoded in."""

    @property
    def frame(self) -> bytes:
        """The latest 20 ms that were said."""


class Mixture:
    """What one member hears of the others, a frame a tick; a `playout.Voice`.

    Each leg ticks once in 20 ms, in its own slot, so the latest frame of every speaker is
    heard once by every listener.
    """

    __slots__ = ("_encode", "_law", "_speakers")

    def __init__(self, codec: CodecName, speakers: Sequence[Speaker]) -> None:
        self._law = codecs.law_of(codec)
        self._encode = codecs.transcoder(self._law, codec)
        self._speakers = tuple(speakers)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        heard = mix([(speaker.law, speaker.frame) for speaker in self._speakers], self._law)
        return heard if self._encode is None else self._encode(heard)


def mix(voices: Sequence[tuple[Law, bytes]], target: Law) -> bytes:
    """Return the sum of frames, clipped; a lone voice passes as it is."""
    heard = [(law, frame) for law, frame in voices if frame != g711.SILENCE[law]]
    if not heard:
        return g711.SILENCE[target]
    if len(heard) == 1:
        law, frame = heard[0]
        return frame if law == target else frame.translate(g711.TRANSLATE[law, target])
    return g711.encode(g711.added([g711.decode(frame, law) for law, frame in heard]), target)
