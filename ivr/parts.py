"""Flows that are made of parts: a flow may call another and come back; whole, there is one.

What a caller walks is one flow without calls: each call is the called flow's nodes, named
`call/node`, so that the record says where in which call a caller was, and every proof of
`check` holds of the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from calls.ids import Language, NodeId
from ivr.flow import Exit, Flow, Node, Say, exits

WAYS = (
    *("then", "on_silence", "on_wrong", "on_nothing", "on_full", "on_nobody", "on_late"),
    *("on_closed", "on_talked", "on_long_wait", "otherwise"),
)
"""Fields of nodes that hold one way."""
WAYS_BY_ANSWER = ("keys", "on_key", "ways")
MOST = 20_000
"""Nodes of one whole flow."""


@dataclass(frozen=True, slots=True)
class Call:
    """Goes through another flow, and comes back."""

    flow: str
    then: NodeId
    results: Mapping[str, NodeId] = field(default_factory=dict)
    """Where to go on after a return with this result; after any other: `then`."""


@dataclass(frozen=True, slots=True)
class Return:
    """Goes back to where this flow was called from."""

    result: str = ""


Step = Node | Call | Return


@dataclass(frozen=True, slots=True)
class Script:
    """A flow as one file has it."""

    name: str
    begin: NodeId
    nodes: Mapping[NodeId, Step]
    language: Language = "zh"
    record: bool = True

    @property
    def returns(self) -> bool:
        """Whether it is a part: it can be called, and a number cannot lead to it."""
        return any(isinstance(step, Return) for step in self.nodes.values())


Origin = tuple[str, NodeId]
"""The flow whose file has a node, and the node's name there."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A flow without calls, and where each node of it is written."""

    flow: Flow
    origins: Mapping[NodeId, Origin]


class Unjoinable(ValueError):
    """A call that cannot be put in place: which, where, and why."""

    def __init__(self, script: str, node: NodeId, why: str) -> None:
        super().__init__(f"{script}.{node}: {why}")
        self.script, self.node, self.why = script, node, why
        """`why` is `unknown`, `itself`, `no_part`, `faulty` or `too_large`."""


def ways(step: Step) -> list[Exit]:
    """Return every way out of a step, with the setting that says so."""
    match step:
        case Call(then=then, results=results):
            return [(("then",), then), *((("results", word), to) for word, to in results.items())]
        case Return():
            return []
        case _:
            return exits(step)


def joined(script: Script, scripts: Mapping[str, Script]) -> Whole:
    """Put every called flow in the place of its call; raise Unjoinable where none can be."""
    nodes: dict[NodeId, Node] = {}
    origins: dict[NodeId, Origin] = {}
    waiting: list[tuple[Script, str, Call | None, tuple[str, ...]]] = [(script, "", None, ())]
    while waiting:
        part, prefix, call, above = waiting.pop()
        for at, step in part.nodes.items():
            name = NodeId(prefix + at)
            origins[name] = part.name, _written(at)
            if isinstance(step, Call):
                called = _called(part, at, step, scripts, (*above, part.name))
                waiting.append((called, f"{name}/", _moved_call(step, prefix), (*above, part.name)))
                nodes[name] = Say((), NodeId(f"{name}/{called.begin}"))
            elif isinstance(step, Return):
                assert call is not None, "a part is only met where it is called"
                nodes[name] = Say((), call.results.get(step.result, call.then))
            else:
                nodes[name] = _moved(step, prefix)
        if len(nodes) > MOST:
            raise Unjoinable(script.name, script.begin, "too_large")
    return Whole(Flow(script.name, script.begin, nodes, script.language, script.record), origins)


def _called(
    part: Script, at: NodeId, call: Call, scripts: Mapping[str, Script], above: tuple[str, ...]
) -> Script:
    found = scripts.get(call.flow)
    if found is None:
        raise Unjoinable(part.name, at, "unknown")
    if found.name in above:
        raise Unjoinable(part.name, at, "itself")
    if not found.returns:
        raise Unjoinable(part.name, at, "no_part")
    return found


def _written(at: NodeId) -> NodeId:
    """Return the name in the file of a node that one setting made several of."""
    return NodeId(at.partition("/")[0])


def _moved_call(call: Call, prefix: str) -> Call:
    results = {word: NodeId(prefix + to) for word, to in call.results.items()}
    return Call(call.flow, NodeId(prefix + call.then), results)


def _moved(node: Node, prefix: str) -> Node:
    """Return a node whose ways lead to nodes with this prefix."""
    if not prefix:
        return node
    changed: dict[str, object] = {}
    for one in fields(node):
        value = getattr(node, one.name)
        if one.name in WAYS and value is not None:
            changed[one.name] = NodeId(prefix + value)
        elif one.name in WAYS_BY_ANSWER:
            changed[one.name] = {answer: NodeId(prefix + to) for answer, to in value.items()}
    return replace(node, **changed)  # type: ignore[arg-type]  # fields by their own names
