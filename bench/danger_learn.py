"""Teach the ear for danger: `workorders/danger_weights.py` is what this prints.

    python -m bench.danger_learn [--write]

The lessons (danger_lessons.txt, and the half `tune` of danger_phrases.txt) are put into frames
and misheard at 0, 10, 20 and 30 % of their characters. A logistic regression weighs the sounds
found (workorders/danger_ear.py) together with what the rules say. The figures printed are of five
folds: every utterance of a lesson is in the same fold.
"""

import argparse
import random
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
from workorders.danger import ALONE, LOUD, flags_of
from workorders.danger_ear import flags_within, signs_of
from workorders.lines import Line

HERE = Path(__file__).resolve().parent
RATES = (0.0, 0.1, 0.2, 0.2, 0.3)
EACH = 8
"""Utterances of a lesson, before they are misheard."""
LEAST = 2
"""Lessons that a sign is heard in."""
FOLDS = 5
TOLD = frozenset(("!written", "!heard", "!feared"))
COST = 0.1
SMALL = 0.04
"""Log odds below which a sign is left out."""
WEIGHTS = HERE.parent / "workorders" / "danger_weights.py"
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
    danger: bool
    group: int
    rate: float


def lessons(chance: random.Random) -> Iterator[Lesson]:
    """Yield all utterances, those of the phrases too."""
    slots: dict[str, list[str]] = {}
    patterns: list[tuple[str, str]] = []
    for line in (HERE / "danger_lessons.txt").read_text("utf-8").splitlines():
        if "|" in line and "=" in line.partition("|")[0]:
            name, _, values = line.partition("=")
            slots[name] = values.split("|")
        elif not line.startswith("#"):
            kind, _, pattern = line.partition("|")
            patterns.append((kind, pattern))
    patterns += sorted({(c.kind, c.text) for c in danger.phrases("tune") if c.language == "zh"})
    for group, (kind, pattern) in enumerate(patterns):
        for _ in range(EACH):
            said = pattern.format(**{name: chance.choice(values) for name, values in slots.items()})
            framed = chance.choice(FRAMES).format(said)
            for rate in RATES:
                yield Lesson(misheard(framed, rate, chance), kind != "none", group, rate)


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
    found = [signs(lesson.text) for lesson in heard]
    groups: dict[str, set[int]] = defaultdict(set)
    for lesson, names in zip(heard, found, strict=True):
        for name in names:
            groups[name].add(lesson.group)
    known = sorted(name for name, of in groups.items() if len(of) >= LEAST)
    place = {name: at for at, name in enumerate(known)}
    pairs = [(row, place[n]) for row, names in enumerate(found) for n in names if n in place]
    rows, columns = zip(*pairs, strict=True)
    matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (len(heard), len(known)))
    truth = np.array([lesson.danger for lesson in heard])
    fold = np.random.default_rng(0).integers(0, FOLDS, 1 + heard[-1].group)
    folds = fold[[lesson.group for lesson in heard]]
    odds = np.zeros(len(heard))
    for out in range(FOLDS):
        machine = fitted(matrix[folds != out], truth[folds != out])
        odds[folds == out] = machine.decision_function(matrix[folds == out])
    least = np.array([LOUD if TOLD & names else ALONE for names in found])
    machine = fitted(matrix, truth)
    weights = dict(zip(known, machine.coef_[0].tolist(), strict=True))
    return weights, float(machine.intercept_[0]), _told(heard, odds >= least, truth)


def _told(heard: list[Lesson], loud: Any, truth: Any) -> list[str]:
    rates = np.array([lesson.rate for lesson in heard])
    return [
        f"misheard {rate:.0%}: recall {np.mean(loud[(rates == rate) & truth]):.1%}, "
        f"false alarms {np.mean(loud[(rates == rate) & ~truth]):.1%}"
        for rate in sorted(set(RATES))
    ]


def written(weights: dict[str, float], bias: float) -> str:
    """Return the module that keeps the weights, in hundredths, the smallest left out."""
    kept = {name: round(100 * w) for name, w in weights.items() if abs(w) >= SMALL}
    lines = [f"{name}={kept[name]}" for name in sorted(kept)]
    return (
        '"""What the ear for danger learned; made by `python -m bench.danger_learn --write`."""\n\n'
        f"BIAS = {bias:.3f}\n"
        'TABLE = """\n' + "\n".join(lines) + '\n"""\n'
        '_PAIRS = (line.partition("=") for line in TABLE.splitlines() if line)\n'
        "WEIGHTS = {name: int(weight) / 100 for name, _, weight in _PAIRS}\n"
    )


def main() -> None:
    """Print the figures; write the weights if that is wanted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    weights, bias, told = learned(list(lessons(random.Random(12345))))
    print("\n".join(told))
    if given.write:
        WEIGHTS.write_text(written(weights, bias), "utf-8")


if __name__ == "__main__":
    main()
