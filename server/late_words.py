"""Words that come late: recordings are transcribed when there was no recogniser at the time."""

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from asr.recogniser import Heard as HeardWords
from calls.cdr import CallDetailRecord, detail
from calls.events import Ended, Fact, Heard, RecordingStopped, Transcribed
from calls.ids import LANGUAGES, CallId, Language, Party
from calls.lane_events import CALLED_BACK, OrderCalled, OrderCallEnded
from calls.reasons import Reason
from server.outputs import MakeDraft
from server.repeating import Repeating
from storage import call_details
from storage.call_details import KeptCall

LOG = structlog.get_logger("late_words")
SUFFIX = "/late"
"""Ends the name of every stream that this module asks for."""
EVERY = 5.0  # seconds between two looks
AT_ONCE = 4  # recordings being transcribed
SETTLED_AFTER = 60.0  # seconds after its end in which a call's own words may still come
MOST_TRIES = 3


class Recognisers(Protocol):
    """What is needed of the recognisers."""

    def ready(self, language: Language) -> bool: ...
    def transcribe(self, job: str, wav: Path, channel: int, language: Language) -> None: ...


_CutOff = tuple[CallDetailRecord, tuple[Fact, ...], bool]
"""A call that the engine's death ended; True: an agent had begun it from an order."""


@dataclass(slots=True)
class _Job:
    call: KeptCall
    waiting: set[str]
    heard: list[Heard] = field(default_factory=list)
    trouble: str | None = None


