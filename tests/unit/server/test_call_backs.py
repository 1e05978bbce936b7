"""Calling back those who asked for it: agent first, then the citizen, with the place kept."""

from datetime import UTC

import pytest

from agents.agent import Doing, Step
from calls.events import Answered, CallBackAsked, Ended, Fact
from calls.ids import CallId
from calls.lane_events import CALLED_BACK, CallBackEnded
from ivr.hours import Hours
from media import commands as media
from server.house import CallBackRules
from server.trunk_rules import TrunkRules
from server.trunks_side import TrunkSide, WayOut
from sip.message import Request, parse
from sip.numbers import NumberPattern
from sip.upstream import Upstream
from storage.call_backs import wish_of
from tests.helpers.switchboard import AGENT, LANE, Switchboard, house, sdp

TRUNK = ("127.0.0.1", 5090)
NUMBER = "13900000000"
RULES = CallBackRules(attempts=2, retry_after=600.0, ring=20.0)


def board(rules: CallBackRules = RULES, pattern: str = "1[3-9]xxxxxxxxx") -> Switchboard:
    """Return a house with a trunk to dial out by, whose agent is at lunch."""
    found = Switchboard(house=house(call_backs=rules))
    upstream = Upstream("carrier.example", None)
    upstream.located((TRUNK,), 0.0)
    rule = TrunkRules("carrier", ())
    way = WayOut(rule, (NumberPattern(pattern),), (), "12345", None, upstream)
    found.control.use(found.control.gate, TrunkSide((way,)))
    found.control.roster.sign_in(AGENT, found.now)
    found.control.roster.take(AGENT, Step.PAUSE, found.now, lasts=5000.0)
    return found


def ask(on: Switchboard) -> CallId:
    """Let a caller wait for 20 seconds, ask to be called back, and hang up."""
    on.invite()
    on.ack()
    on.press("0")
    call = next(iter(on.control.calls))
    on.at(on.now + 20)
    citizen = on.control.calls[call]
    citizen.note(CallBackAsked(call, on.now, NUMBER, LANE))
    on.control.flow.leave_lane(citizen, "key", on.now)
    on.control.backs.asked(citizen, NUMBER, LANE, on.now)
    on.bye()
    on.at(on.now + 1)
    return call


def back_from_lunch(on: Switchboard) -> None:
    on.control.roster.take(AGENT, Step.RESUME, on.now)
    on.control.flow.match(on.now)
    on.settle()


def dialled(on: Switchboard) -> Request:
    """Return the last INVITE that the trunk was sent."""
    sent = (d for d, to in reversed(on.sent) if to == TRUNK and d.startswith(b"INVITE"))
    found = parse(next(sent))
    assert isinstance(found, Request)
    return found


def citizen_says(on: Switchboard, status: int, body: str = "") -> None:
    asked = dialled(on).headers
    kind = "Content-Type: application/sdp\r\n" if body else ""
    on.receive(
        f"SIP/2.0 {status} Whatever\r\nVia: {asked.get('Via')}\r\nFrom: {asked.get('From')}\r\n"
        f"To: {asked.get('To')};tag=citizen\r\nCall-ID: {asked.call_id}\r\n"
        f"CSeq: {asked.get('CSeq')}\r\nContact: <sip:{NUMBER}@{TRUNK[0]}:{TRUNK[1]}>\r\n"
        f"{kind}Content-Length: {len(body)}\r\n\r\n{body}",
        TRUNK,
    )


def ours(on: Switchboard) -> list[Fact]:
    """Return the facts of the call that we began."""
    tried = on.fact("CallBackTried")
    return [fact for fact in on.facts if fact.call == tried.by_call]  # type: ignore[union-attr]


def test_the_place_is_kept_before_those_who_came_since_and_the_two_are_bridged() -> None:
    on = board()
    began = on.now
    asked_in = ask(on)
    on.invite(call_id="two")
    on.ack(call_id="two")
    second = list(on.control.calls)[-1]
    citizen = on.control.calls[second]
    on.control.life.run(citizen, citizen.walk.key_pressed("0", on.now), on.now)
    on.settle()
    first, other = on.control.waiting.waiting()
    assert (first.since, first.patient, other.call) == (began, True, second)
    back_from_lunch(on)
    on.phone_says(200, sdp(7002))
    assert dialled(on).uri == f"sip:{NUMBER}@carrier.example"
    assert on.control.roster[AGENT].doing is Doing.TALKING
    citizen_says(on, 200, sdp(7004))
    assert isinstance(on.fact("Answered"), Answered)
    (bridge,) = on.told(media.Bridge)
    back = ours(on)[0].call
    assert isinstance(bridge, media.Bridge)
    assert {bridge.left, bridge.right} == {f"{back}.citizen", f"{back}.1"}
    on.phone_asks("BYE")
    end = on.fact("CallBackEnded")
    assert end == CallBackEnded(asked_in, on.now, 1, "talked", None)
    assert [type(f).__name__ for f in ours(on) if isinstance(f, Ended)] == ["Ended"]
    assert next(f for f in ours(on) if type(f).__name__ == "Arrived").dialled == CALLED_BACK  # type: ignore[union-attr]
    assert on.control.roster[AGENT].doing is Doing.WRAP_UP
    assert any(d.startswith(b"BYE") for d, to in on.sent if to == TRUNK)


