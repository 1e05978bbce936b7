"""What of a call goes to the recogniser, and whether all of it came back as words."""

from collections.abc import Callable
from dataclasses import dataclass, field

from asr.turns import Urgency
from calls.ids import CallId, Language, LegId, Party
from media.commands import Tap, TapAudio
from server.outputs import CloseStream, FeedStream, OpenStream, Output

NO_MODEL = "no model"
"""Why words are missing where nobody recognises the language."""


@dataclass(slots=True)
class Stretch:
    """A leg's speech from one tap on to the end of that tap."""

    stream: str
    party: Party
    language: Language
    urgency: Urgency
    phrases: tuple[str, ...] = ()
    opened: bool = False
    stopping: bool = False
    """The end of the tap was asked for and has not come yet."""
    then: "Stretch | None" = None
    """The stretch that begins when this one has ended."""

    @property
    def how(self) -> tuple[Urgency, tuple[str, ...]]:
        """How urgent its words are, and which of them are listened for."""
        return self.urgency, self.phrases


@dataclass(slots=True)
class CallHearing:
    """Turns tapped audio into recogniser streams, one a stretch, and counts them back in.

    A stretch's stream is opened at its first audio, because only that says where in
    the recording it begins.
    """

    call: CallId
    able: Callable[[Language], bool] = lambda _: True
    """Tells whether anybody recognises a language now."""
    stretches: dict[LegId, Stretch] = field(default_factory=dict)
    unfinished: set[str] = field(default_factory=set)
    """Streams whose last words are still to come."""
    languages: dict[str, tuple[Party, Language]] = field(default_factory=dict)
    """Who speaks in each stream that was opened, and in what language."""
    trouble: str | None = None
    """Why words are missing; None if none are."""
    late: bool = False
    """It was said that some words will only come from the recording."""
    count: int = 0

    def begin(
        self,
        leg: LegId,
        party: Party,
        language: Language,
        urgency: Urgency | None = None,
        phrases: tuple[str, ...] = (),
    ) -> list[Output]:
        """Tap a leg; one already tapped in this language goes on.

        Where nobody recognises the language the sound is not asked for: the transcript is
        made of the recording, once somebody does.

        `urgency` is, unless said, that of a talk: the citizen's words before the agent's.
        """
        present = self.stretches.get(leg)
        if not self.able(language):
            self.trouble = NO_MODEL
            if present is not None:
                present.then = None
            return self.stop(leg)
        wanted = language, phrases
        if (
            present is not None
            and not present.stopping
            and (present.language, present.phrases) == wanted
        ):
            return []
        self.count += 1
        if urgency is None:
            urgency = Urgency.LIVE if party == "citizen" else Urgency.AGENT
        fresh = Stretch(f"{self.call}/{party}/{self.count}", party, language, urgency, phrases)
        if present is None:
            self.stretches[leg] = fresh
            return [Tap(leg, True)]
        present.then = fresh
        ending: list[Output] = [] if present.stopping else [Tap(leg, False)]
        present.stopping = True
        return [*ending, Tap(leg, True)]

    def audio(self, tap: TapAudio) -> list[Output]:
        """Pass a piece on; an empty piece is the end of the tap."""
        stretch = self.stretches.get(tap.leg)
        if stretch is None:
            return []
        if not tap.pcm:
            return self.finish(tap.leg)
        outputs: list[Output] = []
        if not stretch.opened:
            stretch.opened = True
            self.unfinished.add(stretch.stream)
            self.languages[stretch.stream] = (stretch.party, stretch.language)
            outputs.append(OpenStream(stretch.stream, stretch.language, tap.start, *stretch.how))
        return [*outputs, FeedStream(stretch.stream, tap.pcm)]

    def goes_on(self, stream: str) -> bool:
        """Tell whether a stream's stretch still is being heard: its words are of now."""
        return any(s.stream == stream and not s.stopping for s in self.stretches.values())

    def stop(self, leg: LegId) -> list[Output]:
        """Ask for the end of a tap; its last piece still comes."""
        stretch = self.stretches.get(leg)
        if stretch is None or stretch.stopping:
            return []
        stretch.stopping = True
        return [Tap(leg, False)]

    def finish(self, leg: LegId) -> list[Output]:
        """The stretch is over; the one that was asked for meanwhile begins."""
        stretch = self.stretches.pop(leg, None)
        if stretch is None:
            return []
        if stretch.then is not None:
            self.stretches[leg] = stretch.then
        return [CloseStream(stretch.stream)] if stretch.opened else []

    def leg_closed(self, leg: LegId) -> list[Output]:
        """The leg is gone, and with it every stretch of it."""
        outputs: list[Output] = []
        while leg in self.stretches:
            outputs += self.finish(leg)
        return outputs

    def closed(self, stream: str, complete: bool, why: str) -> list[Output]:
        """A stream's last words have come, or will not come.

        Whose stream nobody hears any more, for want of a model, is not tapped any longer:
        sound that is let fall would cost as much as sound that is heard.
        """
        self.unfinished.discard(stream)
        if not complete:
            self.trouble = why
        return [
            output
            for leg, stretch in self.stretches.items()
            if stretch.stream == stream
            for output in self.stop(leg)
        ]

    def give_up(self) -> None:
        """Wait no longer for streams that are late."""
        if self.unfinished:
            self.trouble = "late"
        self.unfinished.clear()
