"""Which unit is in charge: ranked by its duties and keywords, with the words that decided."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from calls.ids import UnitId
from calls.replacing import replaced
from workorders.draft import Field, Ranked
from workorders.glossary import Mention
from workorders.lines import REMEMBERED, Hit, Line, found
from workorders.names import Meant, Names

if TYPE_CHECKING:  # it needs numpy, which is read only where something was learned
    from workorders.learned import Learned

LONGEST = 4
"""Characters of a duty that are looked up together."""
KEYWORD, DUTY, NAME = 3.0, 1.0, 4.0
CALLED = 0.6
"""Of the weight of words that the caller used."""
CLASS = "类别："
"""Before a word that is the class's and not the caller's."""
SHOWN = 5
SOUNDED = range(4, 9)
"""Characters of a unit's name or keyword that may be known by its sound."""
CHINESE = re.compile("[一-鿿]+")
LEAST_SHARE = 0.12
"""Of the leader's score: a unit with less is no candidate."""
CO_SHARE, CO_MOST = 0.4, 2
"""Of the lead unit's score, from which on a unit with words of its own works with it."""
TRUST = 0.7
"""Share of precedents in a ranking by both; the duties have the rest."""
ATTESTED = 6.0
"""Score at which the words are plenty; less of them makes less sure."""
EMPTY_WORDS = """
保障 环境 违法 纠纷 扰民 信号 月份 材料 申请 孩子 电梯 声音 解决
我们 你们 他们 这个 那个 一个 没有 什么 怎么 就是 可以 现在 时候 问题 情况 工作 管理 负责 服务
进行 相关 有关 单位 部门 人员 组织 实施 开展 监督 指导 全市 本市 城市 市民 群众 政府 以及 其他
我市 方面 希望 反映 投诉 举报 咨询 建议 处理 办理 安排 不能 一下 知道 电话 今天 昨天 晚上 每天
小区 居民 附近 要求 使用 业务 规定 制度 依法 事项 信息 中心 承担 做好 协调 推进 建设 发展 日常
公共 设施 工程 单元 地方 家里 不到 生活 出来 出现 发生 责任 行为 活动 项目 社会 行业 保护 安全
"""
EMPTY = frozenset(EMPTY_WORDS.split())
"""Words that every unit's duties and every call have: they decide nothing."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A department, district or company that works on orders."""

    id: UnitId
    name: str
    duties: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    level: str = ""


@dataclass(frozen=True, slots=True)
class Precedents:
    """What was learned from orders that are done, and how far it is trusted against the duties."""

    learned: "Learned"
    trust: float = TRUST

    def blend(self, ranked: Sequence[Ranked], text: str, units: Sequence[Unit]) -> list[Ranked]:
        """Rank by duties and precedents together; a unit that is no longer there is left out."""
        names = {str(unit.id): unit.name for unit in units}
        by_rule = {str(r.unit): r for r in ranked}
        total = sum(r.score for r in ranked) or 1.0
        both = []
        for known in self.learned.rank(text, SHOWN):
            rule = by_rule.pop(known.label, None)
            if known.label in names:
                share = rule.score / total if rule is not None else 0.0
                score = self.trust * known.probability + (1 - self.trust) * share
                words = (*(rule.because if rule is not None else ()), *known.because)
                both.append((known.label, score, tuple(dict.fromkeys(words))))
        both += [(u, (1 - self.trust) * r.score / total, r.because) for u, r in by_rule.items()]
        both.sort(key=lambda entry: (-entry[1], entry[0]))
        return [
            Ranked(UnitId(unit), names[unit], round(score, 4), words)
            for unit, score, words in both
            if score >= LEAST_SHARE * both[0][1] and words
        ]


@dataclass(frozen=True, slots=True)
class _Clue:
    unit: int
    weight: float
    words: str


