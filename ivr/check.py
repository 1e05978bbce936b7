"""Faults of a flow, found before anyone calls.

What is proved of a flow without flaws: every node can be reached, everything that
a node names exists, every prompt is recorded in each language that a caller can
hear it in, a caller whom no lane takes and who presses nothing comes to an end
instead of going round, and from every menu both 0 and silence reach a person.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from calls.ids import LaneId, Language, NodeId, PromptId
from ivr.flow import (
    Enqueue,
    Exit,
    Flow,
    HangUp,
    Hold,
    Listen,
    Menu,
    Node,
    Say,
    SetLanguage,
    exits,
    refusals,
)
from ivr.speak import WAIT_PROMPTS
from ivr.walk import PROMPT_LIMIT

Path = tuple[str | int, ...]
"""Where within a node: `("keys", "0")`, `("prompts", 1)`; empty: the node as such."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong with a flow, in Chinese and in English."""

    node: NodeId | None
    """None: the flow as such."""
    path: Path
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What callers may be asked to bear."""

    menu_depth: int = 1
    """Menus that a caller passes, one after another."""
    greeting: float = 12.0
    """Seconds until a menu's prompts have ended."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What exists around a flow."""

    lanes: AbstractSet[LaneId]
    with_hours: AbstractSet[LaneId]
    """Lanes that are closed at times."""
    prompts: Mapping[tuple[Language, PromptId], float]
    """What is recorded, and how many seconds it lasts."""
    announcing: AbstractSet[LaneId] = field(default_factory=frozenset)
    """Lanes in which the expected waiting time is said."""


def flaws(flow: Flow, around: Surroundings, limits: Limits) -> list[Flaw]:
    """Return everything that is wrong with a flow."""
    found = dangling(flow, around)
    heard = languages(flow)
    if not list(_unknown_nodes(flow, frozenset())):  # else what is named wrongly seems unreachable
        found += _unreached(flow, heard)
    found += _unrecorded(flow, around, heard)
    found += _lengths(flow, around, heard, limits)
    found += _rounds(flow, heard)
    found += _without_person(flow, heard)
    found += _too_deep(flow, limits)
    return found


def dangling(
    flow: Flow, around: Surroundings, known: AbstractSet[NodeId] = frozenset()
) -> list[Flaw]:
    """Return what names a node or a lane that does not exist; nodes in `known` do."""
    return [*_unknown_nodes(flow, known), *_lanes(flow, around)]


def languages(flow: Flow) -> dict[NodeId, set[Language]]:
    """Return every node that can be reached, with the languages a caller may have there."""
    reached: dict[NodeId, set[Language]] = {}
    waiting = deque([(flow.begin, flow.language)])
    while waiting:
        at, language = waiting.popleft()
        node = flow.nodes.get(at)
        if node is None or language in reached.get(at, ()):
            continue
        reached.setdefault(at, set()).add(language)
        after = node.language if isinstance(node, SetLanguage) else language
        waiting.extend((to, after) for _, to in exits(node))
    return reached


def prompts_of(node: Node, around: Surroundings) -> list[tuple[Path, PromptId]]:
    """Return every prompt that a caller may hear in a node, and the setting that names it."""
    match node:
        case Say(prompts=prompts) | Listen(prompts=prompts) | Hold(prompts=prompts):
            return _numbered("prompts", prompts)
        case HangUp(prompts=prompts):
            return _numbered("prompts", prompts)
        case Menu():
            wrong = _numbered("wrong_prompts", node.wrong_prompts)
            return [*_numbered("prompts", node.prompts), *wrong]
        case Enqueue():
            said = [*_numbered("prompts", node.prompts), *_numbered("announce", node.announce)]
            if node.music is not None:
                said.append((("lane",), node.music))
            if node.lane in around.announcing:
                said += [(("lane",), prompt) for prompt in WAIT_PROMPTS]
            return said
        case SetLanguage():
            return []


def _numbered(name: str, prompts: Iterable[PromptId]) -> list[tuple[Path, PromptId]]:
    return [((name, index), prompt) for index, prompt in enumerate(prompts)]


# references


