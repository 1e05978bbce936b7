"""Flows: each file as far as it is sound, then every flow whole, with what it calls in place."""

from typing import Any

from calls.ids import NodeId
from config.document import Document
from config.draft import Draft
from config.flow_schema import NODES, FlowHead, NodeSettings, steps_of
from config.values import shown
from config.wording import blame_kind, valid
from ivr.parts import Call, Script, Step, Unjoinable, joined

WHY = {
    "itself": (
        "这个流程又调用到它自己，来电者会一直绕圈；请去掉其中一处 call",
        "this call leads back to its own flow, round and round; remove one of the calls",
        "flow-goes-round",
    ),
    "no_part": (
        "被调用的流程没有 return 步骤，来电者回不来；请在那个流程里加上 return",
        "the flow that is called has no return node: nobody comes back; add one there",
        "flow-never-returns",
    ),
    "too_large": (
        "连同调用的流程一起，步骤超过 20000 个",
        "with all that it calls, this flow has more than 20000 nodes",
        "flow-too-large",
    ),
}


def read_script(name: str, document: Document, draft: Draft) -> None:
    """Read one flow's file, as far as it is sound."""
    value = document.value
    if not isinstance(value, dict):
        blame_kind(document, (), value)
        return
    head = valid(document, (), {k: v for k, v in value.items() if k != "nodes"}, FlowHead)
    given = value.get("nodes")
    if not isinstance(given, dict) or not given:
        document.blame(("nodes",), "至少要写一个步骤", "at least one node is needed")
        return
    read = {NodeId(at): _node(document, at, entry) for at, entry in given.items()}
    music = {lane: settings.music for lane, settings in draft.lanes.items()}
    steps: dict[NodeId, Step] = {}
    for at, node in read.items():
        steps |= steps_of(at, node, music) if node is not None else {}
    head = head or FlowHead(begin=next(iter(read)))
    script = Script(name, head.begin, steps, head.language, head.record)
    (draft.unsound if document.faults else draft.scripts)[name] = script


def _node(document: Document, at: str, entry: Any) -> NodeSettings | None:
    path = "nodes", at
    if not isinstance(entry, dict):
        blame_kind(document, path, entry)
        return None
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in NODES:
        kinds = ", ".join(NODES)
        got = "没有写" if kind is None else f"现在是 {shown(kind)}"
        document.blame(
            (*path, "type"),
            f"type 只能是 {kinds}，{got}",
            f"type must be one of {kinds}; got {shown(kind)}",
        )
        return None
    return valid(document, path, entry, NODES[kind])


def join(draft: Draft) -> None:
    """Make every flow whole that a number may lead to; parts are met in those that call them."""
    called = _called(draft)
    dialled = set(draft.site.numbers.values()) if draft.site is not None else set()
    for name, script in list(draft.scripts.items()):
        if not script.returns:
            _join(name, script, draft)
        elif called is not None and name not in called | dialled:
            draft.unsound[name] = script
            draft.documents[f"flows/{name}.yaml"].blame(
                (),
                "这个流程有 return，只能被别的流程调用（call），但没有流程调用它",
                "this flow has a return: only other flows can call it, and none does",
                "flow-part-unused",
            )


def _called(draft: Draft) -> set[str] | None:
    """Return the flows that any call names, those of faulty nodes too; None: it cannot be said."""
    called: set[str] = set()
    for name, document in draft.documents.items():
        if not name.startswith("flows/"):
            continue
        nodes = document.value.get("nodes") if isinstance(document.value, dict) else None
        if not isinstance(nodes, dict):
            return None  # a file that cannot be read may call anything
        calls = (node for node in nodes.values() if isinstance(node, dict))
        called |= {str(node["flow"]) for node in calls if "flow" in node}
    return called


def _join(name: str, script: Script, draft: Draft) -> None:
    try:
        draft.wholes[name] = joined(script, draft.scripts)
    except Unjoinable as error:
        draft.unsound[name] = script
        _blame(draft, error)


def _blame(draft: Draft, error: Unjoinable) -> None:
    document = draft.documents[f"flows/{error.script}.yaml"]
    step = draft.scripts[error.script].nodes.get(error.node)
    if error.why != "unknown" or not isinstance(step, Call):
        document.blame(("nodes", error.node, "flow"), *WHY[error.why])
    elif step.flow not in draft.unsound:  # one that is faulty is blamed for its own faults
        known = sorted(name for name, other in draft.scripts.items() if other.returns)
        document.blame(
            ("nodes", error.node, "flow"),
            f"没有可以调用的流程“{step.flow}”；有 return 的流程是：{'、'.join(known) or '（空）'}",
            f"no flow {step.flow!r} can be called; those with a return: {', '.join(known) or '—'}",
            "name-unknown",
        )
