"""docs/trunks.md shows settings that are sound, and patterns that mean what it says."""

import re
from datetime import date
from pathlib import Path

from config.advice import advice
from config.reader import read
from sip.numbers import NumberPattern
from tests.helpers import sites

TEXT = (Path(__file__).parents[3] / "docs" / "trunks.md").read_text(encoding="utf-8")


def test_the_trunks_that_it_shows_are_sound(tmp_path: Path) -> None:
    site = sites.copy(tmp_path / "site")
    blocks = re.findall(r"```yaml\n(.*?)```", TEXT, re.S)
    (site / "trunks.yaml").write_text("".join(blocks), encoding="utf-8")
    trunks = read(site).trunks
    assert trunks.keys() == {"carrier", "provider"}
    assert trunks["provider"].register_
    codes = {fault.code for fault in advice(read(site), date(2026, 11, 21))}
    assert codes & {"dial-abroad"} == set()


def test_its_patterns_mean_what_it_says() -> None:
    rows = re.findall(r'^\| `"([^`]+)"` \| ([0-9]+) \| ([0-9, ]+) \|$', TEXT, re.MULTILINE)
    assert len(rows) == 3
    for pattern, meant, not_meant in rows:
        assert NumberPattern(pattern).covers(meant)
        assert not any(NumberPattern(pattern).covers(one) for one in not_meant.split(", "))


def test_a_trunk_that_may_dial_abroad_is_warned_of(tmp_path: Path) -> None:
    site = sites.copy(tmp_path / "site")
    path = site / "trunks.yaml"
    text = path.read_text("utf-8").replace("hosts: [] ", 'hosts: ["sip.carrier.cn"] ')
    for patterns, warned in (('["0[1-9]*", "110"]', 0), ('["00*", "0*", "+44*"]', 3)):
        path.write_text(text.replace("dial_out: [] ", f"dial_out: {patterns} "), encoding="utf-8")
        found = advice(read(site), date(2026, 11, 21))
        assert sum(fault.code == "dial-abroad" for fault in found) == warned
