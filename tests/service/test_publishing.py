"""Publishing to a real engine that takes calls: it switches at once, and drops nobody."""

import argparse
import json
import os
import shutil
import signal
from pathlib import Path

import pytest

from calls.events import Entered, FlowChosen
from config.publish import Shelf
from server import publishing
from server.command_line import main
from server.versions import UNPUBLISHED
from tests.helpers import sites
from tests.helpers.crowd import Crowd
from tests.helpers.ports import many_voices
from tests.helpers.serving import Serving, facts_of, until

FLOW = """
begin: greeting_{v}
nodes:
  greeting_{v}:
    type: menu
    prompts: [greeting]
    keys: {{"0": person_{v}, "1": matter_{v}, "2": hold_{v}}}
    on_silence: person_{v}
  matter_{v}:
    type: listen
    prompts: [beep]
    on_key: {{"0": person_{v}}}
    then: thanks_{v}
    on_nothing: thanks_{v}
  hold_{v}:
    type: hold
    limit: 1h
    on_key: {{"1": matter_{v}, "2": person_{v}}}
    then: thanks_{v}
  person_{v}:
    type: enqueue
    lane: general
    on_key: {{"1": matter_{v}}}
    on_full: matter_{v}
    on_nobody: matter_{v}
    on_late: matter_{v}
  thanks_{v}: {{type: hang_up, prompts: [recorded]}}
"""
COUNT = int(os.environ.get("HOTLINE_TEST_CALLERS", "30"))
"""Callers of the crowd; 200 in the closing measurement."""


def a_site(folder: Path) -> Path:
    """Return a copy of the shipped site that takes as many calls, and transcribes none."""
    site = sites.copy(folder)
    text = (site / "site.yaml").read_text(encoding="utf-8")
    text = text.replace("languages: [zh, en, ko, ja]", "languages: []")
    text = text.replace("max_calls: 100 ", f"max_calls: {max(100, COUNT)} ")
    text = text.replace("last: 31999", "last: 33999")
    (site / "site.yaml").write_text(text, encoding="utf-8")
    return site


def write_flow(site: Path, number: int) -> None:
    """Let every node of the flow be called by the number of its version."""
    sites.only_flow(site, FLOW.format(v=f"v{number}"))


def said_by(site: Path, data: Path, **more: object) -> argparse.Namespace:
    return argparse.Namespace(
        config=site, data=data, message="试", version=None, restore=False, **more
    )


