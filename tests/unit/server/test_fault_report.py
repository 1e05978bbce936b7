"""`./hotline check` for programs: codes, severities, JSON, SARIF, schemas."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import structlog.testing

from config import codes
from config.reader import read
from server.command_line import main
from server.versions import log_exemptions
from tests.helpers import sites

ROOT = Path(__file__).parents[3]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return sites.copy(tmp_path / "site")


def broken(site: Path) -> Path:
    for name, old, new in (
        ("lanes.yaml", "hours: extended", "hours: extendid"),
        ("flows/main.yaml", "timeout: 3s", "timeout: 3"),
        ("agents.yaml", "medical: 5", "medical: 50"),
        ("types.yaml", "types:", "types"),
    ):
        path = site / name
        path.write_text(path.read_text("utf-8").replace(old, new, 1), encoding="utf-8")
    return site


def said(site: Path, form: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict]:  # type: ignore[type-arg]
    status = main(["check", "--config", str(site), "--format", form])
    return status, json.loads(capsys.readouterr().out)


def test_every_fault_has_its_place_its_code_and_its_severity(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = said(broken(site), "json", capsys)
    assert (status, report["ok"]) == (2, False)
    assert [(f["file"], f["line"], f["code"], f["severity"]) for f in report["faults"]] == [
        ("agents.yaml", 7, "setting-value", "error"),
        ("flows/main.yaml", 10, "setting-value", "error"),
        ("lanes.yaml", 33, "name-unknown", "error"),
        ("types.yaml", 3, "yaml-syntax", "error"),
    ]


def test_a_sound_site_says_how_soon_a_person_is_reached(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, report = said(site, "json", capsys)
    timeless = [f for f in report["faults"] if f["code"] != "calendar-old"]  # comes with the years
    assert (status, report["ok"], timeless) == (0, True, [])
    (main,) = report["to_a_person"]
    assert (main["flow"], main["quickest"], main["silent"]) == ("main", 0.0, 14.61)
    general = next(one for one in main["lanes"] if one["lane"] == "general")
    assert (general["best"], general["way"][0]) == (0.0, "greeting")
    assert general["worst"] > 14.5
    assert set(report["staff"]) == {one["lane"] for one in main["lanes"]}
    assert all(min(day) > 0 for week in report["staff"].values() for day in week)


def test_a_menu_that_is_exempt_from_reaching_a_person_is_listed_and_logged(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site / "flows/main.yaml"
    text = path.read_text("utf-8").replace(
        "timeout: 3s", "timeout: 3s\n    exempt_person_rule: 试", 1
    )
    path.write_text(text.replace('      "0": general\n', "", 1), "utf-8")
    assert main(["check", "--config", str(site), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["exempt"] == [{"flow": "main", "node": "greeting", "why": "试"}]
    assert main(["check", "--config", str(site)]) == 0
    assert "豁免 exempt: main 的菜单 greeting" in capsys.readouterr().out
    with structlog.testing.capture_logs() as logged:
        log_exemptions(read(site))
    assert [(one["event"], one["node"], one["why"]) for one in logged] == [
        ("menu_without_a_person", "greeting", "试")
    ]


def test_sarif_names_rules_and_places(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, report = said(broken(site), "sarif", capsys)
    (run,) = report["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert (status, report["version"]) == (2, "2.1.0")
    assert {result["ruleId"] for result in run["results"]} <= rules
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "agents.yaml"
    assert place["region"] == {"startLine": 7, "startColumn": 30}


def test_a_warning_is_told_and_fails_nothing(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = site / "hours.yaml"
    text = path.read_text("utf-8").replace('"14:00-17:30"', '"12:01-17:30"')
    path.write_text(text, encoding="utf-8")
    assert main(["check", "--config", str(site)]) == 0
    printed = capsys.readouterr()
    assert "[warning hours-gap]" in printed.err
    assert "没有错误" in printed.out


def test_schemas_are_written_for_every_kind_of_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--schemas", str(tmp_path / "schemas")]) == 0
    names = {path.name for path in (tmp_path / "schemas").iterdir()}
    assert {
        "site.schema.json",
        "flows.schema.json",
        "tests.schema.json",
        "days.schema.json",
    } <= names
    flows = json.loads((tmp_path / "schemas/flows.schema.json").read_text("utf-8"))
    assert {"BranchNode", "CollectNode", "MenuNode"} <= set(flows["$defs"])
    assert "flows/*.yaml: # yaml-language-server: $schema=" in capsys.readouterr().out


def test_every_code_that_is_used_is_listed_and_every_one_listed_is_used() -> None:
    used = set()
    for folder in ("config", "ivr", "server"):
        for path in (ROOT / folder).glob("*.py"):
            if path.name != "codes.py":
                quoted = re.findall(r'"([a-z]+(?:-[a-z]+)+)"', path.read_text("utf-8"))
                used |= set(quoted) & set(codes.CODES)
    assert used == set(codes.CODES)


def test_every_code_has_its_page() -> None:
    page = (ROOT / "docs/check-codes.md").read_text("utf-8")
    assert re.findall(r"^### `([a-z-]+)`", page, re.M) == list(codes.CODES)


def test_a_reader_of_what_is_printed_may_go_away_in_the_middle() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    words = [sys.executable, "-m", "server.command_line", "flow", "draw", "main"]
    ran = subprocess.run(words, stdout=writes, stderr=subprocess.PIPE, check=False, cwd=ROOT)
    os.close(writes)
    assert (ran.returncode, ran.stderr) == (141, b"")
