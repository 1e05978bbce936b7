"""How words are written down in each language."""

import pytest

from asr.recogniser import spell, utterance
from calls.events import Word
from calls.ids import Language


@pytest.mark.parametrize(
    ("language", "words", "written"),
    [
        ("zh", ["阳光", "小区", "三", "号", "楼"], "阳光小区3号楼"),
        ("ja", ["道路", "に", "穴", "が", "三", "号"], "道路に穴が三号"),
        ("ko", ["가로등", "이", "고장"], "가로등 이 고장"),
        ("en", ["the", "street", "light"], "the street light"),
    ],
)
def test_words_are_joined_as_the_language_is_written(
    language: Language, words: list[str], written: str
) -> None:
    assert spell(words, language) == written


def test_an_utterance_is_as_sure_as_its_words_are_on_average() -> None:
    words = (Word("三", 1.0, 1.2, 0.9), Word("号", 1.2, 1.5, 0.6))
    heard = utterance(words, "zh")
    assert (heard.text, heard.start, heard.end, heard.confidence) == ("3号", 1.0, 1.5, 0.75)
    assert [word.text for word in heard.words] == ["三", "号"], "the words keep what was said"
    assert heard.final
