"""Closed recordings become smaller files that are as long; the WAV goes last, or stays."""

import hashlib
import json
import shutil
import subprocess
import wave
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import StaticPool, create_engine
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred, succeed

from calls.events import Arrived, Ended, Fact, RecordingStarted, RecordingStopped, Transcribed
from calls.ids import CallId
from calls.reasons import Reason
from config.schema import RecordingFormat
from server import archive, checking, converting, retention
from server.converting import Converter, NotConverted
from storage import recordings, schema, unit_of_work
from storage.engines import prepare_sqlite
from storage.recording_files import forms, kind_of
from tests.helpers.media_phones import strength, tone
from tests.helpers.serving import ROOT

NOW = 1_790_000_000.0
DAY = "2026/11/21"


def recorded(folder: Path, name: str = "c-1", seconds: float = 3.0) -> Path:
    """Write a recording: 440 Hz on the left, 880 on the right."""
    path = folder / DAY / f"{name}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    left, right = tone(440, seconds), tone(880, seconds)
    pairs = (left[at : at + 2] + right[at : at + 2] for at in range(0, len(left), 2))
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join(pairs))
    return path


def decoded(path: Path) -> tuple[bytes, bytes]:
    """Return both channels of a file as ffmpeg reads it."""
    form = ["-f", "s16le", "-ar", "8000", "-ac", "2", "pipe:1"]
    pcm = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), *form], check=True, capture_output=True
    ).stdout
    samples = [pcm[at : at + 2] for at in range(0, len(pcm), 2)]
    return b"".join(samples[::2]), b"".join(samples[1::2])


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(x) for x in (path.parent / "manifest.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("form", ["opus", "mp3"])
def test_a_converted_recording_is_as_long_and_sounds_alike_on_both_sides(
    tmp_path: Path, form: RecordingFormat
) -> None:
    path = recorded(tmp_path)
    before = path.read_bytes()
    target = Converter(form).convert(path)
    assert forms(path) == (target,) and target.suffix == f".{form}", "the WAV is gone"
    left, right = decoded(target)
    assert abs(len(left) / 16000 - 3.0) < 0.15
    assert 6500 < strength(left[8000:40000], 440) < 9500 and strength(left[8000:40000], 880) < 900
    assert 6500 < strength(right[8000:40000], 880) < 9500
    assert target.stat().st_size < len(before) / 3
    (line,) = lines(path)
    assert (line["file"], line["from"]) == (target.name, path.name)
    assert line["from_sha256"] == hashlib.sha256(before).hexdigest()
    assert line["sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert not list(path.parent.glob("*.part"))


def false_ffmpeg(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program in the place of ffmpeg; `$real` in it is the true one."""
    program = folder / "bin" / "ffmpeg"
    program.parent.mkdir()
    real = shutil.which("ffmpeg")
    program.write_text(f"#!/bin/sh\nreal={real}\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(converting, "ffmpeg", lambda: str(program))


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ('exec "$real" -t 1 "$@"', "1.0. s of 3.00 s"),
        ("exit 3", "ffmpeg ended with 3"),
        (
            'for last; do :; done; case "$last" in pipe:*) ;; *) echo nothing > "$last" ;; esac',
            "0.00 s of 3.00 s",
        ),
    ],
)
def test_what_does_not_decode_to_the_same_length_takes_nobodys_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, why: str
) -> None:
    path = recorded(tmp_path)
    before = path.read_bytes()
    false_ffmpeg(tmp_path, monkeypatch, script)
    with pytest.raises(NotConverted, match=why):
        Converter("opus").convert(path)
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_without_ffmpeg_the_recording_stays_and_the_check_names_the_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converting.shutil, "which", lambda _: None)
    path = recorded(tmp_path)
    with pytest.raises(NotConverted, match="no ffmpeg"):
        Converter("mp3").convert(path)
    assert path.is_file()
    site = tmp_path / "site"
    shutil.copytree(ROOT / "config" / "site", site)
    settings = site / "site.yaml"
    settings.write_text(settings.read_text("utf-8").replace("format: wav", "format: opus"), "utf-8")
    report = checking.judged(site, date(2026, 11, 21))
    (fault,) = report.errors
    assert (fault.code, fault.key) == ("ffmpeg-missing", "recording.format")
    monkeypatch.undo()
    assert not checking.judged(site, date(2026, 11, 21)).errors


def test_a_crash_between_any_two_steps_leaves_a_file_that_plays_and_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, (where, what) in enumerate(
        ((converting, "_to_disk"), (Path, "rename"), (converting.manifest, "converted"))
    ):
        path = recorded(tmp_path, f"c-{number}")
        with monkeypatch.context() as broken:

            def crash(*_: object) -> None:
                raise MemoryError("the engine dies here")

            broken.setattr(where, what, crash)
            with pytest.raises(MemoryError):
                Converter("opus").convert(path)
        assert forms(path)[0] == path and decoded(path)[0], "the original is whole"
        target = Converter("opus").convert(path)
        assert forms(path) == (target,)


def test_told_to_stop_it_lets_go_of_the_file_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = recorded(tmp_path)
    false_ffmpeg(tmp_path, monkeypatch, "exec sleep 60")
    converter = Converter("opus")
    began = converting.threading.Event()
    popen = subprocess.Popen

    def begin(*arguments: object, **named: object) -> object:
        process = popen(*arguments, **named)  # type: ignore[call-overload]
        began.set()
        return process

    monkeypatch.setattr(converting.subprocess, "Popen", begin)
    why: list[str] = []

    def convert() -> None:
        try:
            converter.convert(path)
        except NotConverted as error:
            why.append(str(error))

    thread = converting.threading.Thread(target=convert)
    thread.start()
    assert began.wait(20)
    converter.stop()
    thread.join(20)
    assert why == ["ffmpeg ended with -9"] and forms(path) == (path,)


# --- which ones, and what becomes of them ----------------------------------------------------


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    prepare_sqlite(engine, writes=True)
    schema.upgrade(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def keep_call(session: Session, name: str, state: str | None, *, over: bool = True) -> str:
    """Keep a call with a recording; return the recording's name."""
    call, path = CallId(name), f"{DAY}/{name}.wav"
    facts: list[Fact] = [
        Arrived(call, NOW, "1", "12345", "127.0.0.1:5060", f"{name}@x"),
        RecordingStarted(call, NOW, path),
    ]
    if over:
        facts.append(RecordingStopped(call, NOW + 9, path, 3.0, None))
        facts.append(Ended(call, NOW + 9, "caller", Reason.COMPLETED))
    if state is not None:
        facts.append(Transcribed(call, NOW + 10, state, ""))  # type: ignore[arg-type]
    unit_of_work.keep(session, name, list(enumerate(facts, 1)))
    return path


def at_once(job: "object") -> "Deferred[object]":
    return succeed(job())  # type: ignore[operator]


def test_only_what_is_over_and_transcribed_is_converted_and_then_found_by_its_old_name(
    tmp_path: Path, session: Session
) -> None:
    for name in ("done", "pending", "open", "wordless", "unknown"):
        recorded(tmp_path, name, 0.5)
    kept = [
        keep_call(session, "done", "done"),
        keep_call(session, "pending", "pending"),
        keep_call(session, "open", None, over=False),
        keep_call(session, "wordless", None),
    ]
    assert recordings.settled(session, kept, ("zh",)) == {kept[0]}
    look = archive.Archive(
        tmp_path, Converter("opus"), (), lambda question: succeed(question(session)), at_once
    )
    look.look()
    names = sorted(each.name for each in (tmp_path / DAY).glob("*.*") if each.suffix != ".jsonl")
    assert names == ["done.opus", "open.wav", "pending.wav", "unknown.wav", "wordless.opus"]
    (found,) = forms(tmp_path / kept[0])
    assert (found.name, kind_of(found)) == ("done.opus", "audio/ogg")


def test_a_converted_recording_is_purged_with_a_proof_like_any_other(
    tmp_path: Path, session: Session
) -> None:
    path = recorded(tmp_path, "done", 0.5)
    keep_call(session, "done", "done")
    target = Converter("opus").convert(path)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (kept,) = recordings.kept_before(session, NOW + 1)
    assert retention.remove(tmp_path, (kept,)) == (kept,)
    assert forms(path) == ()
    proof = lines(path)[-1]
    assert (proof["file"], proof["sha256"], proof["why"]) == ("done.opus", digest, "retention")


def test_what_is_refused_is_told_of_once_and_not_tried_again(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(tmp_path, "done", 0.5).write_bytes(b"RIFF, cut off")
    keep_call(session, "done", "done")
    warned: list[str] = []
    monkeypatch.setattr(archive.LOG, "warning", lambda _, **named: warned.append(named["why"]))
    look = archive.Archive(
        tmp_path, Converter("opus"), (), lambda question: succeed(question(session)), at_once
    )
    look.look()
    look.look()
    assert len(warned) == 1 and "no whole WAV file" in warned[0]


def test_old_days_are_looked_through_in_turn(tmp_path: Path) -> None:
    days = [f"2026/11/{day:02}" for day in range(1, 6)]
    for day in days:
        (tmp_path / day).mkdir(parents=True)
        (tmp_path / day / "a.wav").touch()
    newest = {"2026/11/05/a.wav", "2026/11/04/a.wav"}
    seen = [set(archive.waiting(tmp_path, turn)) for turn in range(3)]
    assert all(newest < found and len(found) == 3 for found in seen)
    assert set().union(*seen) == {f"{day}/a.wav" for day in days}
