"""Whatever is asked and whoever hangs up, in whatever order: nobody is left in silence or stuck."""

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.agent import Doing
from media import commands as media
from media.mix import Supervision
from server import asked
from server.agent_leg import CalledLeg
from server.asked import How, Reach, ToAgent, ToLane, ToPlace
from tests.helpers.switchboard import AGENT, sdp
from tests.helpers.talk_room import BOSS, MEDICAL, OTHER, PHONES, TalkRoom, talking

TARGETS = [ToPlace("fire"), ToPlace("police"), ToPlace("duty"), ToAgent(OTHER), ToLane(MEDICAL)]
SIMPLE: list[asked.Action] = [
    asked.Hold(),
    asked.Resume(),
    asked.Mute(True),
    asked.Mute(False),
    asked.Complete(),
    asked.Cancel(),
    asked.ThreeWay(),
    asked.PauseRecordingNow(True),
    asked.AskHelp(),
    asked.HangUp(),
    asked.FinishWrapUp(),
    asked.StopSupervising(),
]
ASKED = st.one_of(
    st.builds(Reach, st.sampled_from(TARGETS), st.sampled_from(How)),
    st.builds(asked.Supervise, st.sampled_from([AGENT, OTHER]), st.sampled_from(Supervision)),
    st.sampled_from(SIMPLE),
)
STEPS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from([AGENT, OTHER, BOSS]), ASKED),
    st.tuples(st.just("say"), st.sampled_from([*PHONES]), st.sampled_from([180, 200, 200, 486])),
    st.tuples(
        st.just("do"),
        st.sampled_from([*PHONES]),
        st.sampled_from(["BYE", "hold", "back", "vanish", "key", "REFER"]),
    ),
    st.tuples(
        st.just("line"), st.just(AGENT), st.sampled_from(["dial", "ACK", "BYE", "CANCEL", "REFER"])
    ),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 31.0]), st.none()),
)


class Wild:
    """Does steps that make sense, and leaves out those that do not."""

    def __init__(self, room: TalkRoom) -> None:
        self.room = room
        self.answered = {(AGENT, _ringing(room, AGENT))}
        self.gone: set[tuple[str, str | None]] = set()
        self.lines = 0

    def take(self, step: tuple[str, object, object]) -> None:
        kind, who, what = step
        if kind == "ask":
            self.room.asks(what, by=who)  # type: ignore[arg-type]  # by its kind
        elif kind == "line":
            self._line(str(what))
        elif kind == "wait":
            self.room.at(self.room.now + who)  # type: ignore[operator]  # by its kind
        elif kind == "say":
            self._say(str(who), what)  # type: ignore[arg-type]  # by its kind
        else:
            self._do(str(who), str(what))

    def _line(self, what: str) -> None:
        """Do something on the second line of the agent's phone."""
        room, line = self.room, f"line{self.lines}"
        if what == "dial":
            self.lines += 1
            room.dials(AGENT, "fire", f"line{self.lines}")
        elif what == "REFER" and (AGENT, _ringing(room, AGENT)) in self.answered - self.gone:
            room.sends(AGENT, "REFER", f"Refer-To: <sip:fire@x?Replaces={line}%3Bto-tag%3Da>\r\n")
        elif self.lines and what != "REFER":
            room.dialled(AGENT, what, line)

    def _say(self, name: str, status: int) -> None:
        invite = (name, _ringing(self.room, name))
        if invite[1] is None or invite in self.answered | self.gone:
            return
        self.room.says(name, status)
        if status >= 200:
            (self.answered if status == 200 else self.gone).add(invite)

    def _do(self, name: str, what: str) -> None:
        invite = (name, _ringing(self.room, name))
        if invite not in self.answered or invite in self.gone:
            return
        room = self.room
        if what == "BYE":
            self.gone.add(invite)
            room.sends(name, "BYE")
        elif what in ("hold", "back"):
            way = "sendonly" if what == "hold" else "sendrecv"
            room.sends(name, "INVITE", body=sdp(7099, direction=way))
        elif what == "REFER":
            room.sends(name, "REFER", "Refer-To: <sip:fire@127.0.0.1>\r\n")
        elif any(leg.destination == PHONES[name] for leg in _called(room)):
            self._hear(name, what)

    def _hear(self, name: str, what: str) -> None:
        leg = self.room.leg(name)
        if what == "key":
            self.room.say(media.KeyHeard(leg, "5", self.room.now))
        else:
            self.room.say(media.FirstPacket(leg, self.room.now))
            self.room.say(media.MediaSilent(leg, 30.0))


def _called(room: TalkRoom) -> list[CalledLeg]:
    return [*room.control.agents.by_media.values(), *room.control.talks.by_media.values()]


def _legs(room: TalkRoom) -> list[object]:
    talks = room.control.talks
    sides = (room.control.agents.by_media, talks.by_media, talks.lines.by_media)
    return [leg for side in sides for leg in side.values()]


def _ringing(room: TalkRoom, name: str) -> str | None:
    request = room.invited(name)
    return None if request is None else request.headers.call_id


def check(room: TalkRoom) -> None:
    """Nobody who talks is in silence for good; who is said to talk, talks."""
    talks = room.control.talks.talks
    for agent in room.control.roster.staff():
        if agent.doing is Doing.TALKING:
            talk = talks[agent.call]  # type: ignore[index]  # TALKING has a call
            ours = [talk.agent.agent] if talk.agent is not None else []
            assert agent.id in [*ours, *(leg.agent for leg in talk.legs() if leg.answered)]
    for talk in talks.values():
        heard = room.hears()
        assert heard.get("caller") or talk.muted, heard


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=14))
def test_any_order_of_wishes_and_hang_ups_ends_every_leg_and_frees_every_agent(
    steps: list[tuple[str, object, object]],
) -> None:
    room = talking()
    wild = Wild(room)
    for step in steps:
        wild.take(step)
        check(room)
    assert room.control.faults == 0
    if room.control.up():
        room.bye()
    room.at(room.now + 300.0)
    assert (room.control.faults, room.control.calls, room.control.talks.talks) == (0, {}, {})
    assert room.control.stack.legs() == 0
    assert _legs(room) == []
    for agent in room.control.roster.staff():
        assert agent.doing not in (Doing.TALKING, Doing.RESERVED)
    first = room.facts[0].call
    stories = [type(fact).__name__ for fact in room.facts if fact.call == first]
    assert stories.count("Ended") == stories.count("RecordingStopped") == 1
    assert stories.count("ReachedFor") == stories.count("Reached") + stories.count("NotReached")
