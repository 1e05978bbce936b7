"""Where it is: parts of an address in what was said, put together and into the city's names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from asr.mandarin import digits, number
from workorders.draft import Field, Where
from workorders.gazetteer import Gazetteer, Place, Sighting
from workorders.lines import REMEMBERED, Hit, Line, Span, confirmed, found

MASK = "\ue000"
"""Stands for characters that belong to a part already found."""
LEVELS = ("district", "street", "road", "number", "estate", "building", "unit", "room", "beside")
"""Parts of an address in the order in which they are written."""
NUM = "(?:[0-9]+|[一二三四五六七八九十百]+)"
NAME = "[一-鿿]"
ROAD = "(?:路|街|大道|巷|胡同|立交桥|大桥|高架)"
ESTATE = (
    "(?:小区|花园|家园|花苑|嘉园|新村|新城|公寓|大厦|广场|商城|农贸市场|菜市场|市场|商场|医院|卫生院"
    "|中学|小学|大学|幼儿园|公园|火车站|汽车站|客运站|地铁站|公交站|机场|码头|工业园|社区|村)"
)
BESIDE = (
    "(?:附近|旁边|边上|对面|门口|大门口|十字路口|交叉口|路口|楼下|门前|后面"
    "|东侧|西侧|南侧|北侧|东门|西门|南门|北门)"
)
ALONE = frozenset(
    {"火车站", "高铁站", "汽车站", "客运站", "机场", "人民医院", "中心医院", "市政府", "体育馆"}
)
"""Places of which a city has one, so that they need no name."""
PARTS: tuple[tuple[str, str], ...] = (
    ("district", f"{NAME}{{2,3}}(?:新区|(?<![小社园])区|县|镇|乡|街道)"),
    ("road", f"{NAME}{{1,7}}?{ROAD}(?![段灯面边过由程都])"),
    ("number", f"(?P<it>{NUM}号(?:院|大院)?)(?!线|楼(?![上下]))"),
    ("estate", "|".join(sorted(ALONE))),
    ("estate", f"{NAME}{{2,8}}?{ESTATE}(?:小区)?"),
    ("building", f"[A-Za-z]?{NUM}(?:号楼(?![上下])|栋|幢|座)"),
    ("unit", f"{NUM}单元"),
    ("room", f"{NUM}(?:室|楼|层|号房)|(?<={MASK})[0-9]{{3,4}}(?![0-9号路弄个元块])"),
    ("beside", BESIDE),
)  # fmt: skip
NUMBERED = frozenset({"number", "building", "unit", "room"})
NUMERALS = re.compile("[零〇一二三四五六七八九十百]+")
PATTERNS = [(level, re.compile(pattern)) for level, pattern in PARTS]
ENDINGS: dict[str, re.Pattern[str]] = {
    "district": re.compile("[区县镇乡]|街道"),
    "road": re.compile(ROAD),
    "estate": re.compile(f"{ESTATE}|{'|'.join(ALONE)}"),
}
"""What a name of a level cannot lack: where it is not, a name is not looked for at each place."""
NOT_NAMES = re.compile(
    "^(?:.*(?:马路|公路|道路|铁路|线路|电路|网路|思路|半路|水路|十字路|修路|绕路|问路|让路|带路"
    "|迷路|堵路|跑路|上路|出路|后路|赶路|开路|铺路|走路|一路|的路|条路|段路|经营路|逛街|上街|过街|大街小巷|地区|景区|城区|市区|郊区|园区"
    "|校区|片区|辖区|住宅区|街区|乡下|整个街道|区别|这个村|我们村|农村|全村))$"
)
TYPES = re.compile(
    f"^(?:{ESTATE}|{ROAD}|小区|社区"
    f"|.*(?:们|这个|那个|这边|一个|哪个|某个|某|老旧|隔壁)(?:{ESTATE}|{ROAD}))$"
)
BEFORE_NAMES = re.compile(
    ".*(?:我们家|我家|我们|家住|住在|住|位于|地址是|就是|还是|是|在|到|从|往|去|来|你们|他们"
    "|那个|这个|这边|那边|有个|有一个|一个|靠近|靠|和|跟|与|及|的|了|着|把|被|给|让|说|叫|就|都|也|有"
    "|投诉|举报|反映|咨询|建议|表扬|请问|问一下|问下|路过|经过|沿着|看到|发现|听到|关于|喂|您好|你好"
    "|昨天|今天|前天|晚上|早上|上午|下午|中午|凌晨|现在|每天|最近|刚才|昨晚|师傅|嗯|呃|啊|呢|吧|想问"
    "|月份|开设|多名|几名|一所|两所|一家|两家|孩子|准备|读|念|开在|关门|上(?=[小中大]学)|入(?=学)|我|点|半|号|对|姓[一-鿿]|新区|区|县|镇|街道|小区)(?=..)"
)
EDGE = re.compile(
    "(?:^|[^一-鿿]|[在住是到从往去来的了着过有个和跟与及那这们家区县镇道路号点下映诉报好旁边近面我就也天早"
    "晚上午间候后前啊呢吧嗯呃喂叫址])$"
)
"""After these a name may begin."""
NEAR = 3
"""Characters between two parts that are still one address."""
WORTH = {"road": 3.0, "estate": 3.0, "number": 1.0, "district": 1.0, "street": 1.0, "building": 1.0,
         "unit": 0.6, "room": 0.6, "beside": 0.3}  # fmt: skip
NEEDED = frozenset({"road", "estate", "street", "district"})
"""Without one of these nobody finds it."""
KIND_LEVEL = {"landmark": "estate", "village": "estate"}
ABROAD = re.compile(
    r"\b(?P<it>(?:near |beside |opposite )?(?:[a-z]+ ){1,3}?(?:road|street|avenue|district|hotel"
    r"|station|park|airport|mall|university|hospital|building))\b"
)
SMALL = re.compile(
    r"^(?:(?:near|beside|opposite|at|the|a|an|in|on|to|from|of|is|my|our|this|that|and|i|was|we|it"
    r"|live|left|with|me) )+"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an address."""

    level: str
    hit: Hit
    places: tuple[Place, ...] = ()
    by_sound: bool = False

    @property
    def name(self) -> str:
        """Return the part as the city writes it, or else as it was said."""
        if self.places:
            return self.places[0].name
        return (
            NUMERALS.sub(lambda m: number(m[0]) or digits(m[0]) or m[0], self.hit.text)
            if (self.level in NUMBERED)
            else self.hit.text
        )


