"""The same wishes by key codes and REFER of a phone, and what is asked between calls."""

from pathlib import Path

import pytest

from agents.agent import Doing
from calls.ids import AgentId
from config import reader
from server import asked
from server.asked import How, Reach, ToPlace, label, target_of
from server.in_call_values import in_call_of
from server.talk_events import typed
from tests.helpers import sites
from tests.helpers.switchboard import AGENT
from tests.helpers.talk_room import OTHER, TalkRoom, talking

TOGETHER = {"caller": {AGENT}, AGENT: {"caller"}}


def doing(room: TalkRoom, agent: AgentId = AGENT) -> Doing:
    return room.control.roster[agent].doing


# --- keys and REFER -----------------------------------------------------------------------------


def test_key_codes_of_the_phone_ask_for_the_same() -> None:
    room = talking()
    room.keys(AGENT, "7*1")
    assert room.hears()["caller"] == {"music"}
    room.keys(AGENT, "**2")
    assert room.hears() == TOGETHER
    room.keys(AGENT, "*3")
    room.says("fire", 200)
    assert room.hears()[AGENT] == {"fire"}


def refer(room: TalkRoom, to: str) -> None:
    room.sends(AGENT, "REFER", f"Refer-To: <sip:{to}>\r\n")


def test_a_phones_refer_is_a_transfer_and_is_told_how_far_it_is() -> None:
    room = talking()
    refer(room, "fire@127.0.0.1")
    assert room.last_response(AGENT).status == 202
    room.says("fire", 180)
    room.says("fire", 200)
    told = [n.body.decode().split("\r\n")[0] for n in room.was_sent(AGENT, "NOTIFY")]
    assert told == ["SIP/2.0 100 Trying", "SIP/2.0 180 Ringing", "SIP/2.0 200 OK"]
    assert room.hears() == {"caller": {"fire"}, "fire": {"caller"}}


def test_a_refer_that_fails_is_told_so_and_the_agent_has_the_caller_still() -> None:
    room = talking()
    refer(room, "fire@127.0.0.1")
    room.says("fire", 486)
    assert room.was_sent(AGENT, "NOTIFY")[-1].body.startswith(b"SIP/2.0 486")
    assert room.hears() == TOGETHER


@pytest.mark.parametrize("to", ["8005551212@evil.example", "fire@x?Replaces=a%3Bto-tag%3Db"])
def test_a_refer_to_a_stranger_is_declined(to: str) -> None:
    room = talking()
    refer(room, to)
    assert room.last_response(AGENT).status == 603
    assert room.hears() == TOGETHER


def test_a_refer_to_a_lane_moves_the_caller_there() -> None:
    room = talking()
    refer(room, "medical@127.0.0.1")
    assert room.was_sent(AGENT, "NOTIFY")[-1].body.startswith(b"SIP/2.0 200")
    assert doing(room, OTHER) is Doing.RESERVED


# --- between calls --------------------------------------------------------------------------------


def test_wrap_up_is_ended_early_or_extended() -> None:
    room = talking()
    room.bye()
    until = room.control.roster[AGENT].until
    assert until is not None
    assert room.asks(asked.ExtendWrapUp(60.0)) is None
    assert room.control.roster[AGENT].until == until + 60.0
    answer = room.asks(asked.ExtendWrapUp(6000.0))
    assert answer is not None and answer.code == "forbidden"
    assert room.asks(asked.FinishWrapUp()) is None
    assert doing(room) is Doing.READY


def test_a_break_needs_a_reason_of_the_settings() -> None:
    room = talking()
    room.bye()
    answer = room.asks(asked.TakeBreak("golf"))
    assert answer is not None and answer.code == "unknown"
    assert room.asks(asked.TakeBreak("rest")) is None
    assert room.control.roster[AGENT].reason == "rest"
    assert room.asks(asked.BackToWork()) is None
    answer = room.asks(asked.BackToWork())
    assert answer is not None and answer.code == "not_now"


# --- settings ----------------------------------------------------------------


def test_the_shipped_keys_ask_for_what_they_say(tmp_path: Path) -> None:
    site = reader.read(sites.copy(tmp_path / "site"))
    rules = in_call_of(site.in_call, site.hours, str)
    assert rules.keys["*1"] == asked.Hold()
    assert rules.keys["*7"] == asked.PauseRecordingNow(False)
    assert rules.keys["*90"] == Reach(ToPlace("police"), How.JOIN)
    assert rules.places["police"].number == "110" and rules.places["police"].context
    assert rules.supervisors == {"1011"}


@pytest.mark.parametrize("text", ["duty", "lane:medical", "agent:1003", "number:110"])
def test_a_target_is_written_as_it_is_read(text: str) -> None:
    assert label(target_of(text)) == text


@pytest.mark.parametrize(
    ("keys", "codes"),
    [("*1", ["*1"]), ("5*1", ["*1"]), ("**1", ["*1"]), ("*9*1", ["*1"]), ("*90", ["*90"])],
)
def test_keys_that_lead_nowhere_are_forgotten(keys: str, codes: list[str]) -> None:
    known, before, found = {"*1", "*90"}, "", []
    for key in keys:
        before, code = typed(before, key, known)
        found += [code] if code else []
    assert found == codes
