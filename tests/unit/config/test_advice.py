"""Warnings: what a sound site probably does not mean."""

import math
import struct
import wave
from datetime import date
from pathlib import Path

import pytest

from config.advice import advice
from config.faults import Fault, SettingsError
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


def tone(peak: float, *, seconds: float = 1.6) -> bytes:
    """Return a 440 Hz tone as PCM at 8 kHz; above 1.0 it is cut off."""
    frames = range(round(8000 * seconds))
    waves = (math.sin(2 * math.pi * 440 * n / 8000) * peak * 32767 for n in frames)
    samples = [max(-32768, min(32767, round(one))) for one in waves]
    return struct.pack(f"<{len(samples)}h", *samples)


def silence(seconds: float) -> bytes:
    return bytes(2 * round(8000 * seconds))


def put(site: Path, name: str, pcm: bytes) -> None:
    """Put a sound in place of a recording."""
    path = site / name
    path.unlink()
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(pcm)


def test_the_shipped_city_has_none() -> None:
    assert advice(read(sites.SHIPPED), TODAY) == []


@pytest.mark.parametrize(
    ("peak", "codes"), [(4.0, ["prompt-clipped"]), (0.9, []), (0.02, ["prompt-quiet"])]
)
def test_recordings_too_loud_or_too_quiet_are_named(
    site: Path, peak: float, codes: list[str]
) -> None:
    put(site, "prompts/zh/goodbye.wav", tone(peak))
    assert advised(site) == [f"prompts/zh/goodbye.wav:1  {code}" for code in codes]


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [(0.7, 1.4, []), (0.9, 0.0, ["prompt-edges"]), (0.0, 1.6, ["prompt-edges"])],
)
def test_silence_at_the_ends_of_a_recording_is_named(
    site: Path, before: float, after: float, codes: list[str]
) -> None:
    speech = tone(0.5, seconds=1.6)
    put(site, "prompts/zh/goodbye.wav", silence(before) + speech + silence(after))
    assert advised(site) == [f"prompts/zh/goodbye.wav:1  {code}" for code in codes]


@pytest.mark.parametrize(("seconds", "named"), [(0.5, True), (1.6, False), (9.0, True)])
def test_a_recording_that_is_much_shorter_or_longer_than_its_words_is_named(
    site: Path, seconds: float, named: bool
) -> None:
    put(site, "prompts/zh/goodbye.wav", tone(0.5, seconds=seconds))
    assert advised(site) == (["prompts/zh/goodbye.wav:1  prompt-text"] if named else [])


def test_a_silent_recording_is_an_error_and_a_silent_tone_is_a_pause(site: Path) -> None:
    put(site, "prompts/tones/w_pause.wav", silence(0.4))
    assert advised(site) == []
    put(site, "prompts/zh/goodbye.wav", silence(1.6))
    with pytest.raises(SettingsError) as raised:
        read(site)
    assert [fault.code for fault in raised.value.faults] == ["prompt-silent"]


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
