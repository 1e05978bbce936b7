"""How long after a word's end a page had it, counted from what the page was sent."""

from pathlib import Path

import pytest

from bench.speech_bench import begin_of_talk, delays, exact, ours, texts_shown
from calls.events import Heard, Word
from calls.ids import CallId

BEGAN = 1000.0


def heard(*words: tuple[str, float, float]) -> Heard:
    said = tuple(Word(text, start, end, 1.0) for text, start, end in words)
    text = " ".join(word.text for word in said)
    end = said[-1].end
    return Heard(CallId("c"), BEGAN + end, "citizen", "ko", said[0].start, end, text, 1.0, said)


def test_a_word_counts_when_any_text_reaches_so_far_and_is_right_when_it_is_just_that() -> None:
    certain = [heard(("기차", 1.0, 1.5), ("전기", 1.75, 2.0))]
    shown = [(BEGAN + 2.0, "기사"), (BEGAN + 2.25, "기사전기"), (BEGAN + 3.0, "기차전기")]
    found = delays(certain, BEGAN, shown)
    assert found.there == [0.5, 0.25]
    assert found.right == [1.5, 1.0]
    assert found.in_time == 1.0


def test_texts_of_an_utterance_before_do_not_count_for_the_next() -> None:
    certain = [heard(("기차", 1.0, 1.5)), heard(("전기", 4.0, 4.5))]
    shown = [(BEGAN + 2.0, "기차"), (BEGAN + 6.0, "전기")]
    found = delays(certain, BEGAN, shown)
    assert found.there == [0.5, 1.5] and found.in_time == 0.5


def test_a_page_that_was_sent_nothing_had_no_word() -> None:
    found = delays([heard(("기차", 1.0, 1.5))], BEGAN, [])
    assert found.there == [] and found.in_time == 0.0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("partials", {"partials": {"citizen": {"text": "기차 전기", "start": 1.0}}}),
        ("lines", {"lines": [{"leg": "citizen", "text": "기차 전기"}]}),
    ],
)
def test_partials_and_lines_of_the_citizen_are_what_a_page_shows(
    name: str, data: dict[str, object]
) -> None:
    assert texts_shown([(1.0, name, data)]) == [(1.0, "기차전기")]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("partials", {"partials": {"agent": {"text": "네", "start": 1.0}}}),
        ("lines", {"lines": [{"leg": "agent", "text": "네"}]}),
        ("beat", {"now": 1.0}),
    ],
)
def test_the_agents_words_and_other_events_are_not(name: str, data: dict[str, object]) -> None:
    assert texts_shown([(1.0, name, data)]) == []


def test_what_is_ours_is_counted_by_texts_that_both_had_in_their_order() -> None:
    alone = [(1.0, "기차"), (1.5, "기차전기"), (2.0, "기차"), (3.0, "전기")]
    page = [(1.25, "기차"), (1.5, "기자"), (2.125, "기차"), (3.5, "전기")]
    assert ours(page, alone) == [0.25, 0.125, 0.5]
    assert ours([], alone) == ours(page, []) == []


def test_a_talk_begins_where_its_first_partial_does_if_that_is_near() -> None:
    came = [
        (1.0, "partials", {"partials": {"citizen": {"text": "a", "start": start}}})
        for start in (3.0, 10.25, 14.0)
    ]
    assert begin_of_talk(came, 10.0) == 10.25
    assert begin_of_talk(came, 20.0) == begin_of_talk([], 20.0) == 20.0


def test_a_model_without_dither_is_the_same_model_otherwise(tmp_path: Path) -> None:
    model, made = tmp_path / "model", tmp_path / "made"
    for name, text in (("am/final.mdl", "x"), ("conf/model.conf", "y"), ("conf/mfcc.conf", "--a")):
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_text(text)
    exact(model, made)
    assert (made / "am/final.mdl").read_text() == "x"
    assert (made / "conf/model.conf").read_text() == "y"
    assert (made / "conf/mfcc.conf").read_text() == "--a\n--dither=0\n"
    assert (model / "conf/mfcc.conf").read_text() == "--a"
