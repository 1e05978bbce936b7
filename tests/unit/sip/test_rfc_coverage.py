"""docs/rfc-coverage.md names only what there is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "rfc-coverage.md").read_text(encoding="utf-8")


def test_every_test_that_it_names_exists() -> None:
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > 80
    assert named - there == set()


def test_every_file_that_it_names_exists() -> None:
    named = set(re.findall(r"`((?:sip|server|tests)/[\w/.]+\.py)`", TEXT))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_row_has_a_test_or_a_reason() -> None:
    rows = [line for line in TEXT.splitlines() if line.startswith("|") and "---" not in line]
    assert all(len(line.strip("|").split("|")[3].strip()) > 1 for line in rows)
