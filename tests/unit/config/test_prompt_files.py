"""Recordings: found by language, measured, and refused when they cannot be played."""

import wave
from pathlib import Path

import pytest

from config.faults import SettingsError
from config.prompt_files import find_prompts
from config.reader import read
from tests.helpers import sites


def record(path: Path, *, rate: int = 8000, channels: int = 1, frames: int = 4000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setparams((channels, 2, rate, 0, "NONE", ""))
        sound.writeframes(b"\x00\x10\x00\xf0" * (channels * frames // 2))


def test_a_prompt_belongs_to_the_language_of_its_folder_and_a_tone_to_all(tmp_path: Path) -> None:
    record(tmp_path / "prompts" / "ko" / "hello.wav", frames=12000)
    record(tmp_path / "prompts" / "tones" / "beep.wav")
    found = find_prompts(tmp_path)
    assert found.faults == []
    assert found.seconds == {
        ("ko", "hello"): 1.5,
        **{(language, "beep"): 0.5 for language in ("zh", "en", "ko", "ja")},
    }


def test_a_language_may_have_a_tone_of_its_own(tmp_path: Path) -> None:
    record(tmp_path / "prompts" / "tones" / "beep.wav")
    record(tmp_path / "prompts" / "ja" / "beep.wav", frames=8000)
    assert find_prompts(tmp_path).seconds["ja", "beep"] == 1.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"rate": 44100}, "44100 Hz"),
        ({"channels": 2}, "2 channels"),
        ({"frames": 0}, "0 samples"),
    ],
)
def test_a_recording_of_another_form_is_a_fault(
    tmp_path: Path, form: dict[str, int], words: str
) -> None:
    record(tmp_path / "prompts" / "zh" / "hello.wav", **form)
    [fault] = find_prompts(tmp_path).faults
    assert (fault.file, fault.line, fault.column) == ("prompts/zh/hello.wav", 1, 1)
    assert words in fault.en


def test_what_call_control_says_by_itself_must_be_recorded_in_every_language(
    tmp_path: Path,
) -> None:
    site = sites.copy(tmp_path / "site")
    (site / "prompts" / "ja" / "cannot_hear.wav").unlink()
    (site / "prompts" / "zh" / "fault.wav").unlink()
    with pytest.raises(SettingsError) as raised:
        read(site)
    said = [fault.en.split(";")[0] for fault in raised.value.faults]
    assert said == [
        "prompt 'cannot_hear' is not recorded: prompts/ja/cannot_hear.wav",
        "prompt 'fault' is not recorded: prompts/zh/fault.wav",
    ]


def test_a_default_number_gives_its_flow_to_every_other(tmp_path: Path) -> None:
    site = sites.copy(tmp_path / "site")
    text = (site / "site.yaml").read_text(encoding="utf-8")
    text = text.replace("default_number: refuse", 'default_number: "12345"')
    (site / "site.yaml").write_text(text, encoding="utf-8")
    flow = read(site).flow_for("10086")
    assert flow is not None
    assert flow.name == "main"
