"""Dialling a citizen: by the first trunk that may, then the next; and why one was not reached."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from calls.deadlines import Deadlines
from calls.ids import CallId, LegId
from calls.reasons import Reason
from server.citizen_call import CitizenCall
from server.flow_side import FlowSide
from server.house import House
from server.outputs import Output
from server.session_side import SessionSide
from server.trunks_side import Placement, TrunkSide
from sip.attempts import FAILOVER
from sip.stack import Stack

DIAL = "dial"
"""Kind of the deadline of a citizen's phone that rings."""
OUTCOMES = {486: "busy", 600: "busy", 603: "refused", 403: "refused", 480: "no_answer"}


@dataclass(slots=True)
class Outbound:
    """What call-backs, calls from orders and surveys have in common."""

    house: House
    stack: Stack
    flow: FlowSide
    sessions: SessionSide
    trunks: TrunkSide
    outputs: list[Output]
    deadlines: Deadlines[tuple[str, str]]
    new_call: Callable[[], CallId]
    enter: Callable[[CitizenCall], None]
    """A call of ours enters the switchboard's tables."""
    name_leg: Callable[[LegId, CitizenCall], None]
    """A leg of the stack is this call's citizen."""
    placements: dict[CallId, tuple[Placement, ...]] = field(init=False, default_factory=dict)
    """Of the calls that are dialled: the trunk in use first, then those that may do better."""

    @abstractmethod
    def number_of(self, call: CitizenCall) -> str:
        """Return whom a call is for."""

    @abstractmethod
    def rings_for(self) -> float:
        """Return for how many seconds a citizen's phone rings."""

    @abstractmethod
    def named(self, call: CitizenCall) -> None:
        """The call has another leg at the stack, its `dialog`."""

    def opened(self, call: CitizenCall, port: int, now: float) -> bool:
        """The citizen's port is there: dial. False: no way out any more."""
        call.port = port
        self.placements[call.id] = self.trunks.place(self.number_of(call))
        if not self.placements[call.id]:
            return False
        self._dial(call, now)
        self.deadlines.set((DIAL, call.id), now + self.rings_for())
        return True

    def _dial(self, call: CitizenCall, now: float) -> None:
        best = self.placements[call.id][0]
        call.trunk = best.rules
        call.dialog = self.stack.invite(best.invitation(self.sessions.offer_to_citizen(call)), now)
        self.trunks.placed(call.dialog, best)
        self.named(call)

    def goes_on(self, call: CitizenCall, status: int, now: float) -> bool:
        """Dial by the next trunk after a refusal that is the trunk's own; False if none is left."""
        left = self.placements.get(call.id, ())[1:]
        if status not in FAILOVER or not left:
            return False
        self.placements[call.id] = left
        self._dial(call, now)
        return True

    def refused(self, call: CitizenCall, status: int) -> Reason:
        """The citizen was not reached; return why our call ends."""
        call.dial_outcome = OUTCOMES.get(status, "no_answer" if status == 408 else "refused")
        return Reason.NOT_REACHED
