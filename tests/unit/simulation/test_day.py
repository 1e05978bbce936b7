"""A simulated day keeps every promise, loses nobody, and is the same twice."""

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from agents.agent import Agent, Doing
from agents.roster import Rests
from calls.events import Answered, Arrived, Ended, Offered, Queued
from calls.ids import AgentId, CallId, LaneId, Skill
from calls.reasons import Reason
from config import days
from queueing.lane import Lane
from queueing.waiting import Announce
from server.command_line import main
from server.figures_command import as_json
from simulation.command import lived
from simulation.report import page
from simulation.result import Result
from simulation.run import Simulation
from simulation.staff import WhatIf
from simulation.watch import Watch, WatchedRoom, WatchedRoster
from storage.engines import connect
from storage.figures import stories
from tests.helpers.small_day import LANE, day, shipped

A, B, C = AgentId("a"), CallId("b"), CallId("c")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    file = tmp_path_factory.mktemp("day") / "hotline.sqlite3"
    return lived(Simulation(shipped(), day(), 7), file), file


def test_every_call_of_a_day_ends_by_a_name_and_no_promise_is_broken(
    kept: tuple[Result, Path],
) -> None:
    result, _ = kept
    assert result.accounted == len(result.stories) == 200
    assert result.broken == 0, result.as_json()["breaches"]
    assert result.simulation.world.control.faults == 0
    outcomes = {story.reason for story in result.stories}
    assert {Reason.COMPLETED, Reason.ABANDONED, Reason.MESSAGE_LEFT} <= outcomes
    assert any(story.failed_offers for story in result.stories)


def test_two_runs_are_equal_to_the_byte_and_another_seed_is_another_day(
    kept: tuple[Result, Path], tmp_path: Path
) -> None:
    first, _ = kept
    again = lived(Simulation(shipped(), day(), 7), tmp_path / "again.sqlite3")
    other = lived(Simulation(shipped(), day(), 8), tmp_path / "other.sqlite3")
    assert json.dumps(first.as_json()) == json.dumps(again.as_json())
    assert page(first) == page(again)
    assert json.dumps(first.as_json()) != json.dumps(other.as_json())


def test_the_figures_are_the_same_computed_anew_from_the_database(
    kept: tuple[Result, Path],
) -> None:
    result, file = kept
    engines = connect(f"sqlite:///{file}", busy_timeout=1.0)
    midnight = result.simulation.midnight
    with Session(engines.reading) as session:
        found = stories(session, midnight, midnight + 86_400)
        half = stories(session, midnight, midnight + 10 * 3600)
    engines.dispose()
    assert as_json(found) == as_json(result.stories)
    assert 0 < len(half) < len(found)


def test_more_agents_answer_sooner_and_meet_the_same_callers(
    kept: tuple[Result, Path], tmp_path: Path
) -> None:
    few, _ = kept
    change = WhatIf("general", 10, 9 * 3600.0, 12 * 3600.0)
    many = lived(Simulation(shipped(), day(), 7, [change]), tmp_path / "many.sqlite3")
    assert [s.arrived for s in many.stories] == [s.arrived for s in few.stories]
    waits = [sum(s.wait or 0.0 for s in r.stories) for r in (few, many)]
    assert waits[1] < waits[0]
    assert sum(s.abandoned for s in many.stories) < sum(s.abandoned for s in few.stories)


def test_the_report_is_whole_by_itself(kept: tuple[Result, Path]) -> None:
    text = page(kept[0])
    assert text.count("<svg") == 5 and "综合坐席" in text and "人工接通率" in text
    assert "http" not in text and "<script" not in text


def watch() -> Watch:
    roster = WatchedRoster([Agent(A, "a", {Skill("general"): 1})], Rests(), 0.0)
    return Watch({LANE: Lane(LANE, frozenset({Skill("general")}))}, roster)


def test_the_watch_sees_a_ready_agent_left_with_a_waiting_caller() -> None:
    seen = watch()
    seen.roster.sign_in(A, 1.0)
    seen.fact(Arrived(B, 1.0, "", "", "", ""))
    seen.fact(Queued(B, 1.0, LANE))
    seen.after_turn(1.0)
    assert seen.broken == {"left_together": 1}


def test_the_watch_sees_an_agent_with_two_calls_and_a_call_that_never_ends() -> None:
    seen = watch()
    for call in (B, C):
        seen.fact(Arrived(call, 1.0, "", "", "", ""))
        seen.fact(Queued(call, 1.0, LANE))
        seen.fact(Offered(call, 2.0, LANE, A, ""))
    seen.fact(Answered(B, 3.0, A))
    seen.fact(Ended(B, 4.0, "caller", Reason.COMPLETED))
    seen.fact(Ended(B, 5.0, "caller", Reason.COMPLETED))
    seen.at_the_end(6.0)
    assert seen.broken == {"agent_twice": 1, "ended_twice": 1, "never_ended": 1}


def test_the_watch_sees_an_agent_busy_with_nothing() -> None:
    seen = watch()
    seen.roster.sign_in(A, 1.0)
    seen.roster.offer(A, B, 1.0)
    seen.now_and_then(2.0)
    assert seen.broken == {"busy_without_a_call": 1}
    assert seen.roster.spent(3.0)[Doing.RESERVED] == 2.0


def test_the_watch_sees_a_wait_that_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch()
    room = WatchedRoom([seen.lanes[LANE]])
    room.watch = seen
    answers = iter([60.0, 50.0, 70.0])
    monkeypatch.setattr(
        "queueing.waiting.WaitingRoom.tick",
        lambda *_: [Announce(B, LaneId("general"), 1, next(answers))],
    )
    for now in (1.0, 2.0, 3.0):
        room.tick(now, ())
    assert seen.broken == {"wait_rose": 1}


def test_a_day_that_is_kept_has_the_same_figures_and_is_never_laid_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "read", lambda *_: day())
    words = ["simulate", "--day", "small.yaml", "--json", "--keep", str(tmp_path / "kept")]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    date = str(day().settings.day)
    where = ["--data", str(tmp_path / "kept"), "--from", date, "--to", date]
    assert main(["figures", "--json", *where]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["calls"] == told["calls"] == 200 and again["kpis"] == told["kpis"]
    assert main(words) == 2
    assert "there is a database already" in capsys.readouterr().err
