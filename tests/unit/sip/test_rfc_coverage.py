"""docs/rfc-coverage.md names only what there is, and leaves no MUST out."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "rfc-coverage.md").read_text(encoding="utf-8")
COUNTED = {
    "3261": 290,
    "3262": 33,
    "3264": 80,
    "3311": 9,
    "3515": 17,
    "3581": 7,
    "3891": 10,
    "4028": 26,
    "6026": 13,
}
"""Sentences with MUST, MUST NOT, SHALL or REQUIRED, as counted in the texts of the RFCs."""


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def rows() -> Iterator[tuple[str, list[str]]]:
    """Return the cells of each row, and the RFC of its heading."""
    rfc = ""
    for line in TEXT.splitlines():
        if line.startswith("#"):
            found = re.match(r"## RFC (\d{4})", line)
            rfc = found[1] if found else ""
        elif line.startswith("|") and "---" not in line:
            yield rfc, cells(line)


def counted() -> dict[tuple[str, str], int]:
    """Return how many sentences each section has, as the page's first table says."""
    found: dict[tuple[str, str], int] = {}
    for _, row in rows():
        if len(row) == 2 and row[0].isdigit():
            for part in row[1].split(","):
                section, number = part.split(":")
                found[row[0], section.strip()] = int(number)
    return found


def numbers(text: str) -> set[int]:
    """Read `1–3, 5`."""
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.strip().partition("–")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def covered() -> dict[tuple[str, str], set[int]]:
    """Return which sentences of each section have a row."""
    found: dict[tuple[str, str], set[int]] = {}
    for rfc, row in rows():
        if len(row) != 5 or row[1] in ("n", "–"):
            continue
        named = re.fullmatch(r"(\d{4}) ([\d.]+)", row[0])
        key = (named[1], named[2]) if named else (rfc, row[0])
        assert not found.get(key, set()) & numbers(row[1]), f"twice: {key} {row[1]}"
        found[key] = found.get(key, set()) | numbers(row[1])
    return found


def test_every_test_that_it_names_exists() -> None:
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert len(named) > 200
    assert named - there == set()


def test_every_file_that_it_names_exists() -> None:
    named = set(re.findall(r"`((?:sip|server|media|tests|demo|bench)/[\w/.]+\.py)`", TEXT))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_row_has_a_test_or_a_reason() -> None:
    for _, row in rows():
        if len(row) == 5 and row[1] != "n":
            why = row[4]
            assert "`test_" in why or (len(why) > 10 and re.search(r"[a-z]{3}", why)), row


def test_every_sentence_of_every_section_has_a_row() -> None:
    said, has = counted(), covered()
    totals: dict[str, int] = {}
    for (rfc, _), number in said.items():
        totals[rfc] = totals.get(rfc, 0) + number
    assert totals == COUNTED
    assert set(has) == set(said)
    missing = {key: set(range(1, number + 1)) ^ has[key] for key, number in said.items()}
    assert {key: left for key, left in missing.items() if left} == {}
