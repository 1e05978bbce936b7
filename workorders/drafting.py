"""From a call's words to a draft work order: pure rules, each value with its evidence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

from calls.ids import CallId, LaneId, Language, UnitId
from calls.replacing import replaced
from workorders.callback import call_back_of, caller_of
from workorders.classes import ALSO_CALLED, PLAIN_NAMES, Matter, Spoken, category_of, matters
from workorders.demand import confidential_of, demand_of, whole
from workorders.draft import TYPES, DraftWorkOrder, Field, Ranked, TranscriptState, Where
from workorders.gazetteer import Gazetteer, Place
from workorders.glossary import Mention, mentions_of
from workorders.level import level_of
from workorders.lines import REMEMBERED, Hit, Line, Said, found, lines_of
from workorders.questions import missing_of
from workorders.titles import object_of, title_of
from workorders.types import kind_of
from workorders.units import SHOWN, Precedents, Unit, UnitIndex, co_units_of, lead_of
from workorders.urgency import urgency_of
from workorders.when import time_of
from workorders.where import place_of

FILLERS = re.compile(
    "(?:嗯+|呃+)[，,]?|(?<![一-鿿])(?:啊+|哦+|就是说|怎么说呢|然后呢)[，,]?(?=[一-鿿])"
)
GREETING = re.compile("^(?:喂+[，,]?)?(?:您好|你好)(?:[，,。]|(?=.))")
INSTITUTION = re.compile("医院|学校|小学|中学|大学|幼儿园|市场|公园|车站|地铁|公交|机场")
"""Places that are themselves somebody's duty."""
EMPTY = frozenset({"对", "是", "是的", "对的", "好", "好的", "嗯", "喂", "谢谢", "再见", "没有了"})
"""Utterances that tell nothing by themselves."""
DISTRICT_BONUS = 0.08
LEAST = 0.6
"""Strength of a unit that only the class speaks for."""
LANE_CONFIDENCE = 0.3
"""Of the lane's own unit, when no word points to any."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What is known of a call besides its words."""

    call: CallId
    caller: str
    """As in the fact `Arrived`; empty or `anonymous` if withheld."""
    lane: LaneId | None
    language: Language
    arrived: float
    """UTC seconds."""


class City:
    """What drafting knows of the city; its words are indexed once, when it is made."""

    def __init__(
        self,
        units: Iterable[Unit],
        places: Iterable[Place] = (),
        *,
        types: Sequence[str] = TYPES,
        lane_units: Mapping[LaneId, UnitId] = MappingProxyType({}),
        precedents: Precedents | None = None,
    ) -> None:
        self.units = UnitIndex(units)
        self.gazetteer = Gazetteer(places)
        self.types = tuple(types)
        self.lane_units = dict(lane_units)
        self.precedents = precedents


@dataclass(frozen=True, slots=True)
class _Heard:
    """The words of one call, read once."""

    citizen: list[Line]
    agent: list[Line]
    mentions: list[Mention] = field(default_factory=list)
    misheard: list[Mention] = field(default_factory=list)
    """Names of units put right by their sound; what was recognised stays the evidence."""

    def texts(self, place: Field[Where] | None) -> list[str]:
        """Return what units are ranked by: street names, which sound like duties, left out."""
        names = place.value.said.split(" ") if place is not None else []
        streets = [name for name in names if INSTITUTION.search(name) is None]
        texts = [line.text for line in self.citizen]
        for street in streets:
            texts = [text.replace(street, " ") for text in texts]
        return texts + [mention.concept for mention in [*self.mentions, *self.misheard]]


def draft(
    call: CallFacts,
    utterances: Iterable[Said],
    city: City,
    transcript_state: TranscriptState = "done",
) -> DraftWorkOrder:
    """Draft the order of one call. What nobody said is None, with a question to ask.

    While the transcript is pending, or when there is none, the draft holds the
    facts of the call only, and says so.
    """
    bare = DraftWorkOrder(
        call.call, call.language, call.lane, call.arrived, transcript_state,
        caller=caller_of(call.caller), call_back=caller_of(call.caller),
    )  # fmt: skip
    if transcript_state in ("pending", "none"):
        return _with_unit_of_lane(bare, call, city)
    lines = lines_of(utterances)
    citizen = [line for line in lines if line.said.leg == "citizen"]
    if not citizen:
        drafted = _with_unit_of_lane(bare, call, city)
        return replaced(drafted, missing=missing_of(drafted))
    agent = [line for line in lines if line.said.leg == "agent"]
    heard = _Heard(citizen, agent, mentions_of(citizen), _misheard(citizen, city))
    drafted = _with_facts(bare, call, heard, city)
    spoken = matters(citizen, heard.mentions)
    drafted = _with_unit(_with_matter(drafted, heard, spoken), heard, spoken, city)
    if drafted.unit is None:
        drafted = _with_unit_of_lane(drafted, call, city)
    return replaced(drafted, missing=missing_of(drafted))


def _misheard(citizen: Sequence[Line], city: City) -> list[Mention]:
    """Find the units' names where the recogniser wrote other characters."""
    return [
        Mention(meant.name, Hit(line, meant.start, meant.end))
        for line in citizen
        if line.said.language == "zh"
        for meant in city.units.misheard(line.text)
    ]


