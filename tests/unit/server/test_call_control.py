"""A citizen's call, hop by hop, on exact time: the real stack, flow, waiting room and roster."""

from typing import Any

import pytest

from agents.agent import Doing
from asr.recogniser import Heard as HeardWords
from asr.turns import Urgency
from calls.cdr import detail
from calls.events import Transcribed, Word
from calls.reasons import Reason
from ivr.hours import Hours
from media import commands as media
from server.house import LaneRules, Limits
from server.outputs import CloseStream, FeedStream, MakeDraft, OpenStream
from sip.message import parse
from tests.helpers.switchboard import AGENT, LANE, Switchboard, house, sdp


def in_the_flow(**how: Any) -> Switchboard:
    """Return a switchboard with one call up and greeted."""
    board = Switchboard(**how)
    board.invite()
    board.ack()
    return board


def waiting(**how: Any) -> Switchboard:
    """Return a switchboard with a caller whom an agent's phone rings for."""
    board = in_the_flow(**how)
    board.sign_in()
    board.press("0")
    return board


def talking() -> Switchboard:
    """Return a switchboard with caller and agent in talk."""
    board = waiting()
    board.phone_says(200, sdp(7100))
    return board


def reason(board: Switchboard) -> Reason:
    record = detail(board.facts)
    assert record is not None and record.reason is not None
    return record.reason


# --- arriving -------------------------------------------------------------------------


def test_a_call_is_answered_recorded_and_greeted_when_the_ack_came() -> None:
    board = Switchboard()
    answer = board.invite()
    assert (answer.status, b"m=audio 30000" in answer.body) == (200, True)
    assert board.story() == ["Arrived", "FlowChosen", "PickedUp", "RecordingStarted"]
    assert board.told(media.Play) == []
    board.ack()
    assert [p.prompts for p in board.told(media.Play)] == [("/prompts/zh/greeting.wav",)]


def test_a_stranger_is_refused_without_a_record() -> None:
    board = Switchboard(house=house(trunks=()))
    assert board.invite().status == 403
    assert board.facts == []
    assert board.control.refused[Reason.FORBIDDEN] == 1


def test_a_number_that_is_not_ours_is_not_found() -> None:
    board = Switchboard()
    assert board.invite("110").status == 404
    assert reason(board) is Reason.UNKNOWN_NUMBER


def test_no_common_codec_is_told_which_would_do() -> None:
    board = Switchboard()
    answer = board.invite(body=sdp(formats="18"))
    assert answer.status == 488
    assert "PCMA, PCMU" in (answer.headers.get("Warning") or "")
    assert reason(board) is Reason.NO_COMMON_CODEC


def test_one_call_too_many_is_asked_to_come_back() -> None:
    board = Switchboard(house=house(limits=Limits(1, 7)))
    board.invite(call_id="one")
    answer = board.invite(call_id="two")
    assert (answer.status, answer.headers.get("Retry-After")) == (503, "7")


def test_while_draining_no_new_call_comes_in_and_the_old_goes_on() -> None:
    board = in_the_flow()
    board.control.draining = True
    assert board.invite(call_id="two").status == 503
    board.press("1")
    assert board.fact("KeyPressed").key == "1"  # type: ignore[union-attr]


def test_without_a_media_port_the_caller_is_asked_to_come_back() -> None:
    board = Switchboard(opens=False)
    board.invite()
    board.say(media.LegFailed(board.control.calls[next(iter(board.control.calls))].leg, "no port"))
    assert board.last_answer().status == 503
    assert reason(board) is Reason.FULL
    assert board.control.calls == {}


def test_a_caller_who_gives_up_before_the_answer_is_cancelled() -> None:
    board = Switchboard(opens=False)
    board.invite()
    board.cancel()
    assert board.last_answer().status in (200, 487)
    assert reason(board) is Reason.CANCELLED


def test_a_voice_that_is_ready_after_the_cancel_answers_nobody() -> None:
    """The other half of the race, a CANCEL after our 200, is the stack's: test_stack_offer."""
    board = Switchboard(opens=False)
    board.invite()
    (call,) = board.control.calls.values()
    board.cancel()
    said = len(board.sent)
    board.say(media.LegOpened(call.leg, 40000))
    assert len(board.sent) == said
    assert reason(board) is Reason.CANCELLED
    assert board.control.calls == {}


