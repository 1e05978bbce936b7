"""`./hotline flow try` and `./hotline check`: what a person reads in the terminal."""

import io
from pathlib import Path

import pytest

from config.pretending import world_of
from config.reader import read
from config.settings import Site
from config.values import moment
from ivr.trial import Trial
from server import trying
from server.command_line import main
from tests.helpers import sites


@pytest.fixture(scope="module")
def site() -> Site:
    return read(sites.SHIPPED)


def walked(site: Site, *lines: str, at: str = "2026-03-04 10:00") -> tuple[str, list[str]]:
    out = io.StringIO()
    trial = Trial(site.flows["main"], world_of(site, moment(at), {}))
    typed = trying.walk(trial, site, lines, out)
    return out.getvalue(), typed


def test_what_the_caller_would_hear_is_shown_with_its_words_and_seconds(site: Site) -> None:
    shown, _ = walked(site, "…2s", "8")
    assert "0.0 s   ♪ greeting: 您好，12345热线" in shown
    assert "2.0 s   ♪ order_star: To check on a case" in shown


def test_the_rule_by_which_a_lane_is_closed_is_named(site: Site) -> None:
    shown, _ = walked(site, "5", at="2026-02-17 10:00")
    assert "队列不接 lane refuses business closed（2026-02-17 春节 不在服务时间）" in shown
    assert "lane_closed: 该专席现在不在服务时间" in shown


def test_the_walk_ends_when_the_flow_hangs_up(site: Site) -> None:
    shown, typed = walked(site, "1", "幸福路的路灯坏了三天", "…", "…", "…", "2")
    assert shown.rstrip().endswith("挂机 the call ends message_left")
    assert "2" not in typed


def test_what_was_typed_becomes_a_test(site: Site) -> None:
    _, typed = walked(site, "5", "", " … ", "q", "7")
    assert trying.as_test(typed) == '写成测试 / for a flow test in tests/: do: ["5", "…"]'


def test_it_is_a_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("2\n"))
    assert (
        main(["flow", "try", "main", "--at", "2026-03-04 23:30", "--lane", "general=nobody"]) == 0
    )
    shown = capsys.readouterr().out
    assert "medical closed" in shown


def test_what_is_found_out_may_be_pretended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--known", "order_state=confirmed", "--known", "order_day=2026-03-04"]
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n*\n260304000176\n…15s\n"))
    assert main(["flow", "try", "--at", "2026-03-04 10:00", *given]) == 0
    shown = capsys.readouterr().out
    assert "node order/confirmed" in shown
    assert "♪ w_month: 月" in shown
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n*\n*\n…\n"))
    given = ["--caller", "13800138000", "--answer", "newest_order=none"]
    assert main(["flow", "try", "--at", "2026-03-04 10:00", *given]) == 0
    shown = capsys.readouterr().out
    assert "asks newest_order key=13800138000" in shown
    assert "没有查到这张工单" in shown


@pytest.mark.parametrize(
    "words",
    [
        ["--known", "order_state"],
        ["--answer", "weather=fine"],
        ["mian"],
        ["--at", "gestern"],
        ["--lane", "medical=shut"],
        ["--lane", "x=full"],
    ],
)
def test_a_wrong_argument_is_explained(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["flow", "try", *words]) == 2
    assert " / " in capsys.readouterr().err


def test_check_runs_the_flow_tests_and_fails_with_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = sites.copy(tmp_path / "site")
    (site / "tests").mkdir()
    (site / "tests/a.yaml").write_text(
        'number: "12345"\nat: 2026-03-04 10:00\ntests:\n'
        "  夜里: {do: [2], expect: {lane: general}}\n",
        encoding="utf-8",
    )
    assert main(["check", "--config", str(site)]) == 2
    assert "tests/a.yaml:4:26 tests.夜里.expect.lane" in capsys.readouterr().err


def test_the_header_says_whether_it_is_a_draft_or_a_version(tmp_path: Path) -> None:
    assert "draft" in trying.which(tmp_path / "config/site")
    version = tmp_path / "data/published/0003-5f1c9a2be07d"
    assert trying.which(version).endswith("published version 0003-5f1c9a2be07d")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["publish"], "还缺少 -m/--message / the following arguments are required"),
        (
            ["prompts", "import", "zh", "hello", "a.wav"],
            "参数 language: 没有这一种：'hello' (可以写",
        ),
        (["chek"], "没有这一种：'chek'"),
    ],
)
def test_wrong_arguments_are_told_in_both_languages(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