def place_of(
    citizen: Sequence[Line], agent: Sequence[Line], gazetteer: Gazetteer
) -> Field[Where] | None:
    """Put together the place that the citizen named; None if none was."""
    groups = [group for line in citizen for group in _groups(parts_of(line, gazetteer))]
    useful = [group for group in groups if any(part.level in NEEDED for part in group)]
    if not useful:
        return _abroad(citizen)
    best = max(useful, key=_worth)
    parts = sorted([*best, *_added(best, groups)], key=lambda part: LEVELS.index(part.level))
    where = _where(best, parts)
    known = any(part.places for part in parts)
    certainty = 0.75 if where.by_sound else 0.95 if known else 0.7
    value = found(where, certainty * (0.6 if where.choices else 1.0), [p.hit for p in parts])
    names = [part.name for part in parts if part.level in NEEDED and part.level != "district"]
    return confirmed(value, names, agent)


def parts_of(line: Line, gazetteer: Gazetteer) -> list[Part]:
    """Find the parts in one line; a name of the gazetteer goes before one by its ending."""
    if line.said.language != "zh":
        sightings = gazetteer.find(line.text)
        return [_known(line, s) for s in sightings if not s.by_sound]
    parts = [_known(line, seen) for seen in gazetteer.find(line.text) if _begins_a_name(line, seen)]
    free = _masked(line.text, ((part.hit.start, part.hit.end) for part in parts))
    parts += (Part(level, Hit(line, *span)) for level, span in _unlisted(free))
    return sorted(parts, key=lambda part: part.hit.start)


@lru_cache(maxsize=REMEMBERED)  # a line is read again for each new draft of its call
def _unlisted(free: str) -> tuple[tuple[str, Span], ...]:
    """Find the parts that no gazetteer lists, each with its level."""
    parts: list[tuple[str, Span]] = []
    for level, pattern in PATTERNS:
        ending = ENDINGS.get(level)
        if ending is None or ending.search(free) is not None:
            stretches = list(_spans(pattern, free))
            parts += ((level, span) for span in stretches)
            free = _masked(free, stretches)
    return tuple(parts)