def test_a_200_that_nobody_acknowledges_ends_the_call() -> None:
    board = Switchboard()
    board.invite()
    board.at(1040.0)
    assert reason(board) is Reason.NO_ACK
    assert board.control.calls == {}


def test_an_invite_without_an_offer_is_made_one_and_takes_the_answer_from_the_ack() -> None:
    board = Switchboard()
    answer = board.invite(body="")
    assert b"m=audio" in answer.body
    assert board.told(media.ConnectLeg) == []
    board.ack(sdp(7300))
    (connect,) = board.told(media.ConnectLeg)
    assert (connect.port, connect.codec) == (7300, "PCMA")  # type: ignore[union-attr]
    assert board.told(media.Play)


def test_an_ack_that_ought_to_answer_and_does_not_ends_the_call() -> None:
    board = Switchboard()
    board.invite(body="")
    board.ack("")
    assert reason(board) is Reason.BAD_OFFER


# --- the flow -------------------------------------------------------------------------


def test_a_matter_said_after_key_1_is_recognised_and_drafted() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    leg = board.caller_leg
    board.say(media.TapAudio(leg, 8.0, b"\0" * 1600))
    opened = next(o for o in board.others if isinstance(o, OpenStream))
    assert (opened.language, opened.offset) == ("zh", 8.0)
    board.say(media.SpeechStarted(leg, board.now))
    board.at(1010.0)
    board.press("#")
    board.say(media.TapAudio(leg, 9.0, b""))
    assert isinstance(board.others[-1], CloseStream)
    word = Word("噪音", 8.1, 8.6, 0.9)
    words = HeardWords("噪音", 8.1, 8.6, 0.9, (word,), final=True)
    board.control.heard(opened.stream, words, board.now)
    board.control.stream_closed(opened.stream, True, "", board.now)
    board.settle()
    board.prompt_ends()
    assert reason(board) is Reason.MESSAGE_LEFT
    drafts = [o for o in board.others if isinstance(o, MakeDraft)]
    assert [d.transcript for d in drafts] == ["partial", "done"]
    assert board.story()[-2:] == ["LegFigures", "Transcribed"] or "Transcribed" in board.story()
    assert board.control.calls == {}


def test_speech_that_nobody_waits_for_goes_after_the_talk_with_an_agent() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    board.say(media.TapAudio(board.caller_leg, 8.0, b"\0" * 1600))
    opened = next(o for o in board.others if isinstance(o, OpenStream))
    assert opened.urgency is Urgency.MESSAGE, "this flow ends in a message"


def test_words_that_come_late_are_said_to_be_once_and_only_while_the_call_is_up() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    board.say(media.TapAudio(board.caller_leg, 8.0, b"\0" * 1600))
    opened = next(o for o in board.others if isinstance(o, OpenStream))
    for _ in range(2):
        board.control.stream_late(opened.stream, board.now)
    board.control.stream_late("nobody/citizen/1", board.now)
    board.settle()
    late = [fact for fact in board.facts if isinstance(fact, Transcribed)]
    assert [fact.state for fact in late] == ["late"]
    board.bye()
    board.control.stream_late(opened.stream, board.now)
    board.settle()
    states = [fact.state for fact in board.facts if isinstance(fact, Transcribed)]
    assert states.count("late") == 1


def test_one_who_hangs_up_while_speaking_has_a_draft_of_what_was_said() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    board.say(media.TapAudio(board.caller_leg, 8.0, b"\0" * 1600))
    stream = next(o.stream for o in board.others if isinstance(o, OpenStream))
    board.bye()
    assert reason(board) is Reason.HUNG_UP_SPEAKING
    assert any(isinstance(o, CloseStream) for o in board.others)
    assert board.control.calls, "its last words are still to come"
    board.control.stream_closed(stream, True, "", board.now)
    board.settle()
    assert isinstance(board.others[-1], MakeDraft)
    assert board.control.calls == {}


