"""Calls that we began, in a call's life: the citizen is dialled once an agent is there."""

from abc import abstractmethod
from collections.abc import Iterable

from calls.reasons import Reason
from ivr import commands as way
from server.agent_side import AgentSide
from server.call_backs import CallBacks
from server.citizen_call import CitizenCall
from server.flow_side import FlowSide
from server.surveys import Surveys
from server.talk_side import TalkSide
from sip import events as sip


class CallsOfOurs:
    """What is different with a call-back, or a call from an order."""

    __slots__ = ()

    agents: AgentSide
    flow: FlowSide
    talks: TalkSide
    backs: CallBacks
    surveys: Surveys

    @abstractmethod
    def end(self, call: CitizenCall, by: str, reason: Reason, now: float) -> None:
        """Nobody is on the line any more."""

    @abstractmethod
    def run(self, call: CitizenCall, commands: Iterable[way.Command], now: float) -> None:
        """Let the flow go on; it may end the call."""

    def called(
        self, call: CitizenCall, event: sip.LegAnswered | sip.LegRefused, now: float
    ) -> None:
        """One whom we called is there, together with the agent who waited; or is not."""
        side = self.side_of(call)
        if isinstance(event, sip.LegRefused):
            if not side.goes_on(call, event.status, now):
                self.end(call, "us", side.refused(call, event.status), now)
            return
        if isinstance(side, Surveys):
            self._asked(call, side, event, now)
            return
        leg = self.agents.by_call.get(call.id)
        if leg is None or not self.backs.citizen_answered(call, leg, event.answer, now):
            self.end(call, "us", Reason.NOT_REACHED, now)
            return
        self.talks.begin(call, leg, now)

    def _asked(self, call: CitizenCall, side: Surveys, event: sip.LegAnswered, now: float) -> None:
        """Somebody, or a machine, picked up: the flow begins."""
        if side.citizen_answered(call, event.answer, now):
            self.run(call, call.confirmed(now), now)
        else:
            self.end(call, "us", Reason.NOT_REACHED, now)

    def side_of(self, call: CitizenCall) -> Surveys | CallBacks:
        """Return whose call of ours it is."""
        return self.surveys if call.id in self.surveys.by_call else self.backs

    def no_way_out(self, call: CitizenCall, now: float) -> None:
        """No trunk can dial the number now."""
        call.dial_outcome = "no_way_out"
        self.end(call, "us", Reason.NOT_REACHED, now)

    def offer_over(self, call: CitizenCall, now: float) -> None:
        """An agent did not answer: a caller has the place still; a call of one agent has none."""
        if self.backs.is_of_one_agent(call) and call.id not in self.agents.by_call:
            self.end(call, "agent", Reason.NOT_REACHED, now)
            return
        self.flow.set_timers(call)
        self.flow.match(now)
