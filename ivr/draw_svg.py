"""A flow as an SVG picture: one table a node, one row a way out with its time, arrows between.

The layout is our own, from left to right by the number of steps: a picture must be
there without anything else installed, and look the same each time.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

from calls.ids import Language, NodeId
from ivr.check import languages
from ivr.draw import LABELS
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
)
from ivr.paths import Paths
from ivr.times import Spoken, spans, speaker

WIDE, ROW, GAP_X, GAP_Y, EDGE = 330, 22, 130, 26, 30
"""Of a table, of a row, between columns, between tables, around the picture."""
WIDE_SIGN, NARROW_SIGN = 12.0, 6.0
"""How wide a Chinese sign is, and any other on average."""
COLOURS = {
    Say: "#e8eef7",
    Menu: "#fff1cc",
    Listen: "#e2f3e4",
    Enqueue: "#dcd6f7",
    SetLanguage: "#f2f2f2",
    Hold: "#f2f2f2",
    Collect: "#fff1cc",
    Branch: "#f2f2f2",
    Ask: "#e2f3e4",
    HangUp: "#f9dcdc",
}
FONT = "font-family=\"'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif\""


@dataclass(slots=True)
class _Way:
    to: NodeId
    label: str


@dataclass(slots=True)
class _Table:
    """A node as it is drawn."""

    name: NodeId
    node: Node
    ways: list[_Way]
    figures: str = ""
    """What real calls did here."""
    column: int = 0
    x: int = 0
    y: int = 0
    rank: float = field(default=0.0)

    @property
    def high(self) -> int:
        return ROW * (2 + len(self.ways))


def svg(flow: Flow, spoken: Spoken, paths: Paths | None = None) -> str:
    """Draw a flow; `spoken` says how long each recording lasts, `paths` what real calls did."""
    tables = _tables(flow, spoken, paths)
    _columns(flow, tables)
    _place(tables)
    wide = max(table.x for table in tables.values()) + WIDE + EDGE
    high = max(table.y + table.high for table in tables.values()) + EDGE
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" {FONT} font-size="12">',
        f"<title>{escape(flow.name, quote=False)}</title>",
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0,0 L8,4 L0,8 z" fill="#555"/></marker></defs>',
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
        *(arrow for table in tables.values() for arrow in _arrows(table, tables)),
        *(line for table in tables.values() for line in _drawn(table, table.name == flow.begin)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _tables(flow: Flow, spoken: Spoken, paths: Paths | None) -> dict[NodeId, _Table]:
    heard = languages(flow)
    tables = {}
    for name, node in flow.nodes.items():
        tongues = sorted(heard.get(name, {flow.language}))
        ways = list(_ways(node, spoken, tongues))
        tables[name] = _Table(name, node, ways)
        if paths is not None:
            tables[name].figures = paths.at(name)
            for way in ways:
                way.label += f" · {paths.taken[name, way.to]} 次"
    return tables


HOW = {"keys": "按键 ", "on_key": "按键 ", "on_language": "听到 "}
"""What a caller does to take a way, by the setting that names it."""


def _ways(node: Node, spoken: Spoken, tongues: list[Language]) -> Iterator[_Way]:
    """Join ways to the same node by the same setting; the slowest language counts."""
    slowest = max(tongues, key=lambda tongue: speaker(spoken, tongue)(getattr(node, "prompts", ())))
    times = spans(node, speaker(spoken, slowest))
    joined: dict[tuple[str, NodeId], list[str]] = {}
    for path, to in exits(node):
        word = path[-1] if len(path) > 1 else LABELS.get(path[0], path[0])
        joined.setdefault((path[0], to), []).append(word)
    for (setting, to), words in joined.items():
        said = HOW.get(setting, "") + ", ".join(words)
        yield _Way(to, f"{said} → {to} · {times[setting]}".lstrip())


# layout


def _columns(flow: Flow, tables: Mapping[NodeId, _Table]) -> None:
    """Put each node as many columns to the right as it takes steps; strays come last."""
    steps = {flow.begin: 0}
    line = deque([flow.begin])
    while line:
        at = line.popleft()
        for way in tables[at].ways if at in tables else ():
            if way.to not in steps:
                steps[way.to] = steps[at] + 1
                line.append(way.to)
    last = max(steps.values()) + 1
    for name, table in tables.items():
        table.column = steps.get(name, last)


def _place(tables: Mapping[NodeId, _Table]) -> None:
    """Stack each column in the order of the arrows that come into it."""
    columns: dict[int, list[_Table]] = {}
    for table in tables.values():
        columns.setdefault(table.column, []).append(table)
    for number in sorted(columns):
        for table in columns[number]:
            table.rank = _rank(table, columns.get(number - 1, []))
        y = EDGE
        for table in sorted(columns[number], key=lambda table: table.rank):
            table.x = EDGE + number * (WIDE + GAP_X)
            table.y = y
            y += table.high + GAP_Y


def _rank(table: _Table, before: list[_Table]) -> float:
    """Return the mean height of the rows that lead here from the column before."""
    rows = [
        earlier.y + ROW * place
        for earlier in before
        for place, way in enumerate(earlier.ways)
        if way.to == table.name
    ]
    return sum(rows) / len(rows) if rows else 1e9


# drawing


def _arrows(table: _Table, tables: Mapping[NodeId, _Table]) -> Iterator[str]:
    for place, way in enumerate(table.ways):
        to = tables.get(way.to)
        if to is None:
            continue
        x, y = table.x + WIDE, table.y + ROW * (2 + place) + ROW // 2
        far, high = to.x, to.y + ROW // 2
        back = to.column <= table.column
        bend = GAP_X if back else max(GAP_X // 2, (far - x) // 2)
        style = 'stroke-dasharray="5 4" stroke="#999"' if back else 'stroke="#555"'
        yield (
            f'<path d="M{x},{y} C{x + bend},{y} {far - bend},{high} {far},{high}" '
            f'fill="none" {style} marker-end="url(#a)"/>'
        )


def _drawn(table: _Table, first: bool) -> Iterator[str]:
    x, y, thick = table.x, table.y, 3 if first else 1
    yield (
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{table.high}" rx="5" '
        f'fill="#ffffff" stroke="#555" stroke-width="{thick}"/>'
    )
    yield (
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{2 * ROW}" rx="5" '
        f'fill="{COLOURS[type(table.node)]}" stroke="#555" stroke-width="{thick}"/>'
    )
    yield _text(x + 8, y + 16, f"{table.name}{table.figures}", 'font-weight="bold"')
    yield _text(x + 8, y + 16 + ROW, _about(table.node), 'fill="#444"')
    for place, way in enumerate(table.ways):
        yield _text(x + 8, y + 16 + ROW * (2 + place), way.label)


def _text(x: int, y: int, words: str, style: str = "") -> str:
    """Write words within a table; what does not fit is shown by pointing at it."""
    fits = _fitting(words)
    whole = "" if fits == words else f"<title>{escape(words, quote=False)}</title>"
    return f'<text x="{x}" y="{y}" {style}>{whole}{escape(fits, quote=False)}</text>'


def _fitting(words: str) -> str:
    """Return as much of a line as a table is wide."""
    left = WIDE - 16.0
    for place, sign in enumerate(words):
        left -= WIDE_SIGN if sign > "\u2e7f" else NARROW_SIGN
        if left < 0:
            return words[: max(0, place - 1)] + "…"
    return words


KINDS = {
    Say: "播放 say",
    Menu: "菜单 menu",
    Listen: "请说话 listen",
    Hold: "等候 hold",
    Branch: "分支 branch",
    Ask: "询问 ask",
}


def _about(node: Node) -> str:
    match node:
        case Say(prompts=prompts) | Menu(prompts=prompts):
            return f"{KINDS[type(node)]} {', '.join(prompts)}"
        case Listen(limit=limit) | Hold(limit=limit):
            return f"{KINDS[type(node)]} ≤ {limit:g} s"
        case SetLanguage(language=language):
            return f"语言 language {language}"
        case Enqueue(lane=lane):
            return f"队列 lane {lane}"
        case Collect(name=name):
            return f"输入 collect {name}"
        case Branch() | Ask():
            by = node.kind if isinstance(node, Ask) else node.hours or node.lane or node.variable
            return f"{KINDS[type(node)]} {by}"
        case HangUp(reason=reason):
            return f"挂机 hang up: {reason.value}"
