"""`./hotline figures` computes occupancy from the kept facts of agents' states."""

import argparse
import json
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from calls.events import Arrived, Fact, Rated
from calls.ids import AgentId, CallId
from calls.lane_events import NO_CALL, AgentStateChanged
from calls.survey_events import SURVEYED, SurveyEnded, SurveyPlanned, SurveyTried
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


def asked(data: Path, *, as_json: bool, by: str | None = None) -> argparse.Namespace:
    return argparse.Namespace(
        data=data, since="2026-11-18 12:00", until="2026-11-18 14:00", zone=None, by=by,
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


def test_each_quarter_hour_has_its_occupancy(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figures_command.main(asked(data, as_json=True, by="quarter")) == 0
    quarters = json.loads(capsys.readouterr().out)["staff"]["quarters"]
    assert list(quarters)[:3] == [f"2026-11-18T12:{m}+0800" for m in ("00", "15", "30")]
    assert [quarters[name]["occupancy"] for name in quarters] == [0, 0, 1, 1, 0, 0, 0, 0]
    assert figures_command.main(asked(data, as_json=False, by="quarter")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "2026-11-18T12:30+0800: 坐席占用率 occupancy 100.00%" in lines


def test_what_surveys_found_out_is_told(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engines = connect(f"sqlite:///{data / 'hotline.sqlite3'}", busy_timeout=2.0)
    first, second = CallId("c-1"), CallId("c-2")
    with Session(engines.writing) as session, session.begin():
        facts: list[Fact] = [
            Arrived(first, NOON - 9000, "13900000001", "12345", "127.0.0.1:5070", "a"),
            SurveyPlanned(first, NOON + 1, "13900000001"),
            Arrived(second, NOON + 60, "13900000001", SURVEYED, "127.0.0.1:5070", "b"),
            SurveyTried(first, NOON + 60, 1, second),
            Rated(second, NOON + 90, None, 4, True, False),
            SurveyEnded(first, NOON + 95, 1, "rated", None),
        ]
        unit_of_work.keep(session, "survey", list(enumerate(facts, 1)))
    engines.dispose()
    assert figures_command.main(asked(data, as_json=True)) == 0
    assert json.loads(capsys.readouterr().out)["surveys"] == {
        "drawn": 1, "outcomes": {"rated": 1}, "marks": {"4": 1}, "mean": 4.0,
        "solved": 1, "unsolved": 0,
    }  # fmt: skip
    assert figures_command.main(asked(data, as_json=False)) == 0
    assert "回访 surveys: 抽中 drawn 1 · 均分 mean 4.00 · rated 1" in capsys.readouterr().out
