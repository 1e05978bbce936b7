"""How the sets for danger are made, and how what was learned is kept."""

import gzip
import json
from pathlib import Path

import pytest

from bench.danger import OPENINGS, ordinary
from bench.danger_learn import SMALL, written
from workorders.danger_weights import BIAS, BIAS_NAME, WEIGHTS


def letters(path: Path, *titles: str) -> Path:
    rows = ({"title": t, "text": f"{t}的情况是这样的请处理一下。谢谢"} for t in titles)
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_a_letter_gives_two_utterances_and_one_that_was_taught_gives_none(tmp_path: Path) -> None:
    calls = letters(tmp_path / "calls", "路灯不亮了", "垃圾没人清运", "公交车总是不来")
    taught = letters(tmp_path / "taught", "垃圾没人清运")
    cases = list(ordinary(calls, taught))
    assert len(cases) == 4 and not any("垃圾" in case.text for case in cases)
    assert not any(case.danger for case in cases)
    for bare, framed in zip(cases[::2], cases[1::2], strict=True):
        assert framed.text in {opening.format(bare.text) for opening in OPENINGS}


def test_the_same_letters_are_drawn_whatever_their_order(tmp_path: Path) -> None:
    one = letters(tmp_path / "one", "路灯不亮了", "公交车总是不来")
    other = letters(tmp_path / "other", "公交车总是不来", "路灯不亮了")
    assert list(ordinary(one, None)) == list(ordinary(other, None))


def test_what_was_learned_is_written_in_hundredths_and_always_in_the_same_octets() -> None:
    packed = written({"zao huo": 1.234, "nothing": SMALL / 2, "@fire": -0.5}, -2.0)
    assert packed == written({"@fire": -0.5, "zao huo": 1.234, "nothing": 0.0}, -2.0)
    assert gzip.decompress(packed).decode().splitlines() == [
        f"{BIAS_NAME}=-200",
        "@fire=-50",
        "zao huo=123",
    ]


@pytest.mark.parametrize("sign", ["@fire", "!past", "@stuck"])
def test_the_shipped_weights_know_rules_and_concepts(sign: str) -> None:
    assert sign in WEIGHTS and BIAS < 0 and BIAS_NAME not in WEIGHTS
