"""What a flow asks the house for beyond prompts and lanes: a mark kept, a call-back, a way out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from calls.events import CallBackAsked, Rated, TransferAsked
from calls.ids import AgentId, LaneId
from calls.survey_events import OptedOut
from ivr.commands import Request
from server.asked import Refused, Target, ToAgent, ToNumber, ToPlace
from server.citizen_call import CitizenCall
from server.outputs import LookUp

SendOn = Callable[[CitizenCall, Target, bool, float], Refused | None]
"""Begins to send a caller on, with the case told (User-to-User) or not; or says why it cannot.

What comes of it the flow is told later: `busy`, `no_answer`, `failed`; a call that is
answered leaves the flow as one that an agent answered does.
"""


@dataclass(frozen=True, slots=True)
class Requests:
    """Does what can be done at once, and passes on the rest."""

    send_on: SendOn
    call_back: Callable[[CitizenCall, str, LaneId, float], None] = lambda *_: None
    """Is told who is to be called back, for which lane."""
    service: Callable[[CitizenCall, Request, float], str | None] = lambda *_: "none"
    """Does what is asked for on a service number."""
    left: Callable[[CitizenCall], None] = lambda _: None
    """Is told of each call that is over."""

    def take(self, call: CitizenCall, asked: Request, now: float) -> str | None:
        """Do it; return the answer, or None if it comes later."""
        match asked.kind:
            case "rating":
                return _rated(call, asked.about, now)
            case "call_back":
                return self._call_back(call, asked.about, now)
            case "transfer":
                return self._transfer(call, asked.about, now)
            case "opt_out":
                call.note(OptedOut(call.id, now, call.caller))
                return "kept"
            case kind if kind.startswith("service_"):
                return self.service(call, asked, now)
            case _:
                call.outputs.append(LookUp(call.id, asked.kind, asked.about.get("key", "")))
                return None

    def _transfer(self, call: CitizenCall, about: Mapping[str, str], now: float) -> str | None:
        kind, to = about["kind"], about["to"]
        kinds: dict[str, Target] = {"agent": ToAgent(AgentId(to)), "target": ToPlace(to)}
        target = kinds.get(kind, ToNumber(to))
        context = about["context"] == "yes"
        refused = self.send_on(call, target, context, now)
        outcome = "begun" if refused is None else "failed"
        call.note(TransferAsked(call.id, now, kind, to, context, outcome))
        if refused is None:
            return None
        return "busy" if refused.code == "not_now" else "failed"

    def _call_back(self, call: CitizenCall, about: Mapping[str, str], now: float) -> str:
        """Keep the wish; a caller without a number cannot be called."""
        number, lane = about.get("number", ""), LaneId(about["lane"])
        if not number.lstrip("+").isdecimal():
            return "no_number"
        call.note(CallBackAsked(call.id, now, number, lane))
        self.call_back(call, number, lane, now)
        return "kept"


def _rated(call: CitizenCall, about: Mapping[str, str], now: float) -> str:
    mark = int(about["rating"])
    solved = {"1": True, "2": False}.get(about.get("solved", ""))
    bad = mark <= int(about["bad_at"]) or solved is False
    agent = call.agent
    call.note(Rated(call.id, now, None if agent is None else AgentId(agent), mark, solved, bad))
    return "kept"