class UnitIndex:
    """The units' words, looked up once; a word that many units share says little of each."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = tuple(units)
        self._keywords = _inverted(
            (i, k.lower()) for i, u in enumerate(self.units) for k in u.keywords
        )
        self._names = _inverted((i, n) for i, u in enumerate(self.units) for n in _short(u.name))
        self._duties = _inverted((i, g) for i, u in enumerate(self.units) for g in _grams(u.duties))
        self._sounds = Names(
            word
            for word in {*self._keywords, *self._names}
            if len(word) in SOUNDED and CHINESE.fullmatch(word)
        )
        self._duties_begin = {gram[:2] for gram in self._duties}
        # A line is read again for each new draft of its call.
        self._find = lru_cache(maxsize=REMEMBERED)(self._sounds.find)
        self._clues_in = lru_cache(maxsize=REMEMBERED)(self._clues_of)
        self._by_first: dict[str, list[str]] = defaultdict(list)
        for word in {*self._keywords, *self._names}:
            self._by_first[word[0]].append(word)

    def rank(self, texts: Iterable[str], called: Iterable[str] = ()) -> list[Ranked]:
        """Rank the units for what was said; scores are shares of all that was found.

        `called` is what a clerk calls the matter: it counts in part, and says so.
        """
        scores: dict[int, float] = defaultdict(float)
        because: dict[int, dict[str, float]] = defaultdict(dict)
        for clue in self._weighed_clues(texts, called):
            seen = because[clue.unit].get(clue.words)
            # Said again, a word adds half of what it did the first time, once.
            scores[clue.unit] += clue.weight if seen is None else seen / 2
            because[clue.unit][clue.words] = clue.weight if seen is None else 0.0
        total = sum(scores.values())
        order = sorted(scores, key=lambda unit: (-scores[unit], self.units[unit].id))
        return [
            Ranked(
                self.units[unit].id,
                self.units[unit].name,
                round(scores[unit] / total, 4),
                tuple(sorted(because[unit], key=lambda word: -because[unit][word])),
            )
            for unit in order
            if scores[unit] >= LEAST_SHARE * scores[order[0]]
        ]

    def misheard(self, text: str) -> list[Meant]:
        """Find names and long keywords of units that were misheard; not those that are there."""
        return [meant for meant in self._find(text) if meant.name not in text]

    def strength(self, texts: Iterable[str], unit: UnitId) -> float:
        """Return how much was said for one unit, in all."""
        return sum(c.weight for c in self._clues(texts) if self.units[c.unit].id == unit)

    def _weighed_clues(self, texts: Iterable[str], called: Iterable[str]) -> Iterator[_Clue]:
        yield from self._clues(texts)
        for clue in self._clues(called):
            yield _Clue(clue.unit, clue.weight * CALLED, f"{CLASS}{clue.words}")

    def _clues(self, texts: Iterable[str]) -> Iterator[_Clue]:
        return chain.from_iterable(map(self._clues_in, texts))

    def _clues_of(self, text: str) -> list[_Clue]:
        low, at = text.lower(), 0
        clues: list[_Clue] = []
        taken: set[int] = set()
        for start, word in self._named(low):
            taken.update(range(start, start + len(word)))
            clues += self._weighed(word)
        while at < len(low):
            gram = self._gram(low, at, taken) if low[at : at + 2] in self._duties_begin else ""
            if gram:
                clues += _spread(gram, self._duties[gram], DUTY, len(self.units))
            at += len(gram) or 1
        return clues

    def _named(self, text: str) -> list[tuple[int, str]]:
        """Find keywords and names, the longest first, none inside another."""
        places = [
            (at, word)
            for at, character in enumerate(text)
            for word in self._by_first.get(character, ())
            if text.startswith(word, at) and _free_standing(text, at, word)
        ]
        chosen: list[tuple[int, str]] = []
        taken: set[int] = set()
        for at, word in sorted(places, key=lambda place: (-len(place[1]), place[0])):
            span = range(at, at + len(word))
            if taken.isdisjoint(span):
                taken.update(span)
                chosen.append((at, word))
        return sorted(chosen)

    def _weighed(self, word: str) -> Iterator[_Clue]:
        size = len(self.units)
        yield from _spread(word, self._keywords.get(word, {}), KEYWORD, size)
        yield from _spread(word, self._names.get(word, {}), NAME, size)

    def _gram(self, text: str, at: int, taken: set[int]) -> str:
        """Return the longest piece of a duty that stands here, free of keywords."""
        for length in range(LONGEST, 1, -1):
            gram = text[at : at + length]
            if gram in self._duties and taken.isdisjoint(range(at, at + length)):
                return gram
        return ""


def rank(text: str, units: Sequence[Unit]) -> list[Ranked]:
    """Rank units for one text; for many texts keep a `UnitIndex`."""
    return UnitIndex(units).rank([text])


def lead_of(
    ranked: Sequence[Ranked], strength: float, citizen: Sequence[Line], mentions: Sequence[Mention]
) -> Field[str] | None:
    """Take the first candidate; the margin to the second makes it sure or not."""
    if not ranked:
        return None
    first, second = ranked[0], ranked[1].score if len(ranked) > 1 else 0.0
    margin = (first.score - second) / first.score
    certainty = (1 - math.exp(-strength / ATTESTED * 2)) * (0.25 + 0.7 * margin)
    hits = _decisive(first.because, citizen, mentions)
    return found(str(first.unit), certainty, hits) if hits else None


def co_units_of(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Choose units to work with the first: each with words of its own, strong enough.

    The words that it shares with a unit before it are that one's reason, not its own.
    """
    if not ranked:
        return ()
    chosen: list[Ranked] = []
    taken = {word.removeprefix(CLASS) for word in ranked[0].because}
    for each in ranked[1:]:
        own = tuple(w for w in each.because if not w.startswith(CLASS) and w not in taken)
        if own and each.score >= CO_SHARE * ranked[0].score and len(chosen) < CO_MOST:
            chosen.append(replaced(each, because=own))
            taken.update(own)
    return tuple(chosen)


