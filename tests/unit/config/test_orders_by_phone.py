"""Flows that tell a citizen an order's number, take it, check it, and say how far the order is."""

import shutil
from pathlib import Path

import pytest

from calls.ids import NodeId
from calls.order_number import is_order_number
from config.faults import SettingsError
from config.flow_tests import run_tests
from config.pretending import Pretended, world_of
from config.reader import read
from config.values import moment
from ivr.flow import Collect
from ivr.trial import tried
from tests.helpers import sites

ORDERS = Path(__file__).with_name("orders")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = sites.copy(tmp_path / "site")
    sites.only_flow(site, (ORDERS / "main.yaml").read_text("utf-8"))
    (site / "tests").mkdir(exist_ok=True)
    shutil.copyfile(ORDERS / "tests.yaml", site / "tests/main.yaml")
    return site


def test_every_way_is_walked(folder: Path) -> None:
    assert is_order_number("260304000176")
    verdict = run_tests(read(folder))
    assert "\n".join(map(str, verdict.faults)) == ""
    assert verdict.run == 7


def test_what_is_checked_for_says_how_many_figures_there_are(folder: Path) -> None:
    ask = read(folder).flows["main"].nodes[NodeId("ask")]
    assert isinstance(ask, Collect)
    assert (ask.least, ask.most, ask.check) == (12, 12, "order")


def test_figures_that_are_written_count_before_those_of_the_check(folder: Path) -> None:
    change(folder, "    check: order\n", "    check: order\n    most: 13\n")
    ask = read(folder).flows["main"].nodes[NodeId("ask")]
    assert isinstance(ask, Collect)
    assert (ask.least, ask.most) == (12, 13)


def test_the_order_that_is_found_by_telephone_is_written_down_for_the_agent(folder: Path) -> None:
    site = read(folder)
    found = Pretended(known={"order": "260304000176", "order_state": "recorded"})
    world = world_of(site, moment("2026-03-04 10:00"), {}, found)
    trial = tried(site.flows["main"], world, [])
    assert [m.what for m in trial.moments if m.kind == "typed"] == ["order=260304000176"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    check: order\n", "    check: orders\n", "must be one of order, phone"),
        ('prompts: [recorded, "{order:order}"]', "prompts: [recorded]", "must be {order:order}"),
        ("what: newest_order", "what: weather", "must be one of caller_history, order_status"),
        ("by: order\n", "by: ordre\n", "no node makes 'ordre' known"),
    ],
)
def test_a_fault_stands_where_it_is_written(folder: Path, old: str, new: str, said: str) -> None:
    change(folder, old, new)
    with pytest.raises(SettingsError) as raised:
        read(folder)
    fault = next(fault for fault in raised.value.faults if said in str(fault))
    assert (fault.file, fault.line > 1) == ("flows/main.yaml", True)


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "flows/main.yaml"
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
