"""From a call's facts to its draft: what drafting must know is picked out of them."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import structlog

from calls.cdr import detail
from calls.events import Fact, Heard
from calls.ids import CallId, Language, UnitId
from calls.replacing import replaced
from config.settings import Site
from server.draft_memory import Memory
from workorders.draft import DraftWorkOrder, TranscriptState
from workorders.drafting import CallFacts, City, draft
from workorders.gazetteer import Place, PlaceKind
from workorders.reading import read_ahead
from workorders.units import Precedents, Unit
from workorders.wire import to_json

KINDS: dict[str, PlaceKind] = {
    "区县": "district",
    "街道": "street",
    "道路": "road",
    "小区": "estate",
    "地标": "landmark",
}
UNITS_MODEL = Path("models") / "units"
"""Within the data folder: what `./hotline learn` made of orders with the units that did them."""
REMEMBERED = 1000
"""Calls whose last draft is at hand."""
WHOLE: frozenset[TranscriptState] = frozenset(("done", "partial"))
"""States in which a draft is made of all that was said."""
LOG = structlog.get_logger("drafting")


@dataclass(frozen=True, slots=True)
class DraftWriter:
    """Writes drafts with what the site says of the city; for one thread at a time."""

    city: City
    memory: Memory = field(default_factory=Memory)
    _last: OrderedDict[CallId, tuple[object, DraftWorkOrder]] = field(default_factory=OrderedDict)
    """Each call's last draft, and what it was made of: most calls end with no new words."""

    @classmethod
    def of(
        cls, site: Site, precedents: Precedents | None = None, memory: Memory | None = None
    ) -> "DraftWriter":
        """Take the units, the places and the types from the settings."""
        units = (
            Unit(UnitId(unit.id), unit.name, unit.duties, unit.keywords, unit.level)
            for unit in site.units.values()
        )
        places = (
            Place(place.id, KINDS[place.kind], place.district, place.also)
            for place in site.places.values()
        )
        city = City(units, places, types=tuple(site.types), precedents=precedents)
        return cls(city, memory or Memory())

    def __call__(self, call: CallId, facts: Sequence[Fact], transcript: str) -> dict[str, object]:
        """Return the draft of a call as JSON values."""
        known = _known(call, facts)
        said = tuple(fact for fact in facts if isinstance(fact, Heard))
        drafted = self._drafted(known, said, cast(TranscriptState, transcript))
        told = "\n".join(fact.text for fact in said if fact.leg == "citizen")
        alike = self.memory.open_orders.like(drafted)
        answers = self.memory.knowledge.suggest(told, known.arrived)
        if alike or answers:
            drafted = replaced(drafted, duplicates=alike, suggestions=answers)
        self.memory.open_orders.remember(drafted)
        return to_json(drafted)

    def at_once(
        self, call: CallId, facts: Sequence[Fact], transcript: str
    ) -> dict[str, object] | None:
        """Return the draft of a call in which nothing was said yet; None if something was.

        No other order is like it and no answer suits it: what drafts remember is not touched.
        """
        if any(type(fact) is Heard for fact in facts):
            return None
        known = _known(call, facts)
        return to_json(draft(known, (), self.city, cast(TranscriptState, transcript)))

    def read_ahead(self, texts: Iterable[tuple[Language, str]]) -> None:
        """Read what citizens say whose drafts are still to come: many at once are read sooner."""
        read_ahead(texts, self.city)

    def _drafted(
        self, known: CallFacts, said: tuple[Heard, ...], transcript: TranscriptState
    ) -> DraftWorkOrder:
        """Draft, or take the last draft where no word is new."""
        made_of = (known, said, transcript in WHOLE)
        before, drafted = self._last.pop(known.call, (None, None))
        if drafted is None or before != made_of:
            drafted = draft(known, said, self.city, transcript)
        self._last[known.call] = made_of, drafted
        if len(self._last) > REMEMBERED:
            self._last.popitem(last=False)
        if drafted.transcript_state == transcript:
            return drafted
        return replaced(drafted, transcript_state=transcript)


def _known(call: CallId, facts: Sequence[Fact]) -> CallFacts:
    record = detail(facts)
    assert record is not None, "a draft was asked for a call that never arrived"
    return CallFacts(call, record.caller, record.lane, record.language, record.arrived)


def precedents_in(data: Path) -> Precedents | None:
    """Return the ranking of units that was learned; None if there is none.

    It is what `./hotline learn` made of orders, their labels being unit ids. Raise
    BadModel if it is damaged.
    """
    folder = data / UNITS_MODEL
    if not folder.exists():
        return None
    from server import model_folder  # noqa: PLC0415  the start stays quick without numpy

    return Precedents(model_folder.load(folder).model)


def usable_precedents(data: Path) -> Precedents | None:
    """Return the same, but go without a damaged one: the duties still rank."""
    try:
        return precedents_in(data)
    except ValueError as error:  # a BadModel: its module is read only where there is a model
        LOG.error("units_model_unusable", why=str(error))
        return None
