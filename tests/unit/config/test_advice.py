"""Warnings: what a sound site probably does not mean."""

import math
import struct
import wave
from datetime import date
from pathlib import Path

import pytest

from config.advice import advice
from config.faults import Fault
from config.reader import read
from tests.helpers import sites

TODAY = date(2026, 11, 21)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return sites.copy(tmp_path / "site", whole=True)


def advised(site: Path, today: date = TODAY) -> list[str]:
    return [_short(fault) for fault in advice(read(site), today)]


def _short(fault: Fault) -> str:
    assert fault.severity == "warning"
    return f"{fault.file}:{fault.line} {fault.key} {fault.code}"


def record(site: Path, name: str, peak: float) -> None:
    """Put one second of a 440 Hz tone in place of a recording; above 1.0 it is cut off."""
    path = site / name
    path.unlink()
    waves = (math.sin(2 * math.pi * 440 * n / 8000) * peak * 32767 for n in range(8000))
    samples = [max(-32768, min(32767, round(one))) for one in waves]
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(struct.pack("<8000h", *samples))


def test_the_shipped_city_has_none() -> None:
    assert advice(read(sites.SHIPPED), TODAY) == []


@pytest.mark.parametrize(
    ("peak", "codes"), [(4.0, ["prompt-clipped"]), (0.9, []), (0.02, ["prompt-quiet"])]
)
def test_recordings_too_loud_or_too_quiet_are_named(
    site: Path, peak: float, codes: list[str]
) -> None:
    record(site, "prompts/zh/goodbye.wav", peak)
    assert advised(site) == [f"prompts/zh/goodbye.wav:1  {code}" for code in codes]


def test_a_key_that_the_prompt_does_not_tell_is_named(site: Path) -> None:
    path = site / "flows/main.yaml"
    text = path.read_text("utf-8")
    path.write_text(
        text.replace('      "9": to_korean', '      "9": to_korean\n      "#": medical')
    )
    assert advised(site) == ["flows/main.yaml:22 nodes.greeting.keys.# key-not-told"]


@pytest.mark.parametrize(
    ("week", "code"),
    [('["08:30-12:00", "12:05-17:30"]', "hours-gap"),
     ('["08:30-12:00", "11:00-17:30"]', "hours-overlap")],
)  # fmt: skip
def test_hours_with_a_slip_are_named_once(site: Path, week: str, code: str) -> None:
    path = site / "hours.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('["08:30-12:00", "14:00-17:30"]', week), encoding="utf-8")
    assert advised(site) == [f"hours.yaml:7 hours.office.week {code}"]


def test_a_calendar_of_last_year_is_named(site: Path) -> None:
    assert advised(site, date(2026, 12, 31)) == []
    assert advised(site, date(2027, 1, 1)) == ["hours.yaml:6 hours.office.calendar calendar-old"]


def test_an_expert_whom_no_trunk_may_dial_is_told_of(site: Path) -> None:
    rota = '{doctors: {prompt: goodbye, people: [{name: 王, number: "13900001111"}]}}'
    file = site / "site.yaml"
    text = file.read_text("utf-8")
    assert "  rotas: {} " in text
    file.write_text(text.replace("  rotas: {} ", f"  rotas: {rota} ", 1), "utf-8")
    told = [one for one in advised(site) if one.endswith("dial-nowhere")]
    assert len(told) == 1 and "in_call.rotas.doctors.people[0].number" in told[0]
