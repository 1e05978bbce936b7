"""Teach the ear for danger: `workorders/danger_weights.npz` is what this writes.

    python -m bench.danger_learn [--letters FILE] [--write]

The lessons (danger_lessons*.txt, by many hands, and the half `tune` of danger_phrases.txt) are put
into frames and misheard at 0, 10, 20 and 30 % of their characters. What citizens say and write when
nobody is in danger comes besides them from a grammar, danger_calm.txt. All of these were written
for this; nothing is taught from anybody's letters.

A small network with one layer between weighs the characters and sounds found
(workorders/danger_ear.py) together with concepts and what the rules say, which it may trust more
than single sounds: they hold for what others say in other words. A second ear is taught beside it
(bench/danger_second.py). The table says by bound what both hear of danger_choice.txt, by three more
hands, which nothing is taught from: bounds and shapes are chosen by it. With --letters (objects
with `title` and `text`, not in the repository) the false alarms of their titles and of one
sentence each are told too; some tell of a danger, and count as false. Teaching takes about a
quarter of an hour of CPU, most of it for meanings.
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
from bench import danger, danger_second, second_reading
from bench.confusion import misheard
from bench.danger_net import Network, Shape, teach
from workorders.danger import by_rule, flags_of, verdict_on
from workorders.danger_ear import flags_within, signs_of
from workorders.danger_meaning import SecondEar, heard_in
from workorders.danger_weights import FILE, learned
from workorders.lines import Line
from workorders.second_reading import FILE as READING_FILE
from workorders.second_reading import learned as how_callers_talk

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
CHOICE = "danger_choice.txt"
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
READING = HERE.parent / "workorders" / READING_FILE
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
    line = _line(text)
    flags = flags_within(flags_of(line), 0, len(line.text))
    return {sign.name for sign in signs_of(line.text)} | flags.keys()


class Table:
    """Utterances by signs, and what is so of each."""

    def __init__(self, heard: Sequence[Lesson]) -> None:
        self.group = np.array([lesson.group for lesson in heard])
        self.danger = np.array([lesson.danger for lesson in heard])
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
        for row, names in enumerate(found):
            fresh = names[last[names] != self.group[row]]
            last[fresh] = self.group[row]
            spread[fresh] += 1
        return spread

    def taught(self) -> Network:
        """Teach a network all of it."""
        return teach(self.matrix, self.danger, SHAPE)


def trust_in(name: str) -> float:
    """Return what the value of a sign is if it is there."""
    if name[0] in "!@":
        return TRUST_RULES
    if name[0] == "=":
        return TRUST_WRITTEN
    return 1.0 if " " in name else TRUST_SOUND


def choice() -> Iterator[Lesson]:
    """Yield utterances of three hands that nothing is taught from, to choose by."""
    chance = random.Random(12345)
    for kind, text in patterns_of(CHOICE)[1]:
        for rate in (0.0, *[0.2] * 3):
            yield Lesson(misheard(text, rate, chance), kind, -1, rate, CHOICE)


def told(heard: Sequence[Lesson]) -> list[str]:
    """Return the table by bound, for what is written."""
    lines = ["misheard   bound   recall   false alarms: near, letters"]
    for name, judged in (("the first ear", _by_first), ("both", _by_both)):
        odds = np.array([judged(_line(lesson.text)) for lesson in heard])
        lines.append(name)
        for rate in (0.0, 0.2):
            for bound in BOUNDS:
                shares = [
                    f"{np.mean(odds[these] >= bound):7.2%}"
                    for these in _kinds(heard, rate)
                    if these.any()
                ]
                lines.append(f"{rate:8.0%} {bound:7.2f}   " + "  ".join(shares))
    return lines


def _by_first(line: Line) -> float:
    return learned().first.judge(line.text, flags_of(line)).odds


def _by_both(line: Line) -> float:
    return verdict_on(line, by_rule(line)).odds


def _line(text: str) -> Line:
    return Line.of(Utterance("citizen", "zh", 0.0, 5.0, text, 1.0))


def _kinds(heard: Sequence[Lesson], rate: float) -> Iterator[NDArray[np.bool_]]:
    """Yield which of the utterances misheard so much are of danger, near it, and of letters."""
    for kind in ("danger", "none", LETTER):
        yield np.array(
            [one.rate == rate and ("danger" if one.danger else one.kind) == kind for one in heard]
        )


def written(known: Sequence[str], machine: Network, trust: Any, second: SecondEar) -> bytes:
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
        **danger_second.packed(second),
    )
    return packed.getvalue()


def main() -> None:
    """Teach and write the ears if that is wanted; print the figures of those that are written."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--letters", type=Path, help="judged as calm, never taught")
    given = parser.parse_args()
    chance = random.Random(12345)
    if given.write:
        heard = list(lessons(chance))
        print(Counter("danger" if lesson.danger else lesson.kind for lesson in heard))
        table = Table(heard)
        machine = table.taught()
        texts = [heard_in(lesson.text) for lesson in heard]
        second = danger_second.taught(texts, table.danger)
        WEIGHTS.write_bytes(written(table.known, machine, table.trust, second))
        pairs = zip(heard, texts, strict=True)
        spoken = {lesson.group: text for lesson, text in pairs if not lesson.rate}
        READING.write_bytes(second_reading.written(spoken.values()))
        learned.cache_clear()
        how_callers_talk.cache_clear()
    print("\n".join(told([*choice(), *(letters(given.letters, chance) if given.letters else ())])))


if __name__ == "__main__":
    main()
