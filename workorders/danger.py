"""Danger in what was said: as written, and by its sound where characters were misheard."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pypinyin.constants import PHRASES_DICT

from asr.transcript import Utterance
from calls.ids import Language
from workorders.danger_concepts import concepts_of
from workorders.danger_cues import cues_of
from workorders.danger_ear import Flag, Verdict
from workorders.danger_weights import learned
from workorders.danger_words import (
    ABROAD_AFTER,
    ABROAD_BEFORE,
    AFTER_BY_SOUND,
    BEFORE_BY_SOUND,
    BY_SOUND,
    ENGLISH,
    FEARED_AFTER,
    FEARED_BEFORE,
    JAPANESE,
    KOREAN,
    MANDARIN,
    NO_LESS,
    ONE_WRONG,
)
from workorders.lines import REMEMBERED, Hit, Line, Span
from workorders.sound import as_signs

BEFORE, AFTER = 24, 16
"""Characters around a word of danger that may take the danger out of it."""


@dataclass(frozen=True, slots=True)
class _Ear:
    """The patterns in one spelling: characters, or their sounds."""

    danger: re.Pattern[str]
    before: re.Pattern[str]
    after: re.Pattern[str]


def _loosely(word: str) -> str:
    """Return a pattern of a word's sounds; in a long one any single character may be wrong."""
    sounds = as_signs(word.removeprefix("="))
    if len(sounds) < ONE_WRONG or word.startswith("="):
        return sounds
    shorter = [sounds[1:], sounds[:-1]] if len(sounds) > ONE_WRONG else []
    within = (f"{sounds[:at]}.{{0,2}}{sounds[at + 1 :]}" for at in range(1, len(sounds) - 1))
    return "|".join([sounds, *within, *shorter])


def _by_first(alternatives: str) -> str:
    """Return the same pattern with the alternatives of each first sign together, in their order.

    At a place only those of the sign that stands there are tried, and not all thousand.
    """
    rests: dict[str, list[str]] = {}
    for one in alternatives.split("|"):
        rests.setdefault(one[0], []).append(one[1:])
    return "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items())


WRITTEN = _Ear(*map(re.compile, ("|".join(MANDARIN.values()), FEARED_BEFORE, FEARED_AFTER)))
HEARD = _Ear(
    re.compile(_by_first("|".join(map(_loosely, sorted(BY_SOUND.split(), key=len)[::-1])))),
    *(re.compile(as_signs(pattern)) for pattern in (BEFORE_BY_SOUND, AFTER_BY_SOUND)),
)
_ABROAD = "|".join(ENGLISH.split("\n")), *KOREAN.split("\n"), *JAPANESE.split("\n")
ABROAD = _Ear(
    re.compile(rf"\b(?:{_ABROAD[0]})|" + "|".join(_ABROAD[1:])),
    re.compile(ABROAD_BEFORE),
    re.compile(ABROAD_AFTER),
)
KINDS = {kind: re.compile(pattern) for kind, pattern in MANDARIN.items()}
ALWAYS = re.compile(NO_LESS)
LOUD = 0.0
"""Log odds from which on an utterance is danger: a miss is worse than a false alarm."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A word of danger; `feared` if it is feared, denied, past, or only spoken about."""

    hit: Hit
    feared: bool
    by_sound: bool = False


def alarms(citizen: Sequence[Line]) -> list[Alarm]:
    """Find every word of danger, and weigh what stands around it."""
    return [
        Alarm(Hit(line, *span), feared, by_sound)
        for line in citizen
        for span, feared, by_sound in _in_text(
            line.said.language, line.text, line.spoken, line.places
        )
    ]


def warm() -> None:
    """Load what danger is heard by: a second or two, before anybody has spoken."""
    learned().second.loudest(["有"])


def flags_of(line: Line) -> list[Flag]:
    """Return what the rules say of a Chinese utterance, for the ear to weigh."""
    return _flags(line, by_rule(line))


def _flags(line: Line, told: Sequence[Alarm]) -> list[Flag]:
    """Name the rules' alarms by kind, and what stands around them."""
    flags = [*cues_of(line.text), *concepts_of(line.text)]
    for alarm in told:
        start, end = alarm.hit.start, alarm.hit.end
        how = "feared" if alarm.feared else "heard" if alarm.by_sound else "written"
        kinds = [kind for kind, found in KINDS.items() if found.search(line.text[start:end])]
        flags += [Flag(f"!{how}", start, end), *(Flag(f"!{how} {k}", start, end) for k in kinds)]
    return flags


@lru_cache(maxsize=REMEMBERED)  # judged as it is spoken, and again for each draft of its call
def _in_text(
    language: Language, text: str, spoken: str, places: tuple[Span, ...]
) -> tuple[tuple[Span, bool, bool], ...]:
    """Judge a text, whoever said it and when."""
    line = Line(Utterance("citizen", language, 0.0, 0.0, spoken, 1.0), text, spoken, places, ())
    found = _of_line(line)
    return tuple(((a.hit.start, a.hit.end), a.feared, a.by_sound) for a in found)


def _of_line(line: Line) -> Sequence[Alarm]:
    """Let the ear decide of Chinese; a stretch that no rule knows may sound of danger too."""
    told = by_rule(line)
    if line.said.language != "zh":
        return told
    verdict = verdict_on(line, told, LOUD)
    if verdict.odds < LOUD:
        return [replace(alarm, feared=True) for alarm in told]
    real = [alarm for alarm in told if not alarm.feared]
    return real or [Alarm(Hit(line, verdict.start, verdict.end), False, by_sound=True)]


def verdict_on(line: Line, told: Sequence[Alarm], least: float = -math.inf) -> Verdict:
    """Return how loud danger is in a Chinese utterance by both ears, and where in it."""
    ears = learned()

    def further(*spans: Span) -> float:
        return ears.second.loudest(line.spoken_at(*span) for span in spans)

    return ears.first.judge(line.text, _flags(line, told), least, further)


def by_rule(line: Line) -> list[Alarm]:
    """Find the words of danger by the patterns; by sound only where nothing is written."""
    if line.said.language != "zh":
        return list(_found(line, line.text.lower(), ABROAD))
    sounds = as_signs(line.text)
    written = list(_found(line, line.text, WRITTEN, sounds))
    if any(not alarm.feared for alarm in written):
        return written
    taken = {at for alarm in written for at in range(alarm.hit.start, alarm.hit.end)}
    return written + [
        replace(alarm, by_sound=True)
        for alarm in _found(line, sounds, HEARD)
        if taken.isdisjoint(range(alarm.hit.start, alarm.hit.end)) and _misheard(alarm.hit.text)
    ]


def _found(line: Line, text: str, ear: _Ear, sounds: str = "") -> Iterator[Alarm]:
    """Find the words of danger; what is feared may be heard by its sound too."""
    for match in ear.danger.finditer(text):
        start, end = match.span()
        feared = _feared(ear, text, start, end) or (sounds and _feared(HEARD, sounds, start, end))
        yield Alarm(Hit(line, start, end), bool(feared))


def _feared(ear: _Ear, text: str, start: int, end: int) -> bool:
    before = ear.before.search(text[max(0, start - BEFORE) : start]) is not None
    if before and ALWAYS.search(text[start:end]) is None:
        return True
    return ear.after.search(text[end : end + AFTER]) is not None


def _misheard(written: str) -> bool:
    """Tell whether what is written may be another word misheard: 自然 is no 自燃."""
    return written not in PHRASES_DICT
