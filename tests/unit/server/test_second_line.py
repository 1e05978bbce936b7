"""An agent's phone that consults on a second line and hands over by REFER with Replaces."""

from agents.agent import Doing
from tests.helpers.switchboard import AGENT, sdp
from tests.helpers.talk_room import TalkRoom, talking

TOGETHER = {"caller": {AGENT}, AGENT: {"caller"}}
REPLACES = "second%3Bto-tag%3Dours%3Bfrom-tag%3Dline2"


def holding() -> TalkRoom:
    """Return a room in which the agent's phone has put its first line on hold."""
    room = talking()
    room.sends(AGENT, "INVITE", body=sdp(7080, direction="sendonly"))
    return room


def consulting() -> TalkRoom:
    room = holding()
    room.dials(AGENT, "fire")
    room.says("fire", 200)
    room.dialled(AGENT, "ACK")
    return room


def refers(room: TalkRoom, replaces: str = REPLACES) -> None:
    room.sends(AGENT, "REFER", f"Refer-To: <sip:fire@127.0.0.1?Replaces={replaces}>\r\n")


def test_a_call_on_the_second_line_is_a_consultation_and_rings_until_they_answer() -> None:
    room = holding()
    room.dials(AGENT, "fire")
    assert room.last_answer("second").status == 180
    assert room.fact("ReachedFor").how == "consult"  # type: ignore[union-attr]
    room.says("fire", 200)
    assert room.last_answer("second").status == 200
    room.dialled(AGENT, "ACK")
    heard = room.hears()
    assert (heard["caller"], heard["line 2"], heard["fire"]) == ({"music"}, {"fire"}, {"line 2"})


def test_a_refer_with_replaces_leaves_the_caller_with_them() -> None:
    room = consulting()
    refers(room)
    assert room.was_sent(AGENT, "NOTIFY")[-1].body.startswith(b"SIP/2.0 200")
    assert room.hears() == {"caller": {"fire"}, "fire": {"caller"}}
    assert {bye.headers.call_id for bye in room.was_sent(AGENT, "BYE")} > {"second"}
    assert room.control.roster[AGENT].doing is Doing.WRAP_UP
    room.bye()
    assert room.control.calls == {}
    assert room.control.talks.lines.by_sip == room.control.talks.lines.by_media == {}


def test_a_refer_while_they_still_ring_becomes_a_blind_transfer() -> None:
    room = holding()
    room.dials(AGENT, "fire")
    room.says("fire", 180)
    refers(room)
    assert room.last_answer("second").status == 480
    room.says("fire", 200)
    assert room.hears() == {"caller": {"fire"}, "fire": {"caller"}}
    assert room.was_sent(AGENT, "NOTIFY")[-1].body.startswith(b"SIP/2.0 200")


def test_a_refer_that_replaces_another_call_is_declined() -> None:
    room = consulting()
    refers(room, "another%3Bto-tag%3Da%3Bfrom-tag%3Db")
    assert room.last_response(AGENT).status == 603
    assert room.hears()["caller"] == {"music"}


def test_hanging_the_second_line_up_brings_the_agent_back_to_the_caller() -> None:
    room = consulting()
    room.dialled(AGENT, "BYE")
    assert room.was_sent("fire", "BYE")
    room.sends(AGENT, "INVITE", body=sdp(7080))
    assert room.hears() == TOGETHER


def test_giving_the_second_line_up_while_it_rings_calls_it_off() -> None:
    room = holding()
    room.dials(AGENT, "fire")
    room.says("fire", 180)
    room.dialled(AGENT, "CANCEL")
    assert room.was_sent("fire", "CANCEL")
    assert room.fact("NotReached").why == "cancelled"  # type: ignore[union-attr]


def test_they_who_hang_up_or_refuse_end_the_second_line() -> None:
    room = consulting()
    room.sends("fire", "BYE")
    assert [bye.headers.call_id for bye in room.was_sent(AGENT, "BYE")] == ["second"]
    busy = holding()
    busy.dials(AGENT, "fire")
    busy.says("fire", 486)
    assert busy.last_answer("second").status == 480


def test_a_stranger_and_a_second_consultation_are_refused() -> None:
    room = consulting()
    room.dials(AGENT, "8005551212", "third")
    assert room.last_answer("third").status == 404
    room.dials(AGENT, "duty", "fourth")
    assert room.last_answer("fourth").status == 480


def test_the_callers_end_ends_the_second_line_too() -> None:
    room = consulting()
    room.bye()
    assert {bye.headers.call_id for bye in room.was_sent(AGENT, "BYE")} > {"second"}
    assert room.control.calls == {} and room.control.stack.legs() >= 0


def replacing(room: TalkRoom, more: str = "") -> str:
    """Return a field that names the dialog between us and the agent's phone."""
    ours = room.invited(AGENT)
    assert ours is not None
    tags = f"to-tag={ours.headers.from_.tag};from-tag=of{AGENT}"
    return f"Replaces: {ours.headers.call_id};{tags}{more}\r\n"


def test_not_even_the_agents_own_phone_takes_a_place_in_a_talk_by_an_invite() -> None:
    room = talking()
    room.dials(AGENT, "12345", fields=replacing(room))
    assert room.last_answer("second").status == 403
    room.dials(AGENT, "12345", "third", replacing(room, ";early-only"))
    assert room.last_answer("third").status == 486
    assert room.hears() == TOGETHER, "the talk is as it was"
    assert room.control.talks.lines.by_sip == {}
    assert len(room.control.calls) == 1
