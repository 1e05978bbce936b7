"""Who said what, in order."""

import pytest

from asr.recogniser import Heard
from asr.transcript import Transcript, Utterance
from calls.events import Word
from calls.ids import Party


def said(leg: Party, start: float, text: str, confidence: float = 1.0) -> Utterance:
    return Utterance(leg, "zh", start, start + 2.0, text, confidence)


def test_the_two_parties_are_put_in_the_order_in_which_they_spoke() -> None:
    transcript = Transcript()
    transcript.add(said("agent", 5.0, "请讲"))
    transcript.add(said("citizen", 9.0, "路灯坏了"))
    transcript.add(said("citizen", 1.0, "你好"))
    assert transcript.text() == "你好\n请讲\n路灯坏了"
    assert transcript.text("citizen") == "你好\n路灯坏了"
    assert transcript.text("agent") == "请讲"


def test_the_citizen_comes_first_when_both_begin_together() -> None:
    both = [said("agent", 1.0, "喂"), said("citizen", 1.0, "你好")]
    assert [u.leg for u in Transcript(both)] == ["citizen", "agent"]


def test_the_same_utterance_twice_is_one() -> None:
    transcript = Transcript([said("citizen", 1.0, "你好"), said("citizen", 1.0, "你好")])
    assert len(transcript) == 1


def test_a_better_reading_takes_the_place_of_one_leg_only() -> None:
    transcript = Transcript([said("citizen", 1.0, "路等"), said("agent", 4.0, "在哪里")])
    transcript.replace_leg(
        "citizen", [said("citizen", 6.0, "三号楼"), said("citizen", 1.0, "路灯")]
    )
    assert transcript.text() == "路灯\n在哪里\n三号楼"


def test_confidence_is_weighed_by_how_long_was_spoken() -> None:
    long = Utterance("citizen", "zh", 0.0, 9.0, "长", 1.0)
    short = Utterance("agent", "zh", 9.0, 10.0, "短", 0.0)
    assert Transcript([long, short]).confidence() == pytest.approx(0.9)
    assert Transcript([long, short]).confidence("agent") == 0.0


def test_an_empty_transcript_has_no_confidence_rather_than_none_at_all() -> None:
    assert Transcript().confidence() is None
    assert Transcript().text() == ""


def test_an_utterance_keeps_all_that_was_heard() -> None:
    words = (Word("路灯", 1.0, 1.5, 0.8), Word("坏了", 1.5, 2.0, 0.6))
    heard = Heard("路灯坏了", 1.0, 2.0, 0.7, words, final=True)
    utterance = Utterance.of("citizen", "zh", heard)
    assert utterance == Utterance("citizen", "zh", 1.0, 2.0, "路灯坏了", 0.7, words)
