"""Words of menus that sound alike, or that the speech model can never hear."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from pypinyin import lazy_pinyin

from config.advice import advice
from config.reader import read
from ivr.alike import confusable
from server import models
from server.word_check import unheard
from tests.helpers import sites
from tests.helpers.speech import MINI


@pytest.mark.parametrize(
    ("words", "pairs"),
    [
        ({"1": ["私事"], "2": ["誓师"]}, [("私事", "誓师")]),
        ({"1": ["蓝色"], "2": ["男色"]}, [("蓝色", "男色")]),
        ({"1": ["医疗"], "2": ["票务"]}, []),
        ({"1": ["人工", "人公"]}, []),
    ],
)
def test_words_for_different_keys_that_many_speakers_say_alike(
    words: Mapping[str, list[str]], pairs: list[tuple[str, str]]
) -> None:
    assert list(confusable(words, lazy_pinyin)) == pairs


def with_words(tmp_path: Path, zh: str) -> Path:
    site = sites.copy(tmp_path / "site")
    path = site / "flows/main.yaml"
    menu = f"    on_silence: general\n    words: {{zh: {zh}}}\n    tries: 3\n"
    text = path.read_text("utf-8")
    old = "    on_silence: general\n    tries: 3\n"
    assert text.count(old) == 1
    path.write_text(text.replace(old, menu), encoding="utf-8")
    return site


def test_words_that_sound_alike_are_warned_of_at_their_line(tmp_path: Path) -> None:
    site = read(with_words(tmp_path, '{"2": [私事], "3": [誓师]}'))
    (fault,) = [one for one in advice(site, date(2026, 3, 4)) if one.code == "words-alike"]
    assert (fault.key, fault.severity) == ("nodes.greeting.words.zh", "warning")


def test_words_beyond_the_models_vocabulary_are_warned_of_when_there_is_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = read(with_words(tmp_path, '{"2": [下水道, 不对不对], "3": [量子力学]}'))
    monkeypatch.setattr(models, "places", lambda data: [data / "models"] if data else [])
    assert unheard(site, tmp_path) == []
    shutil.copytree(MINI, tmp_path / "models/zh")
    faults = unheard(site, tmp_path)
    assert [(one.code, "量子力学" in one.zh) for one in faults] == [("word-unheard", True)]
