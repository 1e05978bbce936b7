"""`./hotline flow try` with sound: what the caller would hear, by a program of the machine's."""

import io
import os
import stat
from pathlib import Path

import pytest

from config.pretending import world_of
from config.reader import read
from config.settings import Site
from config.values import moment
from ivr.trial import Trial
from media import wav
from server import sound_out, trying
from server.aloud import out_loud
from server.command_line import main
from server.sound_out import NoSound, find_player
from tests.helpers import sites

RECORDS = 'n=$(ls "$KEPT" | wc -l); cp "$1" "$KEPT/$n.wav"'
"""A player that plays nothing, and keeps what it was given, in order."""


class Typed(io.StringIO):
    """Lines that a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(scope="module")
def site() -> Site:
    return read(sites.SHIPPED)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that alone holds players; the tests put theirs there."""
    folder, kept = tmp_path / "bin", tmp_path / "kept"
    folder.mkdir()
    kept.mkdir()
    for name in ("sh", "cp", "ls", "wc", "sleep", "echo"):
        (folder / name).symlink_to(
            f"/bin/{name}" if os.path.exists(f"/bin/{name}") else f"/usr/bin/{name}"
        )
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("KEPT", str(kept))
    return folder


def install(folder: Path, name: str, does: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def walk(monkeypatch: pytest.MonkeyPatch, *lines: str, sound: str, typed: bool = False) -> int:
    text = "".join(f"{line}\n" for line in lines)
    monkeypatch.setattr("sys.stdin", Typed(text) if typed else io.StringIO(text))
    return main(["flow", "try", "--at", "2026-03-04 10:00", "--sound", sound])


def given(programs: Path) -> list[bytes]:
    """Return what the player was given, without the silence that it was tried with."""
    kept = sorted((programs.parent / "kept").iterdir(), key=lambda path: int(path.stem))
    sounds = [wav.read(path.read_bytes()) for path in kept]
    assert not any(sounds[0].pcm), "it is tried with silence"
    return [sound.pcm for sound in sounds[1:]]


def recorded(site: Site, *prompts: str, language: str = "zh") -> bytes:
    files = [site.prompts[language, prompt] for prompt in prompts]  # type: ignore[index]
    return b"".join(wav.read(file.read_bytes()).pcm for file in files)


def test_the_prompts_own_samples_are_played_in_the_order_in_which_they_are_heard(
    programs: Path, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    install(programs, "paplay", RECORDS)
    assert walk(monkeypatch, "…2s", "1", "路灯坏了", "…", sound="yes") == 0
    greeting, rest, matter, silence = given(programs)[0], *given(programs)[1:3], given(programs)[3:]
    assert greeting == recorded(site, "greeting")
    assert rest == greeting[2 * 2 * 8000 :], "after two seconds it goes on where it was"
    node = site.flows["main"].nodes["matter"]  # type: ignore[index]
    assert matter == recorded(site, *node.prompts)  # type: ignore[union-attr]
    assert silence == [recorded(site, "recorded")]


def test_what_a_key_cuts_short_is_not_played_again(
    programs: Path, monkeypatch: pytest.MonkeyPatch, site: Site
) -> None:
    install(programs, "aplay", RECORDS.replace("$1", "$2"))
    assert walk(monkeypatch, "8", "0", "q", sound="yes") == 0
    english = recorded(site, "connecting", language="en")
    assert given(programs)[-1] == english


def test_music_goes_on_and_what_interrupted_it_is_heard(site: Site, tmp_path: Path) -> None:
    trial = Trial(site.flows["main"], world_of(site, moment("2026-03-04 10:00"), {}))
    aloud = out_loud(trial, site, "no", tmp_path, typed=True)._aloud
    assert aloud.next() is not None
    for act in ("0", "…40s"):
        trial.do(trying.act_of(act))
        heard = aloud.next()
        assert heard is not None
    music = recorded(site, "music")
    told = recorded(site, "busy_wait", "press_1_to_leave")
    assert heard.pcm == music[: 2 * 2 * 8000] + told + music
    assert aloud.next() is not None, "it still sounds"


@pytest.mark.parametrize("typed", [True, False])
def test_without_a_player_the_words_say_so_and_text_goes_on(
    programs: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: bool,
) -> None:
    assert walk(monkeypatch, "2", "q", sound="auto", typed=typed) == 0
    out, err = capsys.readouterr()
    assert "♪ connecting: 正在为您转接人工" in out
    assert ("没有声音，只有文字 / no sound, text only" in err) is typed


def test_sound_that_is_asked_for_and_cannot_be_is_an_error(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert walk(monkeypatch, "2", sound="yes") == 2
    assert "没有安装播放程序" in capsys.readouterr().err


def test_sound_can_be_forbidden(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(programs, "paplay", RECORDS)
    assert walk(monkeypatch, "2", sound="no", typed=True) == 0
    assert list((programs.parent / "kept").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "does"),
    [
        ("aplay", "exit 1"),
        ("ffplay", 'echo "No more combinations to try, audio open failed" >&2'),
        ("paplay", "exec sleep 1000"),
    ],
)
def test_a_player_that_does_not_work_here_is_passed_over(
    programs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, does: str
) -> None:
    monkeypatch.setattr(sound_out, "PROBE", 0.3)
    install(programs, name, does)
    with pytest.raises(NoSound, match=f"{name} 打不开声音设备"):
        find_player(tmp_path)
    monkeypatch.setattr(sound_out, "PROBE", 30.0)
    install(programs, "afplay", "exit 0")
    if name != "paplay":
        assert find_player(tmp_path).name == "afplay"


def test_a_player_that_hangs_keeps_nobody_waiting(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sound_out, "MORE", -60.0)
    install(programs, "paplay", f"{RECORDS}; [ $n = 0 ] && exit 0; exec sleep 1000")
    assert walk(monkeypatch, "1", "路灯坏了", "#", "…", sound="auto", typed=True) == 0
    out = capsys.readouterr().out
    assert "message_left" in out
    assert "没有声音了：paplay 没有回应 / paplay does not end" in out


def test_a_player_that_fails_later_is_told_of_once_and_text_goes_on(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install(programs, "paplay", f"{RECORDS}; [ $n -lt 2 ]")
    assert walk(monkeypatch, "1", "路灯坏了", "…", "…", sound="yes") == 0
    out = capsys.readouterr().out
    assert out.count("没有声音了：paplay 播放失败 / paplay failed") == 1
    assert out.index("没有声音了") < out.index("message_left")
