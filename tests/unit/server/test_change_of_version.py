"""Publishing while calls are up: who is on the line finishes on the version they began with."""

import random

import pytest

from agents.agent import Agent, Doing, Step
from calls.events import Ended, Entered, FlowChosen
from calls.ids import AgentId, CallId, LaneId, LegId, NodeId, PromptId, Skill
from calls.reasons import Reason
from ivr.flow import Enqueue, Flow, HangUp, Listen, Menu
from media import commands as media
from queueing.lane import Lane
from server.house import House, LaneRules, Limits
from tests.helpers.switchboard import AGENT, LANE, LANE_RULES, Switchboard, house, sdp

OTHER = LaneId("fund")
N, P = NodeId, PromptId


def flow(version: str, lane: LaneId = LANE) -> Flow:
    """Return a flow whose every node names its version."""
    v = version
    return Flow(
        "main",
        N(f"{v}.greeting"),
        {
            N(f"{v}.greeting"): Menu(
                (P("greeting"),), {"0": N(f"{v}.person"), "1": N(f"{v}.matter")}, 3.0,
                N(f"{v}.person"),
            ),
            N(f"{v}.matter"): Listen((P("beep"),), N(f"{v}.thanks"), N(f"{v}.person")),
            N(f"{v}.person"): Enqueue(
                lane, *[N(f"{v}.matter")] * 4, on_key={"1": N(f"{v}.matter")}, music=P("music")
            ),
            N(f"{v}.thanks"): HangUp(Reason.MESSAGE_LEFT, (P("thanks"),)),
        },
    )  # fmt: skip


def version(name: str, lane: LaneId = LANE) -> House:
    """Return a house on a version; its prompts lie in a folder of their own."""
    lanes = {LANE: LaneRules(20.0, 30.0, "综合", "zh", None)}
    return house(
        numbers={"12345": flow(name, lane)},
        lanes={**lanes, lane: LaneRules(15.0, 10.0, "公积金", "zh", None)},
        prompt=lambda language, prompt: f"/{name}/{language}/{prompt}.wav",
        limits=Limits(500, 10),
        version=name,
    )


def change(board: Switchboard, to: House, *lanes: Lane, agents: tuple[Agent, ...] = ()) -> None:
    staff = agents or (Agent(AGENT, "王", {Skill("general"): 3}),)
    board.control.change(to, [LANE_RULES, *lanes], staff, board.now)
    board.settle()


@pytest.fixture
def board() -> Switchboard:
    board = Switchboard(house=version("v1"))
    board.invite()
    board.ack()
    return board


def test_every_call_says_which_flow_of_which_version_it_is_led_through(board: Switchboard) -> None:
    fact = board.fact("FlowChosen")
    assert isinstance(fact, FlowChosen)
    assert (fact.flow, fact.version) == ("main", "v1")


def test_a_call_that_is_up_keeps_its_flow_and_its_prompts(board: Switchboard) -> None:
    change(board, version("v2"))
    board.press("1")
    assert [f.node for f in board.facts if isinstance(f, Entered)] == ["v1.greeting", "v1.matter"]
    assert [p.prompts for p in board.told(media.Play)][-1] == ("/v1/zh/beep.wav",)


def test_the_next_call_begins_on_the_new_version(board: Switchboard) -> None:
    change(board, version("v2"))
    board.invite(call_id="two")
    board.ack(call_id="two")
    assert [p.prompts for p in board.told(media.Play)][-1] == ("/v2/zh/greeting.wav",)
    assert [f.version for f in board.facts if isinstance(f, FlowChosen)] == ["v1", "v2"]


def test_a_lane_of_the_new_version_takes_callers_and_rings_its_agents(board: Switchboard) -> None:
    fund = Lane(OTHER, frozenset({Skill("fund")}), announce_every=None)
    agent = Agent(AGENT, "王", {Skill("fund"): 5})
    board.sign_in()
    change(board, version("v2", OTHER), fund, agents=(agent,))
    board.invite(call_id="two")
    board.ack(call_id="two")
    leg = [m.leg for m in board.told(media.OpenLeg)][-1]
    board.say(media.KeyHeard(leg, "0", board.now))
    assert "INVITE sip:1001" in board.rung()


