"""Sixty-odd configurations with one fault each: what is said of it, and exactly where.

Each file in broken/ edits the shipped site; `⟦` in an edit marks the line and column to be
reported, and is taken out before reading.
"""

from pathlib import Path

import pytest

from config.faults import SettingsError
from config.reader import read
from tests.helpers import sites

CASES = sites.cases(Path(__file__).with_name("broken"))


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sites.copy(tmp_path_factory.mktemp("light") / "site")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sites.copy(tmp_path_factory.mktemp("whole") / "site", whole=True)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_fault_is_named_by_file_line_column_and_key(
    case: sites.Case, light: Path, whole: Path
) -> None:
    site = whole if case.whole else light
    with sites.edited(site, case.edits) as place, pytest.raises(SettingsError) as raised:
        read(site)
    faults = raised.value.faults
    assert [_without_place(str(fault)) for fault in faults] == case.report
    assert [(fault.line, fault.column) for fault in faults] == [place]


def _without_place(line: str) -> str:
    """`lanes.yaml:12:5 lanes.medical…` without `:12:5`."""
    file, _, rest = line.partition(":")
    _, _, rest = rest.partition(":")
    return f"{file} {rest.lstrip('0123456789').removeprefix(':').lstrip()}"


def test_at_least_thirty_faults_are_tried() -> None:
    assert len(CASES) >= 30
    assert all(len(case.report) == 1 for case in CASES)


def test_every_report_speaks_both_languages() -> None:
    for case in CASES:
        zh, slash, en = case.report[0].partition(" / ")
        assert slash
        assert any("\u4e00" <= sign <= "\u9fff" for sign in zh)
        assert en
