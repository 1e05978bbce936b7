"""Counting what a recogniser got wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.wer import Errors, character_error_rate, character_errors, errors, plain, word_error_rate


def test_the_same_words_are_no_error_however_they_are_written() -> None:
    assert word_error_rate("Hello, World!", "hello world") == 0.0
    assert character_error_rate("路灯，坏了。", "路灯 坏 了") == 0.0
    assert character_error_rate("１２号", "12号") == 0.0


def test_each_kind_of_edit_is_counted() -> None:
    assert errors("abcd", "abxd") == Errors(1, 0, 0, 4)
    assert errors("abcd", "abd") == Errors(0, 1, 0, 4)
    assert errors("abcd", "abccd") == Errors(0, 0, 1, 4)


def test_a_rate_may_pass_one_when_more_was_heard_than_said() -> None:
    assert word_error_rate("yes", "no no no") == 3.0


def test_nothing_heard_is_all_wrong() -> None:
    assert character_error_rate("停水了", "") == 1.0


def test_errors_add_up_over_clips() -> None:
    whole = character_errors("停水了", "停水") + character_errors("路灯坏了", "路灯坏了")
    assert whole == Errors(0, 1, 0, 7)
    assert whole.rate == pytest.approx(1 / 7)


def test_without_a_reference_there_is_no_rate() -> None:
    with pytest.raises(ValueError, match="no reference"):
        character_error_rate("", "停水")


@given(st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_edits_explain_the_difference_in_length(said: str, heard: str) -> None:
    count = errors(said, heard)
    assert len(heard) == len(said) - count.deleted + count.inserted
    assert count.substituted + count.deleted <= len(said)
    total = count.substituted + count.deleted + count.inserted
    assert (total == 0) == (said == heard)
    assert total <= max(len(said), len(heard))


def test_punctuation_parts_words() -> None:
    assert plain("A-law，8kHz").split() == ["a", "law", "8khz"]
