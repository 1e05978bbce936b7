"""The ways that real calls took: counted by version, printed, and drawn on the flow."""

import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from calls.events import Ended, Entered, Fact, FlowChosen
from calls.ids import CallId, NodeId
from calls.reasons import Reason
from calls.wire import to_json
from server.command_line import main as hotline
from storage.tables import Base, FactRow
from tests.helpers import sites

N = NodeId
V1, V2 = "0001-aaaaaaaaaaaa", "0002-bbbbbbbbbbbb"
NOW = time.time()
MENU = Reason.HUNG_UP_IN_MENU


def call(name: str, version: str, *ways: tuple[float, str], by: str = "caller") -> list[Fact]:
    """Return a call that reached nodes so many seconds after its beginning, and ended last."""
    one, began = CallId(name), NOW - 600
    entered = [Entered(one, began + at, N(node)) for at, node in ways[:-1]]
    return [
        FlowChosen(one, began, "main", version),
        *entered,
        Ended(one, began + ways[-1][0], by, MENU),
    ]


CALLS = [
    call("c-1", V2, (0, "greeting"), (4, "medical"), (64, "end")),
    call("c-2", V2, (0, "greeting"), (6, "general"), (16, "end"), by="agent"),
    call("c-3", V2, (0, "greeting"), (2, "end")),
    call("c-4", V1, (0, "welcome"), (2, "end")),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    engine = create_engine(f"sqlite:///{tmp_path}/hotline.sqlite3")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        facts = [fact for story in CALLS for fact in story]
        for seq, fact in enumerate(facts):
            kind = type(fact).__name__
            row = FactRow(
                boot="b", seq=seq, call=fact.call, at=fact.at, kind=kind, json=to_json(fact)
            )
            session.add(row)
        session.commit()
    return tmp_path


def test_figures_are_told_for_each_version_apart(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hotline(["flow", "figures", f"--data={data}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{V1} · main · 1 个通话 calls"
    assert lines[2] == f"{V2} · main · 3 个通话 calls"
    assert "greeting: 进入 3 次，挂机 1，平均 4.0 秒" in lines[3]
    assert "medical: 进入 1 次，挂机 1，平均 60.0 秒" in "\n".join(lines)
    assert "general: 进入 1 次，挂机 0，平均 10.0 秒" in "\n".join(lines)


def test_calls_before_the_days_that_are_asked_for_do_not_count(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hotline(["flow", "figures", f"--data={data}", "--days", "0.001"]) == 2
    assert "no call within" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["svg", "mermaid"])
def test_the_newest_versions_figures_stand_on_the_drawing(
    data: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["flow", "draw", "main", "--figures", f"--format={form}"]
    assert hotline([*words, f"--config={sites.SHIPPED}", f"--data={data}"]) == 0
    drawn = capsys.readouterr().out
    assert "1 次" in drawn
    assert "0 次" in drawn
    if form == "svg":
        assert "greeting · 3 次，挂机 hung up 1" in drawn
        assert "按键 2 → medical · 0.0–" in drawn


def test_without_calls_there_are_no_figures_to_draw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["flow", "draw", "main", "--figures", f"--data={tmp_path}"]
    assert hotline([*words, f"--config={sites.SHIPPED}"]) == 2
    assert "no calls yet" in capsys.readouterr().err
