"""Teach the ear for danger: `workorders/danger_weights.npz` is what this writes.

    python -m bench.danger_learn [--letters FILE] [--write]

The lessons (danger_lessons*.txt, by many hands, and the half `tune` of danger_phrases.txt) are put
into frames and misheard at 0, 10, 20 and 30 % of their characters. What citizens say and write when
nobody is in danger comes besides them from a grammar, danger_calm.txt. All of these were written
for this; nothing is taught from anybody's letters.

A small network with one layer between weighs the characters and sounds found
(workorders/danger_ear.py) together with concepts and what the rules say, which it may trust more
than single sounds: they hold for what others say in other words. The table says what is heard of
the lessons of each file by an ear taught all the others: those are another's words, near enough.
With --letters (objects with `title` and `text`, not in the repository) the false alarms of their
titles and of one sentence each are told too; some tell of a danger, and count as false.
"""

import argparse
import io
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from asr.transcript import Utterance
from bench import danger
from bench.confusion import misheard
from bench.danger_net import Network, Shape, teach
from workorders.danger import flags_of
from workorders.danger_ear import flags_within, signs_of
from workorders.danger_weights import FILE
from workorders.lines import Line

HERE = Path(__file__).resolve().parent
LESSONS = (
    "danger_lessons.txt", "danger_lessons_more.txt", "danger_lessons_calls.txt",
    "danger_lessons_wide.txt", "danger_lessons_worn.txt", "danger_lessons_dispatch.txt",
    "danger_lessons_street.txt", "danger_lessons_ward.txt", "danger_lessons_watch.txt",
    "danger_lessons_hills.txt", "danger_lessons_rambling.txt", "danger_lessons_site.txt",
    "danger_lessons_river.txt", "danger_lessons_neighbours.txt", "danger_lessons_nightshift.txt",
    "danger_lessons_county.txt", "danger_lessons_harbour.txt", "danger_lessons_campus.txt",
    "danger_lessons_oldtown.txt", "danger_lessons_estate.txt", "danger_lessons_clinic.txt",
    "danger_lessons_newcomers.txt",
)  # fmt: skip
GRAMMAR = "danger_calm.txt"
RATES = (0.0, 0.1, 0.2, 0.3)
EACH = 6
"""Utterances of a lesson, before they are misheard."""
CALM_EACH = 16
"""Of a pattern of the grammar; misheard at half of the rates."""
LEAST = 3
"""Lessons that a sign is heard in."""
LETTER = "letter"
SHAPE = Shape(sums=8, rounds=4)
"""Sums between, and times that all is gone through.

Chosen, as TRUST, by teaching all but one of the first four files: where 1 % of the calm and near
ones (one in ten near) alarm, one sum (a logistic regression) heard 94.0 %, misheard 88.1 %; 4, 8
and 16 sums 96.2 %, 91.8 %. Without characters it heard four points less."""
TRUST_RULES, TRUST_WRITTEN, TRUST_SOUND = 2.0, 2.0, 0.5
"""How dear a weight is, the other way round: of rules and concepts, of a character or two, of a
single sound."""
BOUNDS = (-4.0, -3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0)
SENTENCE = re.compile("[^。！？!?；\n]{6,45}(?=[。！？!?；\n])")
SMALL = 0.02
"""Log odds below which a sign is left out: many small ones together make talk calm."""
WEIGHTS = HERE.parent / "workorders" / FILE
FRAMES = (
    "{}", "{}", "{}", "喂{}", "你好{}", "喂你好我这里{}", "{}你们快点", "{}怎么办",
    "我跟你说{}",
    "那个{}", "同志{}", "就是{}啊", "{}了解一下", "我是{}的居民", "你们能不能来看看{}",
    "{}麻烦你们",
    "喂那个什么{}", "{}赶紧的", "我要反映{}", "请问{}", "师傅{}你们管不管",
    "有个事{}", "哎{}", "麻烦你记一下{}", "打了好几遍才打通{}", "政府热线吧{}", "{}听得见吗",
    "我这边是开发区{}", "我人在现场{}", "{}我说清楚了没", "{}你记一下", "你好小姐{}",
    "我刚才打过{}", "我在老城这边{}", "{}真的", "您好我姓张{}", "{}就这个事", "能听到吗{}",
    "{}对对", "我也不知道打给谁{}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lesson:
    """One utterance to learn from; `group` keeps all of one lesson together."""

    text: str
    kind: str
    """Of danger; `none` for what only sounds like it or is calm, LETTER for a letter's words."""
    group: int
    rate: float
    source: str

    @property
    def danger(self) -> bool:
        """Whether somebody is in danger."""
        return self.kind not in ("none", LETTER)


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
    """Yield all utterances to be taught, those of the phrases and of the grammar too."""
    slots: dict[str, list[str]] = {}
    patterns: list[tuple[str, str, str]] = []
    for name in LESSONS:
        more, told = patterns_of(name)
        slots |= more
        patterns += ((*one, name) for one in told)
    own = sorted({(c.kind, c.text) for c in danger.phrases("tune") if c.language == "zh"})
    patterns += ((*one, "tune") for one in own)
    for group, (kind, pattern, name) in enumerate(patterns):
        for _ in range(EACH):
            framed = chance.choice(FRAMES).format(_filled(pattern, slots, chance))
            for rate in RATES:
                yield Lesson(misheard(framed, rate, chance), kind, group, rate, name)
    slots, calm = patterns_of(GRAMMAR)
    for group, (_, pattern) in enumerate(calm, len(patterns)):
        for _ in range(CALM_EACH):
            framed = chance.choice(FRAMES).format(_filled(pattern, slots, chance))
            for rate in RATES[::2]:
                yield Lesson(misheard(framed, rate, chance), "none", group, rate, GRAMMAR)


def _filled(pattern: str, slots: dict[str, list[str]], chance: random.Random) -> str:
    """Fill in braces, until none is left."""
    while "{" in pattern:
        pattern = pattern.format(**{name: chance.choice(values) for name, values in slots.items()})
    return pattern


def letters(path: Path, chance: random.Random) -> Iterator[Lesson]:
    """Yield each letter's title and one of its sentences: to be judged, never taught."""
    for line in path.read_text("utf-8").splitlines():
        letter = json.loads(line)
        for text in (letter["title"], *chance.sample(SENTENCE.findall(letter["text"]) or [""], 1)):
            framed = chance.choice(FRAMES).format(text.strip())
            for rate in RATES[::2]:
                yield Lesson(misheard(framed, rate, chance), LETTER, -1, rate, LETTER)


def signs(text: str) -> set[str]:
    """Return all that is heard in an utterance: rules, characters and sounds."""
    line = Line.of(Utterance("citizen", "zh", 0.0, 5.0, text, 1.0))
    flags = flags_within(flags_of(line), 0, len(line.text))
    return {sign.name for sign in signs_of(line.text)} | flags.keys()


class Table:
    """Utterances by signs, and what is so of each."""

    def __init__(self, heard: Sequence[Lesson]) -> None:
        self.group = np.array([lesson.group for lesson in heard])
        self.danger = np.array([lesson.danger for lesson in heard])
        self.letter = np.array([lesson.kind == LETTER for lesson in heard])
        self.source = np.array([lesson.source for lesson in heard])
        self.rate = np.array([lesson.rate for lesson in heard])
        numbers: dict[str, int] = defaultdict(lambda: len(numbers))
        found = [self._numbered(lesson.text, numbers) for lesson in heard]
        spread = self._spread(found, len(numbers))
        self.known = sorted(name for name, number in numbers.items() if spread[number] >= LEAST)
        self.trust = np.array([trust_in(name) for name in self.known], np.float32)
        column = np.full(len(numbers), -1, np.int32)
        column[[numbers[name] for name in self.known]] = np.arange(len(self.known))
        rows = np.repeat(np.arange(len(found)), [len(row) for row in found])
        columns = column[np.concatenate(found)]
        rows, columns = rows[columns >= 0], columns[columns >= 0]
        shape = (len(heard), len(self.known))
        self.matrix = sparse.csr_matrix((self.trust[columns], (rows, columns)), shape)

    @staticmethod
    def _numbered(text: str, numbers: dict[str, int]) -> NDArray[np.int32]:
        return np.array([numbers[name] for name in sorted(signs(text))], np.int32)

    def _spread(self, found: Sequence[NDArray[np.int32]], signs_in_all: int) -> NDArray[np.int32]:
        """Count the lessons that each sign is heard in; a lesson's utterances stand together."""
        last, spread = np.full(signs_in_all, -1), np.zeros(signs_in_all, np.int32)
        for row in np.flatnonzero(~self.letter):
            fresh = found[row][last[found[row]] != self.group[row]]
            last[fresh] = self.group[row]
            spread[fresh] += 1
        return spread

    def taught(self, used: Any) -> Network:
        """Teach networks these rows."""
        return teach(self.matrix[used], self.danger[used], SHAPE)

    def judged(self) -> Any:
        """Return log odds of each file's lessons by what the others taught; NaN for the rest.

        A letter has the mean of all these ears.
        """
        odds = np.full(len(self.danger), np.nan)
        odds[self.letter] = 0.0
        for name in LESSONS:
            out = self.source == name
            machine = self.taught(~out & ~self.letter)
            odds[out] = machine.odds(self.matrix[out])
            if self.letter.any():
                odds[self.letter] += machine.odds(self.matrix[self.letter]) / len(LESSONS)
        return odds


def trust_in(name: str) -> float:
    """Return what the value of a sign is if it is there."""
    if name[0] in "!@":
        return TRUST_RULES
    if name[0] == "=":
        return TRUST_WRITTEN
    return 1.0 if " " in name else TRUST_SOUND


def told(table: Table) -> list[str]:
    """Return the table by bound."""
    odds = table.judged()
    near = ~table.danger & ~table.letter
    lines = ["each file's lessons judged by an ear taught the others",
             "misheard   bound   recall   false alarms: lessons, letters"]  # fmt: skip
    for rate in (0.0, 0.2):
        these = (table.rate == rate) & ~np.isnan(odds)
        for bound in BOUNDS:
            shares = [
                f"{np.mean(odds[these & which] >= bound):7.2%}"
                for which in (table.danger, near, table.letter)
                if (these & which).any()
            ]
            lines.append(f"{rate:8.0%} {bound:7.2f}   " + "  ".join(shares))
    return lines


def written(known: Sequence[str], machine: Network, trust: Any) -> bytes:
    """Return the file that keeps what was learned; signs that say next to nothing are left out.

    The same weights give the same octets: no time stands in it.
    """
    rows = machine.rows * trust[:, None]
    heeded = np.abs(rows * machine.weights).max(axis=1) >= SMALL
    scale = np.maximum(np.abs(rows).max(axis=0), 1e-6) / 127
    names = "\n".join(name for name, kept in zip(known, heeded, strict=True) if kept)
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        names=np.frombuffer(names.encode(), np.uint8),
        rows=np.round(rows[heeded] / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        sums=machine.sums,
        weights=machine.weights,
        bias=np.float32(machine.bias),
    )
    return packed.getvalue()


def main() -> None:
    """Print the figures; write the weights if that is wanted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--letters", type=Path, help="judged as calm, never taught")
    given = parser.parse_args()
    chance = random.Random(12345)
    heard = list(lessons(chance))
    if given.letters:
        heard += letters(given.letters, chance)
    table = Table(heard)
    print(Counter("danger" if lesson.danger else lesson.kind for lesson in heard))
    print("\n".join(told(table)))
    if given.write:
        machine = table.taught(~table.letter)
        WEIGHTS.write_bytes(written(table.known, machine, table.trust))


if __name__ == "__main__":
    main()