def test_one_who_hangs_up_in_the_menu_leaves_no_draft() -> None:
    board = in_the_flow()
    board.bye()
    assert reason(board) is Reason.HUNG_UP_IN_MENU
    assert not any(isinstance(o, MakeDraft) for o in board.others)


def test_words_that_never_come_leave_the_transcript_pending_after_a_while() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    board.say(media.TapAudio(board.caller_leg, 8.0, b"\0" * 1600))
    board.bye()
    board.at(board.now + 31.0)
    assert board.fact("Transcribed").state == "pending"  # type: ignore[union-attr]
    assert board.control.calls == {}


def test_a_recogniser_that_has_no_model_leaves_the_transcript_pending() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    board.say(media.TapAudio(board.caller_leg, 8.0, b"\0" * 1600))
    stream = next(o.stream for o in board.others if isinstance(o, OpenStream))
    board.control.stream_closed(stream, False, "no model", board.now)
    board.bye()
    assert board.fact("Transcribed").why == "no model"  # type: ignore[union-attr]
    drafts = [o.transcript for o in board.others if isinstance(o, MakeDraft)]
    assert drafts[-1] == "pending"


def test_a_stretch_in_which_nothing_was_said_makes_no_other_draft() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    board.say(media.TapAudio(board.caller_leg, 8.0, b"\0" * 1600))
    stream = next(o.stream for o in board.others if isinstance(o, OpenStream))

    def drafts() -> list[str]:
        return [o.transcript for o in board.others if isinstance(o, MakeDraft)]

    board.control.stream_closed(stream, True, "", board.now)
    board.settle()
    assert drafts() == ["partial"]
    board.control.stream_closed(stream, True, "", board.now)
    board.settle()
    assert drafts() == ["partial"], "nothing that a draft says has changed"
    board.control.heard(stream, HeardWords("停水", 8.1, 8.6, 0.9, (), final=True), board.now)
    board.control.stream_closed(stream, True, "", board.now)
    board.settle()
    assert drafts() == ["partial"] * 2
    board.bye()
    assert drafts()[2:] == ["done"], "the end's is made in any case"


def test_who_is_heard_by_no_recogniser_is_not_tapped_any_longer() -> None:
    board = in_the_flow()
    board.press("1")
    board.prompt_ends()
    leg = board.caller_leg
    board.say(media.TapAudio(leg, 8.0, b"\0" * 1600))
    stream = next(o.stream for o in board.others if isinstance(o, OpenStream))
    board.control.stream_closed(stream, False, "no model", board.now)
    board.settle()
    assert board.told(media.Tap)[-1] == media.Tap(leg, False)


@pytest.mark.parametrize(("model", "taps", "why"), [("", 0, "no model"), ("zh", 1, "")])
def test_who_speaks_a_language_that_nobody_recognises_is_not_tapped(
    model: str, taps: int, why: str
) -> None:
    board = in_the_flow(house=house(hears=lambda language: language == model))
    board.press("1")
    board.prompt_ends()
    assert len(board.told(media.Tap)) == taps
    board.bye()
    assert board.fact("Transcribed").why == why  # type: ignore[union-attr]
    assert isinstance(board.others[-1], MakeDraft), "who began to speak has a draft"


def test_a_prompt_that_cannot_be_played_does_not_stop_the_caller() -> None:
    board = in_the_flow()
    play = board.told(media.Play)[-1]
    board.say(media.PlaybackFailed(play.leg, play.playback, "gone"))  # type: ignore[union-attr]
    board.sign_in()
    board.at(1003.1)
    assert "Offered" in board.story(), "silence after the greeting reaches a person"


def test_a_caller_never_heard_is_told_so_and_ended() -> None:
    board = in_the_flow()
    board.say(media.MediaSilent(board.caller_leg, 10.0))
    assert board.told(media.Play)[-1].prompts == ("/prompts/zh/cannot_hear.wav",)  # type: ignore[union-attr]
    board.prompt_ends()
    assert reason(board) is Reason.NO_MEDIA


def test_a_caller_who_falls_silent_for_good_is_ended() -> None:
    board = in_the_flow()
    board.say(media.FirstPacket(board.caller_leg, board.now))
    board.say(media.MediaSilent(board.caller_leg, 30.0))
    assert reason(board) is Reason.MEDIA_LOST


