"""Out through trunks: agents who reach for a number, and flows that send a caller on."""

from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from agents.agent import Doing
from calls.cdr import detail
from calls.events import Entered, TransferAsked
from calls.ids import NodeId, PromptId
from calls.reasons import Reason
from calls.talk_events import NotReached
from config.flow_parts_schema import TransferNode
from ivr.flow import Enqueue, Flow, HangUp, Node
from media import commands as media
from server.asked import How, ToNumber, ToPlace
from server.trunk_rules import Gate
from tests.helpers.switchboard import AGENT, LANE
from tests.helpers.talk_room import OTHER, PHONES, TalkRoom, talk_house, talking, trunks

N, P = NodeId, PromptId
POLICE = ToPlace("police")
TWO = (PHONES["110"], PHONES["second"])


def with_trunks(room: TalkRoom, **rules: object) -> TalkRoom:
    room.control.use(Gate(), trunks(*TWO, **rules))
    return room


def both_by_trunk() -> TalkRoom:
    return with_trunks(talking())


# --- agents ---------------------------------------------------------------------------------


def test_a_number_is_dialled_by_the_first_trunk_with_the_case_and_our_number() -> None:
    room = both_by_trunk()
    assert room.reaches(POLICE, How.CONSULT) is None
    invite = room.invited("110")
    assert invite is not None and room.invited("second") is None
    assert str(invite.uri) == "sip:110@trunk1.example"
    assert invite.headers.from_.uri.user == "12345"
    told = bytes.fromhex((invite.headers.get("user-to-user") or "").partition(";")[0]).decode()
    assert "caller=13900000000" in unquote(told)
    room.says("110", 200)
    assert room.hears() == {"caller": {"music"}, AGENT: {"110"}, "110": {AGENT}}


def test_a_trunk_that_says_503_is_followed_by_the_next_and_the_agent_notices_nothing() -> None:
    room = both_by_trunk()
    room.reaches(ToNumber("110"), How.TRANSFER)
    room.says("110", 503)
    assert "NotReached" not in room.story()
    invite = room.invited("second")
    assert invite is not None and str(invite.uri) == "sip:110@trunk2.example"
    room.says("second", 200)
    assert room.hears() == {"caller": {"second"}, "second": {"caller"}}
    assert room.control.trunks.up() == {"trunk2": 1}
    room.bye()
    assert room.was_sent("second", "BYE")
    room.says_ok_to_bye("second")
    assert room.control.trunks.up() == {}


def test_busy_is_the_numbers_own_and_no_other_trunk_is_tried() -> None:
    room = both_by_trunk()
    room.reaches(ToNumber("110"), How.TRANSFER)
    room.says("110", 486)
    assert room.invited("second") is None
    assert room.fact("NotReached").why == "busy"  # type: ignore[union-attr]
    assert room.hears() == {"caller": {AGENT}, AGENT: {"caller"}}


def test_when_every_trunk_fails_agent_and_caller_are_together_again() -> None:
    room = both_by_trunk()
    room.reaches(ToNumber("110"), How.JOIN)
    room.says("110", 503)
    room.says("second", 503)
    assert [f.why for f in room.facts if isinstance(f, NotReached)] == ["phone_fault"]
    assert room.hears() == {"caller": {AGENT}, AGENT: {"caller"}}


def test_what_is_offered_is_what_the_trunk_speaks_and_as_secretly_as_it_says() -> None:
    room = with_trunks(talking(), codecs=("PCMU",), srtp="required")
    room.reaches(ToNumber("110"), How.JOIN)
    invite = room.invited("110")
    assert invite is not None
    (offered,) = [line for line in invite.body.decode().splitlines() if line.startswith("m=")]
    assert offered.split()[2:] == ["RTP/SAVP", "0", "101"]
    assert "a=crypto:" in invite.body.decode()


def test_keys_of_a_trunk_are_heard_as_its_settings_say() -> None:
    room = with_trunks(talking(), dtmf="inband")
    room.reaches(ToNumber("110"), How.JOIN)
    room.says("110", 200)
    connected = [c for c in room.told(media.ConnectLeg) if c.leg == room.leg("110")]  # type: ignore[attr-defined]
    assert [(c.tones, c.event_payload) for c in connected] == [(True, None)]  # type: ignore[attr-defined]


def test_a_number_that_no_trunk_covers_is_refused_in_words() -> None:
    room = both_by_trunk()
    refused = room.reaches(ToNumber("00441234567"), How.TRANSFER)
    assert refused is not None and refused.code == "no_way"


# --- flows ------------------------------------------------------------------------------------

