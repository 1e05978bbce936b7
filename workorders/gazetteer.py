"""The city's place names, found as written or by their sound."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from workorders.lines import REMEMBERED
from workorders.names import Names
from workorders.sound import syllables

PlaceKind = Literal["district", "street", "road", "estate", "landmark", "village"]
LEAST_BY_SOUND = 3
"""Characters: shorter names sound like too much else."""

LEAST_NEARLY = 5
"""Of names found though a character was lost or sounds otherwise: shorter ones are too alike."""


@dataclass(frozen=True, slots=True)
class Place:
    """One name of the city; `district` is the one that it lies in, if in one."""

    name: str
    kind: PlaceKind
    district: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sighting:
    """A name found in `text[start:end]`; more than one place may bear it."""

    start: int
    end: int
    places: tuple[Place, ...]
    by_sound: bool


class Gazetteer:
    """The names, indexed once by first character and first sound."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._written: dict[str, list[tuple[str, Place]]] = defaultdict(list)
        self._heard: dict[tuple[str, str], list[tuple[list[str], Place]]] = defaultdict(list)
        """By the first two sounds."""
        self._named: dict[str, list[Place]] = defaultdict(list)
        for place in places:
            for name in filter(None, (place.name, *place.aliases)):
                self._written[name[0]].append((name, place))
                self._named[name].append(place)
                if len(name) >= LEAST_BY_SOUND:
                    sound = syllables(name)
                    self._heard[sound[0], sound[1]].append((sound, place))
        self._names = Names(name for name in self._named if len(name) >= LEAST_NEARLY)
        self._found = lru_cache(maxsize=REMEMBERED)(self._sightings)
        """A line is read again for each new draft of its call."""

    def find(self, text: str) -> list[Sighting]:
        """Find names: as written, the longest first; then by sound, then nearly so."""
        return list(self._found(text))

    def _sightings(self, text: str) -> list[Sighting]:
        taken: set[int] = set()
        sightings: list[Sighting] = []
        for found in (self._as_written(text), self._by_sound(text), self._nearly(text)):
            for sighting in sorted(found, key=lambda s: (s.start - s.end, s.start)):
                span = range(sighting.start, sighting.end)
                if taken.isdisjoint(span):
                    taken.update(span)
                    sightings.append(sighting)
        return sorted(sightings, key=lambda s: s.start)

    def _as_written(self, text: str) -> list[Sighting]:
        places: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for at, character in enumerate(text):
            for name, place in self._written.get(character, ()):
                if text.startswith(name, at):
                    places[at, at + len(name)].append(place)
        return [Sighting(*span, tuple(found), False) for span, found in places.items()]

    def _by_sound(self, text: str) -> Iterator[Sighting]:
        if not self._heard:
            return
        heard = syllables(text)
        places: dict[tuple[int, int], list[Place]] = defaultdict(list)
        for at, first in enumerate(pairwise(heard)):
            for sound, place in self._heard.get(first, ()):
                if heard[at : at + len(sound)] == sound:
                    places[at, at + len(sound)].append(place)
        for span, found in places.items():
            yield Sighting(*span, tuple(found), True)

    def _nearly(self, text: str) -> Iterator[Sighting]:
        for meant in self._names.find(text):
            yield Sighting(meant.start, meant.end, tuple(self._named[meant.name]), True)
