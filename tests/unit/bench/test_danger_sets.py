"""How the sets for danger are made, and how what was learned is kept."""

import io
import json
import random
from pathlib import Path

import numpy as np
import pytest

from bench.danger import OPENINGS, ordinary
from bench.danger_learn import (
    CHOICE,
    GRAMMAR,
    LESSONS,
    Lesson,
    Table,
    choice,
    lessons,
    signs,
    told,
    written,
)
from bench.danger_second import taught
from workorders.danger_meaning import SecondEar
from workorders.danger_weights import kept, learned
from workorders.meaning import NUMBERS


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


TIMES = 40
"""That each is taught."""
LITTLE = [
    Lesson(text, kind, group, 0.0, source)
    for group, (text, kind, source) in enumerate(
        [(f"{place}着火了", "fire", name) for place in "楼车山" for name in LESSONS]
        + [(f"{place}路灯坏了", "none", name) for place in "楼车山" for name in LESSONS]
    )
    for _ in range(TIMES)
]


def second() -> SecondEar:
    """Return a second ear that says the same of everything."""
    rows, none = np.zeros((NUMBERS, 2), np.float32), np.zeros(2, np.float32)
    return SecondEar(rows, none, none, 0.25)


def test_what_was_learned_is_kept_in_the_same_octets_and_says_the_same() -> None:
    table = Table(LITTLE)
    machine = table.taught()
    packed = written(table.known, machine, table.trust, second())
    assert packed == written(table.known, machine, table.trust, second())
    ear, other = kept(io.BytesIO(packed))
    for row, lesson in list(enumerate(LITTLE))[::TIMES]:
        odds = machine.odds(table.matrix[[row]])[0]
        assert ear.odds(signs(lesson.text)) == pytest.approx(odds, abs=0.5)
    assert other.odds("煤气味很大", "没气味很大") == 0.25


def test_a_second_ear_learns_meanings_from_lessons() -> None:
    texts, danger = [one.text for one in LITTLE], np.array([one.danger for one in LITTLE])
    ear = taught(texts, danger)
    fire, calm = ear.odds("厨房里全是火"), ear.odds("马路边的灯不亮")
    assert fire > 0 > calm, "neither was said so in any lesson"


def test_no_lesson_has_an_empty_brace_left_and_the_grammar_is_calm() -> None:
    every = list(lessons(random.Random(1)))
    assert not any("{" in lesson.text for lesson in every)
    assert not any(lesson.danger for lesson in every if lesson.source == GRAMMAR)
    assert {lesson.source for lesson in every} == {*LESSONS, GRAMMAR, "tune"}


@pytest.mark.parametrize("sign", ["@fire", "!past", "@stuck", "=着火"])
def test_the_shipped_ear_knows_rules_concepts_and_characters(sign: str) -> None:
    assert sign in learned().first.places and learned().first.odds(()) < 0


def test_what_is_chosen_by_is_never_taught() -> None:
    taught_texts = {lesson.text for lesson in lessons(random.Random(1))}
    assert {one.source for one in choice()} == {CHOICE}
    assert not taught_texts & {one.text for one in choice() if not one.rate}


def test_the_table_tells_of_both_ears_and_a_higher_bound_hears_less() -> None:
    lines = told([one for one in choice() if not one.rate][::60])
    first, both = lines.index("the first ear"), lines.index("both")
    rows = [line.split() for line in lines[both + 1 :] if line.strip().startswith("0%")]
    recalls = [float(row[2].rstrip("%")) for row in rows]
    assert first < both and recalls == sorted(recalls, reverse=True) and recalls[-1] > 80
