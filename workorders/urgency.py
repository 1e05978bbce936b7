"""Danger and hurry, by the words that say so."""
# ruff: noqa: E501  # tables of words: a row broken over lines is harder to read and to mend

import re
from collections.abc import Sequence

from workorders.draft import Field
from workorders.lines import Hit, Line, found, search

DANGER = re.compile(
    "着火|起火|失火|火灾|爆炸|煤气味|(?:燃气|煤气|天然气)(?:泄漏|泄露|漏气|漏了)|漏电|触电|电线(?:掉|断)(?:下来|落|在)"
    "|坍塌|倒塌|塌陷|塌了|坠楼|跳楼|自杀|轻生|不想活|活不下去|割腕|落水|溺水|掉(?:进|到)(?:井|水|河)"
    "|持刀|拿刀|砍人|打架|打人|家暴|绑架|昏迷|晕倒|大出血|中毒|被困|困在(?:电梯|里面)|救命|(?<!没)(?<!没有)人受伤|受了伤"
    r"|\b(?:on fire|fire broke|gas leak|explosion|electric shock|collaps\w*|suicid\w*|kill myself"
    r"|drowning|unconscious|bleeding|trapped|knife|someone is hurt|injured)\b"
    "|불이 [나났]|불났|화재|가스가 새|가스 누출|폭발|감전|자살|죽고 싶|쓰러|갇혔|칼을|다쳤"
    "|火事|ガス漏れ|ガスが漏れ|爆発|感電|自殺|死にたい|倒れ|閉じ込め|刃物|けが|怪我"
)
URGENT = re.compile(
    "停水|停电|停气|断水|断电|没(?:有)?(?:水|电|暖气)(?!表|费)|爆管|水管(?:爆|破)|井盖(?:没|不见|丢|缺|坏|掉)|没有?井盖|路面塌|积水"
    "|走失|走丢|找不到(?:孩子|老人|家)|紧急|急死|(?:很|特别|非常|十分)(?:紧?急|着急)|孕妇|高空坠物|掉(?:下来|落)|摔(?:倒|伤|了)|老人(?:发烧|生病|摔)"
    r"|\b(?:urgent(?:ly)?|as soon as possible|right now|emergency|no (?:water|power|electricity|heating)|missing child)\b"
    "|급해|급한|빨리|긴급|정전|단수|至急|急いで|緊急|断水|停電"
)
FEARED = re.compile(
    "(?:怕|担心|万一|会不会|容易|可能会?|以防|防止|预防|避免|小心|差点儿?|险些|没有?|不会|如果|要是|隐患.{0,4}|什么时候)(?:[^，。]{0,6})$"
    r"|(?:afraid|worried|might|could|avoid|prevent|nearly|almost|no one)(?: \w+){0,3} $"
)
"""Before a word of danger: it is feared, denied or supposed, and has not come."""
NO_LESS = re.compile("自杀|轻生|不想活|活不下去|跳楼|suicid|kill myself|자살|죽고 싶|死にたい")
"""What counts however it is said."""


def urgency_of(citizen: Sequence[Line]) -> Field[str] | None:
    """Judge the urgency; `normal` rests on all that was said, None on nothing said."""
    dangers = search(DANGER, citizen)
    real = [hit for hit in dangers if not _feared(hit)]
    if real:
        return found("danger", 0.9, real)
    urgent = [hit for hit in search(URGENT, citizen) if not _feared(hit)]
    if dangers or urgent:
        return found("urgent", 0.8, dangers + urgent)
    everything = [Hit(line, 0, len(line.text)) for line in citizen]
    return found("normal", 0.8, everything) if everything else None


def _feared(hit: Hit) -> bool:
    before = hit.line.text[max(0, hit.start - 24) : hit.start]
    return FEARED.search(before) is not None and NO_LESS.search(hit.text) is None
