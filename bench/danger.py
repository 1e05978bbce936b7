"""How well danger is heard: recall and false alarms, also with characters misheard.

    python -m bench.danger [--half measure|tune] [--shown] [--letters FILE] [--calls FILE]

`danger_phrases.txt` was written in one go before the rules were changed. A phrase belongs to
the half that is looked at while rules are written (`tune`) or to the other (`measure`) by the
SHA-256 of its words, so that no wording is in both; every phrase is put into each frame of its
language. Only figures of the half `measure` count; its misses are never shown.
`danger_unseen.txt`, `danger_unseen_second.txt` and `danger_unseen_third.txt` were written by three
hands that had seen nothing of rules, ear, lessons and each other. They are measured, never looked
at for mending. They have nearly as many that sound like danger as of danger, which no hotline has.
So with --calls (letters, objects with `title` and `text`, that nothing was taught from) ordinary
matters are measured beside them: of 500 letters, the first by the SHA-256 of their titles, the
title or the first sentence by that same number, bare and after an opening.
Letters that stand in --letters (those taught) are left out. None was read: the few that do tell of
a danger count as false alarms. `all` is of everything that is not danger, in these numbers.
With --letters, also the share of letters' titles that raise an alarm.
"""

import argparse
import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from asr.transcript import Utterance
from bench.confusion import misheard
from calls.ids import Language
from workorders.lines import lines_of
from workorders.urgency import urgency_of

KINDS = {"danger": "of danger", "none": "near", "none plain": "everyday",
         "none ordinary": "ordinary"}  # fmt: skip
HERE = Path(__file__).resolve().parent
UNSEEN = ("danger_unseen.txt", "danger_unseen_second.txt", "danger_unseen_third.txt")
RATE = 0.2
TIMES = 5
"""Different garblings of each utterance."""
ORDINARY = 500
"""Letters that are taken for ordinary calls."""
SENTENCE = re.compile("[^。！？!?；\n]{6,45}(?=[。！？!?；\n])")
OPENINGS = ("喂你好{}", "是12345吗{}", "那个我想说一下{}", "{}啊你们听到没有", "你好我在城东{}")


@dataclass(frozen=True, slots=True)
class Case:
    """One utterance, and whether somebody is in danger."""

    language: Language
    kind: str
    text: str

    @property
    def danger(self) -> bool:
        return not self.kind.startswith("none")


