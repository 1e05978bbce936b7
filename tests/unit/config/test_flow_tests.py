"""The administrators' own tests: run with the shipped city, and failing where they must."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from config.flow_tests import read_tests, run_tests
from config.reader import read
from config.settings import Site
from tests.helpers import sites

HEAD = 'number: "12345"\nat: 2026-03-04 10:00\ntests:\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sites.copy(tmp_path_factory.mktemp("tests") / "site")


@pytest.fixture(scope="module")
def site(folder: Path) -> Site:
    return read(folder)


def faults(site: Site, text: str) -> list[str]:
    """Return what is said of one file of tests; ⟦ marks where, and is taken out."""
    (site.folder / "tests").mkdir(exist_ok=True)
    edit = {"file": "tests/x.yaml", "write": text}
    with sites.edited(site.folder, [edit]) as (line, column):
        found = run_tests(site).faults
    assert all((fault.line, fault.column) == (line, column) for fault in found)
    return [f"{fault.key}: {fault.zh}" for fault in found]


def test_the_shipped_city_has_at_least_forty_and_all_pass() -> None:
    verdict = run_tests(read(sites.SHIPPED))
    assert verdict.run >= 40
    assert verdict.faults == ()


def test_every_key_of_the_greeting_is_tried_by_some_test() -> None:
    found, _ = read_tests(sites.SHIPPED)
    pressed = {act.keys[0] for _, _, test in found for act in test.do[:1] if hasattr(act, "keys")}
    assert pressed >= set("0123456789*")


WRONG = [
    ("  夜里: {do: [2], expect: {⟦lane: general}}",
     "tests.夜里.expect.lane: 测试没有通过：应到 general，实际到了队列 medical。"
     "经过：0秒 → greeting；0秒 按 2；0秒 → medical；0秒 进入队列 medical（周三 08:00-22:00）"),
    ("  慢: {expect: {lane: general, ⟦within: 10s}}",
     "tests.慢.expect.within: 测试没有通过：应在 10 秒内，实际用了 14.6 秒。"),
    ("  挂机: {do: [2], expect: {⟦end: completed}}", "tests.挂机.expect.end: 测试没有通过：应到"),
    ("  语言: {do: [8], expect: {lane: english, ⟦language: zh}}",
     "tests.语言.expect.language: 测试没有通过：语言应是 zh，实际是 en"),
    ("  听到: {do: [2], expect: {lane: medical, hears: [greeting, ⟦lane_full]}}",
     "tests.听到.expect.hears[1]: 测试没有通过：没有按顺序听到 lane_full"),
    ("  不听: {do: [2], expect: {lane: medical, hears_no: [⟦greeting]}}",
     "tests.不听.expect.hears_no[0]: 测试没有通过：不该听到 greeting"),
    ("  走过: {do: [2], expect: {lane: medical, passes: [⟦closed]}}",
     "tests.走过.expect.passes[0]: 测试没有通过：没有按顺序走到步骤 closed"),
    ("  队列: {expect: {⟦lane: genral}}",
     "tests.队列.expect.lane: 没有“genral”这一项，是不是“general”？"),
    ("  状态: {lanes: {⟦medicine: full}, expect: {lane: general}}",
     "tests.状态.lanes.medicine: 没有“medicine”这一项"),
    ("  提示: {expect: {lane: general, hears: [⟦greetings]}}",
     "tests.提示.expect.hears[0]: 没有“greetings”"),
    ("  步骤: {expect: {lane: general, passes: [⟦greet]}}",
     "tests.步骤.expect.passes[0]: 没有“greet”"),
    ("  号码: {⟦number: 10086, expect: {lane: general}}", "tests.号码.number: 应写电话号码"),
    ('  号码: {⟦number: "10086", expect: {lane: general}}', "tests.号码.number: 没有“10086”这一项"),
    ("  时刻: {⟦at: 2026-02-30 10:00, expect: {lane: general}}", "tests.时刻.at: 应写日期和时间"),
    ("  都写: {⟦expect: {lane: general, end: completed}}",
     "tests.都写.expect: lane（转到哪个队列）和 end"),
    ("  都不写: {⟦expect: {}}", "tests.都不写.expect: lane（转到哪个队列）和 end"),
    ("  动作: {do: [⟦true], expect: {lane: general}}", "tests.动作.do[0]: 应写按键（2）、要说的话"),
    ("  ⟦少: {do: [2]}", "tests.少.expect: 缺少这一项"),
    ("  ⟦空:", "tests.空: 测试要写 do 和 expect"),
]  # fmt: skip


@pytest.mark.parametrize(("test", "report"), WRONG, ids=[report[:18] for _, report in WRONG])
def test_a_test_that_fails_is_a_fault_at_its_line(site: Site, test: str, report: str) -> None:
    found = faults(site, HEAD + test + "\n")
    assert len(found) == 1 or "都写" in report
    assert found[0].startswith(report)


def test_the_number_and_the_time_are_the_files_or_the_tests(site: Site) -> None:
    assert (
        faults(site, HEAD + "  夜里: {at: 2026-03-04 23:00, do: [5], expect: {lane: general}}")
        == []
    )
    assert faults(site, HEAD + "  白天: {do: [5], expect: {lane: business}}") == []


def test_a_file_without_number_says_so_once(site: Site) -> None:
    text = "⟦at: 2026-03-04 10:00\ntests:\n  a: {expect: {lane: general}}\n"
    assert faults(site, text) == ["number: 缺少这一项"]


@pytest.mark.parametrize(
    "text", ["⟦[1, 2]\n", "⟦坏\n", 'number: "12345"\nat: 2026-03-04 10:00\n⟦tests: 3\n']
)
def test_a_file_of_something_else_is_refused(site: Site, text: str) -> None:
    assert len(faults(site, text)) == 1


def test_a_file_that_would_never_be_read_is_a_fault(site: Site) -> None:
    (site.folder / "tests").mkdir(exist_ok=True)
    edit = {"file": "tests/x.yml", "write": "tests: {}\n"}
    with sites.edited(site.folder, [edit]):
        assert [fault.file for fault in run_tests(site).faults] == ["tests/x.yml"]


PIECES = [
    "number", "at", "tests", "a", "do", "expect", "lane", "end", "within", "hears", "lanes", ": ",
    "\n", "\n  ", "\n    ", "- ", "[", "]", "{", "}", '"', "#", "…", "…5s", "!", "2", "*",
    "general",
    "路灯坏了", "3s", "2026-03-04 10:00", "&x", "\t", "\0", "～", ", ",
]  # fmt: skip


@settings(max_examples=150)
@given(some.lists(some.sampled_from(PIECES), max_size=40).map("".join))
def test_whatever_a_file_of_tests_holds_every_fault_has_a_place(site: Site, text: str) -> None:
    (site.folder / "tests").mkdir(exist_ok=True)
    for begin in ("", HEAD):
        with sites.edited(site.folder, [{"file": "tests/x.yaml", "write": begin + text}]):
            for fault in run_tests(site).faults:
                assert fault.file == "tests/x.yaml"
                assert fault.line >= 1 and fault.column >= 1 and fault.zh and fault.en
