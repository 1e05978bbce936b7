"""A thousand callers of a whole call control, over a network that loses, doubles and reorders."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from random import Random

from calls.cdr import CallDetailRecord, detail
from calls.events import Fact
from calls.ids import CallId, LegId, NodeId, PromptId
from calls.reasons import Reason
from ivr.flow import Flow, Hold
from media import commands as media
from server.house import Limits
from server.outputs import Output
from sip.events import LegAnswered, LegRefused, SipEvent
from sip.outgoing import Invitation, OutgoingLeg
from tests.helpers.lossy_network import LossyNetwork, Weather
from tests.helpers.switchboard import Switchboard, house, sdp

HOTLINE = ("127.0.0.1", 5060)
RATE = 20.0  # calls a second


WAIT = NodeId("wait")
MUSIC = Flow("music", WAIT, {WAIT: Hold(7200.0, WAIT, (PromptId("music"),))})
"""Nothing but music, until the caller hangs up."""


@dataclass(frozen=True, slots=True)
class Caller:
    """What one kind of caller does, and the records that may come of it."""

    name: str
    """Of the telephone: see `Telephones`."""
    right: frozenset[Reason]
    dials: str = "12345"
    formats: str = "8 101"
    talks: tuple[float, float] | None = (0.05, 9.0)
    """Seconds from dialling to hanging up, about; None never hangs up."""


PATIENT = Caller("caller", frozenset({Reason.HUNG_UP_IN_MENU, Reason.CANCELLED}), talks=(4.0, 9.0))
CALLERS = (
    PATIENT,
    PATIENT,
    Caller("caller", frozenset({Reason.HUNG_UP_IN_MENU, Reason.CANCELLED}), talks=(0.0, 1.0)),
    Caller("caller", frozenset({Reason.UNKNOWN_NUMBER}), dials="999"),
    Caller("caller", frozenset({Reason.NO_COMMON_CODEC}), formats="18"),
    Caller("deaf", frozenset({Reason.NO_ACK}), talks=None),
    Caller("ghost", frozenset({Reason.NO_REFRESH}), talks=None),
)
"""In turn. `deaf` never gets an ACK through; `ghost` vanishes once all its calls are up."""


@dataclass
class Hotline(Switchboard):
    """Call control whose media ports take a while to open."""

    network: "LossyCity | None" = None
    chance: Random = field(default_factory=lambda: Random(0))

    def _carry_out(self, output: Output) -> None:
        if isinstance(output, media.OpenLeg):
            opened = media.LegOpened(output.leg, next(self._ports))
            assert self.network is not None
            later = self.network.now + self.chance.uniform(0.0, 1.0)
            self.network.at(later, lambda: self.control.media_event(opened, self.network_now()))
        else:
            super()._carry_out(output)

    def network_now(self) -> float:
        """Return the network's time, which is ours."""
        assert self.network is not None
        self.now = self.network.now
        return self.now


class LossyCity(LossyNetwork):
    """Telephones that are stacks of ours, and the hotline with call control behind its stack."""

    def __init__(self, seed: int, weather: Weather) -> None:
        super().__init__(seed, weather)
        self.chance = Random(seed + 1)
        rules = house(limits=Limits(5000, 10), numbers={"12345": MUSIC})
        self.board = Hotline(house=rules, network=self, chance=self.chance)
        self.board.now = 0.0
        self.stacks["hotline"] = self.board.control.stack
        self._names[HOTLINE] = "hotline"
        for number, name in enumerate(("caller", "deaf", "ghost")):
            self.join(name, ("127.0.0.1", 5070 + number), max_legs=5000)
        self.vanished = False
        self.dialled: dict[str, Caller] = {}
        """By Call-ID."""
        self.heard: dict[LegId, str] = {}
        """What the telephones were told last: `answered` or a status."""
        self.legs: dict[LegId, str] = {}
        self.on_event = self._told
        self._numbers = count(1)

    def dial(self, caller: Caller) -> None:
        """Let somebody call, and hang up in time."""
        stack, number = self.stacks[caller.name], next(self._numbers)
        wanted = Invitation(
            f"sip:{caller.dials}@127.0.0.1",
            HOTLINE,
            f"sip:1390000{number:04d}@127.0.0.1",
            sdp(formats=caller.formats).encode(),
        )
        leg = stack.invite(wanted, self.now)
        calling = stack._legs[leg]
        assert isinstance(calling, OutgoingLeg)
        call_id = calling._invite.request.headers.call_id
        self.dialled[call_id], self.legs[leg] = caller, call_id
        if caller.talks is not None:
            later = self.now + self.chance.uniform(*caller.talks)
            self.at(later, lambda: stack.hang_up(leg, self.now))

    def _told(self, name: str, event: SipEvent) -> None:
        if isinstance(event, LegAnswered):
            self.heard[event.leg] = "answered"
        elif isinstance(event, LegRefused):
            self.heard[event.leg] = str(event.status)

    def _copies(self, line: str) -> int:
        if line.startswith("deaf → hotline ACK") or (self.vanished and "ghost" in line):
            return 0
        return super()._copies(line)

    def _gather(self) -> None:
        """Let call control take its events, then everybody else theirs."""
        self.board.now = self.now
        self.board.control.tick(self.now)
        self.board.settle()
        for datagram, destination in self.board.sent:
            self._send(datagram, HOTLINE, destination)
        self.board.sent.clear()
        super()._gather()

    def _next(self) -> float | None:
        due = (super()._next(), self.board.control.next_deadline())
        return min((at for at in due if at is not None), default=None)

    def _vanish(self) -> None:
        self.vanished = True

    def live(self, calls: int) -> None:
        """Let so many call, one after the other, and time pass until the last is over."""
        kinds: Iterator[Caller] = cycle(CALLERS)
        for number in range(calls):
            caller = next(kinds)
            self.at(number / RATE, lambda caller=caller: self.dial(caller))  # type: ignore[misc]
        self.at(calls / RATE + 40.0, self._vanish)
        self.run(calls / RATE + 4000.0)

    def stories(self) -> dict[CallId, list[Fact]]:
        """Return the facts of each call, in order."""
        told: dict[CallId, list[Fact]] = {}
        for fact in self.board.facts:
            told.setdefault(fact.call, []).append(fact)
        return told

    def records(self) -> dict[str, list[CallDetailRecord]]:
        """Return the records by Call-ID."""
        found: dict[str, list[CallDetailRecord]] = {}
        for story in self.stories().values():
            record = detail(story)
            assert record is not None
            found.setdefault(record.sip_call_id, []).append(record)
        return found
