"""Another language heard in a call: a fact, a way of the flow, and a lane for one click."""

from collections.abc import Mapping

import pytest

from asr.language_fit import Judged
from calls.events import Fact, Queued
from calls.ids import LaneId, Language, Skill
from calls.lane_events import LanguageHeard
from ivr.flow import Enqueue, Flow, Listen, SetLanguage
from media import commands as media
from queueing.lane import Lane
from server.asked import How, ToLane
from server.house import LaneRules
from server.outputs import OpenStream
from tests.helpers.switchboard import FLOW, LANE, LANE_RULES, N, Switchboard, house
from tests.helpers.talk_room import MEDICAL, TWO_LANES, TalkRoom, talk_house

ENGLISH = LaneId("english")
ABROAD = {
    LANE: LaneRules(20.0, 30.0, "综合", "zh", None),
    MEDICAL: LaneRules(20.0, 30.0, "医疗", "zh", None),
    ENGLISH: LaneRules(20.0, 30.0, "英语", "en", None),
}
OFFERING = Flow(
    "main",
    FLOW.begin,
    {
        **FLOW.nodes,
        N("matter"): Listen((), N("recorded"), N("general"), on_language={"en": N("to_english")}),
        N("to_english"): SetLanguage("en", N("english")),
        N("english"): Enqueue(ENGLISH, N("message"), N("message"), N("message")),
    },
)


def speaking(flow: Flow = OFFERING) -> tuple[Switchboard, str]:
    """Lead a caller to where words are heard; return the stream of them."""
    board = Switchboard(house=house(numbers={"12345": flow}, lanes=ABROAD))
    english = Lane(ENGLISH, frozenset({Skill("general")}), announce_every=None)
    board.control.waiting.take_rules([LANE_RULES, english])
    board.sign_in()
    board.invite()
    board.ack()
    board.press("1")
    board.say(media.SpeechStarted(board.caller_leg, board.now))
    board.say(media.TapAudio(board.caller_leg, 0.0, b"\0\0" * 160))
    return board, [out.stream for out in board.others if isinstance(out, OpenStream)][-1]


def heard(board: Switchboard, stream: str, language: Language | None, share: float = 0.95) -> None:
    board.control.language_judged(stream, Judged(language, share), 3.04, board.now)
    board.settle()


def told(board: Switchboard) -> list[LanguageHeard]:
    return [fact for fact in board.facts if isinstance(fact, LanguageHeard)]


def lanes(facts: list[Fact]) -> list[LaneId]:
    return [fact.lane for fact in facts if isinstance(fact, Queued)]


@pytest.mark.parametrize(
    ("language", "lane"), [("en", ENGLISH), ("zh", None), ("ko", None), (None, None)]
)
def test_each_look_is_a_fact_with_the_lane_where_another_language_is_spoken(
    language: Language | None, lane: LaneId | None
) -> None:
    board, stream = speaking()
    heard(board, stream, language, 0.9512)
    (fact,) = told(board)
    assert (fact.listened_for, fact.language, fact.lane) == ("zh", language, lane)
    assert (fact.share, fact.seconds) == (0.951, 3.0)


def test_one_who_spoke_another_language_is_led_where_the_flow_says_when_done() -> None:
    board, stream = speaking()
    heard(board, stream, "en")
    assert lanes(board.facts) == [] and "LanguageChosen" not in board.story()
    board.press("#")
    assert lanes(board.facts) == [ENGLISH]
    (decided,) = [fact for fact in board.facts if type(fact).__name__ == "Decided"]
    assert (decided.answer, decided.rule) == ("en", "language heard")  # type: ignore[union-attr]


@pytest.mark.parametrize("ways", [{"en": "zh"}, {"en": None}, {"en": "ko"}])
def test_others_go_on_as_ever(ways: Mapping[str, Language | None]) -> None:
    board, stream = speaking()
    heard(board, stream, ways["en"])
    board.press("#")
    assert lanes(board.facts) == [] and "Ended" not in board.story()
    (call,) = board.control.calls.values()
    assert call.walk.node == N("recorded")


def test_a_flow_that_says_nothing_of_languages_moves_nobody() -> None:
    board, stream = speaking(FLOW)
    heard(board, stream, "en")
    board.press("#")
    (call,) = board.control.calls.values()
    assert call.walk.node == N("recorded") and told(board)[0].lane is None


def test_a_key_that_leads_elsewhere_is_the_callers_own_wish() -> None:
    keyed = Listen((), N("recorded"), N("general"), on_key={"0": N("general")},
                   on_language={"en": N("to_english")})  # fmt: skip
    board, stream = speaking(Flow("main", OFFERING.begin, {**OFFERING.nodes, N("matter"): keyed}))
    heard(board, stream, "en")
    board.press("0")
    assert lanes(board.facts) == [LANE]


def test_what_is_told_of_a_call_that_is_over_or_unknown_is_nothing() -> None:
    board, stream = speaking()
    board.control.language_judged("c-none/citizen/1", Judged("en", 1.0), 3.0, board.now)
    board.bye()
    heard(board, stream, "en")
    assert told(board) == [] and board.control.faults == 0


# --- with an agent ---------------------------------------------------------------------------


def test_a_transfer_to_a_language_lane_changes_the_callers_language_and_others_do_not() -> None:
    flow = Flow("main", TWO_LANES.begin, {
        **TWO_LANES.nodes, N("english"): Enqueue(ENGLISH, N("message"), N("message"), N("message")),
    })  # fmt: skip
    for lane, language in ((ENGLISH, "en"), (MEDICAL, "zh")):
        room = TalkRoom(house=talk_house(numbers={"12345": flow}, lanes=ABROAD))
        room.control.waiting.take_rules(
            [
                LANE_RULES,
                *(Lane(name, frozenset({Skill("medical")})) for name in (ENGLISH, MEDICAL)),
            ]
        )
        room.sign_all_in()
        room.invite()
        room.ack()
        room.press("0")
        room.says("1001", 200)
        assert room.reaches(ToLane(lane), How.TRANSFER) is None
        (call,) = room.control.calls.values()
        assert call.walk.language == call.walk.known["language"] == language
        assert room.story().count("LanguageChosen") == (language == "en")


def test_one_who_is_listened_to_in_that_language_by_then_is_not_asked() -> None:
    board, stream = speaking()
    heard(board, stream, "en")
    (call,) = board.control.calls.values()
    call.walk.language = "en"
    board.press("#")
    assert call.walk.node == N("recorded")