def phrases(half: str) -> Iterator[Case]:
    """Yield the phrases of one half, without frames."""
    for line in (HERE / "danger_phrases.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            language, kind, phrase = line.split("|")
            odd = hashlib.sha256(phrase.encode()).digest()[0] % 2
            if odd == (half == "measure"):
                yield Case(cast(Language, language), kind, phrase)


def cases(half: str) -> Iterator[Case]:
    """Yield the utterances of one half."""
    frames = [line.split("|") for line in (HERE / "danger_frames.txt").read_text().splitlines()]
    for phrase in phrases(half):
        for tongue, frame in frames:
            if tongue == phrase.language:
                yield Case(phrase.language, phrase.kind, frame.format(phrase.text))


def unseen(name: str) -> Iterator[Case]:
    """Yield what neither rules nor ear have met: each text bare, and after an opening."""
    lines = (HERE / name).read_text("utf-8").splitlines()
    pairs = [line.split("|") for line in lines if not line.startswith("#")]
    for number, (written, text) in enumerate(pairs):
        kind = {"near": "none", "plain": "none plain"}.get(written, written)
        yield Case("zh", kind, text)
        yield Case("zh", kind, OPENINGS[number % len(OPENINGS)].format(text))


def ordinary(calls: Path, taught: Path | None) -> Iterator[Case]:
    """Yield what people write to a city about, each text bare and after an opening."""
    known = {_bare(letter["text"]) for letter in _letters(taught)} if taught else set()
    fresh = [letter for letter in _letters(calls) if _bare(letter["text"]) not in known]
    numbers = {letter["title"]: _number(letter["title"]) for letter in fresh}
    for letter in sorted(fresh, key=lambda x: numbers[x["title"]])[:ORDINARY]:
        number = numbers[letter["title"]]
        sentence = SENTENCE.search(letter["text"])
        text = letter["title"] if sentence is None or number % 2 else sentence[0]
        yield Case("zh", "none ordinary", text.strip())
        yield Case("zh", "none ordinary", OPENINGS[number % len(OPENINGS)].format(text.strip()))


def _letters(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _bare(text: str) -> str:
    return "".join(c for c in text if c.isalnum())[:60]


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def alarm(text: str, language: Language) -> bool:
    """Tell whether the rules raise an alarm."""
    said = lines_of([Utterance("citizen", language, 0.0, 5.0, text, 1.0)])
    judged = urgency_of(said)
    return judged is not None and judged.value == "danger"


def counted(chosen: list[Case], rate: float) -> tuple[Counter[str], list[Case]]:
    """Count alarms by what was so; return the misses and false alarms too."""
    chance, tally, wrong = random.Random(12345), Counter[str](), []
    for case in chosen:
        for _ in range(TIMES if rate else 1):
            text = misheard(case.text, rate, chance)
            raised = alarm(text, case.language)
            tally["danger" if case.danger else "none"] += 1
            tally["heard"] += raised and case.danger
            tally["false"] += raised and not case.danger
            if raised != case.danger:
                wrong.append(Case(case.language, case.kind, text))
    return tally, wrong


def report(half: str, shown: bool) -> str:
    """Return the table of one half."""
    lines = [f"danger, half `{half}`       utterances   recall   false alarms of"]
    every = list(cases(half))
    for name, languages, rate in (
        ("zh", ("zh",), 0.0),
        ("zh, 20 % misheard", ("zh",), RATE),
        ("en", ("en",), 0.0),
        ("ko", ("ko",), 0.0),
        ("ja", ("ja",), 0.0),
        ("all", ("zh", "en", "ko", "ja"), 0.0),
    ):
        tally, wrong = counted([c for c in every if c.language in languages], rate)
        lines.append(
            f"  {name:<22} {tally['danger']:10}   {tally['heard'] / tally['danger']:6.1%}"
            f"   {tally['false'] / tally['none']:8.2%}   {tally['none']}"
        )
        if shown and half == "tune":
            lines += [f"      {case.kind} {case.text}" for case in wrong[:60]]
    return "\n".join(lines)


def unseen_report(name: str, calls: Path | None = None, taught: Path | None = None) -> str:
    """Return the table of a set that was never met; its texts are not shown."""
    every = [*unseen(name), *(ordinary(calls, taught) if calls else ())]
    numbers = Counter(case.kind if not case.danger else "danger" for case in every)
    told = ", ".join(f"{numbers[kind]} {name}" for kind, name in KINDS.items() if numbers[kind])
    calm = [kind for kind in KINDS if numbers[kind] and kind != "danger"]
    columns = "  ".join([*(KINDS[kind] for kind in calm), "all"])
    lines = [
        f"{name}: {told}",
        f"                 recall   false alarms: {columns}",
    ]
    for how, rate in (("as said", 0.0), ("20 % misheard", RATE)):
        tally, wrong = counted(every, rate)
        times = TIMES if rate else 1
        false = Counter(case.kind for case in wrong if not case.danger)
        shares = [false[kind] / (numbers[kind] * times) for kind in calm]
        shares.append(tally["false"] / tally["none"])
        recall = tally["heard"] / tally["danger"]
        lines.append(f"  {how:<14}" + "".join(f"{share:8.2%}" for share in (recall, *shares)))
    return "\n".join(lines)


def letters(path: Path, shown: bool) -> str:
    """Return how many letters' titles raise an alarm, as written and misheard."""
    titles = [letter["title"] for letter in _letters(path)]
    chance = random.Random(12345)
    raised = [title for title in titles if alarm(title, "zh")]
    garbled = sum(alarm(misheard(title, RATE, chance), "zh") for title in titles)
    lines = [
        f"letters' titles: {len(titles)}, alarms {len(raised) / len(titles):.2%}, "
        f"misheard {garbled / len(titles):.2%}"
    ]
    return "\n".join(lines + [f"    {title}" for title in raised if shown])


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--half", choices=("measure", "tune"), default="measure")
    parser.add_argument("--shown", action="store_true", help="show what went wrong (tune only)")
    parser.add_argument("--letters", type=Path, help="letters with titles, one object a line")
    parser.add_argument("--calls", type=Path, help="letters that nothing was taught from")
    given = parser.parse_args()
    print(report(given.half, given.shown))
    for name in UNSEEN:
        print(unseen_report(name, given.calls, given.letters))
    if given.letters is not None:
        print(letters(given.letters, given.shown))


if __name__ == "__main__":
    main()