def _with_facts(bare: DraftWorkOrder, call: CallFacts, heard: _Heard, city: City) -> DraftWorkOrder:
    citizen, agent = heard.citizen, heard.agent
    urgency = urgency_of(citizen)
    return replaced(
        bare,
        type=kind_of(citizen, agent, city.types),
        content=content_of(citizen),
        time=time_of(citizen, agent, call.arrived),
        place=place_of(citizen, agent, city.gazetteer),
        demand=demand_of(citizen),
        call_back=call_back_of(call.caller, citizen),
        confidential=confidential_of(citizen),
        urgency=urgency,
        event_level=level_of(citizen, urgency),
    )


def _with_matter(
    drafted: DraftWorkOrder, heard: _Heard, spoken: Sequence[Spoken]
) -> DraftWorkOrder:
    """Add the class, what it is about, and the title that follows from them."""
    thing = object_of(heard.citizen, drafted.place, heard.mentions)
    drafted = replaced(drafted, category=category_of(spoken), object=thing)
    return replaced(drafted, title=title_of(drafted, matter_of(drafted, spoken), heard.citizen))


def _with_unit(
    drafted: DraftWorkOrder, heard: _Heard, spoken: Sequence[Spoken], city: City
) -> DraftWorkOrder:
    """Rank the units by what was said, and by what a clerk calls the matter."""
    told = [entry for entry in spoken if _of(drafted, entry[0])]
    called = [Mention(f"{matter.title} {matter.second}", hits[0]) for matter, _, hits in told]
    called += [
        Mention(ALSO_CALLED[hit.text], hit)
        for _, _, hits in told
        for hit in hits
        if hit.text in ALSO_CALLED
    ]
    texts = heard.texts(drafted.place)
    ranked = city.units.rank(texts, [c.concept for c in called])
    if city.precedents is not None and heard.citizen:
        told_all = "\n".join(line.text for line in heard.citizen)
        ranked = city.precedents.blend(ranked, told_all, city.units.units)
    ranked = _near(ranked, drafted)
    if not ranked:
        return drafted
    strength = max(LEAST, city.units.strength(texts, ranked[0].unit))
    lead = lead_of(ranked, strength, heard.citizen, [*heard.mentions, *heard.misheard, *called])
    shown = tuple(ranked[:SHOWN])
    return replaced(drafted, unit=lead, candidates=shown, co_units=co_units_of(shown))


def matter_of(drafted: DraftWorkOrder, spoken: Sequence[Spoken]) -> Field[str] | None:
    """Name the matter: by the caller's own word where that is a name, else by the class."""
    told = [entry for entry in spoken if _of(drafted, entry[0])]
    if not told:
        return None
    matter, _, hits = told[0]
    own = next((hit for hit in hits if hit.text in PLAIN_NAMES), None)
    if own is not None:
        return found(own.text, 0.95, [own])
    thing = drafted.object.value if drafted.object is not None else None
    named = next((hit for hit in hits if hit.text == thing), None)
    if named is not None and named.line.said.language == "zh":
        return found(f"{thing}问题", 0.9, [named])
    return found(matter.title, 0.9, hits)


def _of(drafted: DraftWorkOrder, matter: Matter) -> bool:
    return drafted.category is not None and drafted.category.value == matter.category


def _near(ranked: Sequence[Ranked], drafted: DraftWorkOrder) -> list[Ranked]:
    """Prefer, of units that answer equally, the one of the district where it is."""
    district = drafted.place.value.district if drafted.place is not None else None
    if district is None:
        return list(ranked)
    nearer = [
        replaced(r, score=min(1.0, r.score + DISTRICT_BONUS), because=(*r.because, district))
        if district in r.name
        else r
        for r in ranked
    ]
    return sorted(nearer, key=lambda r: (-r.score, r.unit))


def _with_unit_of_lane(drafted: DraftWorkOrder, call: CallFacts, city: City) -> DraftWorkOrder:
    """Name the lane's own unit, weakly: the caller chose the lane, and that is a fact."""
    unit = city.lane_units.get(call.lane) if call.lane is not None else None
    if unit is None:
        return drafted
    return replaced(drafted, unit=Field(str(unit), LANE_CONFIDENCE, "caller_record"))


def content_of(citizen: Sequence[Line]) -> Field[str] | None:
    """Write down what the citizen said: fillers and greetings aside, in the caller's words."""
    told = ((_tidied(line.said.language, line.text), line) for line in citizen)
    sentences = [(tidied, line) for tidied, line in told if tidied]
    if not sentences:
        return None
    han = sentences[0][1].said.language in ("zh", "ja")
    text = ("，" if han else ". ").join(sentence for sentence, _ in sentences)
    return found(text + ("。" if han else "."), 1.0, whole([line for _, line in sentences]))


@lru_cache(maxsize=REMEMBERED)
def _tidied(language: Language, text: str) -> str:
    text = text.strip("，。,. ")
    if language == "zh":
        text = GREETING.sub("", FILLERS.sub("", text)).strip("，。 ")
        text = "" if text in EMPTY else text
    return text
