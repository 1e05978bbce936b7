"""A menu's answers as a grammar of words that the model has."""

import pytest

from asr.grammar import grammar, split

KNOWN = {"公积金", "公", "积", "金", "查询", "查", "housing", "fund", "yes", "<unk>"}


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("公积金查询", ("公积金", "查询")),
        ("公积金 查", ("公积金", "查")),
        ("公积金提取", None),
        ("housing fund", ("housing", "fund")),
        ("", None),
        (" ", None),
    ],
)
def test_a_phrase_is_split_into_the_fewest_words_of_the_model(
    phrase: str, words: tuple[str, ...] | None
) -> None:
    assert split(phrase, KNOWN.__contains__) == words


def test_the_grammar_has_what_can_be_heard_once_and_a_way_out() -> None:
    wanted = ("公积金查询", "Yes", "yes", "提取")
    assert grammar(wanted, KNOWN.__contains__) == ["公积金 查询", "yes", "<unk>"]


def test_a_grammar_of_nothing_is_none() -> None:
    assert grammar(("提取",), KNOWN.__contains__) == []


def test_there_is_no_grammar_without_a_way_out() -> None:
    assert grammar(("yes",), {"yes"}.__contains__) == []