# --- lanes and agents ----------------------------------------------------------------------


def test_with_nobody_at_a_desk_the_caller_may_leave_a_message() -> None:
    board = in_the_flow()
    board.press("0")
    assert "Queued" not in board.story()
    assert board.fact("Entered").node == "message"  # type: ignore[union-attr]


def test_a_lane_outside_its_hours_says_so_to_the_flow() -> None:
    closed = Hours(__import__("zoneinfo").ZoneInfo("Asia/Shanghai"), ((),) * 7)
    board = Switchboard(house=house(lanes={LANE: LaneRules(20.0, 30.0, "综合", "zh", closed)}))
    board.invite()
    board.ack()
    board.sign_in()
    board.press("0")
    assert board.fact("Entered").node == "message"  # type: ignore[union-attr]


def test_an_agent_who_answers_hears_the_caller_at_once() -> None:
    board = talking()
    bridge = board.told(media.Bridge)[-1]
    assert bridge.left == board.caller_leg  # type: ignore[union-attr]
    assert board.told(media.AddToRecording)
    assert len(board.told(media.Tap)) == 2
    assert board.control.roster[AGENT].doing is Doing.TALKING
    assert board.story()[-1] == "Answered"


def test_the_agent_sees_the_draft_when_answering() -> None:
    board = talking()
    assert isinstance(board.others[-1], MakeDraft)


@pytest.mark.parametrize(("who", "by"), [("caller", "caller"), ("agent", "agent")])
def test_whoever_hangs_up_the_other_is_hung_up_too(who: str, by: str) -> None:
    board = talking()
    board.at(1060.0)
    if who == "caller":
        board.bye()
    else:
        board.phone_asks("BYE")
    record = detail(board.facts)
    assert record is not None
    assert (record.reason, record.by, record.agent) == (Reason.COMPLETED, by, AGENT)
    byes = [parse(d) for d, to in board.sent if d.startswith(b"BYE")]
    assert len(byes) == 1
    assert board.control.roster[AGENT].doing is Doing.WRAP_UP
    board.at(1091.0)
    assert board.control.roster[AGENT].doing is Doing.READY


def test_an_agent_who_does_not_answer_is_paused_and_the_caller_keeps_the_place() -> None:
    board = waiting()
    board.phone_says(180)
    board.at(1020.5)
    assert board.fact("OfferFailed").why == "no_answer"  # type: ignore[union-attr]
    assert board.control.roster[AGENT].doing is Doing.PAUSED
    assert board.told(media.CloseLeg)
    assert any(d.startswith(b"CANCEL") for d, _ in board.sent)
    assert len(board.control.waiting) == 1


@pytest.mark.parametrize(
    ("status", "why"),
    [(486, "busy"), (603, "rejected"), (408, "unreachable"), (500, "phone_fault")],
)
def test_a_phone_that_refuses_costs_the_caller_nothing_but_time(status: int, why: str) -> None:
    board = waiting()
    board.phone_says(status)
    assert board.fact("OfferFailed").why == why  # type: ignore[union-attr]
    assert len(board.control.waiting) == 1


def test_a_phone_that_answers_with_no_codec_of_ours_is_a_fault_of_the_phone() -> None:
    board = waiting()
    board.phone_says(200, sdp(7100, formats="18"))
    assert board.fact("OfferFailed").why == "phone_fault"  # type: ignore[union-attr]
    assert any(d.startswith(b"BYE") for d, _ in board.sent)


def test_an_agent_nobody_knows_the_way_to_is_unreachable() -> None:
    board = waiting(house=house(contacts={}))
    assert board.fact("OfferFailed").why == "unreachable"  # type: ignore[union-attr]


def test_one_who_gives_up_waiting_frees_the_agent_whose_phone_rings() -> None:
    board = waiting()
    board.phone_says(180)
    board.bye()
    assert reason(board) is Reason.ABANDONED
    assert board.fact("LeftLane").why == "hung_up"  # type: ignore[union-attr]
    assert board.control.roster[AGENT].doing is Doing.READY
    assert any(d.startswith(b"CANCEL") for d, _ in board.sent)


