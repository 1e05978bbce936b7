"""What kind of request a call is: 咨询 求助 投诉 举报 建议 表扬, by the words used."""
# ruff: noqa: E501  # tables of words: a row broken over lines is harder to read and to mend

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from calls.ids import Language
from workorders.draft import TYPES, Field
from workorders.lines import REMEMBERED, Hit, Line, Span, confirmed, found, spans
from workorders.sound import find, syllables

SOUGHT = 2.0
"""Weight at which a type counts as fully attested."""
NOT = "(?<!不是)(?<!不是来)(?<!不是要)(?<!不想)(?<!不要)(?<!没有)"

Cue = tuple[str, float, str]
"""Type, weight, pattern."""

CUES: dict[Language, tuple[Cue, ...]] = {
    "zh": (
        ("投诉", 3.0, f"{NOT}投诉(?!电话)"),
        ("举报", 4.0, f"{NOT}举报"),
        ("咨询", 3.0, "咨询|请教一?下"),
        ("求助", 3.0, "求助|帮帮我|帮帮忙|求求你|救救"),
        ("建议", 3.0, "(?:个|点|条|我|有|想)建议|建议(?=.*(?:增|加|设|装|改|延|开通|取消|优化))"),
        ("建议", 2.0, "能不能(?:增|加|设|装|延长|开通|多)|希望.{0,8}?(?:增加|增设|加装|开通|延长)"),
        ("表扬", 4.0, "表扬|点赞|锦旗|好人好事|拾金不昧"),
        ("表扬", 1.5, "(?:特别|非常|真|要|想)(?:的)?感谢|(?:服务|态度)(?:特别|非常|真的?|很)好"),
        ("咨询", 2.0, "请问|想问|问一?下|打听|了解一?下"),
        ("咨询", 1.5, "(?:怎么|如何|怎样)(?:办理|申请|申领|报销|缴|查|领|补办)|(?:什么|哪些)(?:材料|手续|条件|证件)"),
        ("咨询", 1.0, "多少钱|在哪里?(?:办|交|领)|可不可以|什么(?:政策|标准)|有没有.{0,6}(?:政策|补贴)|几点(?:上班|开门)"),
        ("投诉", 1.5, "反映|扰民|太吵|吵得|吵死|噪音|噪声|睡不着|没法(?:睡|休息)"),
        ("投诉", 1.5, "没(?:有)?人(?:管|来管|处理|清理|理)|推诿|踢皮球|互相推|一直不(?:修|管|处理|解决)"),
        ("投诉", 2.0, "态度(?:很|特别|非常|太|极其)?(?:恶劣|差|不好)|骂人|拒载|绕路|宰客|不打表"),
        ("投诉", 1.5, "乱收费|多收|不(?:给|肯)?退(?:钱|款|费|押金|卡)?|欺骗|被骗|缺斤少两|虚假宣传|质量(?:有)?问题|跑路"),
        ("投诉", 1.0, "乱停|乱扔|乱倒|占道|违停|很臭|臭味|恶臭|污水|油烟"),
        ("举报", 1.5, "无证|非法|偷排|偷倒|违建|违法|违章(?:搭建|建筑)|赌博|传销|假酒|假烟|受贿|贪污|黑(?:车|作坊|诊所|中介)"),
        ("求助", 2.0, "着火|起火|失火|救命|爆炸|泄漏|泄露|不想活|自杀"),
        ("投诉", 1.2, "过期|变质|假货|等了.{0,8}不来|麻将|遛狗|狗叫|乱搭|半夜.{0,8}(?:还|吵|响)|不文明"),
        ("求助", 1.5, "停水|停电|停气|断水|断电|没(?:有)?(?:水|电|暖气)(?!表|费)|爆管|走失|走丢|迷路|被困|救命"),
        ("求助", 1.2, "没了|不见了|坏了|漏水|堵了|不亮|塌了|帮我|帮忙|怎么办(?!理|证)|拖欠|欠薪|不发工资|没发工资|要不回"),
    ),
    "en": (
        ("投诉", 3.0, r"\bcomplain(?:t|ts|ing)?\b"),
        ("举报", 2.5, r"\b(?:illegal(?:ly)?|report (?:a|an|some|the) )"),
        ("咨询", 2.0, r"\b(?:how (?:do|can|should) (?:i|we)|(?:can|could) you tell me|like to (?:know|ask)|want to (?:know|ask)|what (?:documents|do i need)|where (?:can|do) i|question about|information)\b"),
        ("求助", 2.0, r"\b(?:help me|need help|lost my|stolen|stuck|emergency|no (?:water|power|electricity)|broken)\b"),
        ("投诉", 1.5, r"\b(?:nois[ey]|too loud|rude|overcharged?|refused? to|cheated|will not|won't|refund|unpaid)\b"),
        ("建议", 3.0, r"\bsuggest(?:ion)?\b|\bit would be (?:better|good|nice)\b"),
        ("表扬", 3.0, r"\b(?:praise|compliment|grateful)\b|thank the\b"),
    ),
    "ko": (
        ("投诉", 2.5, "불만|민원|항의|시끄|소음|불친절|바가지|환불"),
        ("举报", 3.0, "신고|불법"),
        ("咨询", 2.0, "문의|궁금|하나요|인가요|할까요|알고 싶|어떻게|어디서|무엇이 필요|물어"),
        ("求助", 2.0, "도와|도움|잃어버|분실|고장|안 나와|안나와|끊겼"),
        ("建议", 3.0, "건의|제안"),
        ("表扬", 3.0, "칭찬|친절하게|감사드리고"),
    ),
    "ja": (
        ("投诉", 2.5, "苦情|クレーム|うるさ|騒音|ぼったくり|返金"),
        ("举报", 3.0, "通報|違法"),
        ("咨询", 2.0, "問い合わせ|教えて|聞きたい|お聞き|知りたい|伺い|どうすれば|どうやって|どこで"),
        ("求助", 2.0, "助けて|困って|なくし|忘れ|失くし|無くし|盗まれ|壊れ|止まって|断水|停電"),
        ("建议", 3.0, "提案|要望"),
        ("表扬", 3.0, "お礼|感謝し|褒め"),
    ),
}  # fmt: skip
PATTERNS = [
    (language, kind, weight, re.compile(pattern))
    for language, cues in CUES.items()
    for kind, weight, pattern in cues
]
BY_SOUND = {
    kind: (syllables(word), weight)
    for kind, word, weight in (
        ("投诉", "我要投诉", 2.5),
        ("举报", "我要举报", 3.0),
        ("咨询", "咨询一下", 2.5),
        ("建议", "提个建议", 2.5),
        ("表扬", "表扬一下", 2.5),
        ("求助", "我要求助", 2.5),
    )
}
"""Longer phrases only: 建议 alone sounds like 简易 and 检疫."""


