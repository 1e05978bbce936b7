"""`./hotline figures` computes occupancy from the kept facts of agents' states."""

import argparse
import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from calls.ids import AgentId
from calls.lane_events import NO_CALL, AgentStateChanged
from config.values import CITY_ZONE
from server import figures_command
from storage import schema, unit_of_work
from storage.engines import connect

NOON = datetime(2026, 11, 18, 12, tzinfo=CITY_ZONE).timestamp()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder in which one agent talked for a quarter of two hours."""
    engines = connect(f"sqlite:///{tmp_path / 'hotline.sqlite3'}", busy_timeout=2.0)
    schema.upgrade(engines.writing)
    told = [(-600, "ready"), (1800, "talking"), (3600, "ready"), (7200, "off")]
    facts = [AgentStateChanged(NO_CALL, NOON + at, AgentId("1001"), s, None) for at, s in told]
    with Session(engines.writing) as session, session.begin():
        unit_of_work.keep(session, "boot", list(enumerate(facts, 1)))
    engines.dispose()
    return tmp_path


def asked(data: Path, *, as_json: bool) -> argparse.Namespace:
    return argparse.Namespace(
        data=data, since="2026-11-18 12:00", until="2026-11-18 14:00", zone=None, by=None,
        json=as_json,
    )  # fmt: skip


def test_the_document_has_the_share_the_seconds_and_the_definition(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figures_command.main(asked(data, as_json=True)) == 0
    told = json.loads(capsys.readouterr().out)
    each = {"occupancy": 0.25, "seconds": {"ready": 5400.0, "talking": 1800.0}}
    assert told["staff"] == {"all": each, "agents": {"1001": each}}
    assert "occupancy" in [definition["id"] for definition in told["definitions"]]


def test_people_are_told_in_lines(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert figures_command.main(asked(data, as_json=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  坐席占用率 occupancy 1001: 25.00%" in lines
