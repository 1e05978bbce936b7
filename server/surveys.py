"""Asking citizens afterwards how it went (回访): a machine calls, and a flow asks.

No agent is needed, and none is taken from anybody: nobody is called while somebody waits, nor
when the house is nearly full. Who presses nothing is taken for an answering machine.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from calls.events import Arrived, Fact, FlowChosen, Heard, KeyPressed, PickedUp, Rated, Understood
from calls.ids import CallId, Language, LegId
from calls.reasons import Reason
from calls.survey_events import SURVEYED, OptedOut, SurveyEnded, SurveyPlanned, SurveyTried
from media.commands import OpenLeg
from server.citizen_call import CitizenCall
from server.house import SurveyRules
from server.outbound import DIAL, Outbound
from server.session_side import connected_caller
from sip.sdp import SessionDescription

SURVEY = "survey"
"""Kind of the one deadline of all who are to be called."""
AGAIN = frozenset({"no_answer", "busy", "no_person", "no_way_out", "not_begun"})
"""Outcomes after which another attempt is made, if any is left."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Somebody who is to be asked."""

    of_call: CallId
    """The call that it is about."""
    number: str = field(repr=False)
    language: Language
    planned: float
    at: float
    """When to call, at the earliest."""
    attempt: int = 0


@dataclass(slots=True)
class Surveys(Outbound):
    """All who are to be asked, and those who are being asked."""

    up: Callable[[], int]
    """How many calls somebody is on the line of."""
    waiting: dict[CallId, Survey] = field(default_factory=dict)
    by_call: dict[CallId, Survey] = field(default_factory=dict)

    # --- who ---------------------------------------------------------------------------

    def draw(self, drawn: Iterable[Survey], now: float) -> None:
        """Take those who were drawn today."""
        for one in drawn:
            self.outputs.append(SurveyPlanned(one.of_call, now, one.number))
            self.waiting[one.of_call] = one
        self._set_timer(now)

    def restore(self, planned: Iterable[Survey], now: float) -> None:
        """Go on with those of an earlier start of the engine."""
        self.waiting.update({one.of_call: one for one in planned})
        self._set_timer(now)

    def rest(self) -> None:
        """Begin nothing more; who is still to be called is in the books."""
        self.waiting.clear()

    # --- when ----------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """Call as many as may be called now."""
        rules = self.house.surveys
        for one in sorted(self.waiting.values(), key=lambda one: (one.at, one.of_call)):
            if rules is None or one.planned + rules.keep_for <= now:
                self._give_up(one, now)
            elif one.at > now or not self._may(rules, now):
                break
            else:
                self._begin(one, rules, now)
        self._set_timer(now)

    def _may(self, rules: SurveyRules, now: float) -> bool:
        """Tell whether one more may be called: nobody waits, and there is room to spare."""
        is_open = rules.hours is None or rules.hours.is_open(datetime.fromtimestamp(now, UTC))[0]
        spare = self.house.limits.max_calls - rules.reserve
        callers = any(not ticket.patient for ticket in self.flow.waiting.waiting())
        return is_open and not callers and len(self.by_call) < rules.at_once and self.up() < spare

    def _set_timer(self, now: float) -> None:
        rules = self.house.surveys
        pace = 0.0 if rules is None else rules.pace
        soonest = min((one.at for one in self.waiting.values()), default=None)
        due = None if soonest is None else max(soonest, now + pace)
        self.deadlines.set((SURVEY, ""), due)

    def _give_up(self, one: Survey, now: float) -> None:
        del self.waiting[one.of_call]
        self.outputs.append(SurveyEnded(one.of_call, now, one.attempt, "expired", None))

    def _begin(self, planned: Survey, rules: SurveyRules, now: float) -> None:
        del self.waiting[planned.of_call]
        one = replace(planned, attempt=planned.attempt + 1)
        call = CitizenCall(
            self.new_call(), LegId(""), rules.flow, None, "", self.house, self.outputs,
            caller=one.number, outgoing=True,
        )  # fmt: skip
        call.leg = LegId(f"{call.id}.citizen")
        if one.language in rules.languages:
            call.walk.language = one.language
        call.note(Arrived(call.id, now, one.number, SURVEYED, "", one.of_call))
        call.note(FlowChosen(call.id, now, rules.flow.name, self.house.version))
        call.note(SurveyTried(one.of_call, now, one.attempt, call.id))
        self.by_call[call.id] = one
        self.enter(call)
        call.open_legs.add(call.leg)
        self.outputs.append(OpenLeg(call.leg, self.house.media_address))

    # --- the call ------------------------------------------------------------------------

    def number_of(self, call: CitizenCall) -> str:
        """Return whom a call is for."""
        return self.by_call[call.id].number

    def rings_for(self) -> float:
        """Return for how many seconds a citizen's phone rings."""
        return 30.0 if self.house.surveys is None else self.house.surveys.ring

    def named(self, call: CitizenCall) -> None:
        """The call has another leg at the stack."""
        self.name_leg(call.sip, call)

    def citizen_answered(
        self, call: CitizenCall, answer: SessionDescription | None, now: float
    ) -> bool:
        """Somebody, or a machine, picked up; False if we cannot speak with them."""
        agreed = self.sessions.agreed_with_citizen(call, answer)
        if agreed is None:
            return False
        self.deadlines.set((DIAL, call.id), None)
        call.agreed = agreed
        self.outputs.append(connected_caller(call, agreed))
        call.picked_up(now)
        return True

    def over(self, call: CitizenCall, reason: Reason, now: float) -> None:
        """A call of ours is over: what came of it, and is it tried again?"""
        one = self.by_call.pop(call.id, None)
        self.placements.pop(call.id, None)
        self.deadlines.set((DIAL, call.id), None)
        if one is None:
            return
        outcome, rules, again = came_to(call.facts, call.dial_outcome), self.house.surveys, None
        if rules is not None and outcome in AGAIN and one.attempt < rules.attempts:
            again = now + rules.retry_after
            self.waiting[one.of_call] = replace(one, at=again)
        call.note(SurveyEnded(one.of_call, now, one.attempt, outcome, again))
        if outcome == "opted_out":
            self._forget(one.number, now)
        self._set_timer(now)

    def _forget(self, number: str, now: float) -> None:
        """Call nobody else of this number."""
        for other in [one for one in self.waiting.values() if one.number == number]:
            del self.waiting[other.of_call]
            ended = SurveyEnded(other.of_call, now, other.attempt, "opted_out", None)
            self.outputs.append(ended)


def came_to(facts: Iterable[Fact], dial_outcome: str | None) -> str:
    """Say what came of an attempt, from its call's facts."""
    kinds = {type(fact) for fact in facts}
    for kind, outcome in ((OptedOut, "opted_out"), (Rated, "rated")):
        if kind in kinds:
            return outcome
    if kinds & {KeyPressed, Understood, Heard}:
        return "broken_off"
    return "no_person" if PickedUp in kinds else dial_outcome or "not_begun"
