"""What agents and supervisors do in a call, on exact time; who hears whom at every step."""

import pytest

from agents.agent import Doing
from calls.cdr import detail
from calls.ids import AgentId
from calls.reasons import Reason
from media import commands as media
from media.mix import Supervision
from server import asked
from server.asked import How, ToAgent, ToLane, ToNumber, ToPlace
from server.house import LaneRules
from tests.helpers.switchboard import AGENT, LANE, sdp
from tests.helpers.talk_room import BOSS, MEDICAL, OTHER, TalkRoom, talk_house, talking

FIRE = ToPlace("fire")
TOGETHER = {"caller": {AGENT}, AGENT: {"caller"}}


def doing(room: TalkRoom, agent: AgentId = AGENT) -> Doing:
    return room.control.roster[agent].doing


def end(room: TalkRoom) -> tuple[str | None, Reason | None]:
    record = detail(room.facts)
    assert record is not None
    return record.by, record.reason


def consulting() -> TalkRoom:
    room = talking()
    assert room.reaches(FIRE, How.CONSULT) is None
    room.says("fire", 200)
    return room


# --- hold, mute ----------------------------------------------------------------------------


def test_on_hold_the_caller_hears_music_and_after_it_the_agent() -> None:
    room = talking()
    assert room.hears() == TOGETHER
    assert room.asks(asked.Hold()) is None
    assert room.hears()["caller"] == {"music"}
    assert room.hears()[AGENT] == set()
    assert room.asks(asked.Resume()) is None
    assert room.hears() == TOGETHER
    assert room.story()[-2:] == ["Held", "Resumed"]


def test_a_muted_agent_hears_and_is_not_heard() -> None:
    room = talking()
    room.asks(asked.Mute(True))
    assert room.hears() == {"caller": set(), AGENT: {"caller"}}
    room.asks(asked.Mute(False))
    assert room.hears() == TOGETHER


def test_the_phones_own_hold_is_the_same_hold() -> None:
    room = talking()
    room.sends(AGENT, "INVITE", body=sdp(7080, direction="sendonly"))
    assert room.hears()["caller"] == {"music"}
    room.sends(AGENT, "INVITE", body=sdp(7080))
    assert room.hears() == TOGETHER


def test_who_hangs_up_on_hold_leaves_nothing_behind() -> None:
    room = talking()
    room.asks(asked.Hold())
    room.bye()
    assert end(room) == ("caller", Reason.COMPLETED)
    assert doing(room) is Doing.WRAP_UP
    assert (room.control.calls, room.control.talks.talks) == ({}, {})


# --- transfer -----------------------------------------------------------------------------


def test_a_blind_transfer_to_an_agent_hands_the_caller_over_when_that_one_answers() -> None:
    room = talking()
    assert room.reaches(ToAgent(OTHER), How.TRANSFER) is None
    assert room.hears() == {"caller": {"music"}, AGENT: {"music"}}
    assert doing(room, OTHER) is Doing.RESERVED
    room.says(OTHER, 200)
    assert room.hears() == {"caller": {OTHER}, OTHER: {"caller"}}
    assert (doing(room), doing(room, OTHER)) == (Doing.WRAP_UP, Doing.TALKING)
    assert room.was_sent(AGENT, "BYE")
    room.sends(OTHER, "BYE")
    assert end(room) == ("agent", Reason.COMPLETED)
    assert doing(room, OTHER) is Doing.WRAP_UP


@pytest.mark.parametrize(
    ("status", "why", "then"),
    [(486, "busy", Doing.PAUSED), (480, "rejected", Doing.PAUSED), (500, "phone_fault", None)],
)
def test_a_transfer_that_fails_brings_agent_and_caller_together(
    status: int, why: str, then: Doing | None
) -> None:
    room = talking()
    room.reaches(ToAgent(OTHER), How.TRANSFER)
    room.says(OTHER, status)
    assert room.hears() == TOGETHER
    assert room.fact("NotReached").why == why  # type: ignore[union-attr]
    assert doing(room, OTHER) is (then or Doing.PAUSED)


