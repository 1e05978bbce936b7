"""Orders that are open already for the same matter in the same place."""

import re
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce
from heapq import nsmallest
from operator import add, or_
from sys import intern

from calls.ids import CallId
from workorders.draft import DraftWorkOrder, Duplicate
from workorders.sound import as_signs

WITHIN = 7 * 86400.0
"""Seconds after which a call about the same is another order."""
MOST = 5
KEPT = 5000
"""Orders that are remembered; the oldest go first."""
SAME_PLACE, SAME_MATTER, ALIKE = 0.5, 0.3, 0.2
"""What each adds: the place and the class, and how far the words agree."""
ENOUGH = 0.6
BITS = 256
"""Bits of an order's mask."""
NO_HAN = re.compile("[^一-鿿]+")
assert SAME_MATTER + ALIKE < ENOUGH, "only orders of the same place are looked at"
assert ALIKE < SAME_MATTER, "whatever the words, one of the same matter is liker"


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """What is compared of an order that is open."""

    call: CallId
    arrived: float
    """UTC seconds."""
    caller: str | None
    category: str | None
    place: str | None
    words: frozenset[str]
    """Pairs of sounds of its content."""
    mask: int
    """One of `BITS` bits for each pair: they tell how much two orders can have in common at most,
    so that the words of most others need not be looked at."""

    @classmethod
    def of(cls, draft: DraftWorkOrder) -> "OpenOrder":
        """Take what is compared from a draft."""
        place = draft.place.value if draft.place is not None else None
        words, mask = _words(draft.content.value if draft.content is not None else "")
        return cls(
            draft.call,
            draft.arrived,
            draft.caller.value if draft.caller is not None else None,
            draft.category.value if draft.category is not None else None,
            (place.standard or place.said) if place is not None else None,
            words,
            mask,
        )


class OpenOrders:
    """Orders that may be called about again. The caller of its methods keeps them in one thread.

    Orders of unlike places never count as the same, so only those are compared whose
    place is the same or one within the other.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[CallId, OpenOrder] = OrderedDict()
        self._at: defaultdict[str, set[CallId]] = defaultdict(set)
        self._within: defaultdict[str, set[CallId]] = defaultdict(set)
        """By each beginning of their places."""

    def __len__(self) -> int:
        return len(self._kept)

    def remember(self, draft: DraftWorkOrder) -> None:
        """Take note of an order; one of the same call is replaced."""
        self._take(OpenOrder.of(draft))

    def recall(self, drafts: Iterable[DraftWorkOrder]) -> None:
        """Take note of orders of an earlier start, oldest first; what is known already stays."""
        newer = list(self._kept.values())
        for draft in drafts:
            self.remember(draft)
        for order in newer:
            self._take(order)

    def _take(self, order: OpenOrder) -> None:
        self.close(order.call)
        self._kept[order.call] = order
        for calls in self._indices(order):
            calls.add(order.call)
        if len(self._kept) > KEPT:
            self.close(next(iter(self._kept)))

    def close(self, call: CallId) -> None:
        """Forget an order that is done."""
        order = self._kept.pop(call, None)
        if order is None or order.place is None:
            return
        for calls in self._indices(order):
            calls.discard(call)
        for index in (self._at, self._within):
            for beginning in _beginnings(order.place):
                if not index.get(beginning, True):
                    del index[beginning]

    def like(self, draft: DraftWorkOrder) -> tuple[Duplicate, ...]:
        """Return open orders of the same matter and place, the likest first."""
        mine = OpenOrder.of(draft)
        others = [self._kept[call] for call in self._near(mine.place) if call != mine.call]
        likest = _likest(mine, [other for other in others if _same_matter(mine, other)])
        if len(likest) < MOST:  # the words alone never outweigh the matter
            others = [other for other in others if not _same_matter(mine, other)]
            likest += _likest(mine, [one for one in others if _at_most(mine, one) >= ENOUGH])
        return tuple(
            Duplicate(str(call), -less, _why(mine, self._kept[call]))
            for less, call in nsmallest(MOST, likest)
        )

    def _near(self, place: str | None) -> set[CallId]:
        """Return the orders within a place, and those of what it lies in."""
        if place is None:
            return set()
        around = (self._at.get(beginning, ()) for beginning in _beginnings(place))
        return set(self._within.get(place, ())).union(*around)

    def _indices(self, order: OpenOrder) -> list[set[CallId]]:
        if order.place is None:
            return []
        within = [self._within[beginning] for beginning in _beginnings(order.place)]
        return [self._at[order.place], *within]


def likeness(mine: OpenOrder, other: OpenOrder) -> float:
    """Return how like two orders are, from 0 to 1; those of unlike places are not."""
    if not 0 <= mine.arrived - other.arrived <= WITHIN:
        return 0.0
    if mine.place is None or not _same_place(mine.place, other.place):
        return 0.0
    how = ALIKE * _shared(mine.words, other.words) + SAME_PLACE
    return how + SAME_MATTER if _same_matter(mine, other) else how


def _likest(mine: OpenOrder, others: Iterable[OpenOrder]) -> list[tuple[float, CallId]]:
    """Return the likest orders, the likeness below nothing so that they sort."""
    found = [(likeness(mine, other), other.call) for other in others]
    return nsmallest(MOST, [(-round(how, 3), call) for how, call in found if how >= ENOUGH])


def _at_most(mine: OpenOrder, other: OpenOrder) -> float:
    """Return how like two orders of unlike matters may be, at most: pairs of one bit are alike."""
    doubled = len(mine.words) - mine.mask.bit_count()
    both = doubled + (mine.mask & other.mask).bit_count()
    either = len(mine.words) + len(other.words) - both
    return ALIKE * min(1.0, both / max(1, either)) + SAME_PLACE


def _same_matter(mine: OpenOrder, other: OpenOrder) -> bool:
    return mine.category is not None and mine.category == other.category


def _why(mine: OpenOrder, other: OpenOrder) -> tuple[str, ...]:
    because = [f"地点：{other.place}"]
    if _same_matter(mine, other):
        because.append(f"事项：{other.category}")
    if mine.caller is not None and mine.caller == other.caller:
        because.append("同一来电号码")
    return tuple(because)


def _same_place(one: str, other: str | None) -> bool:
    """Tell whether one address is the other, or lies within it."""
    return other is not None and (one.startswith(other) or other.startswith(one))


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """Return what part of all words both have."""
    both = len(one & other)
    return both / (len(one) + len(other) - both) if both else 0.0


def _beginnings(place: str) -> list[str]:
    return [place[:end] for end in range(1, len(place) + 1)]


@lru_cache(maxsize=128)  # an order is compared and then remembered
def _words(text: str) -> tuple[frozenset[str], int]:
    """Return the pairs of sounds, the same pair the same string in all orders, and their mask."""
    sounds = as_signs(NO_HAN.sub("", text))
    words = frozenset(map(intern, map(add, sounds, sounds[1:])))
    return words, reduce(or_, [1 << hash(word) % BITS for word in words], 0)