def _decisive(
    words: Sequence[str], citizen: Sequence[Line], mentions: Sequence[Mention]
) -> list[Hit]:
    """Find where the deciding words were said, in whatever language."""
    hits = []
    for word in (word.removeprefix(CLASS) for word in words):
        for line in citizen:
            at = line.text.lower().find(word)
            if at >= 0:
                hits.append(Hit(line, at, at + len(word)))
        hits += [mention.hit for mention in mentions if word in mention.concept]
    return hits


def _inverted(pairs: Iterable[tuple[int, str]]) -> dict[str, dict[int, int]]:
    """Return each word with the units that have it."""
    index: dict[str, dict[int, int]] = {}
    for unit, word in pairs:
        if word:
            index.setdefault(word, {})[unit] = 1
    return index


def _spread(word: str, owners: Mapping[int, int], worth: float, units: int) -> Iterator[_Clue]:
    """Weigh a word for each unit that has it: long and rare ones count most."""
    rare = math.log((1 + units) / len(owners)) / math.log(1 + units) if owners else 0.0
    length = min(1.5, (len(word) - 1) / 2 if worth is DUTY else 0.5 + len(word) / 4)
    for unit in owners:
        yield _Clue(unit, worth * length * rare, word)


def _grams(duties: Iterable[str]) -> Iterator[str]:
    for duty in duties:
        for piece in re.split("[^一-鿿a-z0-9]+|[和与及的等对]", duty.lower()):
            for length in range(2, LONGEST + 1):
                for at in range(len(piece) - length + 1):
                    gram = piece[at : at + length]
                    if gram not in EMPTY and gram[:2] not in EMPTY and gram[-2:] not in EMPTY:
                        yield gram


def _short(name: str) -> Iterator[str]:
    """Yield a unit's name as people say it: 市城市管理局 is 城市管理局 too."""
    plain = name.lower()
    yield plain
    if len(plain) > 3 and plain[0] in "省市区县":
        yield plain[1:]
    match = re.fullmatch(".{2,4}?市(.{3,})", plain)
    if match:
        yield match[1]


def _free_standing(text: str, at: int, word: str) -> bool:
    """Tell whether a word of Latin letters is not inside another: tax is not in taxi."""
    if not word.isascii():
        return True
    before = text[at - 1 : at] if at else ""
    after = text[at + len(word) : at + len(word) + 1]
    return not (before.isascii() and before.isalpha()) and not (after.isascii() and after.isalpha())