def test_who_rings_for_too_long_is_given_up() -> None:
    room = talking()
    room.reaches(FIRE, How.TRANSFER)
    room.says("fire", 180)
    room.at(room.now + 31.0)
    assert room.hears() == TOGETHER
    assert room.fact("NotReached").why == "no_answer"  # type: ignore[union-attr]
    assert room.was_sent("fire", "CANCEL")


def test_a_transfer_to_a_lane_gives_the_caller_a_place_there_before_others() -> None:
    room = talking()
    assert room.reaches(ToLane(MEDICAL), How.TRANSFER) is None
    assert doing(room) is Doing.WRAP_UP
    assert doing(room, OTHER) is Doing.RESERVED
    room.says(OTHER, 200)
    assert room.hears() == {"caller": {OTHER}, OTHER: {"caller"}}
    assert room.story().count("Answered") == 2


def test_a_transfer_whose_agent_hung_up_and_that_fails_goes_back_to_the_lane() -> None:
    room = talking()
    room.reaches(FIRE, How.TRANSFER)
    room.sends(AGENT, "BYE")
    assert room.hears() == {"caller": {"music"}}
    room.says("fire", 486)
    assert room.fact("Returned").why == "not_reached"  # type: ignore[union-attr]
    assert room.control.waiting.waiting(LANE)
    room.at(room.now + 30.0)
    assert doing(room) is Doing.RESERVED


def test_an_agent_who_hangs_up_while_it_rings_has_transferred() -> None:
    room = talking()
    room.reaches(FIRE, How.CONSULT)
    room.sends(AGENT, "BYE")
    room.says("fire", 200)
    assert room.hears() == {"caller": {"fire"}, "fire": {"caller"}}
    room.sends("fire", "BYE")
    assert end(room) == ("guest", Reason.COMPLETED)


@pytest.mark.parametrize(
    ("target", "how", "code"),
    [
        (ToAgent(AgentId("9999")), How.TRANSFER, "unknown"),
        (ToPlace("nobody"), How.TRANSFER, "unknown"),
        (ToPlace("nowhere"), How.JOIN, "no_way"),
        (ToNumber("8005551212"), How.CONSULT, "no_way"),
        (ToLane(MEDICAL), How.CONSULT, "forbidden"),
        (ToAgent(AGENT), How.TRANSFER, "not_now"),
    ],
)
def test_whom_nobody_can_reach_is_refused_in_words_and_nothing_changes(
    target: asked.Target, how: How, code: str
) -> None:
    room = talking()
    before = room.story()
    answer = room.reaches(target, how)
    assert answer is not None and answer.code == code and answer.zh and answer.en
    assert (room.hears(), room.story()) == (TOGETHER, before)


# --- consultation ---------------------------------------------------------------------------


def test_a_consultation_is_between_agent_and_guest_with_music_for_the_caller() -> None:
    room = consulting()
    assert room.hears() == {"caller": {"music"}, AGENT: {"fire"}, "fire": {AGENT}}


def test_a_second_consultation_is_refused_while_one_runs() -> None:
    room = consulting()
    for action in (asked.Reach(ToAgent(OTHER), How.TRANSFER), asked.Hold(), asked.Resume()):
        answer = room.asks(action)
        assert answer is not None and answer.code == "not_now"


def test_completing_leaves_the_caller_with_the_guest() -> None:
    room = consulting()
    assert room.asks(asked.Complete()) is None
    assert room.hears() == {"caller": {"fire"}, "fire": {"caller"}}
    assert doing(room) is Doing.WRAP_UP
    room.bye()
    assert end(room) == ("caller", Reason.COMPLETED)
    assert room.was_sent("fire", "BYE")


def test_cancelling_brings_the_caller_back() -> None:
    room = consulting()
    assert room.asks(asked.Cancel()) is None
    assert room.hears() == TOGETHER
    assert room.was_sent("fire", "BYE")


def test_cancelling_while_it_rings_sends_cancel() -> None:
    room = talking()
    room.reaches(FIRE, How.CONSULT)
    room.says("fire", 180)
    assert room.asks(asked.ThreeWay()) is not None
    assert room.asks(asked.Cancel()) is None
    assert room.hears() == TOGETHER
    assert room.was_sent("fire", "CANCEL")


