"""How good the draft's judgements are: labels, units, names, danger.

    python -m bench.drafts [--labelled FILE [--fifths]] [--replies FILE] [--names FILE]
                           [--letters FILE]

Nothing of these files is in the repository. How each set is made:

labels   objects with `label` and `text` (or `words`), as they are: a heading stands above its
         text by a wide gap. A text belongs to the held-out fifth by the SHA-256 of its
         characters, blanks aside; learned from the rest. `misheard` puts errors into 20 % of
         the characters of the held-out texts (bench/confusion.py). `one line` is both parts
         without any blank, as if nobody had written a heading. With --fifths each fifth by
         that number is held out in turn, so that every text is ranked by what others teach.
units    letters with `title`, `text`, `reply`. The unit that answered is read from the reply by
         the table ANSWERED: the last unit named in its last 60 characters, else the first in its
         first 120 with 我局, 我委, or 我大队 nearby; letters without one are left out. The shipped
         site's duties rank them (cold); learned in five folds by hash; and both blended.
names    one name a line: all are the gazetteer; 2,000 of three characters and more are misheard.
         `listed` are the same names unchanged; `unlisted` are 2,000 others, correct, that the
         gazetteer was made without.
units' names  the shipped units', whole and without the city, of four to eight characters, each
         misheard twenty times within a sentence.
danger   see bench/danger.py.
minute   the draft of one minute of talk, timed (limit: 50 ms); needs no file.
"""

import argparse
import hashlib
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import danger, minute
from bench.confusion import misheard
from config import reader
from server.drafting import DraftWriter
from workorders.drafting import City
from workorders.learned import Learned
from workorders.learning import Figures, figures, learn
from workorders.names import Names
from workorders.units import Precedents

RATE = 0.2
TIMES = 20
"""That the name of each unit is misheard."""
SITE = Path(__file__).resolve().parent.parent / "config" / "site"
ANSWERED_TABLE = """
exit_entry=出入境
traffic_police=交警|交通警察
fire_rescue=消防
public_security=公安局|派出所|公安分局
human_resources=人社局|人力资源|社保局|劳动监察|养老保险
medical_insurance=医保局|医疗保障局|医疗保险
health=卫健委|卫生局|卫计委|卫生健康|卫生和计划生育|卫计局|卫健局|医院
education=教育局|教育厅|教体局|中学|小学
provident_fund=公积金
housing=住建局|房产局|住房和城乡建设|住房保障|建设局|房管局|住建委|房地产管理局
natural_resources=国土|自然资源|规划局
ecology=环保局|环境保护局|生态环境|环境监察
urban_management=城管|城市管理|行政执法局
transport=交通运输局|交通局|运管|交通运输厅|道路运输
market_regulation=工商局|市场监督|市场监管|食药监|食品药品|质监局|物价局|工商行政
civil_affairs=民政
agriculture=农业局|农业农村|农委|农业委|畜牧
water_affairs=水务局|水利局
forestry=林业
culture_tourism=文体|旅游|文广新|文化局|广电局
power_company=供电|电力公司|电力局|国网
water_company=自来水|供水
gas_company=燃气
tax=税务|国税|地税
development=发改
commerce=商务局
metro_company=轨道|地铁
bus_company=公交公司|公交集团|公共交通
"""
ANSWERED = [
    (unit, re.compile(pattern))
    for unit, pattern in (line.split("=") for line in ANSWERED_TABLE.split())
]
OURS = re.compile("我局|我委|我大队|我支队|我公司|我中心|我院|我校")


@dataclass(frozen=True, slots=True)
class Letter:
    """A text and what is right for it."""

    text: str
    label: str

    @property
    def fold(self) -> int:
        """By hash of what is written, blanks aside, so that it is the same in every run."""
        return int(hashlib.sha256("".join(self.text.split()).encode()).hexdigest(), 16) % 5


