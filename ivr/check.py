"""Faults of a flow, found before anyone calls.

What is proved of a flow without flaws: every node can be reached, everything that
a node names exists, every prompt is recorded in each language that a caller can
hear it in, a caller whom no lane takes and who presses nothing comes to an end
instead of going round, and from every menu both 0 and silence reach a person.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from difflib import get_close_matches

from calls.ids import LaneId, Language, NodeId, PromptId
from ivr.check_known import unknown_names
from ivr.check_ways import ways_through
from ivr.dues import PROMPT_LIMIT
from ivr.flaws import Flaw, Limits, Path, Surroundings
from ivr.flow import (
    Ask,
    Branch,
    Collect,
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
)
from ivr.known import exits_in
from ivr.parts import Script, ways
from ivr.reading import said_of
from ivr.speak import WAIT_PROMPTS
from ivr.times import speaker


def flaws(flow: Flow, around: Surroundings, limits: Limits) -> list[Flaw]:
    """Return everything that is wrong with a flow."""
    found = dangling(flow, around)
    heard = languages(flow)
    if not list(_unknown_nodes(flow, frozenset())):  # else what is named wrongly seems unreachable
        found += _unreached(flow, heard)
    found += _unrecorded(flow, around, heard)
    found += _words(flow, heard)
    found += unknown_names(flow)
    found += _lengths(flow, around, heard, limits)
    found += ways_through(flow, heard, limits)
    return found


def dangling(
    flow: Flow | Script, around: Surroundings, known: AbstractSet[NodeId] = frozenset()
) -> list[Flaw]:
    """Return what names a node or a lane that does not exist; nodes in `known` do."""
    return [*_unknown_nodes(flow, known), *_lanes(flow, around), *_hours(flow, around)]


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
        waiting.extend((to, after) for _, to in exits_in(node, language))
    return reached


def prompts_of(node: Node, around: Surroundings) -> list[tuple[Path, PromptId]]:
    """Return every prompt that a caller may hear in a node, and the setting that names it."""
    match node:
        case Say() | Listen() | Hold() | HangUp() | Ask():
            return _numbered("prompts", node.prompts)
        case Menu() | Collect():
            wrong = _numbered("wrong_prompts", node.wrong_prompts)
            silence = _numbered("silence_prompts", node.silence_prompts)
            return [*_numbered("prompts", node.prompts), *wrong, *silence]
        case Enqueue():
            said = [*_numbered("prompts", node.prompts), *_numbered("announce", node.announce)]
            if node.music is not None:
                said.append((("lane",), node.music))
            if node.lane in around.announcing:
                said += [(("lane",), prompt) for prompt in WAIT_PROMPTS]
            return said
        case SetLanguage() | Branch():
            return []


def _numbered(name: str, prompts: Iterable[PromptId]) -> list[tuple[Path, PromptId]]:
    return [((name, index), prompt) for index, prompt in enumerate(prompts)]


# references


def _unknown_nodes(flow: Flow | Script, known: AbstractSet[NodeId]) -> Iterator[Flaw]:
    named: list[tuple[NodeId | None, Exit]] = [(None, (("begin",), flow.begin))]
    named += [(at, way) for at, node in flow.nodes.items() for way in ways(node)]
    for at, (path, to) in named:
        if to not in flow.nodes and to not in known:
            name = to.rpartition("/")[2]
            close = get_close_matches(to, [*flow.nodes, *known], 1)
            meant = close[0].rpartition("/")[2] if close else ""
            zh = f"是不是“{meant}”？" if meant else "请改成 nodes 里已有的名称"
            en = f"is {meant!r} meant?" if meant else "name one that nodes has"
            yield Flaw(
                at,
                path,
                f"这里要去的步骤“{name}”不存在；{zh}",
                f"leads to node {name!r}, which does not exist; {en}",
                code="flow-way-unknown",
            )


def _unreached(flow: Flow, heard: Mapping[NodeId, set[Language]]) -> Iterator[Flaw]:
    unheard = flow.nodes.keys() - heard.keys()
    for at in flow.nodes:
        if at in unheard and at.rpartition("/")[0] not in unheard:
            yield Flaw(
                at,
                (),
                "没有任何路径能走到这个步骤；请删除它，或从别的步骤指向它",
                "no caller can reach this node; remove it, or lead to it from another",
                code="flow-node-unreachable",
            )


def _hours(flow: Flow | Script, around: Surroundings) -> Iterator[Flaw]:
    for at, node in flow.nodes.items():
        if not isinstance(node, Branch) or node.hours is None:
            continue
        if node.hours not in around.hours:
            known = _listed(around.hours)
            yield Flaw(
                at,
                ("hours",),
                f"服务时间“{node.hours}”不存在；hours.yaml 里有：{known}",
                f"no hours {node.hours!r}; hours.yaml has: {_listed(around.hours, ', ')}",
                code="name-unknown",
            )
            continue
        kept = around.hours[node.hours]
        for day in node.ways.keys() - {"open", "closed"} - kept:
            yield Flaw(
                at,
                ("holidays", day),
                f"节假日“{day}”不在服务时间“{node.hours}”的日历里；有：{_listed(kept)}",
                f"hours {node.hours!r} keep no holiday {day!r}; they keep: {_listed(kept, ', ')}",
                code="name-unknown",
            )


def _lanes(flow: Flow | Script, around: Surroundings) -> Iterator[Flaw]:
    for at, node in flow.nodes.items():
        if not isinstance(node, Enqueue | Branch) or node.lane is None:
            continue
        if node.lane not in around.lanes:
            yield Flaw(
                at,
                ("lane",),
                f"队列“{node.lane}”不存在；lanes.yaml 里有：{_listed(around.lanes)}",
                f"no lane {node.lane!r}; lanes.yaml has: {_listed(around.lanes, ', ')}",
                code="name-unknown",
            )
        elif (
            isinstance(node, Enqueue) and node.lane in around.with_hours and node.on_closed is None
        ):
            yield Flaw(
                at,
                (),
                f"队列“{node.lane}”有服务时间，必须用 on_closed 写明下班后转到哪一步",
                f"lane {node.lane!r} keeps hours; on_closed must say where callers go outside them",
                code="flow-closed-way-missing",
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
    missing = [
        (tongue, one)
        for tongue in sorted(tongues)
        for one in said_of(prompt, tongue)
        if (tongue, one) not in around.prompts
    ]
    files = [f"prompts/{tongue}/{one}.wav" for tongue, one in missing]
    if not files:
        return None
    if prompt.startswith("{"):
        return _unread(at, path, prompt, files)
    way = f"./hotline prompts import FILE {missing[0][0]} {prompt}"
    return Flaw(
        at,
        path,
        f"提示音“{prompt}”缺少录音：{'、'.join(files)}；用 {way} 放入",
        f"prompt {prompt!r} is not recorded: {', '.join(files)}; bring it in with {way}",
        code="prompt-unrecorded",
    )


def _unread(at: NodeId | None, path: Path, prompt: PromptId, files: list[str]) -> Flaw:
    first, more = ", ".join(files[:3]), len(files) - 3
    tongues = sorted({file.split("/")[1] for file in files})
    way = "; ".join(f"./hotline prompts numbers {tongue}" for tongue in tongues)
    zh_more, en_more = (f" 等 {len(files)} 个", f" and {more} more") if more > 0 else ("", "")
    return Flaw(
        at,
        path,
        f"念出“{prompt}”缺少录音：{first}{zh_more}；可运行 {way}",
        f"to read {prompt!r}, recordings are missing: {first}{en_more}; run {way}",
        code="prompt-unrecorded",
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


def _words(flow: Flow, heard: Mapping[NodeId, set[Language]]) -> Iterator[Flaw]:
    for at, tongues in heard.items():
        node = flow.nodes[at]
        missing = tongues - node.words.keys() if isinstance(node, Menu) and node.words else set()
        for tongue in sorted(missing):
            yield Flaw(
                at,
                ("words",),
                f"这个菜单可以说话选择，但没有写 {tongue} 的词；来电者在这里可能用这种语言",
                f"callers may have {tongue} here, and words has none in it",
                code="words-missing",
            )


def _lengths(
    flow: Flow, around: Surroundings, heard: Mapping[NodeId, set[Language]], limits: Limits
) -> Iterator[Flaw]:
    for at, tongues in heard.items():
        node = flow.nodes[at]
        if isinstance(node, Enqueue | SetLanguage | Hold | Branch | Ask):
            continue
        choice = isinstance(node, Menu) and node.is_choice
        most = min(limits.greeting, PROMPT_LIMIT) if choice else PROMPT_LIMIT
        for tongue in sorted(tongues):
            seconds = speaker(around.prompts, tongue)(node.prompts)
            if seconds > most:
                yield Flaw(
                    at,
                    ("prompts",),
                    f"提示音（{tongue}）共 {seconds:.1f} 秒，最长允许 {most:g} 秒；请缩短",
                    f"prompts ({tongue}) last {seconds:.1f} s; at most {most:g} s are allowed",
                    code="prompt-too-long",
                )


def _listed(names: Iterable[str], between: str = "、") -> str:
    return between.join(sorted(names))
