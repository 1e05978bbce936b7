"""What a flow asks for, carried out: prompts, speech, places in lanes, and whose turn it is."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from agents.roster import Roster
from calls.deadlines import Deadlines
from calls.events import Decided, LeftLane, Queued
from calls.ids import CallId, LaneId
from calls.lane_events import Favoured, PlaceGivenBack
from calls.reasons import Reason
from ivr import commands as way
from queueing.places import KeptPlaces
from queueing.ticket import Favour, Known
from queueing.waiting import Announce, Full, LongWait, Nobody, TooLong, WaitingRoom
from server.agent_side import AgentSide
from server.citizen_call import CitizenCall, Stage
from server.favour_rules import Standing
from server.house import House, LaneRules
from server.requests import Requests

CHOSEN = frozenset({"key", "too_long", "nobody", "danger"})
"""Ways out of a lane after which nobody needs the place: the flow goes on with the caller."""
WALK, RING = "walk", "ring"
"""Kinds of deadlines that each call has one of."""


@dataclass(slots=True)
class FlowSide:
    """Leads callers through their flows and through the waiting room."""

    house: House
    waiting: WaitingRoom
    roster: Roster
    agents: AgentSide
    calls: dict[CallId, CitizenCall]
    deadlines: Deadlines[tuple[str, str]]
    requests: Requests
    places: KeptPlaces = field(default_factory=KeptPlaces)

    def run(self, call: CitizenCall, commands: Iterable[way.Command], now: float) -> Reason | None:
        """Carry out what the flow asks for, in order; say for what reason it ends the call.

        A lane that takes no caller changes the way: what the flow had asked for after
        that is no longer wanted.
        """
        line, end = deque(commands), None
        while line:
            command = line.popleft()
            match command:
                case way.Join(lane=lane):
                    refusal = self._join(call, lane, now)
                    if refusal is not None:
                        line = deque(call.walk.lane_left(refusal, now))
                    else:
                        line.extend(self._calm(call, now))
                case way.Decide():
                    line.extend(call.walk.decided(self._decide(call, command, now), now))
                case way.Request():
                    line.extend(self._request(call, command, now))
                case way.End(reason=reason):
                    end = reason
                case _:
                    self._carry_out(call, command, now)
        self.set_timers(call)
        self.match(now)
        return end

    def _request(self, call: CitizenCall, asked: way.Request, now: float) -> list[way.Command]:
        answer = self.requests.take(call, asked, now)
        return [] if answer is None else call.walk.answered(answer, {}, now)

    def _carry_out(self, call: CitizenCall, command: way.Command, now: float) -> None:
        match command:
            case way.Play(prompts=prompts, loop=loop):
                call.play(prompts, loop=loop)
            case way.StopPlaying():
                call.stop_playing()
            case way.WatchSpeech(silence=silence):
                call.watch_speech(silence)
            case way.HearWords(on=on, phrases=phrases):
                call.hear_words(on, phrases)
            case way.StartListening():
                call.start_listening(now)
            case way.StopListening(how=how):
                call.stop_listening(how, now)
            case way.Leave(why=why):
                self.leave_lane(call, why, now)
            case _:
                call.flow_notes(command, now)

    # --- lanes ------------------------------------------------------------------------

    def _join(self, call: CitizenCall, lane: LaneId, now: float) -> str | None:
        """Give the caller a place in the lane; say why if there is none."""
        lane = self._lane_in_danger(call, now) or lane
        if not self.waiting.knows(lane):
            call.note(Decided(call.id, now, "nobody", f"{lane}: not published"))
            return "nobody"
        is_open, rule = call.house.lanes[lane].opening(now)
        if not is_open:
            call.note(Decided(call.id, now, "closed", f"{lane}: {rule}"))
            return "closed"
        favour = self._favour(call, lane, now)
        match self.waiting.admit(call.id, lane, now, self.roster.staff(), favour):
            case Full():
                return "full"
            case Nobody():
                return "nobody"
            case LongWait():
                return "long_wait"
        call.lane = lane
        call.note(Queued(call.id, now, lane))
        if favour.since is not None:
            call.note(PlaceGivenBack(call.id, now, lane, favour.since))
        return None

    def _favour(self, call: CitizenCall, lane: LaneId, now: float) -> Favour:
        """Say what the caller has beyond what the lane gives everybody."""
        since = call.place
        if since is None:
            since = self.places.take(call.caller, lane, now)
        known = self._known(call, call.house.lanes[lane], now)
        return Favour(call.more + call.returned, since, known)

    def give_places(self, now: float) -> None:
        """Let those have their old places who rang before it was read who had one."""
        for ticket in self.waiting.waiting():
            call = self.calls[ticket.call]
            since = None if call.outgoing else self.places.take(call.caller, ticket.lane, now)
            if since is not None:
                self.waiting.give_back(call.id, since)
                call.note(PlaceGivenBack(call.id, now, ticket.lane, since))
        self.match(now)

    def _known(self, call: CitizenCall, rules: LaneRules, now: float) -> Known | None:
        if call.known is None or not rules.known_agent:
            return None
        return Known(call.known, now + rules.known_agent)

    def stands(self, call: CallId, standing: Standing, now: float) -> None:
        """Take what was found out of a caller; one who waits already goes before others now."""
        citizen = self.calls.get(call)
        if citizen is None or citizen.stage is Stage.OVER:
            return
        citizen.known, citizen.more = standing.agent, standing.more
        for why, more in standing.whys:
            citizen.note(Favoured(call, now, more, why))
        if call in self.waiting and citizen.lane is not None:
            rules = citizen.house.lanes[citizen.lane]
            self.waiting.favour(call, standing.more, self._known(citizen, rules, now))
            self.match(now)

    def prefer(self, call: CallId, more: int, by: str, now: float) -> bool:
        """Let a supervisor change a caller's turn, live; False if the caller does not wait."""
        citizen = self.calls.get(call)
        if citizen is None or call not in self.waiting:
            return False
        citizen.more += more
        self.waiting.favour(call, more, None)
        citizen.note(Favoured(call, now, more, f"by:{by}"))
        self.match(now)
        return True

    def _lane_in_danger(self, call: CitizenCall, now: float) -> LaneId | None:
        """Return the lane for a caller in danger, if somebody is there to answer."""
        lane = call.house.emergency
        if not call.danger or lane is None or not call.house.lanes[lane].is_open(now):
            return None
        return lane if self.waiting.staffed(lane, self.roster.staff()) else None

    def _calm(self, call: CitizenCall, now: float) -> list[way.Command]:
        """Say at once to a caller who has come into the lane for danger that help is near."""
        prompt, lane = call.house.crisis_prompt, call.house.emergency
        if prompt is None or not call.danger or call.lane != lane:
            return []
        return call.walk.interject((prompt,), now)

    def hurry(self, call: CitizenCall, priority: int, now: float) -> None:
        """Bring a caller who waits into the lane for danger, or else to the front."""
        if call.id not in self.waiting or call.id in self.agents.by_call:
            return
        lane = self._lane_in_danger(call, now)
        brought = lane is not None and lane != call.lane
        if lane is not None and brought:
            self.leave_lane(call, "danger", now)
            self._join(call, lane, now)
        self.waiting.give_priority(call.id, priority)
        self.run(call, self._calm(call, now) if brought else (), now)

    def _decide(self, call: CitizenCall, asked: way.Decide, now: float) -> str:
        """Say how things are, and write down by which rule."""
        if asked.lane is None:
            hours = call.house.hours[asked.hours or ""]
            answer, rule = hours.answer(datetime.fromtimestamp(now, UTC))
        else:
            waiting, known = len(self.waiting.waiting(asked.lane)), self.waiting.knows(asked.lane)
            staffed = known and self.waiting.staffed(asked.lane, self.roster.staff())
            answer = "nobody" if not staffed else "busy" if waiting >= asked.busy_at else "free"
            rule = f"{asked.lane}: {waiting} waiting"
        call.note(Decided(call.id, now, answer, rule))
        return answer

    def leave_lane(self, call: CitizenCall, why: str, now: float) -> None:
        """Give the place up; an agent whose phone rings for it goes free."""
        if call.lane is None:
            return
        if call.id in self.waiting:
            self._keep_place(call, call.lane, why, now)
            self.waiting.leave(call.id, now)
        self.agents.part(call, hang_up=True, now=now)
        call.note(LeftLane(call.id, now, call.lane, why))
        call.lane = None
        self.set_timers(call)

    def _keep_place(self, call: CitizenCall, lane: LaneId, why: str, now: float) -> None:
        """Keep the place of one whose line dropped, or who was lost by a fault of ours."""
        if why not in CHOSEN:
            until = now + call.house.lanes[lane].keep_place
            self.places.keep(call.caller, lane, self.waiting.ticket(call.id).since, until)

    def match(self, now: float) -> None:
        """Offer calls to agents until no caller and able, ready agent are left together."""
        if not len(self.waiting):
            return
        while pairs := self.waiting.offers(now, self.roster.staff()):
            for pair in pairs:
                call = self.calls[pair.ticket.call]
                self.agents.ring(call, pair, now)
                self.set_timers(call)

    def due(self, now: float) -> list[tuple[CitizenCall, list[way.Command]]]:
        """Inform those who wait and give up those whose time is over; return what follows."""
        self.match(now)
        follows = []
        for outcome in self.waiting.tick(now, self.roster.staff()):
            call = self.calls[outcome.call]
            match outcome:
                case Announce(ewt=ewt):
                    follows.append((call, call.walk.announce(ewt, now)))
                case TooLong():
                    self.leave_lane(call, "too_long", now)
                    follows.append((call, call.walk.lane_left("too_long", now)))
                case Nobody():
                    self.leave_lane(call, "nobody", now)
                    follows.append((call, call.walk.lane_left("nobody", now)))
        self.match(now)  # less may be needed now
        return follows

    # --- time -------------------------------------------------------------------------

    def set_timers(self, call: CitizenCall) -> None:
        """Let the flow's and the ringing phone's next instants be known."""
        walking = call.stage is Stage.IN_FLOW and call.dying is None
        self.deadlines.set((WALK, call.id), call.walk.next_deadline() if walking else None)
        leg = self.agents.by_call.get(call.id)
        ringing = leg is not None and not leg.answered and call.stage is not Stage.OVER
        self.deadlines.set((RING, call.id), leg.ring_until if leg and ringing else None)