ENDS: dict[NodeId, Node] = {
    N("lane"): Enqueue(LANE, N("bye"), N("bye"), N("bye")),
    **{N(name): HangUp(Reason.COMPLETED, (P("goodbye"),)) for name in ("bye", "busy", "late")},
}


def sent_on(to: dict[str, str], **rules: object) -> TalkRoom:
    """Return a call whose flow begins by sending the caller on."""
    node = TransferNode.model_validate(
        {"type": "transfer", "context": True, "prompts": ("hold_on",), "limit": "20s",
         "on_busy": "busy", "on_no_answer": "late", "on_failed": "lane", **to}
    )  # fmt: skip
    flow = Flow("main", N("out"), {**ENDS, **node.steps(N("out"))})  # type: ignore[arg-type]  # no calls in it
    room = with_trunks(TalkRoom(house=talk_house(numbers={"12345": flow})), **rules)
    room.sign_all_in()
    room.invite()
    room.ack()
    return room


@pytest.fixture
def room() -> Iterator[TalkRoom]:
    one = sent_on({"number": "110"})
    yield one
    assert one.control.faults == 0


def at(room: TalkRoom) -> str:
    return [fact.node for fact in room.facts if isinstance(fact, Entered)][-1]


def test_the_caller_hears_the_flow_until_they_answer_and_then_them(room: TalkRoom) -> None:
    assert room.hears()["caller"] == {"music"}
    asked = room.fact("TransferAsked")
    assert isinstance(asked, TransferAsked)
    assert (asked.to, asked.context, asked.outcome) == ("110", True, "begun")
    invite = room.invited("110")
    assert invite is not None and invite.headers.get("user-to-user")
    room.says("110", 200)
    assert room.hears() == {"caller": {"110"}, "110": {"caller"}}
    room.at(room.now + 60)
    room.sends("110", "BYE")
    record = detail(room.facts)
    assert record is not None
    assert (record.by, record.reason) == ("guest", Reason.COMPLETED)
    assert (room.control.calls, room.control.talks.talks) == ({}, {})


def test_a_trunk_that_fails_is_followed_by_the_next_in_a_flow_too(room: TalkRoom) -> None:
    room.says("110", 503)
    assert at(room) == "out"
    room.says("second", 200)
    assert room.hears() == {"caller": {"second"}, "second": {"caller"}}


@pytest.mark.parametrize(("status", "node"), [(486, "busy"), (603, "busy"), (404, "lane")])
def test_a_refusal_leads_the_caller_on_in_the_flow(room: TalkRoom, status: int, node: str) -> None:
    room.says("110", status)
    assert at(room) == node
    assert room.control.talks.talks == {}
    if node == "busy":
        room.prompt_ends()
        assert detail(room.facts).reason is Reason.COMPLETED  # type: ignore[union-attr]


def test_who_does_not_answer_in_time_is_rung_no_more(room: TalkRoom) -> None:
    room.says("110", 180)
    room.at(room.now + 19.9)
    assert at(room) == "out"
    room.at(room.now + 0.2)
    assert at(room) == "late"
    assert room.was_sent("110", "CANCEL")
    assert room.fact("NotReached").why == "no_answer"  # type: ignore[union-attr]


def test_a_caller_who_hangs_up_meanwhile_leaves_no_phone_ringing(room: TalkRoom) -> None:
    room.says("110", 180)
    room.bye()
    assert room.was_sent("110", "CANCEL")
    assert detail(room.facts).reason is Reason.HUNG_UP_IN_MENU  # type: ignore[union-attr]
    assert room.control.calls == {}


def test_an_agent_whom_the_flow_names_is_rung_and_has_the_call_as_any_other() -> None:
    room = sent_on({"agent": OTHER})
    assert room.control.roster[OTHER].doing is Doing.RESERVED
    room.says(OTHER, 200)
    assert room.hears() == {"caller": {OTHER}, OTHER: {"caller"}}
    assert room.control.roster[OTHER].doing is Doing.TALKING
    room.bye()
    record = detail(room.facts)
    assert record is not None and record.agent == OTHER
    assert room.control.roster[OTHER].doing is Doing.WRAP_UP
    assert room.control.faults == 0


def test_an_agent_who_is_not_free_is_busy() -> None:
    room = sent_on({"agent": OTHER})
    room.says(OTHER, 200)
    room.invite(call_id="two")
    room.ack(call_id="two")
    asked = room.fact("TransferAsked")
    assert isinstance(asked, TransferAsked) and asked.outcome == "failed"
    assert at(room) == "busy"


def test_a_number_that_no_trunk_covers_fails_at_once() -> None:
    room = sent_on({"number": "119"})
    assert at(room) == "lane"
    assert "NotReached" not in room.story()
