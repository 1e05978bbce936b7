"""The report of a day: one HTML file with plots as SVG; no script, nothing fetched."""

from collections.abc import Mapping, Sequence
from html import escape

from config.values import CITY_ZONE
from server.figures_command import shown
from simulation.result import QUARTERS, Result
from workorders import call_figures
from workorders.call_story import CallStory

WIDTH, HEIGHT, LEFT, BELOW = 960, 180, 44, 20
"""Of a plot, in pixels; and the room for its scales."""
CELL = 9
STYLE = """
body{font:15px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;
max-width:1060px;margin:2em auto;padding:0 1em;color:#1c2733;background:#fff}
h1{font-size:1.5em}h2{font-size:1.1em;margin:1.6em 0 .2em}
table{border-collapse:collapse}td,th{padding:.15em .8em .15em 0;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}
svg{display:block;max-width:100%;height:auto}svg text{font-size:11px;fill:#5b6875}
.bad{color:#b3261e;font-weight:bold}.note{color:#5b6875;font-size:.9em}
"""
BLUE, RED, GREEN, GRID = "#2f6fb0", "#c4473a", "#3b8f5a", "#dfe5ea"


def page(result: Result) -> str:
    """Return the whole page."""
    day = result.simulation.day.settings
    title = escape(f"{day.name.zh} {day.name.en} · {day.day}")
    broken = "" if not result.broken else ' class="bad"'
    by_quarter = _quarters(result)
    return "\n".join(
        [
            '<!doctype html><html lang="zh"><head><meta charset="utf-8">',
            f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>",
            f"<p>{len(result.stories)} 个来电 calls · {len(result.simulation.people)} 名坐席 agents"
            f" · 随机种子 seed {result.simulation.seed}{_what_ifs(result)}</p>",
            f"<p{broken}>有结果 accounted {result.accounted} · 违反规则 broken {result.broken}</p>",
            _table(result.stories),
            *_plots(result, by_quarter),
            _heat(result),
            "</body></html>\n",
        ]
    )


def _what_ifs(result: Result) -> str:
    changes = (f"{c.team} {c.agents:+}" for c in result.simulation.changes)
    return "".join(f" · 假设 what if {escape(change)}" for change in changes)


def _table(stories: Sequence[CallStory]) -> str:
    found = call_figures.figures(stories)
    rows = (
        f"<tr><td>{escape(kpi.zh)}</td><td>{escape(kpi.en)}</td>"
        f'<td class="n">{shown(kpi, found[kpi.id])}</td>'
        f'<td class="note">{escape(kpi.numerator.zh)} ÷ {escape(kpi.denominator.zh)}</td></tr>'
        for kpi in call_figures.CALLS
    )
    return f"<table>{''.join(rows)}</table>"


