"""Texts as speech by any program that writes a WAV file; what is replaced is kept."""

import argparse
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from ivr.reading_words import WORDS
from server import prompt_import
from server.prompt_speech import numbers, say

TONE = (
    "import sys, wave, struct, math; sys.stdin.read();"
    "f = wave.open(sys.argv[1], 'wb'); f.setnchannels(1); f.setsampwidth(2); f.setframerate(16000);"
    "f.writeframes(b''.join(struct.pack('<h', int(9000 * math.sin(n / 9))) for n in range({n})))"
)


def asked(folder: Path, **more: object) -> argparse.Namespace:
    voice = f'{sys.executable} -c "{TONE.format(n=8000)}" {{out}}'
    return argparse.Namespace(config=folder, language="en", voice=voice, again=False, **more)


def texts(folder: Path) -> dict[str, dict[str, object]]:
    read: dict[str, dict[str, object]] = YAML(typ="safe").load(folder / "prompts/en/texts.yaml")
    return read


def test_a_text_becomes_a_recording_that_is_marked_provisional(tmp_path: Path) -> None:
    assert say(asked(tmp_path, prompt="hello", text="Hello")) == 0
    assert (tmp_path / "prompts/en/hello.wav").stat().st_size == 44 + 2 * 4000
    assert texts(tmp_path)["hello"]["provisional"] is True
    assert texts(tmp_path)["hello"]["text"] == "Hello"


def test_numbers_leave_alone_what_is_recorded_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = dict(list(WORDS["en"].items())[:3])
    monkeypatch.setattr("server.prompt_speech.WORDS", {"en": few})
    mine = tmp_path / "prompts/en/n_0.wav"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    assert numbers(asked(tmp_path)) == 0
    assert mine.read_bytes() == b"mine"
    assert set(texts(tmp_path)) == {"n_1", "n_2"}


@pytest.mark.parametrize(
    ("voice", "words"),
    [("no-such-voice-anywhere {out}", "is not installed"), ("false {out}", "nothing was rendered")],
)
def test_a_voice_that_cannot_speak_is_said_and_leaves_nothing_behind(
    tmp_path: Path, voice: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = asked(tmp_path, prompt="hello", text="Hello")
    wanted.voice = voice
    assert say(wanted) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "prompts/en/hello.wav").exists()


def test_a_name_that_is_a_path_is_refused(tmp_path: Path) -> None:
    assert say(asked(tmp_path, prompt="../hello", text="Hello")) == 2


@pytest.mark.parametrize("name", ["../hello", "公积金转接", "Fund"])
def test_a_recording_is_brought_in_only_under_a_name_that_a_flow_can_use(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(asked(tmp_path, prompt="hello", text="Hello")) == 0
    wanted = asked(tmp_path, prompt=name, text=None, file=tmp_path / "prompts/en/hello.wav")
    assert prompt_import.main(wanted) == 2
    assert "not a prompt's name" in capsys.readouterr().err
    assert [path.name for path in tmp_path.rglob("*.wav")] == ["hello.wav"]


def test_an_import_that_is_too_long_for_a_menu_says_so_and_the_old_file_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = asked(tmp_path, prompt="greeting", text="short")
    assert say(wanted) == 0
    (tmp_path / "site.yaml").write_text("flow_rules: {greeting: 12s}\n", "utf-8")
    before = (tmp_path / "prompts/en/greeting.wav").read_bytes()
    wanted.voice = wanted.voice.replace("range(8000)", "range(208000)")
    wanted.prompt = "long"
    assert say(wanted) == 0
    wanted.prompt, wanted.file = "greeting", tmp_path / "prompts/en/long.wav"
    capsys.readouterr()
    assert prompt_import.main(wanted) == 0
    assert "13.0 s is more than the 12 s" in capsys.readouterr().err
    assert (tmp_path / "prompts/en/greeting.wav.old").read_bytes() == before


def test_what_a_rendered_text_replaces_is_kept_and_its_words_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "prompts/en"
    folder.mkdir(parents=True)
    (folder / "goodbye.wav").write_bytes(b"before")
    lines = ['goodbye: {text: "Goodbye.", voice: a}', 'other: {text: "Please wait.", voice: a}']
    (folder / "texts.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    assert say(asked(tmp_path, prompt="goodbye", text="Farewell.")) == 0
    assert (folder / "goodbye.wav.old").read_bytes() == b"before"
    assert "the words before: Goodbye." in capsys.readouterr().out
    assert lines[1] in (folder / "texts.yaml").read_text("utf-8"), "quotes and all"


def test_a_text_that_is_too_long_for_a_menu_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "site.yaml").write_text("flow_rules: {greeting: 200ms}\n", "utf-8")
    assert say(asked(tmp_path, prompt="hello", text="Hello")) == 0
    assert "菜单提示音最长" in capsys.readouterr().err
