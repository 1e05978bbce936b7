"""Names put right by their sound: a name misheard, or found misheard within a text."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain, pairwise

from workorders.sound import as_signs, sound_of

INITIAL = re.compile("^(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?")
SOUND, NEAR, LOST, OTHER = 0.1, 0.5, 0.8, 1.0
"""What one character costs: of the same sound, of half the sound, missing or too many, another."""
CLEAR = 0.05
"""By which the best name must be nearer than the second."""
LEAST, LONG = 3, 7
"""Characters: of a name that has a sound of its own; from which two may be wrong."""
ALLOWED = {3: 0.35, 4: 0.6, 5: 0.8, 6: 0.8}
"""Cost up to which a name of so many characters is taken for what was said."""
ALLOWED_LONG = 1.2
MISHEARD = 8.0
"""Log odds that one mistake of cost 1 speaks against a name's having been meant."""
SURE = 6.3
"""Log odds by which a listed name must be likelier than one that nobody has listed."""
SEEN = 20
"""Names that a character stands in until what follows it there is believed by half."""
STRANGE = 0.02 / 6000
"""Chance of any character anywhere: names have some that no name had before."""
MANNERLY = 1000
"""Names that show how names are made; fewer show no more than which characters meet."""
EDGE = "^", "$"
NEVER = 3
"""More sounds than are ever left out."""
REMEMBERED = 8192
"""Stretches of which is remembered what they mean: most of those that begin and end as some name
does are turns of speech, which every caller has."""


@dataclass(frozen=True, slots=True)
class Meant:
    """The name that was probably meant, where it stands, and how far it is from what is written."""

    name: str
    start: int
    end: int
    cost: float