def objects(path: Path) -> list[dict[str, str]]:
    """Read a file of JSON objects, one a line."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def labelled(path: Path) -> list[Letter]:
    """Read letters with their labels."""
    return [Letter(o.get("text") or o["words"], o["label"]) for o in objects(path)]


def labels(path: Path) -> str:
    """Learn labels and rank those held out, as written and misheard."""
    letters = labelled(path)
    out = [letter for letter in letters if letter.fold == 0]
    taught = [letter for letter in letters if letter.fold]
    began = time.monotonic()
    model, folds = learn([x.text for x in taught], [x.label for x in taught])
    spent, chance = time.monotonic() - began, random.Random(12345)
    garbled = [Letter(misheard(x.text, RATE, chance), x.label) for x in out]
    lines = [f"labels: {len(model.labels)}, learned from {len(taught)} texts in {spent:.0f} s",
             "                       texts    first    top 3      ECE   ms a text"]  # fmt: skip
    lines.append(_row("five folds", folds, 0))
    one_line = [Letter("".join(x.text.split()), x.label) for x in out]
    for name, texts in (
        ("held out", out),
        ("held out, misheard", garbled),
        ("held out, one line", one_line),
    ):
        began = time.monotonic()
        found = _measured(model, texts)
        each = (time.monotonic() - began) / len(texts)
        lines.append(_row(name, found, each))
    return "\n".join(lines)


def fifths(path: Path) -> str:
    """Hold out each fifth in turn and rank it by what the others teach; then all together."""
    letters = labelled(path)
    lines, every = ["each fifth held out    texts    first    top 3      ECE"], []
    for fold in range(5):
        taught = [letter for letter in letters if letter.fold != fold]
        model, _ = learn([x.text for x in taught], [x.label for x in taught])
        every.append(_chances(model, [letter for letter in letters if letter.fold == fold]))
        lines.append(_row(f"fifth {fold}", figures(*every[-1]), 0))
    together = (np.concatenate(parts) for parts in zip(*every, strict=True))
    return "\n".join([*lines, _row("together", figures(*together), 0)])


def _measured(model: Learned, letters: Sequence[Letter]) -> Figures:
    return figures(*_chances(model, letters))


def _chances(
    model: Learned, letters: Sequence[Letter]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return letters by labels, in the labels' order, and the right one of each."""
    chances = np.zeros((len(letters), len(model.labels)))
    place = {label: at for at, label in enumerate(model.labels)}
    for row, letter in enumerate(letters):
        for ranking in model.rank(letter.text, 3):
            chances[row, place[ranking.label]] = ranking.probability
    return chances, np.array([place[letter.label] for letter in letters])


def _row(name: str, found: Figures, each: float) -> str:
    speed = f"{1000 * each:8.1f}" if each else ""
    return (
        f"  {name:<20} {found.texts:6}   {found.first:6.2%}   {found.top_three:6.2%}"
        f"   {found.calibration_error:6.4f}{speed}"
    )


def answered(reply: str) -> str | None:
    """Read from a reply which unit it is of; None if that cannot be told."""
    end, begin = reply[-60:], reply[:120]
    named = [(m.start(), unit) for unit, pattern in ANSWERED for m in pattern.finditer(end)]
    if named:
        return max(named)[1]
    if OURS.search(begin):
        named = [(m.start(), unit) for unit, pattern in ANSWERED for m in pattern.finditer(begin)]
        return min(named)[1] if named else None
    return None


def units(path: Path) -> str:
    """Rank the shipped site's units for letters whose answering unit can be read."""
    city = DraftWriter.of(reader.read(SITE)).city
    letters = [
        Letter(o["title"] + "\n" + o["text"], unit)
        for o in objects(path)
        if (unit := answered(o["reply"])) is not None
    ]
    tally = {name: [0, 0] for name in ("duties only (cold)", "learned only", "both")}
    for fold in range(5):
        taught = [letter for letter in letters if letter.fold != fold]
        model, _ = learn([x.text for x in taught], [x.label for x in taught])
        ways = _ways(city, model)
        for letter in (letter for letter in letters if letter.fold == fold):
            for name, way in ways.items():
                ranked = way(letter.text)
                tally[name][0] += ranked[:1] == [letter.label]
                tally[name][1] += letter.label in ranked[:3]
    lines = [
        f"units: {len(letters)} letters answered by {len({x.label for x in letters})} units, "
        f"of {len(city.units.units)}",
        "                        first    top 3",
    ]
    lines += [
        f"  {name:<20} {first / len(letters):6.1%}   {three / len(letters):6.1%}"
        for name, (first, three) in tally.items()
    ]
    return "\n".join(lines)