def test_a_guest_who_hangs_up_leaves_agent_and_caller_together() -> None:
    room = consulting()
    room.sends("fire", "BYE")
    assert room.hears() == TOGETHER
    assert room.fact("GuestLeft").why == "hung_up"  # type: ignore[union-attr]


def test_three_hear_each_other_and_each_may_go() -> None:
    room = consulting()
    assert room.asks(asked.ThreeWay()) is None
    assert room.hears() == {
        "caller": {AGENT, "fire"},
        AGENT: {"caller", "fire"},
        "fire": {"caller", AGENT},
    }
    room.sends(AGENT, "BYE")
    assert room.hears() == {"caller": {"fire"}, "fire": {"caller"}}
    room.bye()
    assert end(room) == ("caller", Reason.COMPLETED)


def test_everybody_but_the_citizen_is_recorded_on_the_right() -> None:
    room = consulting()
    right = [c.right for c in room.told(media.AddToRecording)]  # type: ignore[union-attr]
    assert right == [room.leg(AGENT), room.leg("fire")]


# --- 110 ------------------------------------------------------------------------------------


def test_one_key_brings_110_in_with_the_case_while_the_talk_goes_on() -> None:
    room = talking()
    room.keys(AGENT, "*9")
    assert room.hears() == TOGETHER
    invite = room.invited("110")
    assert invite is not None
    said = bytes.fromhex((invite.headers.get("User-to-User") or "").partition(";")[0]).decode()
    assert said.startswith("case=c-") and "caller=13900000000" in said and "lane=general" in said
    room.says("110", 200)
    assert room.hears()["110"] == {"caller", AGENT}


# --- supervisors ------------------------------------------------------------------------------


def test_a_supervisor_listens_whispers_and_barges_and_each_is_written_down() -> None:
    room = talking()
    assert room.listens(Supervision.LISTEN) is None
    room.says(BOSS, 200)
    assert room.hears() == {**TOGETHER, BOSS: {"caller", AGENT}}
    room.keys(BOSS, "5")
    assert room.hears() == {"caller": {AGENT}, AGENT: {"caller", BOSS}, BOSS: {"caller", AGENT}}
    assert room.leg(BOSS) not in [c.right for c in room.told(media.AddToRecording)]  # type: ignore[union-attr]
    room.keys(BOSS, "6")
    assert room.hears()["caller"] == {AGENT, BOSS}
    assert room.told(media.AddToRecording)[-1].right == room.leg(BOSS)  # type: ignore[union-attr]
    room.listens(Supervision.LISTEN)
    assert room.told(media.LeaveRecording)[-1].right == room.leg(BOSS)  # type: ignore[union-attr]
    hows = [f.how for f in room.facts if type(f).__name__ == "Supervised"]  # type: ignore[union-attr]
    assert hows == ["listen", "whisper", "barge", "listen"]
    room.asks(asked.StopSupervising(), by=BOSS)
    assert room.hears() == TOGETHER
    assert room.fact("SupervisionEnded").why == "dismissed"  # type: ignore[union-attr]


def test_only_a_supervisor_may_listen_and_only_to_a_talk() -> None:
    room = talking()
    answer = room.asks(asked.Supervise(AGENT, Supervision.LISTEN), by=OTHER)
    assert answer is not None and answer.code == "forbidden"
    answer = room.asks(asked.Supervise(OTHER, Supervision.LISTEN), by=BOSS)
    assert answer is not None and answer.code == "not_now"


def test_a_supervisor_in_a_talk_is_offered_no_call_and_is_free_after_it() -> None:
    room = talking()
    room.listens(Supervision.LISTEN)
    room.says(BOSS, 200)
    assert doing(room, BOSS) is Doing.TALKING
    room.bye()
    room.at(room.now + 0.1)
    assert doing(room, BOSS) is Doing.READY
    assert room.was_sent(BOSS, "BYE")


def test_a_supervisor_who_does_not_answer_changes_nothing() -> None:
    room = talking()
    room.listens(Supervision.LISTEN)
    room.says(BOSS, 486)
    assert room.hears() == TOGETHER
    assert room.fact("SupervisionEnded").why == "busy"  # type: ignore[union-attr]


# --- recording, help -------------------------------------------------------------------------


