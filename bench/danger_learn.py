"""Teach the ear for danger: `workorders/danger_weights.gz` is what this writes.

    python -m bench.danger_learn --letters FILE [--write]

The lessons (danger_lessons.txt, danger_lessons_more.txt, danger_lessons_calls.txt, and the half
`tune` of danger_phrases.txt) are put into frames and misheard at 0, 10, 20 and 30 % of their
characters. Titles and sentences of citizens' letters (objects with `title` and `text`, not in the
repository) are taught as calm, bare and in the same frames, as written and misheard, but for those
that the lessons alone find loud: they may tell of danger. A logistic regression weighs the sounds
found (workorders/danger_ear.py) together with concepts and what the rules say, which it may trust
more than single sounds: they hold for what others say in other words. The table is of five folds,
all utterances of a lesson or letter in the same one: by bound, what is heard of danger, and the
false alarms of what sounds like it and of the letters.
"""

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from asr.transcript import Utterance
from bench import danger
from bench.confusion import misheard
from workorders.danger import flags_of
from workorders.danger_ear import flags_within, signs_of
from workorders.danger_weights import BIAS_NAME
from workorders.lines import Line

HERE = Path(__file__).resolve().parent
LESSONS = ("danger_lessons.txt", "danger_lessons_more.txt", "danger_lessons_calls.txt")
RATES = (0.0, 0.1, 0.2, 0.3)
EACH = 6
"""Utterances of a lesson, before they are misheard."""
SENTENCES = 2
"""Of a letter, besides its title."""
LEAST = 2
"""Lessons that a sign is heard in."""
FOLDS = 5
CALM = "calm"
COST = 0.3
TRUST_RULES, TRUST_SOUND = 2.0, 0.5
"""How dear a weight is to learn, the other way round: of rules and concepts, of a single sound.

Chosen by teaching all lessons but those of one file, and judging those: at 1 % false alarms of
letters 8.5 to 15.9 % of what is near danger alarms, not 10.0 to 17.2, and as much danger is heard.
"""
TOO_LOUD = 2.0
"""Log odds, by the lessons alone, from which on a letter is not taught as calm."""
BOUNDS = (-3.0, -2.5, -2.0, -1.75, -1.5, -1.25, -1.0, -0.5, 0.0)
SENTENCE = re.compile("[^。！？!?；\n]{6,45}(?=[。！？!?；\n])")
SMALL = 0.04
"""Log odds below which a sign is left out."""
WEIGHTS = HERE.parent / "workorders" / "danger_weights.gz"
FRAMES = (
    "{}", "{}", "{}", "喂{}", "你好{}", "喂你好我这里{}", "{}你们快点", "{}怎么办",
    "我跟你说{}",
    "那个{}", "同志{}", "就是{}啊", "{}了解一下", "我是{}的居民", "你们能不能来看看{}",
    "{}麻烦你们",
    "喂那个什么{}", "{}赶紧的", "我要反映{}", "请问{}", "师傅{}你们管不管",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lesson:
    """One utterance to learn from; `group` keeps all of one lesson together."""

    text: str
    kind: str
    """Of danger; `none` for what only sounds like it, `calm` for what a letter says."""
    group: int
    rate: float

    @property
    def danger(self) -> bool:
        """Whether somebody is in danger."""
        return self.kind not in ("none", CALM)


def patterns_of(name: str) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return what may stand in braces, and the patterns with their kinds."""
    slots: dict[str, list[str]] = {}
    patterns: list[tuple[str, str]] = []
    for line in (HERE / name).read_text("utf-8").splitlines():
        if "|" in line and "=" in line.partition("|")[0]:
            slot, _, values = line.partition("=")
            slots[slot] = values.split("|")
        elif not line.startswith("#"):
            kind, _, pattern = line.partition("|")
            patterns.append((kind, pattern))
    return slots, patterns


def lessons(chance: random.Random) -> Iterator[Lesson]:
    """Yield all utterances, those of the phrases too."""
    slots: dict[str, list[str]] = {}
    patterns: list[tuple[str, str]] = []
    for name in LESSONS:
        more, told = patterns_of(name)
        slots |= more
        patterns += told
    patterns += sorted({(c.kind, c.text) for c in danger.phrases("tune") if c.language == "zh"})
    for group, (kind, pattern) in enumerate(patterns):
        for _ in range(EACH):
            said = pattern.format(**{name: chance.choice(values) for name, values in slots.items()})
            framed = chance.choice(FRAMES).format(said)
            for rate in RATES:
                yield Lesson(misheard(framed, rate, chance), kind, group, rate)


def calm(path: Path, first: int, chance: random.Random) -> Iterator[Lesson]:
    """Yield each letter's title and some of its sentences; groups are numbered from `first`."""
    for number, line in enumerate(path.read_text("utf-8").splitlines()):
        letter = json.loads(line)
        sentences = SENTENCE.findall(letter["text"])
        for text in (letter["title"], *chance.sample(sentences, min(SENTENCES, len(sentences)))):
            for rate in (0.0, 0.2):
                framed = chance.choice(FRAMES).format(text.strip())
                yield Lesson(misheard(framed, rate, chance), CALM, first + number, rate)


def signs(text: str) -> set[str]:
    """Return all that is heard in an utterance, rules and sounds."""
    line = Line.of(Utterance("citizen", "zh", 0.0, 5.0, text, 1.0))
    flags = flags_within(flags_of(line), 0, len(line.text))
    return {sign.name for sign in signs_of(line.text)} | flags


def fitted(matrix: Any, truth: Any) -> LogisticRegression:
    """Fit the weights."""
    return LogisticRegression(C=COST, solver="liblinear", max_iter=300).fit(matrix, truth)


def learned(heard: list[Lesson]) -> tuple[dict[str, float], float, list[str]]:
    """Learn from all lessons; also say how well each fifth is judged by the rest."""
    matrix, known = table_of(heard)
    truth = np.array([lesson.danger for lesson in heard])
    letter = np.array([lesson.kind == CALM for lesson in heard])
    fold = np.random.default_rng(0).integers(0, FOLDS, 1 + heard[-1].group)
    folds = fold[[lesson.group for lesson in heard]]
    odds = np.zeros(len(heard))
    for out in range(FOLDS):
        machine = taught(matrix, truth, letter, folds != out)
        odds[folds == out] = machine.decision_function(matrix[folds == out])
    machine = taught(matrix, truth, letter, np.ones(len(heard), bool))
    heeded = machine.coef_[0] * trust_in(known)
    weights = dict(zip(known, heeded.tolist(), strict=True))
    return weights, float(machine.intercept_[0]), _told(heard, odds)


def taught(matrix: Any, truth: Any, letter: Any, used: Any) -> LogisticRegression:
    """Learn from the lessons, then from them and from the letters that are calm by them."""
    first = fitted(matrix[used & ~letter], truth[used & ~letter])
    loud = first.decision_function(matrix) > TOO_LOUD
    kept = used & ~(letter & loud)
    return fitted(matrix[kept], truth[kept])


def table_of(heard: list[Lesson]) -> tuple[Any, list[str]]:
    """Return which utterance has which sign, of those that several lessons have."""
    found = [signs(lesson.text) for lesson in heard]
    groups: dict[str, set[int]] = defaultdict(set)
    for lesson, names in zip(heard, found, strict=True):
        if lesson.kind != CALM:
            for name in names:
                groups[name].add(lesson.group)
    known = sorted(name for name, of in groups.items() if len(of) >= LEAST)
    place = {name: at for at, name in enumerate(known)}
    pairs = [(row, place[n]) for row, names in enumerate(found) for n in names if n in place]
    rows, columns = zip(*pairs, strict=True)
    values = trust_in(known)[list(columns)]
    return sparse.csr_matrix((values, (rows, columns)), (len(heard), len(known))), known


def trust_in(names: list[str]) -> Any:
    """Return what the value of each sign is if it is there."""
    rule = np.array([name[0] in "!@" for name in names])
    single = np.array([" " not in name for name in names]) & ~rule
    return np.where(rule, TRUST_RULES, np.where(single, TRUST_SOUND, 1.0))


def _told(heard: list[Lesson], odds: Any) -> list[str]:
    rates = np.array([lesson.rate for lesson in heard])
    kinds = np.array([lesson.kind for lesson in heard])
    real = ~np.isin(kinds, ("none", CALM))
    lines = ["misheard   bound   recall   false alarms: near danger, letters"]
    for rate in (0.0, 0.2):
        for bound in BOUNDS:
            over = odds >= bound
            shares = (
                np.mean(over[(rates == rate) & which])
                for which in (real, kinds == "none", kinds == CALM)
            )
            lines.append(f"{rate:8.0%} {bound:7.2f}   " + "  ".join(f"{s:6.2%}" for s in shares))
    return lines


def written(weights: dict[str, float], bias: float) -> bytes:
    """Return the file that keeps the weights, in hundredths, the smallest left out.

    The same weights give the same octets: no time stands in it.
    """
    kept = {name: round(100 * w) for name, w in weights.items() if abs(w) >= SMALL}
    lines = [f"{BIAS_NAME}={round(100 * bias)}", *(f"{name}={kept[name]}" for name in sorted(kept))]
    return gzip.compress("\n".join(lines).encode(), mtime=0)


def main() -> None:
    """Print the figures; write the weights if that is wanted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--letters", type=Path, required=True, help="taught as calm")
    given = parser.parse_args()
    chance = random.Random(12345)
    heard = list(lessons(chance))
    heard += calm(given.letters, 1 + heard[-1].group, chance)
    weights, bias, told = learned(heard)
    print("\n".join(told))
    if given.write:
        WEIGHTS.write_bytes(written(weights, bias))


if __name__ == "__main__":
    main()
