"""Short stretches in turns on one core, and what each costs beside the others.

A figure in milliseconds is worth little on a machine that others use too: the same call costs
twice as much in one minute as in another. What runs in turns within the same minutes costs more
for all, so their ratio stays. How fast the machine was is said by a bare loop of Python, which
is nearly always the same, and by waking up to a datagram, which is not: what lies in the caches of
who has slept is soon others'. Both are timed before each stretch and after the last.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from statistics import median
from typing import Any

LOOP = 1_000_000
"""Rounds of the bare loop: some 25 ms."""
WAKES, REST = 100, 0.002
"""How often to wake, and after how many seconds."""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Carried:
    """What one stretch took: CPU in seconds by process, and the calls or call-seconds done."""

    cpu: Mapping[str, float]
    units: float
    counts: Mapping[str, int] = field(default_factory=dict)
    """What went wrong, by its name; `failed`: calls, or legs that missed packets."""

    @property
    def cost(self) -> float:
        """Milliseconds of CPU a unit."""
        return 1000 * sum(self.cpu.values()) / self.units

    @property
    def whole(self) -> bool:
        """Return whether nothing failed: where it did, neighbours had the machine."""
        return not self.counts.get("failed")


@dataclass(frozen=True, slots=True)
class Turn:
    """One stretch of one contestant, and how fast the machine was before it."""

    who: str
    carried: Carried
    speed: Mapping[str, float]


Contestants = Mapping[str, Callable[[], Carried]]
Processes = Mapping[str, list[int]]
"""What one contestant runs, by what it is."""


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used: user and system, all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def spent(processes: Processes) -> dict[str, float]:
    """Return the CPU used so far, in seconds, by what a process is."""
    return {name: sum(map(cpu_seconds, pids)) for name, pids in processes.items()}


def since(before: Mapping[str, float], processes: Processes) -> dict[str, float]:
    """Return the CPU used since `before` was taken."""
    return {name: now - before[name] for name, now in spent(processes).items()}


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Stay on one core meanwhile, with all that is started there; None: on any."""
    before = os.sched_getaffinity(0)
    try:
        if core is not None:
            os.sched_setaffinity(0, {core})
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def off_core(core: int | None) -> Iterator[None]:
    """Leave a core to others meanwhile, if there is another."""
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, before - {core} or before)
        yield
    finally:
        os.sched_setaffinity(0, before)


def machine(core: int | None) -> dict[str, float]:
    """Return the CPU of a fixed loop of Python, and of a datagram after a rest; middle of three."""
    with on_core(core):
        return {
            "loop_ms": 1000 * median(_loop() for _ in range(3)),
            "wake_us": 1e6 * median(_wake() for _ in range(3)),
        }


def _loop() -> float:
    began, total = time.process_time(), 0
    for number in range(LOOP):
        total += number & 7
    return time.process_time() - began


def _wake() -> float:
    with socket(AF_INET, SOCK_DGRAM) as end:
        end.bind(("127.0.0.1", 0))
        end.connect(end.getsockname())
        began = time.process_time()
        for _ in range(WAKES):
            time.sleep(REST)  # noqa: TID251 - this is what is measured
            end.send(bytes(172))
            end.recv(2048)
        return (time.process_time() - began) / WAKES


def in_turns(
    contestants: Contestants, rounds: int, speed: Callable[[], Mapping[str, float]]
) -> list[Turn]:
    """Give each contestant a stretch, round by round; raise SystemExit if one carries nothing."""
    turns = []
    for _ in range(rounds):
        for who, stretch in contestants.items():
            now, carried = speed(), stretch()
            if carried.units <= 0:
                raise SystemExit(f"{who}: nothing came through, {dict(carried.counts)}")
            turns.append(Turn(who, carried, now))
    return turns


def compared(turns: list[Turn], after: Mapping[str, float]) -> dict[str, Any]:
    """Return what each costs, and how many times as much the first costs as the others.

    Stretches in which something failed are told, and left out of medians if others are whole.

    `after`: how fast the machine was after the last stretch.
    """
    rows: dict[str, list[Carried]] = {}
    for turn in turns:
        rows.setdefault(turn.who, []).append(turn.carried)
    first, *others = rows
    costs = {who: [carried.cost for carried in row] for who, row in rows.items()}
    middle = {who: _middle(row) for who, row in rows.items()}
    return {
        "ms_of_cpu": {who: _row(row) for who, row in rows.items()},
        f"{first}_to": {
            other: {
                "ratio": round(middle[first] / middle[other], 2),
                "by_round": [
                    round(one / two, 2) for one, two in zip(costs[first], costs[other], strict=True)
                ],
            }
            for other in others
        },
        "machine": {
            name: {
                "before": round(turns[0].speed[name], 1),
                "meanwhile": round(median(turn.speed[name] for turn in turns), 1),
                "after": round(after[name], 1),
            }
            for name in after
        },
    }


def _counting(row: list[Carried]) -> list[Carried]:
    """Return the stretches in which nothing failed; all, if there is none."""
    return [one for one in row if one.whole] or row


def _middle(row: list[Carried]) -> float:
    return median(one.cost for one in _counting(row))


def _row(row: list[Carried]) -> dict[str, Any]:
    good = _counting(row)
    parts = {name: [1000 * one.cpu[name] / one.units for one in good] for name in good[0].cpu}
    told: dict[str, Any] = {
        "median": round(_middle(row), 3),
        "each": [round(one.cost, 3) for one in row],
    }
    if len(parts) > 1:
        told["of_it"] = {name: round(median(costs), 3) for name, costs in parts.items()}
    return told | {name: sum(one.counts[name] for one in row) for name in row[0].counts}


def text(figures: Mapping[str, Any], heading: str, unit: str) -> str:
    """Return what `compared` found, and why others are `absent`, to be read."""
    lines = [f"{heading}: ms of CPU {unit}, stretches in turns"]
    for who, row in figures["ms_of_cpu"].items():
        each = " ".join(f"{cost:.3f}" for cost in row["each"])
        rest = ", ".join(f"{name} {row[name]}" for name in row if name not in ("median", "each"))
        lines.append(f"  {who:26}{row['median']:8.3f}  ({each})  {rest}")
    for name, ratios in figures.items():
        if name.endswith("_to"):
            first = name.removesuffix("_to")
            lines += [_ratio(f"{first} / {other}", found) for other, found in ratios.items()]
    for name, instants in figures["machine"].items():
        lines.append(f"  {name}: " + ", ".join(f"{at} {value}" for at, value in instants.items()))
    lines += [f"  {why}" for why in figures["absent"].values()]
    return "\n".join(lines)


def _ratio(of: str, found: Mapping[str, Any]) -> str:
    by_round = " ".join(f"{ratio:.2f}" for ratio in found["by_round"])
    return f"  {of:26}{found['ratio']:8.2f}  ({by_round})"