class LateWords:
    """Finds ended calls without a transcript, and makes it from their recordings.

    Also after a restart: what to do is read from the database, nothing is remembered.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        ask: Callable[[Callable[[Session], object]], "Deferred[object]"],
        recognisers: Recognisers,
        recordings: Path,
        keep: Callable[[Fact], object],
        draft: Callable[[MakeDraft], None],
    ) -> None:
        self._clock, self._ask, self._recognisers = clock, ask, recognisers
        self._recordings, self._keep, self._draft = recordings, keep, draft
        self._jobs: dict[CallId, _Job] = {}
        self._tries: dict[CallId, int] = {}
        self._look = Repeating(self.look, EVERY)
        self.is_live: Callable[[CallId], bool] = lambda _: False
        """Whether a call is still the engine's own."""

    def start(self, reactor: IReactorTime) -> None:
        """Look from time to time."""
        self._look.start(reactor)

    def stop(self) -> None:
        """Look no more; what was begun is begun anew at the next start."""
        self._look.stop()

    # --- after a start ----------------------------------------------------------------

    def recover(self, began: float) -> "Deferred[object]":
        """End in the record what the engine's death cut off: calls from before `began`."""

        def cut_off(session: Session) -> list[_CutOff]:
            found = call_details.facts_of_all(session, call_details.open_calls(session))
            told = ((detail(facts), facts) for facts in found.values())
            cut = [(record, facts) for record, facts in told if record and record.arrived < began]
            orders = _ordered(session, [record for record, _ in cut])
            return [(record, facts, record.call in orders) for record, facts in cut]

        return self._ask(cut_off).addCallback(self._recovered)

    def _recovered(self, cut_off: object) -> None:
        assert isinstance(cut_off, list)
        for record, facts, ordered in cut_off:
            self._interrupted(record, facts)
            if ordered:
                order, now = CallId(record.sip_call_id), self._clock()
                self._keep(OrderCallEnded(order, now, record.call, Reason.INTERRUPTED))
        if cut_off:
            LOG.warning("calls_interrupted", count=len(cut_off))

    def _interrupted(self, record: CallDetailRecord, facts: tuple[Fact, ...]) -> None:
        call, now, path = record.call, self._clock(), record.recording
        ending: list[Fact] = [Ended(call, now, "nobody", Reason.INTERRUPTED)]
        if path is not None:
            seconds = _seconds(self._recordings / path)
            ending.insert(0, RecordingStopped(call, now, path, seconds, "engine stopped"))
            ending.append(Transcribed(call, now, "pending", "interrupted"))
        for fact in ending:
            self._keep(fact)
        heard = any(isinstance(fact, Heard) for fact in facts)
        state = "partial" if heard else "pending" if path is not None else "none"
        self._draft(MakeDraft(call, (*facts, *ending), state))

    # --- looking for work ---------------------------------------------------------------

    def look(self) -> "Deferred[object]":
        """Begin what can be begun; a database that is gone is asked again next time."""
        ready = [language for language in LANGUAGES if self._recognisers.ready(language)]
        question = self._ask(lambda session: call_details.awaiting_transcript(session, ready))
        return question.addCallbacks(self._begin, lambda failure: LOG.warning("no_look"))

    def _begin(self, calls: object) -> None:
        assert isinstance(calls, tuple)
        for kept in calls:
            if len(self._jobs) >= AT_ONCE:
                break
            if self._due(kept):
                self._begin_one(kept)

    def _due(self, kept: KeptCall) -> bool:
        record = kept.record
        settled = kept.transcript_state == "pending" or (
            record.ended is not None and self._clock() - record.ended > SETTLED_AFTER
        )
        return (
            settled
            and record.call not in self._jobs
            and not self.is_live(record.call)
            and self._recognisers.ready(record.language)
        )

    def _begin_one(self, kept: KeptCall) -> None:
        record = kept.record
        assert record.recording is not None, "awaiting a transcript without a recording"
        wav = self._recordings / record.recording
        if not wav.exists():
            self._give_up(record.call, "recording missing")
            return
        parties: list[tuple[Party, int]] = [("citizen", 0)]
        if record.agent is not None:
            parties.append(("agent", 1))
        streams = {f"{record.call}/{party}{SUFFIX}": channel for party, channel in parties}
        self._jobs[record.call] = _Job(kept, set(streams))
        for stream, channel in streams.items():
            self._recognisers.transcribe(stream, wav, channel, record.language)

    def _give_up(self, call: CallId, why: str) -> None:
        self._tries.pop(call, None)
        self._keep(Transcribed(call, self._clock(), "failed", why))
        LOG.error("transcript_failed", call=call, why=why)

    # --- what the recognisers say ---------------------------------------------------------

    def heard(self, stream: str, words: HeardWords) -> None:
        """Take an utterance of a recording."""
        name, party, _ = stream.split("/")
        job = self._jobs.get(CallId(name))
        if job is None or not words.final:
            return
        record = job.call.record
        job.heard.append(
            Heard(
                record.call,
                self._clock(),
                "agent" if party == "agent" else "citizen",
                record.language,
                words.start,
                words.end,
                words.text,
                words.confidence,
                words.words,
            )
        )

    def closed(self, stream: str, complete: bool, why: str) -> None:
        """One channel of a recording is done."""
        call = CallId(stream.partition("/")[0])
        job = self._jobs.get(call)
        if job is None:
            return
        job.waiting.discard(stream)
        if not complete:
            job.trouble = why
        if not job.waiting:
            del self._jobs[call]
            self._finish(job)

    def _finish(self, job: _Job) -> None:
        call = job.call.record.call
        if job.trouble is not None:
            self._tries[call] = self._tries.get(call, 0) + 1
            if self._tries[call] >= MOST_TRIES:
                self._give_up(call, job.trouble)
            return
        self._tries.pop(call, None)
        words = sorted(job.heard, key=lambda heard: (heard.start, heard.leg))
        for fact in words:
            self._keep(fact)
        self._keep(Transcribed(call, self._clock(), "done", "from the recording"))
        facts = self._ask(lambda session: call_details.facts_of(session, call))
        facts.addCallbacks(
            lambda kept: self._draft_anew(call, kept, words),
            lambda failure: LOG.error("draft_not_renewed", call=call),
        )

    def _draft_anew(self, call: CallId, kept: object, words: list[Heard]) -> None:
        """Draft from the new words; those of earlier rounds are not counted twice."""
        assert isinstance(kept, tuple)
        facts = [fact for fact in kept if not isinstance(fact, Heard)]
        state = "done" if words else "none"
        self._draft(MakeDraft(call, (*facts, *words), state))


def _seconds(path: Path) -> float:
    """Measure a recording; 0 for one that is not there or holds nothing."""
    try:
        with wave.open(str(path), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (OSError, EOFError, wave.Error):
        return 0.0


def _ordered(session: Session, records: Sequence[CallDetailRecord]) -> set[CallId]:
    """Return which of some calls were begun from an order."""
    ours = {CallId(record.sip_call_id) for record in records if record.dialled == CALLED_BACK}
    facts = call_details.facts_of_all(session, sorted(ours))
    return {f.by_call for told in facts.values() for f in told if isinstance(f, OrderCalled)}
