"""How long a caller needs through each way out of a node, and to reach a person."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from calls.ids import Language, NodeId, PromptId
from ivr.flow import (
    ANSWERS,
    Ask,
    Branch,
    Collect,
    Enqueue,
    Flow,
    HangUp,
    Hold,
    Listen,
    Menu,
    Node,
    Say,
    SetLanguage,
)
from ivr.known import exits_in
from ivr.reading import LONGEST, pieces, reading

Spoken = Mapping[tuple[Language, PromptId], float]
"""Seconds of each recording."""


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds in a node until a way out is taken, at least and at most; None: nobody knows."""

    least: float
    most: float | None

    def __str__(self) -> str:
        if self.most == 0:
            return "马上 at once"
        if self.most is None:
            return f"≥ {self.least:g} s"
        if round(self.least, 1) == round(self.most, 1):
            return f"{self.least:.1f} s"
        return f"{self.least:.1f}–{self.most:.1f} s"


AT_ONCE = Span(0.0, 0.0)


def spans(node: Node, seconds: Callable[[Iterable[PromptId]], float]) -> dict[str, Span]:
    """Return how long each way out takes, by the first part of its setting (`keys`, `then`)."""
    match node:
        case Say(prompts=prompts):
            return {"then": Span(seconds(prompts), seconds(prompts))}
        case Menu():
            return _of_menu(node, seconds)
        case Listen():
            return _of_listen(node, seconds(node.prompts))
        case Enqueue():
            waited = Span(0.0, None)
            doors = ("on_full", "on_nobody", "on_closed", "on_long_wait")
            refused = dict.fromkeys(doors, AT_ONCE)
            return {**refused, **dict.fromkeys(("on_late", "on_key", "on_talked"), waited)}
        case Hold(limit=limit):
            return {"then": Span(limit, limit), "on_key": Span(0.0, limit)}
        case Collect():
            return _of_collect(node, seconds)
        case SetLanguage() | Branch() | Ask() | HangUp():
            return _of_questions(node)


def _of_questions(node: Node) -> dict[str, Span]:
    if isinstance(node, Ask):
        return dict.fromkeys((*node.ways, "otherwise"), Span(0.0, node.limit))
    return dict.fromkeys(("then", *ANSWERS, "holidays", "values", "otherwise"), AT_ONCE)


def _silent(node: Menu | Collect, seconds: Callable[[Iterable[PromptId]], float]) -> float:
    """Return how long one who does nothing is in a node that asks, as often as it asks."""
    again = sum(seconds((one,)) + node.timeout for one in node.silence_prompts)
    return seconds(node.prompts) + node.timeout + again


def _of_menu(node: Menu, seconds: Callable[[Iterable[PromptId]], float]) -> dict[str, Span]:
    silent = _silent(node, seconds)
    wrong = [node.wrong_prompts[: n + 1][-1:] for n in range(node.tries - 1)]
    slow = silent + sum(seconds(prompts) + node.timeout for prompts in wrong)
    return {
        "keys": Span(0.0, slow),
        "on_silence": Span(silent, slow),
        "on_wrong": Span(0.0, slow),
    }


def _of_collect(node: Collect, seconds: Callable[[Iterable[PromptId]], float]) -> dict[str, Span]:
    silent = _silent(node, seconds)
    once = node.most * node.pause
    wrong = [node.wrong_prompts[: n + 1][-1:] for n in range(node.tries - 1)]
    slow = silent + once + sum(seconds(said) + node.timeout + once for said in wrong)
    return {
        "then": Span(0.0, slow),
        "on_silence": Span(silent, slow),
        "on_wrong": Span(0.0, slow),
        "on_key": Span(0.0, silent),
    }


def _of_listen(node: Listen, prompts: float) -> dict[str, Span]:
    return {
        "then": Span(node.least, prompts + node.limit),
        "on_language": Span(node.least, prompts + node.limit),
        "on_nothing": Span(0.0, prompts + node.patience + node.least + node.silence),
        "on_key": Span(0.0, prompts + node.limit),
    }


def speaker(spoken: Spoken, language: Language) -> Callable[[Iterable[PromptId]], float]:
    """Return what tells how long prompts last in a language; one not recorded lasts nothing.

    A reading is taken to be as long as they get.
    """

    def lasts(prompt: PromptId) -> float:
        how = reading(prompt)
        if how is None:
            return spoken.get((language, prompt), 0.0)
        parts = [spoken.get((language, piece), 0.0) for piece in pieces(how[1], language)]
        return LONGEST[how[1]] * sum(parts) / len(parts)

    return lambda prompts: sum(map(lasts, prompts))


def quickest_person(flow: Flow, spoken: Spoken) -> float | None:
    """Return after how many seconds a caller who knows the way is in a lane; None: never."""
    seen: set[tuple[NodeId, Language]] = set()
    line: list[tuple[float, NodeId, Language]] = [(0.0, flow.begin, flow.language)]
    while line:
        at, name, language = heappop(line)
        node = flow.nodes.get(name)
        if isinstance(node, Enqueue):
            return at
        if node is None or (name, language) in seen:
            continue
        seen.add((name, language))
        times = spans(node, speaker(spoken, language))
        after = node.language if isinstance(node, SetLanguage) else language
        for path, to in exits_in(node, language):
            heappush(line, (at + times[path[0]].least, to, after))
    return None


def silent_person(flow: Flow, spoken: Spoken) -> float | None:
    """Return after how many seconds one who does nothing at all is in a lane; None: never."""
    at, name, language = 0.0, flow.begin, flow.language
    seen: set[NodeId] = set()
    while name in flow.nodes and name not in seen:
        seen.add(name)
        node = flow.nodes[name]
        seconds = speaker(spoken, language)
        if isinstance(node, Enqueue | HangUp):
            return at if isinstance(node, Enqueue) else None
        lasted, name = _patiently(node, seconds)
        if isinstance(node, Branch) and node.variable == "language":
            ((_, name),) = exits_in(node, language)
        at += lasted
        language = node.language if isinstance(node, SetLanguage) else language
    return None


def _patiently(node: Node, seconds: Callable[[Iterable[PromptId]], float]) -> tuple[float, NodeId]:
    """Return how long one who does nothing is in a node, and where that leads."""
    match node:
        case Menu() | Collect():
            return _silent(node, seconds), node.on_silence
        case Listen():
            return seconds(node.prompts) + node.patience, node.on_nothing
        case Ask(otherwise=otherwise, limit=limit):
            return limit, otherwise
        case Branch(otherwise=otherwise):
            return 0.0, otherwise
        case Say(then=then) | SetLanguage(then=then) | Hold(then=then):
            return spans(node, seconds)["then"].least, then
        case Enqueue() | HangUp():
            raise AssertionError("waits for nobody to do something")