def test_a_waiting_caller_may_leave_by_key() -> None:
    board = waiting()
    board.press("1")
    assert board.fact("LeftLane").why == "key"  # type: ignore[union-attr]
    assert board.control.roster[AGENT].doing is Doing.READY


def test_an_agent_on_hold_gives_the_caller_music_and_back_the_voice() -> None:
    board = talking()
    board.at(1030.0)
    board.phone_asks("INVITE", sdp(7100, direction="sendonly"))
    assert board.told(media.Play)[-1].prompts == ("/prompts/music.wav",)  # type: ignore[union-attr]
    board.at(1040.0)
    board.phone_asks("INVITE", sdp(7100))
    assert len(board.told(media.Bridge)) == 2


def test_a_caller_who_moves_to_another_port_is_followed() -> None:
    board = in_the_flow()
    answer = board.reinvite(sdp(7900))
    assert answer.status == 200
    assert board.told(media.ConnectLeg)[-1].port == 7900  # type: ignore[union-attr]


def test_a_change_without_a_codec_of_ours_leaves_the_session_as_it_was() -> None:
    board = in_the_flow()
    assert board.reinvite(sdp(7900, formats="18")).status == 488
    assert len(board.told(media.ConnectLeg)) == 1


# --- bad days ---------------------------------------------------------------------------


def test_a_media_worker_that_dies_ends_its_calls_and_no_more_is_waited_for() -> None:
    board = talking()
    board.control.worker_lost(board.now)
    board.settle()
    assert reason(board) is Reason.WORKER_LOST
    assert board.control.calls == {}
    assert board.fact("RecordingStopped").trouble is not None  # type: ignore[union-attr]


def test_a_fault_of_ours_ends_that_call_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    board = in_the_flow()
    board.invite(call_id="two")
    board.ack(call_id="two")
    first = board.control.calls[next(iter(board.control.calls))]
    monkeypatch.setattr(first.walk, "key_pressed", lambda *_: 1 / 0)
    board.press("1")
    assert reason(board) is Reason.FAULT
    assert board.control.up() == 1
    assert board.control.faults == 1


def test_the_end_of_the_house_ends_every_call_with_its_word() -> None:
    board = talking()
    board.control.end_all(Reason.SHUT_DOWN, board.now)
    board.settle()
    assert reason(board) is Reason.SHUT_DOWN
    assert board.control.up() == 0


def test_what_concerns_no_call_any_more_is_dropped() -> None:
    board = in_the_flow()
    leg = board.caller_leg
    board.bye()
    before = len(board.facts)
    board.say(media.KeyHeard(leg, "1", board.now))
    board.say(media.TapAudio(leg, 1.0, b"\0\0"))
    board.say(media.RecordingClosed("c-none", "/x", 1.0, None))
    assert len(board.facts) == before


def test_nothing_is_left_in_any_table_after_the_calls() -> None:
    board = talking()
    board.at(1050.0)
    board.bye()
    for stream in [o.stream for o in board.others if isinstance(o, OpenStream)]:
        board.control.stream_closed(stream, True, "", board.now)
    board.at(1200.0)
    control = board.control
    tables = (control.calls, control._by_leg, control.agents.by_call, control.agents.by_sip)
    assert not any(tables) and not control.agents.by_media
    assert control.stack.legs() == 0
    assert control.next_deadline() is None


def test_the_audio_of_a_talk_is_fed_leg_by_leg() -> None:
    board = talking()
    agent_leg = board.told(media.Bridge)[-1].right  # type: ignore[union-attr]
    board.say(media.TapAudio(board.caller_leg, 5.0, b"\1\0"))
    board.say(media.TapAudio(agent_leg, 5.0, b"\2\0"))
    fed = [o for o in board.others if isinstance(o, FeedStream)]
    assert [("citizen" in o.stream, o.pcm) for o in fed] == [(True, b"\1\0"), (False, b"\2\0")]


def test_an_agent_whose_phone_never_registers_is_there_from_the_start() -> None:
    board = in_the_flow()
    board.control.phones.known(board.control.house.contacts, board.now)
    board.press("0")
    board.phone_says(200, sdp(7100))
    assert {"Offered", "Answered"} <= set(board.story())