def _ways(city: City, model: Learned) -> dict[str, Callable[[str], list[str]]]:
    precedents = Precedents(model)

    def cold(text: str) -> list[str]:
        return [str(r.unit) for r in city.units.rank([text])]

    def learned(text: str) -> list[str]:
        return [r.label for r in model.rank(text, 0)]

    def both(text: str) -> list[str]:
        ranked = precedents.blend(city.units.rank([text]), text, city.units.units)
        return [str(r.unit) for r in ranked]

    return {"duties only (cold)": cold, "learned only": learned, "both": both}


def names(path: Path) -> str:
    """Put misheard names right, and leave correct ones alone."""
    every = sorted({line.strip() for line in path.read_text("utf-8").splitlines()})
    chance = random.Random(12345)
    chosen = chance.sample([name for name in every if len(name) >= 3], 4000)
    said, unlisted = chosen[:2000], chosen[2000:]
    known = Names(set(every) - set(unlisted))
    garbled = [misheard(name, RATE, chance) for name in said]
    began = time.monotonic()
    meant = [known.meant(text) for text in garbled]
    each = 1000 * (time.monotonic() - began) / len(said)
    fixed = [m.name if m else text for m, text in zip(meant, garbled, strict=True)]
    before = np.mean([a == b for a, b in zip(garbled, said, strict=True)])
    after = np.mean([a == b for a, b in zip(fixed, said, strict=True)])
    wrong = np.mean([m is not None and m.name != n for m, n in zip(meant, said, strict=True)])
    kept = np.mean([known.meant(name) is not None for name in said])
    other = np.mean([known.meant(name) is not None for name in unlisted])
    return (
        f"names: {len(every)}, {RATE:.0%} of characters misheard\n"
        f"  right before {before:6.1%}, after {after:6.1%} (to another name {wrong:.2%}); "
        f"{each:.2f} ms a name\n"
        f"  correct names changed: listed {kept:.2%}, unlisted {other:.2%}"
    )


def unit_names() -> str:
    """Put misheard names of units right within a sentence, and leave correct ones alone."""
    index = DraftWriter.of(reader.read(SITE)).city.units
    chance = random.Random(12345)
    said = [name for unit in index.units for name in (unit.name, unit.name[3:])]
    said = [name for name in said if 4 <= len(name) <= 8] * TIMES
    right, fixed, wrong, changed = 0, 0, 0, 0
    for name in said:
        heard = misheard(name, RATE, chance)
        meant = {found.name for found in index.misheard(f"我找{heard}问过")}
        right += heard == name
        fixed += heard == name or any(m in name and len(m) >= 4 for m in meant)
        wrong += any(m not in name for m in meant)
        changed += any(m not in name for m in (f.name for f in index.misheard(f"我找{name}问过")))
    share = 1 / len(said)
    return (
        f"unit names: {len(said)}, {RATE:.0%} of characters misheard\n"
        f"  right before {right * share:6.1%}, after {fixed * share:6.1%}"
        f" (to another name {wrong * share:.2%}); correct names changed {changed * share:.2%}"
    )


def main() -> None:
    """Print the tables that the command line has files for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--labelled", type=Path, help="texts with labels")
    parser.add_argument("--fifths", action="store_true", help="hold out each fifth of them in turn")
    parser.add_argument("--replies", type=Path, help="letters with replies")
    parser.add_argument("--names", type=Path, help="names, one a line")
    parser.add_argument("--letters", type=Path, help="letters with titles, for false alarms")
    given = parser.parse_args()
    print(minute.report())
    print(danger.report("measure", False))
    for name in danger.UNSEEN:
        print(danger.unseen_report(name, given.replies, given.letters))
    print(unit_names())
    if given.letters is not None:
        print(danger.letters(given.letters, False))
    for path, measure in (
        (given.names, names),
        (given.replies, units),
        (given.labelled, labels),
        (given.labelled if given.fifths else None, fifths),
    ):
        if path is not None:
            print(measure(path), flush=True)


if __name__ == "__main__":
    main()