def _unknown_nodes(flow: Flow, known: AbstractSet[NodeId]) -> Iterator[Flaw]:
    named: list[tuple[NodeId | None, Exit]] = [(None, (("begin",), flow.begin))]
    named += [(at, way) for at, node in flow.nodes.items() for way in exits(node)]
    for at, (path, to) in named:
        if to not in flow.nodes and to not in known:
            yield Flaw(
                at,
                path,
                f"这里要去的步骤“{to}”不存在；请改成 nodes 里已有的名称",
                f"leads to node {to!r}, which does not exist; name one that nodes has",
            )


def _unreached(flow: Flow, heard: Mapping[NodeId, set[Language]]) -> Iterator[Flaw]:
    for at in flow.nodes:
        if at not in heard:
            yield Flaw(
                at,
                (),
                "没有任何路径能走到这个步骤；请删除它，或从别的步骤指向它",
                "no caller can reach this node; remove it, or lead to it from another",
            )


def _lanes(flow: Flow, around: Surroundings) -> Iterator[Flaw]:
    for at, node in flow.nodes.items():
        if not isinstance(node, Enqueue):
            continue
        if node.lane not in around.lanes:
            yield Flaw(
                at,
                ("lane",),
                f"队列“{node.lane}”不存在；lanes.yaml 里有：{_listed(around.lanes)}",
                f"no lane {node.lane!r}; lanes.yaml has: {_listed(around.lanes, ', ')}",
            )
        elif node.lane in around.with_hours and node.on_closed is None:
            yield Flaw(
                at,
                (),
                f"队列“{node.lane}”有服务时间，必须用 on_closed 写明下班后转到哪一步",
                f"lane {node.lane!r} keeps hours; on_closed must say where callers go outside them",
            )


# prompts


def unrecorded(
    at: NodeId | None,
    path: Path,
    prompt: PromptId,
    tongues: Iterable[Language],
    around: Surroundings,
) -> Flaw | None:
    """Return what is wrong if a prompt lacks a recording in any of these languages."""
    missing = sorted(tongue for tongue in tongues if (tongue, prompt) not in around.prompts)
    files = [f"prompts/{tongue}/{prompt}.wav" for tongue in missing]
    if not files:
        return None
    return Flaw(
        at,
        path,
        f"提示音“{prompt}”缺少录音：{'、'.join(files)}",
        f"prompt {prompt!r} is not recorded: {', '.join(files)}",
    )


def _unrecorded(
    flow: Flow, around: Surroundings, heard: Mapping[NodeId, set[Language]]
) -> Iterator[Flaw]:
    of_lane: dict[LaneId, set[Language]] = {}
    for at, tongues in heard.items():
        node = flow.nodes[at]
        if isinstance(node, Enqueue):
            of_lane.setdefault(node.lane, set()).update(tongues)
    told: set[tuple[LaneId, PromptId]] = set()
    for at, tongues in heard.items():
        node = flow.nodes[at]
        for path, prompt in prompts_of(node, around):
            said_in = tongues
            if isinstance(node, Enqueue) and path == ("lane",):  # of the lane: once for all nodes
                said_in = set() if (node.lane, prompt) in told else of_lane[node.lane]
                told.add((node.lane, prompt))
            flaw = unrecorded(at, path, prompt, said_in, around)
            if flaw is not None:
                yield flaw


def _lengths(
    flow: Flow, around: Surroundings, heard: Mapping[NodeId, set[Language]], limits: Limits
) -> Iterator[Flaw]:
    for at, tongues in heard.items():
        node = flow.nodes[at]
        if isinstance(node, Enqueue | SetLanguage | Hold):
            continue
        most = min(limits.greeting, PROMPT_LIMIT) if isinstance(node, Menu) else PROMPT_LIMIT
        for tongue in sorted(tongues):
            seconds = sum(around.prompts.get((tongue, prompt), 0.0) for prompt in node.prompts)
            if seconds > most:
                yield Flaw(
                    at,
                    ("prompts",),
                    f"提示音（{tongue}）共 {seconds:.1f} 秒，最长允许 {most:g} 秒；请缩短",
                    f"prompts ({tongue}) last {seconds:.1f} s; at most {most:g} s are allowed",
                )


# ways through