@pytest.mark.slow
def test_callers_walk_while_versions_are_published_and_rolled_back(tmp_path: Path) -> None:
    site, data = a_site(tmp_path / "site"), tmp_path / "data"
    write_flow(site, 1)
    assert publishing.publish(said_by(site, data)) == 0
    with Serving(data, config=site, rtp=(34000, 37998)) as engine:
        assert engine.health()["version"] == Shelf(data).current()
        host, port = engine.engine.split(":")
        turns = 1
        with Crowd((host, int(port)), COUNT, within=8.0, begun=COUNT // 2) as crowd:
            while crowd.calling:
                turns += 1
                crowd.begun = None if turns > 2 else crowd.begun
                if turns % 3 == 0:
                    assert publishing.roll_back(said_by(site, data)) == 0
                else:
                    write_flow(site, turns)
                    assert publishing.publish(said_by(site, data)) == 0
                assert engine.health()["version"] == Shelf(data).current()
        assert [c.id for c in crowd.callers.values() if c.refused or c.state != "over"] == []
        calls = engine.ended(COUNT)
        assert engine.health()["faults"] == 0
    _each_kept_its_version(calls, Shelf(data), turns)


def _each_kept_its_version(calls: list, shelf: Shelf, turns: int) -> None:  # type: ignore[type-arg]
    seen = set()
    for call in calls:
        (chosen,) = facts_of(call, FlowChosen)
        flow = (shelf.path(chosen.version) / "flows/main.yaml").read_text("utf-8")
        nodes = [fact.node for fact in facts_of(call, Entered)]
        assert nodes and all(f"  {node}:" in flow for node in nodes)
        assert call.call.record.reason.value in {
            "completed", "hung_up_in_menu", "hung_up_speaking", "message_left", "abandoned",
        }  # fmt: skip
        seen.add(chosen.version)
    assert len(calls) == COUNT
    assert 1 < len(seen) <= turns


@pytest.mark.slow
def test_an_engine_follows_what_is_published_and_says_what_needs_a_restart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, data = a_site(tmp_path / "site"), tmp_path / "data"
    with Serving(data, config=site, rtp=many_voices()) as engine:
        assert engine.health()["version"].startswith(UNPUBLISHED)
        words = ["--config", str(site), "--data", str(data)]
        assert main(["publish", "-m", "第一版", *words]) == 0
        assert "引擎已切换" in capsys.readouterr().out
        agents = (site / "agents.yaml").read_text("utf-8")
        (site / "agents.yaml").write_text(agents + "  2001: {name: 新人, skills: {general: 1}}\n")
        text = (site / "site.yaml").read_text("utf-8")
        (site / "site.yaml").write_text(text.replace("recordings: 180d", "recordings: 90d"))
        assert main(["publish", "-m", "加人", *words]) == 0
        said = capsys.readouterr().out
        assert "重启后才生效 / these count only after a restart: site.yaml retention" in said
        assert "新增 added: agents.yaml agents.2001" in said
        assert "2001" in engine.passwords()
        assert engine.health()["agents"]["off"] == 13
        (site / "lanes.yaml").write_text("lanes: 坏\n", encoding="utf-8")
        assert main(["publish", "-m", "坏的", *words]) == 2
        assert "没有发布" in capsys.readouterr().err
        assert engine.health()["version"] == Shelf(data).current()
        _altered_by_hand(engine, Shelf(data))


def _altered_by_hand(engine: Serving, shelf: Shelf) -> None:
    """A version that is not what its name says changes nothing; SIGHUP looks at once."""
    running = shelf.current()
    assert running is not None
    shutil.copytree(shelf.path(running), shelf.folder / "0009-0123456789ab")
    (shelf.folder / "current").write_text("0009-0123456789ab\n", encoding="utf-8")
    assert engine.process is not None
    engine.process.send_signal(signal.SIGHUP)
    until(lambda: shelf.running().get("trouble"), 20.0, "the altered version is refused")
    assert json.loads((shelf.folder / "running").read_text("utf-8"))["version"] == running
    assert engine.health()["version"] == running


def test_publishing_without_an_engine_counts_from_the_next_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, data = a_site(tmp_path / "site"), tmp_path / "data"
    words = ["--data", str(data)]
    assert main(["history", *words]) == 0
    assert "还没有发布过" in capsys.readouterr().out
    assert main(["rollback", *words]) == 2
    assert main(["publish", "-m", " ", "--config", str(site), *words]) == 2
    assert main(["publish", "-m", "开通", "--config", str(site), *words]) == 0
    assert "下次启动时生效" in capsys.readouterr().out
    assert main(["publish", "-m", "又一次", "--config", str(site), *words]) == 2
    assert "完全相同" in capsys.readouterr().err
    write_flow(site, 2)
    assert main(["publish", "-m", "换流程", "--config", str(site), *words]) == 0
    assert main(["rollback", "1", "-m", "换回来", *words]) == 0
    capsys.readouterr()
    assert main(["history", *words]) == 0
    told = capsys.readouterr().out
    reasons = [line.split("：")[-1] for line in told.splitlines() if line.startswith("20")]
    assert reasons == ["换回来", "换流程", "开通"]
    assert told.count("← 当前") == 1


def test_a_failing_flow_test_keeps_a_version_from_being_published(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site, data = a_site(tmp_path / "site"), tmp_path / "data"
    (site / "tests").mkdir()
    shutil.copyfile(sites.SHIPPED / "tests/main.yaml", site / "tests/main.yaml")
    flow = (site / "flows/main.yaml").read_text("utf-8")
    flow = flow.replace('"2": medical', '"2": ticketing').replace('"4": ticketing', '"4": medical')
    (site / "flows/main.yaml").write_text(flow, encoding="utf-8")
    assert main(["publish", "-m", "x", "--config", str(site), "--data", str(data)]) == 2
    assert "tests.医疗按2.expect.lane: 测试没有通过" in capsys.readouterr().err
    assert Shelf(data).versions() == []