class Manner:
    """How names are made: which character follows which, and how often."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._before: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        for name in names:
            for one, next_one in _steps(name):
                self._pairs[one, next_one] += 1
                self._before[one] += 1
                self._after[next_one] += 1
        self._all = max(1, self._after.total())

    def likelihood(self, name: str) -> float:
        """Return how likely such a name is, as a logarithm."""
        return sum(math.log(self._chance(*step)) for step in _steps(name))

    def _chance(self, one: str, next_one: str) -> float:
        times = self._before[one]
        known = times / (times + SEEN)
        follows = self._pairs[one, next_one] / max(times, 1)
        return known * follows + 0.95 * (1 - known) * self._after[next_one] / self._all + STRANGE


class Names:
    """Names, indexed by their sounds with one of them left out (two of long names)."""

    def __init__(self, names: Iterable[str]) -> None:
        self._written = frozenset(names)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._pairs = {pair for name in self._written for pair in pairwise(name)}
        self._manner = Manner(self._written) if len(self._written) >= MANNERLY else None
        self._first: defaultdict[str, set[str]] = defaultdict(set)
        self._last: defaultdict[str, set[str]] = defaultdict(set)
        """Of all keys, by the first sound the second, and by the last the one before it."""
        self._met: set[tuple[str, str]] = set()
        self.longest, self._shortest = 0, LONG
        """Sounds of the longest name and of the shortest key."""
        self._nearest = lru_cache(maxsize=REMEMBERED)(self._nearest_name)
        for name in self._written:
            if len(name) >= LEAST:
                self.longest = max(self.longest, len(name))
                self._met.update(pairwise(as_signs(name)))
                for key in _keys(as_signs(name)):
                    self._by_sound[key].append(name)
                    self._shortest = min(self._shortest, len(key))
                    self._first[key[0]].add(key[1])
                    self._last[key[-1]].add(key[-2])

    def __contains__(self, name: str) -> bool:
        return name in self._written

    def meant(self, said: str) -> Meant | None:
        """Return the name that was meant by a misheard one; None if none, or more, may be.

        A name that is known as it is written is never changed, nor one that may well be a
        name that nobody has listed: made as names are, and not much less likely.
        """
        return self._meant(said, as_signs(said), 0)

    def find(self, text: str) -> list[Meant]:
        """Find misheard names within a text, the nearest first, none over another."""
        signs = as_signs(text)
        stretches = self._stretches(signs)
        found = (self._meant(text[at:end], signs[at:end], at) for at, end in stretches)
        chosen: list[Meant] = []
        taken: set[int] = set()
        for one in sorted(filter(None, found), key=lambda m: (m.cost, m.start - m.end, m.start)):
            span = range(one.start, one.end)
            if taken.isdisjoint(span):
                taken.update(span)
                chosen.append(one)
        return sorted(chosen, key=lambda one: one.start)

    def _stretches(self, signs: str) -> Iterator[tuple[int, int]]:
        """Return where a name may stand: with one sound left out (two of long names) it begins and
        ends as some name does, and a sound misheard keeps no others from meeting as in names."""
        begins = _left_out(signs, self._first)
        if min(begins, default=NEVER) == NEVER:
            return
        ends = _left_out(signs[::-1], self._last)[::-1]
        met = [0, *accumulate(map(self._met.__contains__, pairwise(signs)))]
        for start, lost in enumerate(begins):
            if lost < NEVER:
                most = min(self.longest + 1, len(signs) - start)
                least = max(LEAST if lost < 2 else LONG, self._shortest + lost)
                for size in range(least, most + 1):
                    wrong, last = 1 + (size >= LONG), start + size - 1
                    left = min(wrong, size - self._shortest)
                    if ends[last] <= left and met[last] - met[start] >= size - 1 - 2 * wrong:
                        yield start, start + size

    def _meant(self, said: str, signs: str, start: int) -> Meant | None:
        nearest = self._nearest(said, signs)
        return None if nearest is None else Meant(nearest[0], start, start + len(said), nearest[1])

    def _nearest_name(self, said: str, signs: str) -> tuple[str, float] | None:
        """Return the name that was probably meant, and how far it is from what is written."""
        if said in self._written or len(said) < LEAST - 1:
            return None
        lists = map(self._by_sound.get, _keys(signs))
        candidates = set(chain.from_iterable(filter(None, lists)))
        if not candidates:
            return None
        costs = sorted((cost(said, name), name) for name in candidates)
        least, name = costs[0]
        clear = len(costs) == 1 or costs[1][0] - least >= CLEAR
        if not clear or least > ALLOWED.get(len(name), ALLOWED_LONG):
            return None
        if not self._worth_changing(said, name, least):
            return None
        return name, round(least, 3)

    def _worth_changing(self, said: str, name: str, mistakes: float) -> bool:
        """Weigh a mistake heard against a name not listed."""
        if self._manner is None:
            return not all(pair in self._pairs for pair in pairwise(said))
        gain = self._manner.likelihood(name) - self._manner.likelihood(said)
        return gain - MISHEARD * mistakes >= SURE


def cost(said: str, name: str) -> float:
    """Return how far a written name is from one that is known: edit distance by sound."""
    row = [LOST * i for i in range(len(name) + 1)]
    for i, heard in enumerate(said, 1):
        before, row = row, [LOST * i]
        for j, known in enumerate(name, 1):
            step = min(before[j] + LOST, row[j - 1] + LOST, before[j - 1] + unlike(heard, known))
            row.append(step)
    return row[-1]


@lru_cache(maxsize=65536)
def unlike(one: str, other: str) -> float:
    """Return how unlike two characters are to the ear."""
    if one == other:
        return 0.0
    a, b = sound_of(one), sound_of(other)
    if a == b:
        return SOUND
    (x, v), (y, w) = _halves(a), _halves(b)
    return NEAR if x == y or v == w else OTHER


def _halves(syllable: str) -> tuple[str, str]:
    match = INITIAL.match(syllable)
    first = match[0] if match else ""
    return first, syllable[len(first) :]


def _steps(name: str) -> Iterator[tuple[str, str]]:
    return pairwise((EDGE[0], *name, EDGE[1]))


def _left_out(signs: str, pairs: Mapping[str, Container[str]]) -> list[int]:
    """Return for each place how many sounds must be left out for a known pair to be first there."""
    fewest = [NEVER] * len(signs)
    for at, sign in enumerate(signs):
        seconds = pairs.get(sign)
        if seconds is not None:
            for between, other in enumerate(signs[at + 1 : at + 1 + NEVER]):
                if other in seconds:
                    for lost in range(between, min(NEVER, at + between + 1)):
                        fewest[at + between - lost] = min(fewest[at + between - lost], lost)
                    break
    return fewest


def _keys(sounds: str) -> Iterator[str]:
    """Return the sounds whole, and with one left out (two of long names)."""
    yield sounds
    shorter = [sounds[:at] + sounds[at + 1 :] for at in range(len(sounds))]
    yield from shorter
    if len(sounds) >= LONG:
        for first, rest in enumerate(shorter):
            for at in range(first, len(rest)):
                yield rest[:at] + rest[at + 1 :]