def _rounds(flow: Flow, heard: Mapping[NodeId, set[Language]]) -> Iterator[Flaw]:
    """Find rings that a caller goes round in whom no lane takes and who presses nothing."""
    done: set[NodeId] = set()
    for start in heard:
        ring = _ring(flow, start, done)
        if ring:
            way = " → ".join([*ring, ring[0]])
            yield Flaw(
                ring[0],
                (),
                f"来电者不按键、也没有坐席接听时，会一直绕圈：{way}；请让其中一步通向挂机",
                f"a caller who presses nothing goes round for ever when no lane takes the call: "
                f"{way}; let one of these lead to a hang-up",
            )


def _ring(flow: Flow, start: NodeId, done: set[NodeId]) -> list[NodeId]:
    """Follow the forced ways from `start` depth first; return the first ring met."""
    trail: list[NodeId] = []
    branches = [iter([start])]
    while branches:
        at = next(branches[-1], None)
        if at is None:
            branches.pop()
            if trail:
                done.add(trail.pop())
        elif at in trail:
            return _close(trail, at, done)
        elif at not in done and at in flow.nodes:
            trail.append(at)
            branches.append(iter(_forced(flow.nodes[at])))
    return []


def _close(trail: list[NodeId], at: NodeId, done: set[NodeId]) -> list[NodeId]:
    done.update(trail)
    return trail[trail.index(at) :]


def _forced(node: Node) -> list[NodeId]:
    """Return where a caller may get to without a key and without a place in any lane."""
    match node:
        case Menu():
            return [node.on_silence]
        case Enqueue():
            return [to for _, to in refusals(node)]
        case _:
            return [to for path, to in exits(node) if path[0] != "on_key"]


def _without_person(flow: Flow, heard: Mapping[NodeId, set[Language]]) -> Iterator[Flaw]:
    for at in heard:
        node = flow.nodes[at]
        if not isinstance(node, Menu) or node.exempt_person_rule is not None:
            continue
        if "0" not in node.keys:
            yield Flaw(
                at,
                ("keys",),
                "菜单必须有 0 键，直接转人工",
                "a menu must offer key 0, which leads to a person",
            )
        ways = [*((("keys", k), to) for k, to in node.keys.items() if k == "0")]
        silent: list[tuple[Path, NodeId]] = [(("on_silence",), node.on_silence)]
        for path, to in [*ways, *silent]:
            if not _reaches_person(flow, to):
                yield _no_person(at, path)


def _no_person(at: NodeId, path: Path) -> Flaw:
    key = path[-1] == "0"
    return Flaw(
        at,
        path,
        f"{'按 0 ' if key else '不按键'}必须能转到人工队列（enqueue）；"
        "确有理由时，用 exempt_person_rule 写明原因",
        f"{'key 0' if key else 'silence'} must reach a person (an enqueue); "
        "if there is a reason why not, state it in exempt_person_rule",
    )


def _reaches_person(flow: Flow, at: NodeId) -> bool:
    """Tell whether a caller who does nothing more gets from here into a lane."""
    passed: set[NodeId] = set()
    while at in flow.nodes and at not in passed:
        passed.add(at)
        match flow.nodes[at]:
            case Enqueue():
                return True
            case HangUp():
                return False
            case Menu(on_silence=to) | Listen(on_nothing=to):
                at = to
            case Say(then=to) | SetLanguage(then=to) | Hold(then=to):
                at = to
    return False


def _too_deep(flow: Flow, limits: Limits) -> Iterator[Flaw]:
    for at, depth in _depths(flow).items():
        if isinstance(flow.nodes[at], Menu) and depth > limits.menu_depth:
            yield Flaw(
                at,
                (),
                f"这是第 {depth} 层菜单，最多允许 {limits.menu_depth} 层；请把选项并到上一层",
                f"this is a menu of level {depth}; at most {limits.menu_depth} is allowed",
            )


def _depths(flow: Flow) -> dict[NodeId, int]:
    """Return how many menus a caller has at least passed, each node's own included."""
    depths: dict[NodeId, int] = {}
    waiting = deque([(flow.begin, 0)])
    while waiting:
        at, above = waiting.popleft()
        node = flow.nodes.get(at)
        if node is None:
            continue
        menu = isinstance(node, Menu)
        if at in depths and depths[at] <= above + menu:
            continue
        depths[at] = above + menu
        waiting.extend((to, above + menu) for _, to in exits(node))
    return depths


def _listed(names: Iterable[str], between: str = "、") -> str:
    return between.join(sorted(names))
