"""The administrators' manual, done as it says: its own lines make a new lane that works."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from config.advice import advice
from config.flow_schema import NODES
from config.flow_tests import run_tests
from config.reader import read
from tests.helpers import sites

ROOT = Path(__file__).parents[3]
MANUAL = ROOT / "docs/administrators.zh.md"
NO_LONGER_WRONG = ("按错一次再按0", "按错两次再按2", "按错三次转人工", "按错后不再按键")


def lines_of(section: str) -> list[str]:
    """Return the YAML of one section of the manual, block by block."""
    text = MANUAL.read_text("utf-8")
    part = re.split(r"^## ", text, flags=re.M)
    (found,) = [one for one in part if one.startswith(section)]
    return re.findall(r"```yaml\n(.*?)```", found, re.S)


def change(site: Path, file: str, old: str, new: str) -> None:
    path = site / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def followed(tmp_path: Path) -> Path:
    """Return the shipped site after steps 1 to 6 of section five."""
    site = sites.copy(tmp_path / "site", whole=True)
    shutil.copytree(sites.SHIPPED / "tests", site / "tests")
    hours, lane, agent, key, node, tests = lines_of("五")
    change(site, "hours.yaml", "\nhours:\n", "\nhours:\n" + hours)
    for file, more in (("lanes.yaml", lane), ("tests/main.yaml", tests)):
        (site / file).write_text((site / file).read_text("utf-8") + more, encoding="utf-8")
    before = next(
        line for line in (site / "agents.yaml").read_text("utf-8").splitlines() if "1006" in line
    )
    change(site, "agents.yaml", before + "\n", agent)
    change(site, "flows/main.yaml", '      "*": to_japanese\n', f'      "*": to_japanese\n{key}')
    path = site / "flows/main.yaml"
    path.write_text(path.read_text("utf-8") + node, encoding="utf-8")
    spoken = site / "prompts/zh/connecting.wav"
    shutil.copyfile(spoken, site / "prompts/zh/fund_connecting.wav")
    return site


def test_the_steps_leave_a_site_without_faults_and_its_new_tests_pass(followed: Path) -> None:
    site = read(followed)
    failed = {fault.key.split(".")[1] for fault in run_tests(site).faults}
    assert failed == set(NO_LONGER_WRONG)
    assert [fault.code for fault in advice(site, date(2026, 11, 21))] == ["key-not-told"]


def test_without_the_four_tests_that_it_names_everything_passes(followed: Path) -> None:
    path = followed / "tests/main.yaml"
    kept = [
        line
        for line in path.read_text("utf-8").splitlines()
        if not line.startswith(tuple(f"  {name}:" for name in NO_LONGER_WRONG))
    ]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    verdict = run_tests(read(followed))
    assert (verdict.run, verdict.faults) == (66, ())
    assert all(name in MANUAL.read_text("utf-8") for name in NO_LONGER_WRONG)


def test_the_nodes_that_it_shows_are_nodes(tmp_path: Path) -> None:
    site = sites.copy(tmp_path / "site")
    (nodes,) = lines_of("七")
    path = site / "flows/main.yaml"
    spring = "  spring: {type: say, prompts: [lane_closed], then: general}\n"
    path.write_text(path.read_text("utf-8") + nodes + spring, encoding="utf-8")
    change(
        site, "flows/main.yaml", '      "0": general\n      "1"', '      "0": ask_order\n      "1"'
    )
    change(site, "flows/main.yaml", '      "5": business', '      "5": by_hours')
    change(site, "flows/main.yaml", '      "6": talent', '      "6": by_load\n      "#": talent')
    assert set(read(site).flows["main"].nodes) >= {"ask_order", "by_hours", "by_load"}


def test_the_english_manual_has_the_same_files_word_for_word() -> None:
    text = (ROOT / "docs/administrators.en.md").read_text("utf-8")
    (section,) = [one for one in re.split(r"^## ", text, flags=re.M) if one.startswith("5.")]
    english = re.findall(r"```yaml\n(.*?)```", section, re.S)
    assert english == lines_of("五")


def test_both_manuals_name_every_kind_of_node() -> None:
    for name in ("zh", "en"):
        text = (ROOT / f"docs/administrators.{name}.md").read_text("utf-8")
        assert [kind for kind in NODES if f"`{kind}`" not in text] == []
