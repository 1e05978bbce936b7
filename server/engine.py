"""The edge around call control: carries out its outputs, and keeps its one timer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, get_args

import structlog
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from asr.language_fit import Judged
from asr.recogniser import Heard
from asr.turns import Urgency
from calls.events import Ended, Fact, RecordingStopped
from calls.ids import CallId, Language
from calls.reasons import blame
from media import commands as media
from server.call_control import CallControl
from server.figures import EngineFigures
from server.hearing import NO_MODEL
from server.media_links import Kept
from server.outputs import (
    AskStanding,
    CloseStream,
    FeedStream,
    LookUp,
    MakeDraft,
    OpenStream,
    Output,
    ServiceAsk,
)
from server.staff_diary import StaffDiary
from sip.registrar import PhoneGone, PhoneRegistered, RegistrarEvent

LOG = structlog.get_logger("engine")
FACTS = frozenset(get_args(Fact))
COMMANDS = frozenset(get_args(media.Command))
DONE = FACTS | COMMANDS
"""What is written down, or at the link, before anything else is done."""


class Media(Protocol):
    """The media worker, as the engine sees it."""

    def send(self, command: media.Command) -> None:
        """Have the worker told; a leg for which a port is ready is open at once."""

    def flush(self) -> None:
        """Tell it all that waits."""


class Ears(Protocol):
    """The recognisers, as the engine sees them."""

    def open(
        self,
        stream: str,
        language: Language,
        offset: float,
        urgency: Urgency,
        phrases: tuple[str, ...],
    ) -> bool: ...
    def hears(self, language: Language) -> bool: ...
    def hear(self, stream: str, pcm: bytes) -> None: ...
    def close(self, stream: str) -> None: ...


class Port(Protocol):
    """The SIP port."""

    def flush(self) -> None: ...


class Drafter(Protocol):
    """Makes drafts off the reactor thread."""

    def make(self, wanted: MakeDraft) -> None: ...


class Watcher(Protocol):
    """Whoever shows what happens as it happens."""

    def fact(self, fact: Fact) -> None: ...
    def words(self, stream: str, words: Heard) -> None: ...
    def turned(self) -> None: ...


class Engine:
    """Runs call control's turns: something happened, control decides, this acts.

    After each turn every output is carried out, the SIP port is flushed, and the
    timer is set to control's next deadline.
    """

    def __init__(
        self, control: CallControl, reactor: IReactorTime, clock: Callable[[], float]
    ) -> None:
        self.control = control
        self.figures = EngineFigures()
        self._log = LOG.bind()  # once: an unbound logger binds anew at each line
        self._diary = StaffDiary()
        self._reactor, self._clock = reactor, clock
        self._timer: IDelayedCall | None = None
        self._due = 0.0
        """When the timer fires, while it is set."""
        self._turning = False
        self.media: Media
        self.ears: Ears
        self.port: Port
        self.drafter: Drafter
        self.keep: Callable[..., object]
        """Writes facts down, all of them at once."""
        self.phones: Callable[[RegistrarEvent], None]
        self.look_up: Callable[[LookUp], object] = lambda _: None
        """Answers with `control.looked_up`; who does not lets the caller wait for the limit."""
        self.serve: Callable[[ServiceAsk], object] = lambda _: None
        """Answers with `control.looked_up` or `control.led_into`."""
        self.standings: Callable[[AskStanding], object] = lambda _: None
        """Answers with `control.flow.stands`."""
        self.watcher: Watcher | None = None
        """Nobody's call depends on it: what it raises is logged."""
        self.quiet: Callable[[], None] = lambda: None
        """Called after a turn that leaves no call up and none unsettled."""

    # --- what happens ------------------------------------------------------------------

    def turn(self) -> None:
        """Let control take what the stack has, then act."""
        self._act(self.control.turn)

    def media_event(self, event: media.Event) -> None:
        """Take what the media worker says."""
        if isinstance(event, media.WorkerFigures):
            self.figures.worker(event)
            return
        if isinstance(event, media.DiskLow):
            LOG.error("disk_low", folder=event.folder, free=event.free)
            return
        self._act(lambda now: self.control.media_event(event, now))

    def worker_lost(self, why: str, kept: Kept) -> None:
        """A media worker died; others have the legs that are `kept`."""
        LOG.error("media_worker_lost", why=why, calls=self.control.up(), legs_kept=len(kept))
        self._act(lambda now: self.control.worker_lost(now, kept))

    def heard(self, stream: str, words: Heard) -> None:
        """Take words from a recogniser."""
        self._show(lambda watcher: watcher.words(stream, words))
        self._act(lambda now: self.control.heard(stream, words, now))

    def stream_closed(self, stream: str, complete: bool, why: str) -> None:
        """A recogniser has given its last words of a stretch."""
        self._act(lambda now: self.control.stream_closed(stream, complete, why, now))

    def stream_late(self, stream: str) -> None:
        """Not all words of a stretch will come while it lasts."""
        self._act(lambda now: self.control.stream_late(stream, now))

    def language_judged(self, stream: str, judged: Judged, seconds: float) -> None:
        """It was looked what language is spoken in a stretch, of so many seconds of speech."""
        self._act(lambda now: self.control.language_judged(stream, judged, seconds, now))

    def drafted(self, call: CallId, draft: dict[str, object]) -> None:
        """A draft was made."""
        self._act(lambda now: self.control.drafted(call, draft, now))

    def do(self, decision: Callable[[float], None]) -> None:
        """Let control decide something else, at once: end all, drain."""
        self._act(decision)

    def together(self, several: Callable[[], None]) -> None:
        """Let several things happen, in their order, before anything is done about them."""
        if self._turning:
            several()
            return
        self._turning = True
        try:
            several()
        finally:
            self._turning = False
            self._act(lambda _: None)

    # --- acting -------------------------------------------------------------------------

    def _act(self, decision: Callable[[float], None]) -> None:
        """Run one decision and everything that follows from it.

        A decision made while acting (a recogniser that refuses a stream) waits for
        the loop that is running.
        """
        decision(self._clock())
        if self._turning:
            return
        self._turning = True
        try:
            self._settle()
            self.note(*self._staff_changes())
        finally:
            self._turning = False
        if not self.control.calls:
            self.quiet()

    def _settle(self) -> None:
        while True:
            outputs = self._decided()
            said = [output for output in outputs if type(output) in FACTS]
            self.note(*said, *self._staff_changes())  # type: ignore[arg-type]  # they are facts
            for output in outputs:
                if type(output) not in DONE:
                    self._carry_out(output)
            self.media.flush()
            self.port.flush()
            self.control.turn(self._clock())
            if not self.control.outputs:
                break
        self._set_timer()
        self._show(lambda watcher: watcher.turned())

    def _decided(self) -> list[Output]:
        """Return what is to be done; what the media worker is to do waits at the link already.

        That way a leg that is open at once is answered in the same turn, and what is
        written down of it is one write, before anything leaves us.
        """
        outputs = self.control.take_outputs()
        for output in outputs:  # it grows meanwhile
            if type(output) in COMMANDS:
                if isinstance(output, media.StartRecording):
                    _make_folder(output.path)
                self.media.send(output)  # type: ignore[arg-type]  # as above
                outputs += self.control.take_outputs()
        return outputs

    def _staff_changes(self) -> Iterator[Fact]:
        return self._diary.changes(self.control.roster.staff())

    def _carry_out(self, output: Output) -> None:
        if isinstance(output, MakeDraft | LookUp | AskStanding | ServiceAsk):
            self._pass_on(output)
        elif isinstance(output, PhoneRegistered | PhoneGone):
            self.phones(output)
        else:
            self._listen(output)  # type: ignore[arg-type]  # nothing else is left

    def _pass_on(self, output: MakeDraft | LookUp | AskStanding | ServiceAsk) -> None:
        match output:
            case MakeDraft():
                self.drafter.make(output)
            case LookUp():
                self.look_up(output)
            case AskStanding():
                self.standings(output)
            case ServiceAsk():
                self.serve(output)

    def _listen(self, output: OpenStream | FeedStream | CloseStream) -> None:
        match output:
            case OpenStream(stream=stream):
                begun = self.ears.open(
                    stream, output.language, output.offset, output.urgency, output.phrases
                )
                if not begun:
                    self.control.stream_closed(stream, False, NO_MODEL, self._clock())
            case FeedStream(stream=stream, pcm=pcm):
                self.ears.hear(stream, pcm)
            case CloseStream(stream=stream):
                self.ears.close(stream)

    def note(self, *facts: Fact) -> None:
        """Write down what happened: in the journal, then in the figures and the log."""
        if facts:
            self.keep(*facts)
        for fact in facts:
            self._tell(fact)

    def _tell(self, fact: Fact) -> None:
        """Count a fact, show it, and write the end of a call to the log."""
        self.figures.fact(fact)
        self._show(lambda watcher: watcher.fact(fact))
        if isinstance(fact, Ended):
            why = {"reason": fact.reason.value, "blame": blame(fact.reason).value}
            self._log.info("call_ended", call=fact.call, by=fact.by, **why)
        elif isinstance(fact, RecordingStopped) and fact.trouble is not None:
            self._log.warning("recording_cut_short", call=fact.call, trouble=fact.trouble)
        else:
            self._log.debug("fact", kind=type(fact).__name__, call=fact.call)

    def _show(self, tell: Callable[[Watcher], None]) -> None:
        if self.watcher is None:
            return
        try:
            tell(self.watcher)
        except Exception as error:  # a fault in showing costs a page, never a call
            LOG.error("not_shown", error=type(error).__name__)

    def _set_timer(self) -> None:
        due = self.control.next_deadline()
        active = self._timer is not None and self._timer.active()
        if due is None or (active and self._due <= due):
            return  # a timer that fires too early finds nothing due, and is set again
        if active and self._timer is not None:
            self._timer.cancel()
        self._due = due
        delay = max(0.0, due - self._clock())
        self._timer = self._reactor.callLater(delay, self._act, self.control.tick)


def _make_folder(path: str) -> None:
    """Make a recording's folder; if that fails, so will the recording, and that is said loudly."""
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        LOG.error("recordings_folder", error=str(error))
