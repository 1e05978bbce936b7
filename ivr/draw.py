"""A flow as a picture: Mermaid text, for documents and for the desk."""

from collections.abc import Iterable

from calls.ids import NodeId
from ivr.flow import Enqueue, Flow, HangUp, Listen, Node, SetLanguage, exits
from ivr.paths import Paths

LABELS = {
    "then": "",
    "on_silence": "不按键 silence",
    "on_wrong": "多次按错 wrong keys",
    "on_nothing": "没有说话 nothing said",
    "on_full": "队列已满 full",
    "on_nobody": "无人值守 nobody",
    "on_late": "等待过久 too long",
    "on_long_wait": "预计等待过久 long wait",
    "on_closed": "非服务时间 closed",
    "on_talked": "坐席挂机后 agent hung up",
    "otherwise": "其他 otherwise",
    "open": "服务时间 open",
    "closed": "非服务时间 closed",
    "free": "不忙 free",
    "busy": "忙 busy",
    "nobody": "无人值守 nobody",
}


def mermaid(flow: Flow, paths: Paths | None = None) -> str:
    """Draw a flow from its nodes, with what real calls did if that is known."""
    lines = ["flowchart TD", f"  call([{flow.name}]) --> {_name(flow.begin)}"]
    for at, node in flow.nodes.items():
        lines.append(f"  {_name(at)}{_shape(at, node)}")
        lines += _arrows(at, node, paths)
    return "\n".join(lines) + "\n"


def _arrows(at: NodeId, node: Node, paths: Paths | None) -> Iterable[str]:
    """Join the ways that lead to the same node into one arrow."""
    labels: dict[NodeId, list[str]] = {}
    for path, to in exits(node):
        label = path[-1] if len(path) > 1 else LABELS.get(path[0], path[0])
        labels.setdefault(to, []).append(label)
    for to, words in labels.items():
        times = [] if paths is None else [f"{paths.taken[at, to]} 次"]
        said = ", ".join(word for word in (*words, *times) if word)
        arrow = f'-->|"{said}"|' if said else "-->"
        yield f"  {_name(at)} {arrow} {_name(to)}"


def _shape(at: NodeId, node: Node) -> str:
    match node:
        case Enqueue(lane=lane):
            return f'[["{at}<br/>队列 lane {lane}"]]'
        case Listen(limit=limit):
            return f'[/"{at}<br/>请说话 listen ≤ {limit:g} s"/]'
        case SetLanguage(language=language):
            return f'["{at}<br/>语言 language {language}"]'
        case HangUp(reason=reason):
            return f'(["{at}<br/>挂机 {reason.value}"])'
        case _:
            return f'["{at}"]'


def _name(node: NodeId) -> str:
    """Keep clear of Mermaid's own words, such as `end`."""
    return "n_" + node.replace("/", "__")