def _quarters(result: Result) -> list[list[CallStory]]:
    """Return the calls of each quarter hour of the day."""
    found: list[list[CallStory]] = [[] for _ in range(QUARTERS)]
    midnight = result.simulation.midnight
    for story in result.stories:
        found[min(int((story.arrived - midnight) // 900), QUARTERS - 1)].append(story)
    return found


def _plots(result: Result, quarters: Sequence[Sequence[CallStory]]) -> list[str]:
    each = [call_figures.figures(stories) for stories in quarters]
    arrivals = [float(len(stories)) for stories in quarters]
    gone = [float(sum(s.abandoned for s in stories)) for stories in quarters]
    staff = [float(result.on_shift(at)) for at in range(QUARTERS)]
    waits = [figures["wait"].value for figures in each]
    soon = [figures["in_15_of_answered"].value for figures in each]
    return [
        "<h2>来电（蓝）和放弃（红），每一刻钟 "
        "Arrivals (blue) and abandoned (red), per quarter hour</h2>",
        _svg(
            [_bars(arrivals, max(arrivals), BLUE), _bars(gone, max(arrivals), RED)], max(arrivals)
        ),
        "<h2>平均等待（秒） Mean wait of the answered, seconds</h2>",
        _svg([_line(waits, _top(waits), BLUE)], _top(waits)),
        "<h2>在岗坐席 Agents on shift</h2>",
        _svg([_bars(staff, max(staff), GREEN)], max(staff)),
        "<h2>15 秒应答率（虚线：80% 的目标） "
        "Answered in 15 s, of the answered (dashes: the target of 80%)</h2>",
        _svg([_line(soon, 1.0, GREEN), _target(0.8)], 1.0, "{:.0%}"),
    ]


def _top(values: Sequence[float | None]) -> float:
    return max((value for value in values if value is not None), default=1.0) or 1.0


def _x(at: float) -> float:
    return LEFT + at * (WIDTH - LEFT) / QUARTERS


def _y(value: float, top: float) -> float:
    return HEIGHT * (1 - value / (top or 1.0))


def _svg(marks: Sequence[str], top: float, form: str = "{:.0f}") -> str:
    scale = [
        f'<line x1="{LEFT}" x2="{WIDTH}" y1="{_y(top * part, top):.1f}" '
        f'y2="{_y(top * part, top):.1f}" stroke="{GRID}"/>'
        f'<text x="{LEFT - 6}" y="{_y(top * part, top) + 4:.1f}" text-anchor="end">'
        f"{form.format(top * part)}</text>"
        for part in (0.0, 0.5, 1.0)
    ]
    box = f'viewBox="0 -10 {WIDTH} {HEIGHT + BELOW + 10}" width="{WIDTH}" role="img"'
    return f"<svg {box}>{''.join(scale)}{''.join(marks)}{_hours(HEIGHT)}</svg>"


def _hours(y: float) -> str:
    return "".join(
        f'<text x="{_x(4 * hour):.1f}" y="{y + 15}">{hour:02}</text>' for hour in range(0, 24, 2)
    )


def _bars(values: Sequence[float], top: float, colour: str) -> str:
    width = (WIDTH - LEFT) / QUARTERS - 1
    return "".join(
        f'<rect x="{_x(at):.1f}" y="{_y(value, top):.1f}" width="{width:.1f}" '
        f'height="{HEIGHT - _y(value, top):.1f}" fill="{colour}"/>'
        for at, value in enumerate(values)
        if value
    )


def _line(values: Sequence[float | None], top: float, colour: str) -> str:
    """Draw a line that is interrupted where there is no value."""
    path, pen = [], "M"
    for at, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{_x(at + 0.5):.1f} {_y(value, top):.1f}")
        pen = "L"
    return f'<path d="{"".join(path)}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _target(value: float) -> str:
    y = f"{_y(value, 1.0):.1f}"
    dashes = 'stroke-dasharray="4 3"'
    return f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}" stroke="{RED}" {dashes}/>'


def _heat(result: Result) -> str:
    """Draw each lane's quarter hours, green where all were answered in 15 s, red where none."""
    lanes = call_figures.grouped(
        [story for story in result.stories if story.stays], lambda story: story.lane
    )
    rows, names = [], result.simulation.site.lanes
    titles: Mapping[str, str] = {str(lane): names[lane].name.zh for lane in names}
    for row, (lane, stories) in enumerate(lanes.items()):
        y = row * (CELL + 11)
        rows.append(f'<text x="96" y="{y + 14}" text-anchor="end">{escape(titles[lane])}</text>')
        rows += _cells(result, stories, y)
    height = len(lanes) * (CELL + 11)
    hours = "".join(
        f'<text x="{100 + 4 * hour * CELL}" y="{height + 14}">{hour:02}</text>'
        for hour in range(0, 24, 2)
    )
    box = f'viewBox="0 0 {100 + QUARTERS * CELL} {height + 20}" width="{WIDTH}" role="img"'
    title = "各队列 15 秒应答率 Answered in 15 s by lane and quarter hour"
    note = "绿 = 全部 green: all · 红 = 没有 red: none · 空 = 没有接听 blank: nobody answered"
    return f"<h2>{title}</h2><p class=note>{note}</p><svg {box}>{''.join(rows)}{hours}</svg>"


def _cells(result: Result, stories: Sequence[CallStory], y: float) -> list[str]:
    cells = []
    found = call_figures.grouped(stories, call_figures.quarter(CITY_ZONE))
    for members in found.values():
        value = call_figures.figures(members)["in_15_of_answered"].value
        if value is not None:
            at = int((members[0].arrived - result.simulation.midnight) // 900)
            cells.append(
                f'<rect x="{100 + at * CELL}" y="{y + 3}" width="{CELL - 1}" height="{CELL + 7}" '
                f'fill="hsl({120 * value:.0f} 55% 55%)"/>'
            )
    return cells