def kind_of(citizen: Sequence[Line], agent: Sequence[Line], types: Sequence[str] = TYPES) -> (
    Field[str] | None
):  # fmt: skip
    """Weigh the citizen's words for each type; None if none was used."""
    weights: dict[str, float] = {}
    hits: dict[str, list[Hit]] = {}
    for kind, weight, where in _cues(citizen):
        if kind in types:
            weights[kind] = weights.get(kind, 0.0) + weight
            hits.setdefault(kind, []).extend(where)
    if not weights:
        return None
    best = max(TYPES, key=lambda kind: weights.get(kind, 0.0))
    second = max((w for kind, w in weights.items() if kind != best), default=0.0)
    margin = (weights[best] - second) / weights[best]
    certainty = min(1.0, weights[best] / SOUGHT) * (0.5 + 0.5 * margin)
    return confirmed(found(best, certainty, hits[best]), [best], agent)


def _cues(citizen: Sequence[Line]) -> list[tuple[str, float, list[Hit]]]:
    """Find each cue once, however often it was said."""
    hits: defaultdict[int, list[Hit]] = defaultdict(list)
    for line in citizen:
        for number, where in cues_in(line.said.language, line.text):
            hits[number] += (Hit(line, *span) for span in where)
    cues = [(*PATTERNS[number][1:3], hits[number]) for number in sorted(hits)]
    plain = any(weight >= SOUGHT for _, weight, _ in cues)
    return cues if plain else cues + _cues_by_sound(citizen)


@lru_cache(maxsize=REMEMBERED)
def cues_in(language: Language, text: str) -> tuple[tuple[int, list[Span]], ...]:
    """Find the cues that a text has, by their number."""
    return tuple(
        (number, found)
        for number, (tongue, _, _, pattern) in enumerate(PATTERNS)
        if tongue == language and (found := spans(pattern, text))
    )


def _cues_by_sound(citizen: Sequence[Line]) -> list[tuple[str, float, list[Hit]]]:
    """Find the phrases that open a request where the recogniser wrote other characters."""
    return [
        (kind, BY_SOUND[kind][1], [Hit(line, *span)])
        for line in citizen
        if line.said.language == "zh"
        for kind, span in _phrases_in(line.text)
    ]


@lru_cache(maxsize=REMEMBERED)
def _phrases_in(text: str) -> tuple[tuple[str, Span], ...]:
    heard = syllables(text)
    run = " ".join(heard)
    places = (
        (kind, phrase, find(phrase, heard))
        for kind, (phrase, _) in BY_SOUND.items()
        if " ".join(phrase) in run
    )
    return tuple((kind, (at[0], at[0] + len(phrase))) for kind, phrase, at in places if at)
