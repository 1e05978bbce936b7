"""What the worker leaves on disk: whole, sealed, and without what was not to be kept."""

import hashlib
import json
from pathlib import Path

from media import commands as c
from tests.helpers.media_phones import Phone, Worker, channels, strength, talk, tone


def test_what_is_said_while_a_recording_is_paused_is_not_on_disk(
    worker: Worker, tmp_path: Path
) -> None:
    path = tmp_path / "call.wav"
    phone = Phone(worker, "a").connect()
    worker.send(c.StartRecording("rec", str(path), phone.leg))
    phone.say(tone(440, 1.0))
    talk([phone], 1.2)
    worker.send(c.PauseRecording("rec", True))
    phone.say(tone(880, 1.0))
    talk([phone], 1.2)
    worker.send(c.PauseRecording("rec", False))
    phone.say(tone(1320, 1.0))
    talk([phone], 1.2)
    worker.send(c.StopRecording("rec"))
    worker.wait(c.RecordingClosed)
    citizen, _ = channels(path)
    assert len(citizen) > 3.2 * 16000
    assert strength(citizen, 440) > 1000 and strength(citizen, 1320) > 1000
    assert strength(citizen, 880) < 100


def test_a_closed_recording_is_sealed_in_the_manifest(worker: Worker, tmp_path: Path) -> None:
    phone = Phone(worker, "a").connect()
    for name in ("one", "two"):
        worker.send(c.StartRecording(name, str(tmp_path / f"{name}.wav"), phone.leg))
        phone.say(tone(440, 0.3))
        talk([phone], 0.4)
        worker.send(c.StopRecording(name))
    closed = worker.wait(c.RecordingClosed, 2)
    lines = [json.loads(x) for x in (tmp_path / "manifest.jsonl").read_text().splitlines()]
    assert [line["file"] for line in lines] == ["one.wav", "two.wav"]
    for line, event in zip(lines, closed, strict=True):
        octets = (tmp_path / line["file"]).read_bytes()
        assert line["sha256"] == event.sha256 == hashlib.sha256(octets).hexdigest()
        assert line["octets"] == len(octets) and line["trouble"] is None


def test_a_disk_with_little_room_is_told_of_once(tmp_path: Path) -> None:
    worker = Worker(disk_low=1 << 62)
    try:
        phone = Phone(worker, "a").connect()
        for name in ("one", "two"):
            worker.send(c.StartRecording(name, str(tmp_path / f"{name}.wav"), phone.leg))
            worker.send(c.StopRecording(name))
        closed = worker.wait(c.RecordingClosed, 2)
        assert [event.trouble for event in closed] == [None, None], "recording goes on"
        (low,) = worker.found(c.DiskLow)
        assert low.folder == str(tmp_path) and low.free > 0
    finally:
        worker.end()