def test_a_caller_who_waits_in_a_lane_that_the_new_version_lacks_is_still_answered() -> None:
    fund = Lane(OTHER, frozenset({Skill("general")}), announce_every=None)
    board = Switchboard(house=version("v1", OTHER), lane=fund)
    board.control.roster.sign_in(AGENT, board.now)
    board.control.roster.offer(AGENT, CallId("c-other"), board.now)  # busy elsewhere
    board.invite()
    board.ack()
    board.press("0")
    assert "Queued" in board.story()
    change(board, version("v2"))
    board.control.roster.take(AGENT, Step.WITHDRAW, board.now)
    board.control.flow.match(board.now)
    board.settle()
    board.phone_says(200, sdp(7100))
    assert board.story()[-1] == "Answered"
    board.bye()
    assert board.control.faults == 0
    assert board.control.roster[AGENT].until == board.now + 10.0  # wrap-up, as v1 has it


def test_a_new_agent_whose_phone_is_registered_already_is_at_work(board: Switchboard) -> None:
    new = Agent(AgentId("2001"), "新", {Skill("general"): 2})
    board.control.registrar.contacts = lambda user, now: [object()] * (user == "2001")  # type: ignore[method-assign,assignment,return-value,misc]
    change(board, version("v2"), agents=(Agent(AGENT, "王", {Skill("general"): 3}), new))
    assert board.control.roster[AgentId("2001")].doing is Doing.READY


def test_an_agent_in_talk_who_is_not_named_any_more_ends_the_talk_in_peace(
    board: Switchboard,
) -> None:
    board.sign_in()
    board.press("0")
    board.phone_says(200, sdp(7100))
    change(board, version("v2"), agents=(Agent(AgentId("1002"), "李", {Skill("general"): 1}),))
    assert board.control.roster[AGENT].doing is Doing.TALKING
    assert board.control.roster[AGENT].skills == {}
    board.bye()
    assert [f.reason for f in board.facts if isinstance(f, Ended)] == [Reason.COMPLETED]


def test_an_agent_who_is_off_and_not_named_any_more_is_gone(board: Switchboard) -> None:
    change(board, version("v2"), agents=(Agent(AgentId("1002"), "李", {Skill("general"): 1}),))
    assert AGENT not in board.control.roster
    assert AgentId("1002") in board.control.roster


def test_two_hundred_callers_walk_while_versions_change_every_second() -> None:
    dice = random.Random(12345)
    board = Switchboard(house=version("v1"))
    legs: dict[str, LegId] = {}
    for second in range(60):
        change(board, version(f"v{second % 7 + 1}"))
        for n in range(4 if second < 50 else 0):
            name = f"call{second}x{n}"
            assert board.invite(call_id=name).status == 200
            board.ack(call_id=name)
            legs[name] = [m.leg for m in board.told(media.OpenLeg)][-1]
        for leg in legs.values():
            _something(board, leg, dice)
        board.at(board.now + 1.0)
    for name in legs:
        if board.control.calls:
            board.bye(name)
    board.at(board.now + 60.0)
    _each_kept_its_version(board, len(legs))


def _something(board: Switchboard, leg: LegId, dice: random.Random) -> None:
    happens = dice.random()
    if happens < 0.3:
        board.say(media.KeyHeard(leg, dice.choice("01#5"), board.now))
    elif happens < 0.5:
        played = [m for m in board.told_media if isinstance(m, media.Play) and m.leg == leg]
        if played:
            board.say(media.PlaybackFinished(leg, played[-1].playback))
    elif happens < 0.6:
        board.say(media.SpeechStarted(leg, board.now))
    elif happens < 0.7:
        board.say(media.SpeechStopped(leg, board.now))


def _each_kept_its_version(board: Switchboard, count: int) -> None:
    chosen = {f.call: f.version for f in board.facts if isinstance(f, FlowChosen)}
    entered = [f for f in board.facts if isinstance(f, Entered)]
    ended = [f for f in board.facts if isinstance(f, Ended)]
    assert len(chosen) == len(ended) == count == 200
    assert len(set(chosen.values())) == 7
    assert all(f.node.startswith(f"{chosen[f.call]}.") for f in entered)
    assert {f.reason for f in ended} <= {
        Reason.MESSAGE_LEFT, Reason.HUNG_UP_IN_MENU, Reason.HUNG_UP_SPEAKING, Reason.ABANDONED,
    }  # fmt: skip
    assert (board.control.faults, len(board.control.calls)) == (0, 0)
