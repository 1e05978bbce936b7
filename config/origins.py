"""Where a node of a whole flow is written: in the flow's own file, or in that of a part."""

from pathlib import Path

from calls.ids import NodeId
from config.document import Document, KeyPath, read_document


def written(folder: Path, flow: str, node: NodeId) -> tuple[Document, KeyPath]:
    """Return the file that has a node, and the node's place in it.

    `ask/number` is `number` in the flow that the call `ask` names; what else has a `/` is a
    step of one setting, such as `rate/solved`, and stands where that setting does.
    """
    document = read_document(folder, f"flows/{flow}.yaml")
    first, _, rest = node.partition("/")
    entry = _node(document, first)
    if rest and entry.get("type") == "call":
        return written(folder, str(entry.get("flow")), NodeId(rest))
    return document, ("nodes", first)


def _node(document: Document, name: str) -> dict[str, object]:
    nodes = document.value.get("nodes") if isinstance(document.value, dict) else None
    entry = nodes.get(name) if isinstance(nodes, dict) else None
    return entry if isinstance(entry, dict) else {}
