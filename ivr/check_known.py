"""What a flow reads out or asks for by name, and whether anything can be known so."""

from collections.abc import Iterator

from ivr.flaws import Flaw, Path
from ivr.flow import Ask, Branch, Collect, Flow, Menu, Node
from ivr.reading import reading

ORDER = ("order", "order_state", "order_day")
FOUND = {
    "caller_history": ("calls", "last_call"),
    "order_status": ORDER,
    "newest_order": ORDER,
    "own_order": ("order",),
}
"""What each kind of looking up makes known: how many calls before this and the last one's day;
an order's number, whether it is `recorded` or `confirmed`, and the day of its number."""
OF_A_RATING = {"rating", "solved"}
"""What may stay unknown: a caller need not give a mark."""


def names_known(flow: Flow) -> set[str]:
    """Return every name that something may be known by in a flow."""
    known = {"caller", "language"}
    for node in flow.nodes.values():
        if isinstance(node, Collect):
            known.add(node.name)
        elif isinstance(node, Menu) and node.keeps is not None:
            known.add(node.keeps)
        elif isinstance(node, Ask):
            known.update(FOUND.get(node.kind, ()))
    return known


def unknown_names(flow: Flow) -> Iterator[Flaw]:
    """Find what is read out or asked for though nothing can be known by that name."""
    known = names_known(flow)
    listed = sorted(known)
    for at, node in flow.nodes.items():
        for path, name in _asked(node):
            if name not in known:
                yield Flaw(
                    at,
                    path,
                    f"没有步骤会得知“{name}”；这个流程里可以用：{'、'.join(listed)}",
                    f"no node makes {name!r} known; this flow has: {', '.join(listed)}",
                    code="variable-unknown",
                )


def _asked(node: Node) -> Iterator[tuple[Path, str]]:
    for setting in ("prompts", "wrong_prompts", "silence_prompts", "announce"):
        for index, prompt in enumerate(getattr(node, setting, ())):
            found = reading(prompt)
            if found is not None:
                yield (setting, index), found[0]
    if isinstance(node, Branch) and node.variable is not None:
        yield ("variable",), node.variable
    if isinstance(node, Ask):
        for source in node.about.values():
            if not source.startswith("=") and source not in OF_A_RATING:
                yield ("by",), source
