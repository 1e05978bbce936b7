"""Shifts, what-ifs, and the faults of a day's file in both languages."""

from pathlib import Path

import pytest

from config import days
from config.faults import SettingsError
from simulation.staff import BadWhatIf, WhatIf, people, what_if
from tests.helpers.small_day import ROOT, day, shipped

HOUR = 3600.0
SETTINGS = day().settings


def test_a_what_if_names_a_team_or_the_largest_one() -> None:
    largest = WhatIf("general", 5, 10 * HOUR, 12 * HOUR)
    assert what_if("agents+5@10:00-12:00", SETTINGS) == largest
    assert what_if("both-1@09:00-09:30", SETTINGS) == WhatIf("both", -1, 9 * HOUR, 9.5 * HOUR)


@pytest.mark.parametrize(
    "text", ["agents", "agents+5", "agents+5@12:00-10:00", "agents+5@10:00-25:00", "nobody+1@1-2"]
)
def test_a_what_if_that_cannot_be_read_is_refused_in_both_languages(text: str) -> None:
    with pytest.raises(BadWhatIf, match=r"what-if 应写成 .* need agents"):
        what_if(text, SETTINGS)


def test_a_what_if_of_an_unknown_team_names_those_there_are() -> None:
    with pytest.raises(BadWhatIf, match=r"没有“night”这个班组.*agents, general, both"):
        what_if("night+5@10:00-12:00", SETTINGS)


def test_more_agents_are_a_shift_of_their_own_and_fewer_go_home_for_a_while() -> None:
    more = people(SETTINGS, [WhatIf("general", 2, 0.0, HOUR)])
    assert len(more) == 8 and more[6 - 1].stretches == ((0.0, HOUR),)
    fewer = people(SETTINGS, [WhatIf("general", -1, 9.25 * HOUR, 9.5 * HOUR)])
    assert fewer[0].stretches == ((9 * HOUR, 9.25 * HOUR), (9.5 * HOUR, 10 * HOUR))
    assert fewer[1].stretches == ((9 * HOUR, 10 * HOUR),)


def test_a_shift_past_midnight_is_two_stretches_of_the_day() -> None:
    team = {"skills": {"general": 1}, "shifts": ({"hours": "22:00-06:00", "agents": 1},)}
    (person,) = people(day(teams={"night": team}).settings)
    assert person.stretches == ((0.0, 6 * HOUR), (22 * HOUR, 24 * HOUR))


@pytest.mark.parametrize("name", ["peak", "quiet", "typhoon"])
def test_each_shipped_day_fits_the_shipped_site(name: str) -> None:
    read = days.read(ROOT / "config" / "days" / f"{name}.yaml", shipped())
    calls = sum(callers.calls for callers in read.settings.callers.values())
    assert calls >= 5000 and (name != "peak" or calls == 20_000)


def test_the_faults_of_a_day_are_told_all_at_once_with_their_places(tmp_path: Path) -> None:
    text = (ROOT / "config" / "days" / "peak.yaml").read_text(encoding="utf-8")
    broken = text.replace('"02:00": 3', '"26:00": 3').replace("lines: 600", "lines: none")
    broken = broken.replace("leave_message: 0.2", "leave_mesage: 0.2", 1)
    (tmp_path / "day.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(SettingsError) as found:
        days.read(tmp_path / "day.yaml", shipped())
    told = [str(fault) for fault in found.value.faults]
    assert any("应写时刻" in line and "need a time of day" in line for line in told)
    assert any("是不是“leave_message”" in line for line in told)
    assert any("lines" in line and "应写整数" in line for line in told)


def test_names_that_the_site_does_not_know_are_faults(tmp_path: Path) -> None:
    text = (ROOT / "config" / "days" / "peak.yaml").read_text(encoding="utf-8")
    broken = text.replace('number: "12345"', 'number: "99"').replace("{ticketing: 4", "{tickets: 4")
    (tmp_path / "day.yaml").write_text(broken.replace("seed:", "said: none\nseed:"), "utf-8")
    with pytest.raises(SettingsError) as found:
        days.read(tmp_path / "day.yaml", shipped())
    keys = [fault.key for fault in found.value.faults]
    assert keys == ["number", "teams.tickets.skills.tickets", ""]
