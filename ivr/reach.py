"""How long callers need to come into each lane, on the best way and on the worst.

The best way is that of a caller who knows the keys. The worst hears every prompt to its end,
makes every mistake that a node bears, and takes every turning that leads on, also past lanes
that take nobody just now; only ways back to where the caller has been are left out, for they
have no end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from calls.ids import LaneId, Language, NodeId
from ivr.flow import Enqueue, Flow, SetLanguage, refusals
from ivr.known import exits_in
from ivr.times import Spoken, spans, speaker

Place = tuple[NodeId, Language]
"""A node, and the caller's language there."""


@dataclass(frozen=True, slots=True)
class Turning:
    """One way on, and the seconds that it takes."""

    to: Place
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Reach:
    """Seconds from the beginning of a call until a place in a lane is asked for."""

    lane: LaneId
    best: float
    worst: float
    way: tuple[NodeId, ...]
    """The worst one."""


def reaches(flow: Flow, spoken: Spoken) -> list[Reach]:
    """Return how each lane is reached that a caller can come into, in the order of nodes."""
    turnings = _turnings(flow, spoken)
    begin = flow.begin, flow.language
    best = _best(turnings, begin)
    worst, before = _worst(turnings, begin)
    found: dict[LaneId, Reach] = {}
    for place in turnings:
        node = flow.nodes[place[0]]
        if not isinstance(node, Enqueue) or place not in best:
            continue
        known = found.get(node.lane)
        slow = worst[place]
        if known is None or slow > known.worst:
            least = best[place] if known is None else min(best[place], known.best)
            found[node.lane] = Reach(node.lane, least, slow, _way(place, before))
        elif best[place] < known.best:
            found[node.lane] = Reach(node.lane, best[place], known.worst, known.way)
    return list(found.values())


def _turnings(flow: Flow, spoken: Spoken) -> dict[Place, list[Turning]]:
    """Return the ways on from each place that can be reached."""
    begin = flow.begin, flow.language
    found: dict[Place, list[Turning]] = {}
    line = [begin]
    while line:
        place = line.pop()
        if place in found or place[0] not in flow.nodes:
            continue
        found[place] = list(_ways_on(flow, place, spoken))
        line += [turning.to for turning in found[place]]
    return found


def _ways_on(flow: Flow, place: Place, spoken: Spoken) -> Iterator[Turning]:
    node, language = flow.nodes[place[0]], place[1]
    times = spans(node, speaker(spoken, language))
    after = node.language if isinstance(node, SetLanguage) else language
    for path, to in refusals(node) if isinstance(node, Enqueue) else exits_in(node, language):
        span = times[path[0]]
        yield Turning((to, after), span.least, span.least if span.most is None else span.most)


def _best(turnings: Mapping[Place, list[Turning]], begin: Place) -> dict[Place, float]:
    found: dict[Place, float] = {}
    line: list[tuple[float, Place]] = [(0.0, begin)]
    while line:
        at, place = heappop(line)
        if place in found or place not in turnings:
            continue
        found[place] = at
        for turning in turnings[place]:
            heappush(line, (at + turning.least, turning.to))
    return found


def _worst(
    turnings: Mapping[Place, list[Turning]], begin: Place
) -> tuple[dict[Place, float], dict[Place, Place]]:
    """Return the longest way to each place without ways back, and whence it comes there."""
    order, back = _in_order(turnings, begin)
    longest: dict[Place, float] = {begin: 0.0}
    before: dict[Place, Place] = {}
    for place in order:
        for turning in turnings[place]:
            if (place, turning.to) in back or turning.to not in turnings:
                continue
            at = longest[place] + turning.most
            if at > longest.get(turning.to, -1.0):
                longest[turning.to], before[turning.to] = at, place
    return longest, before


def _in_order(
    turnings: Mapping[Place, list[Turning]], begin: Place
) -> tuple[list[Place], set[tuple[Place, Place]]]:
    """Return all places so that each stands behind those that lead on to it, and the ways back."""
    done: list[Place] = []
    seen, above = {begin}, {begin}
    back: set[tuple[Place, Place]] = set()
    trail = [(begin, iter(turnings.get(begin, ())))]
    while trail:
        place, ways = trail[-1]
        turning = next(ways, None)
        if turning is None:
            trail.pop()
            above.discard(place)
            done.append(place)
        elif turning.to in above:
            back.add((place, turning.to))
        elif turning.to not in seen and turning.to in turnings:
            seen.add(turning.to)
            above.add(turning.to)
            trail.append((turning.to, iter(turnings[turning.to])))
    return done[::-1], back


def _way(place: Place, before: Mapping[Place, Place]) -> tuple[NodeId, ...]:
    way = [place[0]]
    while place in before:
        place = before[place]
        way.append(place[0])
    return tuple(reversed(way))
