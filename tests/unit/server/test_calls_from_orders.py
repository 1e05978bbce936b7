"""An agent calls the citizen of an order: their own phone first, then the number by a trunk."""

import pytest

from agents.agent import Doing, Step
from calls.events import Arrived, Ended
from calls.ids import CallId
from calls.lane_events import CALLED_BACK, OrderCalled, OrderCallEnded
from media import commands as media
from server.asked import Refused
from server.call_backs import CallBack
from server.trunk_rules import TrunkRules
from server.trunks_side import TrunkSide, WayOut
from sip.message import Request, parse
from sip.numbers import NumberPattern
from sip.upstream import Upstream
from tests.helpers.switchboard import AGENT, LANE, Switchboard, house, sdp
from workorders.call_story import story

ORDER, NUMBER = CallId("c-of-the-order"), "13900000009"
TRUNKS = (("127.0.0.1", 5090), ("127.0.0.1", 5091))


def board() -> Switchboard:
    """Return a house whose agent is ready, with two trunks to dial out by."""
    found = Switchboard(house=house())
    ways = []
    for number, address in enumerate(TRUNKS):
        upstream = Upstream(f"trunk{number}.example", None)
        upstream.located((address,), 0.0)
        pattern = (NumberPattern("1[3-9]xxxxxxxxx"),)
        rules = TrunkRules(f"trunk{number}", ())
        ways.append(WayOut(rules, pattern, (), "12345", None, upstream))
    found.control.use(found.control.gate, TrunkSide(tuple(ways)))
    found.sign_in()
    return found


def call_out(on: Switchboard, number: str = NUMBER) -> Refused | None:
    control = on.control
    flow = control.house.flow_for("12345")
    assert flow is not None
    wish = CallBack(ORDER, number, LANE, on.now, flow, "zh", 1, AGENT)
    refused = control.backs.from_order(wish, on.now)
    on.settle()
    return refused


def dialled(on: Switchboard, trunk: int = 0) -> list[Request]:
    """Return the INVITEs that a trunk was sent."""
    sent = [d for d, to in on.sent if to == TRUNKS[trunk] and d.startswith(b"INVITE")]
    return [one for one in map(parse, sent) if isinstance(one, Request)]


def citizen_says(on: Switchboard, status: int, body: str = "", trunk: int = 0) -> None:
    asked = dialled(on, trunk)[-1].headers
    kind = "Content-Type: application/sdp\r\n" if body else ""
    host, port = TRUNKS[trunk]
    on.receive(
        f"SIP/2.0 {status} Whatever\r\nVia: {asked.get('Via')}\r\nFrom: {asked.get('From')}\r\n"
        f"To: {asked.get('To')};tag=citizen\r\nCall-ID: {asked.call_id}\r\n"
        f"CSeq: {asked.get('CSeq')}\r\nContact: <sip:{NUMBER}@{host}:{port}>\r\n"
        f"{kind}Content-Length: {len(body)}\r\n\r\n{body}",
        TRUNKS[trunk],
    )


def outcome(on: Switchboard) -> str:
    end = on.fact("OrderCallEnded")
    assert isinstance(end, OrderCallEnded) and end.call == ORDER
    return end.outcome


def test_the_agent_is_rung_then_the_number_and_the_two_talk_with_the_order_linked() -> None:
    on = board()
    assert call_out(on) is None
    assert "OrderCalled" in on.story() and dialled(on) == []
    on.phone_says(200, sdp(7002))
    (invite,) = dialled(on)
    assert invite.uri == f"sip:{NUMBER}@trunk0.example"
    citizen_says(on, 200, sdp(7004))
    assert len(on.told(media.Bridge)) == 1
    begun = on.fact("OrderCalled")
    assert isinstance(begun, OrderCalled) and (begun.call, begun.agent) == (ORDER, AGENT)
    arrived = on.fact("Arrived")
    assert isinstance(arrived, Arrived) and arrived.call == begun.by_call
    assert (arrived.dialled, arrived.sip_call_id) == (CALLED_BACK, ORDER)
    on.phone_asks("BYE")
    assert outcome(on) == "talked"
    assert on.control.roster[AGENT].doing is Doing.WRAP_UP
    assert story([f for f in on.facts if f.call == begun.by_call]) is None, "nobody called us"


@pytest.mark.parametrize("status, why", [(486, "busy"), (603, "refused"), (404, "refused")])
def test_a_citizen_who_is_not_reached_ends_it_and_nobody_tries_again(status: int, why: str) -> None:
    on = board()
    call_out(on)
    on.phone_says(200, sdp(7002))
    citizen_says(on, status)
    assert outcome(on) == why
    before = len(dialled(on))
    on.at(on.now + 5000)
    assert len(dialled(on)) == before


def test_an_agent_who_does_not_answer_ends_it() -> None:
    on = board()
    call_out(on)
    on.at(on.now + 60)
    assert outcome(on) == "agent_lost" and dialled(on) == []
    assert isinstance(on.fact("Ended"), Ended) and on.control.roster[AGENT].doing is Doing.PAUSED


def test_a_trunk_that_fails_is_followed_by_the_next() -> None:
    on = board()
    call_out(on)
    on.phone_says(200, sdp(7002))
    citizen_says(on, 503)
    assert len(dialled(on, 1)) == 1 and "OrderCallEnded" not in on.story()
    citizen_says(on, 200, sdp(7004), trunk=1)
    assert len(on.told(media.Bridge)) == 1
    on.phone_asks("BYE")
    assert outcome(on) == "talked"


def test_who_is_on_a_break_or_wraps_up_may_call_and_who_talks_may_not() -> None:
    on = board()
    on.control.roster.take(AGENT, Step.PAUSE, on.now)
    assert call_out(on) is None
    refused = call_out(on)
    assert refused is not None and refused.code == "not_now"  # the phone rings already


def test_a_number_that_no_trunk_may_dial_is_refused_and_nobody_is_rung() -> None:
    on = board()
    refused = call_out(on, "0044123456789")
    assert refused is not None and refused.code == "no_way"
    assert on.facts == [] and on.control.roster[AGENT].doing is Doing.READY


def test_a_second_call_for_the_same_order_is_refused() -> None:
    on = board()
    call_out(on)
    on.phone_says(200, sdp(7002))
    refused = call_out(on)
    assert refused is not None and refused.code == "not_now"
