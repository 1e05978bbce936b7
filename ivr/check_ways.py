"""Ways through a flow: rings without an end, menus without a person, menus below menus."""

from collections import deque
from collections.abc import Iterator, Mapping

from calls.ids import Language, NodeId
from ivr.flaws import Flaw, Limits, Path
from ivr.flow import (
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
    exits,
    refusals,
)


def ways_through(
    flow: Flow, heard: Mapping[NodeId, set[Language]], limits: Limits
) -> Iterator[Flaw]:
    """Find what is wrong with the ways that callers may take."""
    yield from _rounds(flow, heard)
    yield from _without_person(flow, heard)
    yield from _too_deep(flow, limits)


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
                code="flow-goes-round",
            )


def _ring(flow: Flow, start: NodeId, done: set[NodeId]) -> list[NodeId]:
    """Follow the forced ways from `start` depth first; return the first ring met."""
    trail: dict[NodeId, None] = {}  # in the order walked; a list would take long to look through
    branches = [iter([start])]
    while branches:
        at = next(branches[-1], None)
        if at is None:
            branches.pop()
            if trail:
                done.add(trail.popitem()[0])
        elif at in trail:
            return _close(list(trail), at, done)
        elif at not in done and at in flow.nodes:
            trail[at] = None
            branches.append(iter(_forced(flow.nodes[at])))
    return []


def _close(trail: list[NodeId], at: NodeId, done: set[NodeId]) -> list[NodeId]:
    done.update(trail)
    return trail[trail.index(at) :]


def _forced(node: Node) -> list[NodeId]:
    """Return where a caller may get to without a key and without a place in any lane."""
    match node:
        case Menu() | Collect():
            return [node.on_silence]
        case Enqueue():
            return [to for _, to in refusals(node)]
        case _:
            return [to for path, to in exits(node) if path[0] != "on_key"]


def _without_person(flow: Flow, heard: Mapping[NodeId, set[Language]]) -> Iterator[Flaw]:
    sure = _sure_of_a_person(flow)
    for at in heard:
        node = flow.nodes[at]
        if isinstance(node, Collect) and node.on_silence not in sure:
            yield _no_person(at, ("on_silence",))
        if not isinstance(node, Menu) or node.exempt_person_rule is not None:
            continue
        if "0" not in node.keys:
            yield Flaw(
                at,
                ("keys",),
                "菜单必须有 0 键，直接转人工",
                "a menu must offer key 0, which leads to a person",
                code="flow-person-unreachable",
            )
        ways = [*((("keys", k), to) for k, to in node.keys.items() if k == "0")]
        silent: list[tuple[Path, NodeId]] = [(("on_silence",), node.on_silence)]
        for path, to in [*ways, *silent]:
            if to not in sure:
                yield _no_person(at, path)


def exemptions(flow: Flow) -> list[tuple[NodeId, str]]:
    """Return the menus from which 0 and silence need not reach a person, and the reasons given.

    Questions about what was said before, such as a rating, are none: nobody has to ask for them.
    """
    menus = ((at, node) for at, node in flow.nodes.items() if isinstance(node, Menu))
    return [
        (at, node.exempt_person_rule)
        for at, node in menus
        if node.is_choice and node.exempt_person_rule is not None
    ]


def _no_person(at: NodeId, path: Path) -> Flaw:
    key = path[-1] == "0"
    return Flaw(
        at,
        path,
        f"{'按 0 ' if key else '不按键'}必须能转到人工队列（enqueue）；"
        "确有理由时，用 exempt_person_rule 写明原因",
        f"{'key 0' if key else 'silence'} must reach a person (an enqueue); "
        "if there is a reason why not, state it in exempt_person_rule",
        code="flow-person-unreachable",
    )


def _sure_of_a_person(flow: Flow) -> set[NodeId]:
    """Return the nodes from which a caller who does nothing more surely gets into a lane.

    Found backwards from the lanes, each way looked at once: the largest flow takes a moment.
    """
    before: dict[NodeId, list[NodeId]] = {}
    open_ways: dict[NodeId, int] = {}
    for at, node in flow.nodes.items():
        after = _doing_nothing(node)
        open_ways[at] = len(after)
        for to in after:
            before.setdefault(to, []).append(at)
    sure = {at for at, node in flow.nodes.items() if isinstance(node, Enqueue)}
    line = list(sure)
    while line:
        for at in before.get(line.pop(), ()):
            open_ways[at] -= 1
            if open_ways[at] == 0 and at not in sure:
                sure.add(at)
                line.append(at)
    return sure


def _doing_nothing(node: Node) -> set[NodeId]:
    """Return where one who does nothing may get to from a node that is no lane."""
    match node:
        case Branch() | Ask():
            return {to for _, to in exits(node)}
        case Menu(on_silence=to) | Listen(on_nothing=to) | Collect(on_silence=to):
            return {to}
        case Say(then=to) | SetLanguage(then=to) | Hold(then=to):
            return {to}
        case Enqueue() | HangUp():
            return set()


def _too_deep(flow: Flow, limits: Limits) -> Iterator[Flaw]:
    for at, depth in _depths(flow).items():
        if isinstance(flow.nodes[at], Menu) and depth > limits.menu_depth:
            yield Flaw(
                at,
                (),
                f"这是第 {depth} 层菜单，最多允许 {limits.menu_depth} 层；请把选项并到上一层",
                f"this is a menu of level {depth}; at most {limits.menu_depth} is allowed",
                code="menu-too-deep",
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
        menu = isinstance(node, Menu) and node.is_choice
        if at in depths and depths[at] <= above + menu:
            continue
        depths[at] = above + menu
        after = [(to, above + menu) for _, to in exits(node)]
        if menu:
            waiting.extend(after)
        else:  # no deeper: before all that is, so that every node is met at its least depth
            waiting.extendleft(after)
    return depths