def lanes(recording: str = "normal", briefing: tuple[str, ...] = ()) -> TalkRoom:
    rules = LaneRules(20.0, 30.0, "综合", "zh", None, recording, briefing, ((30.0, "/w30.wav"),))
    return talking(house=talk_house(lanes={LANE: rules}))


def test_recording_pauses_and_goes_on() -> None:
    room = talking()
    assert room.asks(asked.PauseRecordingNow(True)) is None
    assert room.asks(asked.PauseRecordingNow(False)) is None
    assert [c.on for c in room.told(media.PauseRecording)] == [True, False]  # type: ignore[union-attr]
    assert room.story()[-2:] == ["RecordingPaused", "RecordingPaused"]


def test_a_lane_may_force_recording_and_forbid_it() -> None:
    forced = lanes("always")
    answer = forced.asks(asked.PauseRecordingNow(True))
    assert answer is not None and answer.code == "forbidden"
    never = lanes("never")
    assert [c.on for c in never.told(media.PauseRecording)] == [True]  # type: ignore[union-attr]
    answer = never.asks(asked.PauseRecordingNow(False))
    assert answer is not None and answer.code == "forbidden"


def test_help_is_asked_once_and_ended_once() -> None:
    room = talking()
    for action in (asked.AskHelp("骂人"), asked.AskHelp(), asked.EndHelp(), asked.EndHelp()):
        assert room.asks(action) is None
    assert room.story()[-2:] == ["HelpAsked", "HelpEnded"]


# --- the announcement to the agent ------------------------------------------------------------


def test_the_agent_is_told_of_lane_and_wait_and_the_bridge_is_up_at_the_end_of_it() -> None:
    room = lanes(briefing=("/brief.wav",))
    assert room.hears() == {"caller": {"music"}, AGENT: {"music"}}
    play = room.told(media.Play)[-1]
    assert isinstance(play, media.Play)
    assert (play.leg, play.prompts, play.loop) == (room.leg(AGENT), ("/brief.wav",), False)
    room.say(media.PlaybackFinished(play.leg, play.playback))
    assert room.hears() == TOGETHER
    assert room.fact("Briefed").cut is False  # type: ignore[union-attr]


@pytest.mark.parametrize("cut", ["key", "limit"])
def test_a_key_or_the_limit_cuts_the_announcement(cut: str) -> None:
    room = lanes(briefing=("/brief.wav",))
    if cut == "key":
        room.keys(AGENT, "1")
    else:
        room.at(room.now + 4.0)
    assert room.hears() == TOGETHER
    assert room.fact("Briefed").cut is True  # type: ignore[union-attr]


def test_of_a_long_wait_the_agent_is_told_too() -> None:
    rules = lanes(briefing=("/brief.wav",)).house.lanes[LANE]
    assert rules.briefing_files(10.0) == ("/brief.wav",)
    assert rules.briefing_files(40.0) == ("/brief.wav", "/w30.wav")


# --- vanishing ---------------------------------------------------------------------------------


def test_a_caller_whose_agent_vanishes_gets_a_place_before_others() -> None:
    room = talking()
    room.say(media.FirstPacket(room.leg(AGENT), room.now))
    room.say(media.MediaSilent(room.leg(AGENT), 30.0))
    assert room.fact("Returned").why == "agent_lost"  # type: ignore[union-attr]
    assert room.was_sent(AGENT, "BYE")
    (ticket,) = room.control.waiting.waiting(LANE)
    assert ticket.priority == 1


def test_an_agent_who_vanishes_in_mid_consultation_leaves_the_caller_with_the_guest() -> None:
    room = consulting()
    room.say(media.FirstPacket(room.leg(AGENT), room.now))
    room.say(media.MediaSilent(room.leg(AGENT), 30.0))
    assert room.hears() == {"caller": {"fire"}, "fire": {"caller"}}


def test_when_the_worker_dies_everybody_is_let_go() -> None:
    room = consulting()
    room.control.worker_lost(room.now)
    room.settle()
    assert end(room) == ("us", Reason.WORKER_LOST)
    for name in (AGENT, "fire"):
        assert room.was_sent(name, "BYE")
    assert room.control.calls == {}


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