def _masked(text: str, stretches: Iterable[Span]) -> str:
    for start, end in stretches:
        text = text[:start] + MASK * (end - start) + text[end:]
    return text


def _begins_a_name(line: Line, sighting: Sighting) -> bool:
    """Tell whether a name found by its sound is not the tail of another: 桔洲新苑 is no 欣苑."""
    return not sighting.by_sound or EDGE.search(line.text[: sighting.start]) is not None


def _known(line: Line, sighting: Sighting) -> Part:
    kind = sighting.places[0].kind
    hit = Hit(line, sighting.start, sighting.end)
    return Part(KIND_LEVEL.get(kind, kind), hit, sighting.places, sighting.by_sound)


def _spans(pattern: re.Pattern[str], free: str) -> Iterable[Span]:
    """Yield where a part stands free of others, without the words before its name."""
    for match in pattern.finditer(free):
        start, end = match.span("it" if "it" in pattern.groupindex else 0)
        if match[0][0] > "㐀" and not re.match(NUM, match[0]) and match[0] not in BESIDE:
            before = BEFORE_NAMES.match(match[0])
            start += before.end() if before else 0
        name = free[start:end]
        nameless = NOT_NAMES.match(name) or TYPES.match(name) or len(name) < 2
        if name in ALONE or not nameless:
            yield start, end


def _groups(parts: Sequence[Part]) -> list[list[Part]]:
    """Join parts that follow each other closely."""
    groups: list[list[Part]] = []
    for part in parts:
        before = groups[-1][-1] if groups else None
        if _stray(part, before):
            continue
        if before is not None and part.hit.start - before.hit.end <= NEAR:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _stray(part: Part, before: Part | None) -> bool:
    """Tell whether a figure belongs to no address: 15号 may be a day, 501 anything."""
    if part.level == "room" and part.hit.text.isdigit():
        return before is None or before.level not in {"building", "unit"}
    if part.level == "number":
        near = before is not None and part.hit.start - before.hit.end <= 1
        return not near or before is None or before.level not in NEEDED
    return False


def _worth(group: Sequence[Part]) -> float:
    return sum(WORTH[part.level] * (1.5 if part.places else 1.0) for part in group)


def _added(best: Sequence[Part], groups: Sequence[Sequence[Part]]) -> list[Part]:
    """Return what other sentences add: levels that the best one left open, below it or around."""
    levels = {part.level for part in best}
    added: list[Part] = []
    for group in groups:
        if group is best or {"road", "estate"} <= levels & {p.level for p in group}:
            continue
        for part in group:
            lonely = part.level in {"number", "beside", "room"} and len(group) == 1
            if part.level not in levels and not lonely:
                levels.add(part.level)
                added.append(part)
    return added


def _where(best: Sequence[Part], parts: Sequence[Part]) -> Where:
    said = best[0].hit.line.text[best[0].hit.start : best[-1].hit.end]
    others = [part.hit.text for part in parts if part not in best]
    known = [part for part in parts if part.places]
    named = next((part.name for part in parts if part.level == "district"), None)
    choices = _districts(known, named)
    district = named or (choices[0] if len(choices) == 1 else None)
    names = [part.name for part in parts if part.level != "district"]
    return Where(
        " ".join([said, *others]),
        (district or "") + "".join(names) if known else None,
        district,
        any(part.by_sound for part in parts),
        choices if len(choices) > 1 and not named else (),
    )


def _districts(known: Sequence[Part], named: str | None) -> tuple[str, ...]:
    """Return the districts in which all the known places can lie at once."""
    if named is not None:
        return (named,)
    sets = [{p.district for p in part.places if p.district} for part in known]
    sets = [districts for districts in sets if districts]
    return tuple(sorted(set.intersection(*sets))) if sets else ()


def _abroad(citizen: Sequence[Line]) -> Field[Where] | None:
    """Take an English name by its ending."""
    for line in citizen:
        if line.said.language == "en" and (match := ABROAD.search(line.text.lower())):
            start, end = match.span("it")
            small = SMALL.match(line.text[start:end].lower())
            start += small.end() if small else 0
            if " " in line.text[start:end].strip():
                hit = Hit(line, start, end)
                return found(Where(hit.text), 0.6, [hit])
    return None
