"""What the order is called: place, who or what, and the matter, in a few words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from calls.ids import Language
from workorders.draft import DraftWorkOrder, Evidence, Field, Where
from workorders.glossary import Mention
from workorders.lines import REMEMBERED, Hit, Line, Span, found, search, spans

TONGUES: dict[Language, str] = {"zh": "", "en": "[英语] ", "ko": "[韩语] ", "ja": "[日语] "}
LONGEST = 30
"""Characters; other languages than Chinese get twice as many."""
WISH = re.compile(
    "^(?:我?(?:希望|建议|应该|想|能不能|可不可以|请求|请|麻烦你们?)(?:你们|政府|能|能够)?)+"
)
NIGHT = re.compile("晚|夜|凌晨|night|밤|夜")
FIRMS = (
    "[一-鿿]{2,8}?(?:有限公司|物业公司|公司|物业|健身房|培训班|培训机构|饭店|酒店|餐厅|餐馆|超市"
    "|网吧|麻将馆|歌厅|工厂|驾校|幼儿园|医院|学校|派出所)"
)
PROVINCES = "京津沪渝琼粤桂闽浙苏鲁豫鄂湘赣皖川黔滇陕甘宁青新藏蒙晋冀辽吉黑"
PLATES = f"[{PROVINCES}] ?[A-Za-z](?: ?[A-Za-z0-9]){{5,6}}"
BUSES = "[0-9]+路(?:公交)?车?(?=.{0,6}(?:司机|公交|车|不来|半天))"
THINGS = (
    "工地|施工队|广场舞|烧烤摊|烧烤店|夜市|流动摊贩|KTV|酒吧|出租车(?:司机)?|网约车(?:司机)?"
    "|公交车(?:司机)?|开发商|物业|业委会|房东|中介|老板|包工头|路灯|井盖|下水道|化粪池|垃圾桶|垃圾站"
    "|垃圾|电梯|充电桩|红绿灯|路面|大树|树枝|绿化带|水管|自来水|暖气|燃气|电线|变压器|楼上邻居|邻居"
    "|健身房|培训班|饭店|餐馆|超市|幼儿园|工厂|养鸡场|养猪场|快递|物流|麻将馆|医保|社保|公积金|公租房"
    "|居住证|身份证|户口|签证|护照|营业执照"
)
OBJECTS = re.compile(f"{FIRMS}|{PLATES}|{BUSES}|{THINGS}")
NO_THINGS = frozenset(
    {
        "噪音扰民",
        "拖欠工资",
        "失物",
        "被偷 治安",
        "拒载 绕路 多收",
        "停电",
        "停水",
        "退款",
        "不想活",
    }
)
"""Concepts of the glossary that are no object."""
NAMED = re.compile(f"公司|^{PLATES}")
ASIDE = re.compile(
    "^(?:.*(?:要上|叫|名字是|找|去了?|这家|那家|有家|我们|你们|他们|的|在|给|被|跟|和|是)(?=..)|我们|你们|他们|这个|那个|一家|那家|这家|有家|有个|一个|我在|我|在|是|和|的|去|到|跟|找|被|给"
    "|附近|旁边|对面|门口|楼下|投诉|举报|反映|问一?下|请问|就是|现在|昨天|今天|路|号|这里|那里|叫|由|欠|因为?)+"
)


def object_of(
    citizen: Sequence[Line], place: Field[Where] | None, mentions: Sequence[Mention]
) -> Field[str] | None:
    """Find who or what it is about: a firm by its name before a thing by its kind."""
    inside = set(place.evidence) if place is not None else set()
    best: tuple[int, Hit] | None = None
    mandarin = [line for line in citizen if line.said.language == "zh"]
    for hit, named in (
        (Hit(line, *span), named) for line in mandarin for span, named in things_in(line.text)
    ):
        if (best is None or named > best[0]) and not _within(hit.evidence, inside):
            best = (named, hit)
    if best is not None:
        return found(best[1].text.replace(" ", ""), 0.6 + 0.1 * best[0], [best[1]])
    things = [mention.hit for mention in mentions if mention.concept not in NO_THINGS]
    return found(things[0].text, 0.5, things[:1]) if things else None


def title_of(
    drafted: DraftWorkOrder, matter: Field[str] | None, citizen: Sequence[Line]
) -> Field[str] | None:
    """Name the order by what is known; by its first words where that is little."""
    content, tongue = drafted.content, drafted.language
    if content is None:
        return None
    kind = drafted.type.value if drafted.type is not None else ""
    if tongue == "zh" and kind == "建议" and drafted.demand is not None:
        wish = WISH.sub("", drafted.demand.value)
        return replace(drafted.demand, value=_cut(f"建议{wish}", LONGEST))
    if tongue != "zh" or matter is None:
        words = TONGUES[tongue] + _cut(content.value, LONGEST * (1 if tongue == "zh" else 2))
        return Field(words, round(0.5 * content.confidence, 3), "rule", content.evidence[:1])
    return _composed(drafted, matter, kind, at_night(citizen))


def _composed(
    drafted: DraftWorkOrder, matter: Field[str], kind: str, night: Field[str] | None
) -> Field[str]:
    place, thing = drafted.place, drafted.object
    where = place.value.standard or place.value.said if place is not None else ""
    about = matter.value
    if night is not None and "噪音" in about:
        about = f"夜间{about}"
    if kind == "表扬" and thing is not None:
        where, about = "", thing.value
    named = thing.value if thing is not None and not _covered(thing.value, about + where) else ""
    prefix = kind if kind in ("咨询", "表扬") else ""
    suffix = "问题" if kind == "咨询" and not about.endswith("问题") else ""
    used = [field for field in (place, thing if named else None, matter) if field is not None]
    if kind == "表扬" and thing is not None:
        used = [thing]
    confidence = min(field.confidence for field in used)
    evidence = tuple(dict.fromkeys(e for field in used for e in field.evidence))
    return Field(_cut(f"{prefix}{where}{named}{about}{suffix}", 40), confidence, "rule", evidence)


def at_night(citizen: Sequence[Line]) -> Field[str] | None:
    """Find the words that say that it is at night."""
    hits = search(NIGHT, citizen)
    return found(hits[0].text, 0.9, hits[:1]) if hits else None


@lru_cache(maxsize=REMEMBERED)
def things_in(text: str) -> tuple[tuple[Span, int], ...]:
    """Find who or what a text may be about; what has a name of its own counts most."""
    trimmed = (_trimmed(text, *span) for span in spans(OBJECTS, text))
    return tuple(
        ((start, end), 3 if NAMED.search(text[start:end]) else 2 if end - start > 4 else 1)
        for start, end in trimmed
        if end - start > 1
    )


def _trimmed(text: str, start: int, end: int) -> Span:
    before = ASIDE.match(text[start:end])
    if before is None or before.end() >= end - start:
        return start, end
    return start + before.end(), end


def _within(words: Evidence, others: set[Evidence]) -> bool:
    return any(
        e.words.find(words.words) >= 0 and e.start <= words.start and words.end <= e.end
        for e in others
    )


def _covered(thing: str, rest: str) -> bool:
    """Tell whether the rest of the title names the thing already, or half of it."""
    return thing in rest or any(thing[i : i + 2] in rest for i in range(len(thing) - 1))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip("，。,. ") + "…"
