"""An agent presses keys towards the other side: by events, or by INFO where a trunk says so."""

import pytest

from calls.talk_events import KeysSent
from media import commands as media
from server.asked import Hold, How, SendKeys, ToNumber, ToPlace
from server.trunk_rules import Gate
from sip.message import parse
from tests.helpers.switchboard import AGENT
from tests.helpers.talk_room import PHONES, TalkRoom, talking, trunks


def consulting(**rules: object) -> TalkRoom:
    """Return a talk whose agent consults 110 through a trunk."""
    room = talking()
    room.control.use(Gate(), trunks(PHONES["110"], **rules))
    room.reaches(ToNumber("110"), How.CONSULT)
    room.says("110", 200)
    return room


def ok(room: TalkRoom, status: int = 200) -> None:
    """Let the trunk answer the last INFO."""
    headers = room.was_sent("110", "INFO")[-1].headers
    room.receive(
        f"SIP/2.0 {status} Whatever\r\nVia: {headers.get('Via')}\r\nFrom: {headers.get('From')}\r\n"
        f"To: {headers.get('To')}\r\nCall-ID: {headers.call_id}\r\n"
        f"CSeq: {headers.get('CSeq')}\r\nContent-Length: 0\r\n\r\n",
        PHONES["110"],
    )


def test_keys_go_as_events_to_the_one_consulted_and_only_their_number_is_kept() -> None:
    room = consulting()
    assert room.asks(SendKeys("12#")) is None
    assert room.told(media.SendKeys) == [media.SendKeys(room.leg("110"), "12#")]
    sent = room.fact("KeysSent")
    assert sent == KeysSent(room.facts[0].call, room.now, AGENT, "number:110", 3)


def test_without_a_guest_they_go_to_the_caller_but_not_while_on_hold() -> None:
    room = talking()
    assert room.asks(SendKeys("1")) is None
    assert room.told(media.SendKeys) == [media.SendKeys(room.caller_leg, "1")]
    room.asks(Hold())
    refused = room.asks(SendKeys("1"))
    assert refused is not None and refused.code == "not_now"
    assert len(room.told(media.SendKeys)) == 1


def test_where_a_trunk_wants_info_each_key_waits_for_the_answer_to_the_last() -> None:
    room = consulting(dtmf="info")
    assert room.asks(SendKeys("5*")) is None
    assert room.told(media.SendKeys) == []
    (info,) = room.was_sent("110", "INFO")
    assert info.headers.get("content-type") == "application/dtmf-relay"
    assert info.body == b"Signal=5\r\nDuration=160\r\n"
    ok(room)
    bodies = [parse(bytes(one)).body for one in room.was_sent("110", "INFO")]
    assert [body.split()[0] for body in bodies] == [b"Signal=5", b"Signal=*"]
    ok(room)
    assert len(room.was_sent("110", "INFO")) == 2


def test_a_peer_that_takes_no_info_is_sent_no_more() -> None:
    room = consulting(dtmf="info")
    room.asks(SendKeys("55"))
    ok(room, 415)
    assert len(room.was_sent("110", "INFO")) == 1
    assert room.hears()["110"] == {AGENT}


@pytest.mark.parametrize("keys", ["", "12a", "１", "1" * 65])
def test_what_is_no_key_is_refused_in_words(keys: str) -> None:
    refused = talking().asks(SendKeys(keys))
    assert refused is not None and refused.code == "forbidden"


def test_a_trunk_with_keys_in_the_voice_only_is_told_of_as_deaf() -> None:
    refused = consulting(dtmf="inband").asks(SendKeys("1"))
    assert refused is not None and refused.code == "no_way"


def test_nobody_is_pressed_at_while_the_guest_still_rings() -> None:
    room = talking()
    room.reaches(ToPlace("fire"), How.CONSULT)
    refused = room.asks(SendKeys("1"))
    assert refused is not None and refused.code == "not_now"