@pytest.mark.parametrize(
    ("status", "outcome"), [(486, "busy"), (480, "no_answer"), (603, "refused")]
)
def test_who_does_not_answer_is_tried_again_later_in_the_same_place_and_then_no_more(
    status: int, outcome: str
) -> None:
    on = board()
    began = on.now
    ask(on)
    back_from_lunch(on)
    for attempt, again in ((1, True), (2, False)):
        on.phone_says(200, sdp(7002))
        citizen_says(on, status)
        end = on.fact("CallBackEnded")
        assert isinstance(end, CallBackEnded)
        assert (end.attempt, end.outcome, end.again_at is not None) == (attempt, outcome, again)
        assert on.control.roster[AGENT].doing is Doing.WRAP_UP
        if end.again_at is not None:
            on.at(end.again_at)
            assert on.control.waiting.waiting()[0].since == began
    on.at(on.now + 5000)
    assert len(on.control.waiting) == 0 and not on.control.backs.by_call
    assert on.control.stack.legs() == 0


def test_a_citizen_whose_phone_rings_in_vain_is_let_be_after_the_time() -> None:
    on = board()
    ask(on)
    back_from_lunch(on)
    on.phone_says(200, sdp(7002))
    citizen_says(on, 180)
    on.at(on.now + 20)
    end = on.fact("CallBackEnded")
    assert isinstance(end, CallBackEnded) and end.outcome == "no_answer"
    assert any(d.startswith(b"CANCEL") for d, to in on.sent if to == TRUNK)


def test_an_agent_who_hangs_up_before_the_citizen_answers_costs_the_citizen_nothing() -> None:
    on = board()
    ask(on)
    back_from_lunch(on)
    on.phone_says(200, sdp(7002))
    citizen_says(on, 180)
    on.phone_asks("BYE")
    end = on.fact("CallBackEnded")
    assert isinstance(end, CallBackEnded) and end.outcome == "agent_lost"
    assert end.again_at == on.now + RULES.step
    assert any(d.startswith(b"CANCEL") for d, to in on.sent if to == TRUNK)


def test_a_number_that_no_trunk_may_dial_is_never_dialled() -> None:
    on = board(pattern="110")
    ask(on)
    back_from_lunch(on)
    on.phone_says(200, sdp(7002))
    end = on.fact("CallBackEnded")
    assert isinstance(end, CallBackEnded) and end.outcome == "no_way_out"
    assert not [d for d, to in on.sent if to == TRUNK]
    assert on.control.roster[AGENT].doing is Doing.WRAP_UP


def test_an_agent_who_does_not_answer_leaves_the_call_back_in_its_place() -> None:
    on = board()
    ask(on)
    back_from_lunch(on)
    on.phone_says(486)
    (place,) = on.control.waiting.waiting()
    assert place.patient and on.control.roster[AGENT].doing is Doing.PAUSED
    on.at(on.now + 25)
    assert "CallBackEnded" not in on.story() and on.rung()


def test_nobody_is_called_outside_the_window() -> None:
    never = Hours(UTC, ((),) * 7)
    on = board(CallBackRules(never, look_ahead=600.0))
    asked_in = ask(on)
    assert asked_in in on.control.backs.waiting and len(on.control.waiting) == 0


def test_a_drain_ends_those_without_an_agent_and_keeps_the_wish() -> None:
    on = board()
    ask(on)
    on.control.rest(on.now)
    on.settle()
    assert not on.control.calls
    end = on.fact("CallBackEnded")
    assert isinstance(end, CallBackEnded) and end.again_at is not None


def test_what_is_open_after_a_restart_follows_from_the_facts() -> None:
    on = board()
    asked_in = ask(on)
    facts = tuple(fact for fact in on.facts if fact.call == asked_in)
    wish = wish_of(facts)
    assert wish is not None and (wish.number, wish.attempt, wish.dialled) == (NUMBER, 0, "12345")
    ended = CallBackEnded(asked_in, 9.0, 1, "busy", 99.0)
    wish = wish_of((*facts, ended))
    assert wish is not None and (wish.attempt, wish.at) == (1, 99.0)
    assert wish_of((*facts, CallBackEnded(asked_in, 9.0, 2, "busy", None))) is None
    later = board()
    later.control.backs.restore(wish, later.now)
    later.at(later.now + 1)
    (place,) = later.control.waiting.waiting()
    assert place.since == wish.since
