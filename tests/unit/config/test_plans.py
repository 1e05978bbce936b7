"""Event plans: what is different while one is on, when it is, and who switched it."""

from datetime import datetime
from pathlib import Path

import pytest
from twisted.internet.defer import succeed
from twisted.internet.task import Clock

from config.faults import SettingsError
from config.plan_board import PlanBoard, Switched
from config.plans import with_plans
from config.publish import NotPublished, Shelf
from config.reader import read
from config.settings import Site
from server.command_line import main as hotline
from server.versions import Versions
from tests.helpers import sites

EXAM = """plans:
  exam:
    name: {zh: 高考, en: Exam}
    prompts: {connecting: lane_closed}
    numbers: {"12345": quiet}
    lanes:
      medical: {priority: 90, max_waiting: 3, hours: office}
"""
QUIET = "begin: x\nnodes:\n  x: {type: hang_up, prompts: [goodbye]}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = sites.copy(tmp_path / "site", whole=True)
    (site / "plans.yaml").write_text(EXAM, "utf-8")
    (site / "flows/quiet.yaml").write_text(QUIET, "utf-8")
    return site


def test_a_plan_changes_flow_prompts_and_lanes_and_nothing_else(folder: Path) -> None:
    site = read(folder)
    planned = with_plans(site, ["exam"])
    flow = planned.flow_for("12345")
    assert flow is not None
    assert flow.name == "quiet"
    lane = planned.lanes["medical"]  # type: ignore[index]  # an id as text
    assert (lane.priority, lane.max_waiting, lane.hours, lane.max_wait) == (90, 3, "office", 300.0)
    key, said = ("en", "connecting"), ("en", "lane_closed")
    assert planned.prompts[key] == site.prompts[said]  # type: ignore[index]  # ids as text
    assert {n for n, lane in planned.lanes.items() if lane != site.lanes[n]} == {"medical"}
    assert with_plans(site, ["unknown"]) == site


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("connecting: lane_closed", "connecting: typhoon", "plans.yaml:4"),
        ("medical: {", "medicine: {", "plans.yaml:7"),
        ("hours: office", "hours: ofice", "plans.yaml:7"),
        ('"12345": quiet', '"12345": loud', "plans.yaml:5"),
        ('"12345": quiet', '"12399": quiet', "plans.yaml:5"),
        ("priority: 90", "priority: 900", "plans.yaml:7"),
    ],
)
def test_a_fault_of_a_plan_has_its_place(folder: Path, old: str, new: str, place: str) -> None:
    (folder / "plans.yaml").write_text(EXAM.replace(old, new), "utf-8")
    with pytest.raises(SettingsError) as raised:
        read(folder)
    assert [str(fault).startswith(place) for fault in raised.value.faults] == [True]


def test_a_prompt_that_is_too_long_for_a_menu_is_found_before_the_event(folder: Path) -> None:
    (folder / "plans.yaml").write_text(EXAM.replace("connecting:", "greeting:"), "utf-8")
    assert read(folder)
    text = (folder / "site.yaml").read_text("utf-8").replace("greeting: 12s", "greeting: 11600ms")
    (folder / "site.yaml").write_text(text, "utf-8")
    (folder / "plans.yaml").write_text(EXAM.replace("connecting: lane_closed", "greeting: music"))
    with pytest.raises(SettingsError) as raised:
        read(folder)
    assert {fault.code for fault in raised.value.faults} == {"prompt-too-long"}


def published(folder: Path, data: Path) -> Shelf:
    assert hotline(["publish", f"--config={folder}", f"--data={data}", "-m", "first"]) == 0
    return Shelf(data)


def test_a_plan_is_on_at_once_or_at_its_time_and_the_history_says_who(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    board = PlanBoard(published(folder, data))
    assert hotline(["plan", "on", "exam", f"--data={data}", "-m", "高考"]) == 0
    assert board.on(2_000_000_000.0) == ("exam",)
    times = ["--at", "2036-06-07 08:00", "--until", "2036-06-08 18:00"]
    assert hotline(["plan", "on", "exam", f"--data={data}", "-m", "高考", *times]) == 0
    (kept,) = board.switched()
    assert kept.begins == datetime.fromisoformat("2036-06-07T08:00+08:00").timestamp()
    assert board.on(kept.begins - 1) == ()
    assert board.on(kept.begins) == ("exam",)
    assert kept.ends is not None and board.on(kept.ends) == ()
    assert hotline(["plan", "off", "exam", f"--data={data}", "-m", "结束"]) == 0
    assert [entry.act for entry in Shelf(data).history()] == [
        "publish", "plan_on", "plan_on", "plan_off",
    ]  # fmt: skip
    capsys.readouterr()
    assert hotline(["plan", "list", f"--data={data}"]) == 0
    assert "exam: 高考 Exam · 未启用 off" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["on", "flood"], "no plan 'flood'"),
        (["off", "exam"], "is not on"),
        (["on", "exam", "--until", "2020-01-01 00:00"], "must be later"),
        (["on", "exam", "--at", "tomorrow"], "not a moment"),
    ],
)
def test_what_cannot_be_switched_is_said(
    folder: Path, tmp_path: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    published(folder, tmp_path / "data")
    assert hotline(["plan", *words, f"--data={tmp_path}/data", "-m", "x"]) == 2
    assert said in capsys.readouterr().err


def test_plans_need_a_published_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hotline(["plan", "on", "exam", f"--data={tmp_path}", "-m", "x"]) == 2
    assert "publish the settings once" in capsys.readouterr().err
    with pytest.raises(NotPublished):
        PlanBoard(Shelf(tmp_path)).switch_on(Switched("exam", 0.0, None), "w", "", 0.0)


def test_the_running_engine_takes_a_plan_and_gives_it_back_when_its_time_is_over(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = published(folder, tmp_path / "data")
    version = shelf.current() or ""
    taken: list[tuple[str, int]] = []

    def take(site: Site, name: str) -> list[str]:
        lane = site.lanes["medical"]  # type: ignore[index]  # an id as text
        taken.append((name, lane.priority))
        return []

    def at_once(function: object, *arguments: object) -> object:
        return succeed(function(*arguments))  # type: ignore[operator]  # what was handed over

    monkeypatch.setattr("server.versions.deferToThread", at_once)
    now = [1000.0]
    versions = Versions(Clock(), tmp_path / "data", version, take, clock=lambda: now[0])
    PlanBoard(shelf).switch_on(Switched("exam", 2000.0, 3000.0), "王", "高考", 0.0)
    for now[0] in (1000.0, 2000.0, 2500.0, 3000.0):
        versions.look()
    assert taken == [(f"{version}+exam", 90), (version, 5)]
    assert versions.version == version
