"""Bad days of the voice: killed processes, a full disk, floods, phones that move."""

import os
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.call_bench import Dialler
from bench.media_bench import Caller, exchange
from media import commands as c
from media import g711, rtp
from tests.helpers.media_phones import (
    Phone,
    Worker,
    channels,
    silence_of,
    steps,
    strength,
    talk,
    tone,
)
from tests.helpers.ports import many_voices
from tests.helpers.serving import ROOT, Serving, until

pytestmark = pytest.mark.slow
CALLS = 50
FRAMES = g711.frames(tone(440, 2.0), "PCMA")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Serving]:
    """Serve the site of the load runs, where every call is recorded and hears a prompt."""
    site = tmp_path / "site"
    shutil.copytree(ROOT / "bench" / "site", site)
    settings = site / "site.yaml"
    settings.write_text(settings.read_text().replace("{ivr: ivr,", '{"12345": ivr, ivr: ivr,'))
    with Serving(tmp_path / "data", config=site, rtp=many_voices()) as serving:
        yield serving


def fifty_calls(engine: Serving, first: int = 0) -> tuple[Dialler, list[Caller]]:
    dialler = Dialler(("127.0.0.1", engine.sip_port))
    callers = [Caller(first + n) for n in range(CALLS)]
    for caller in callers:
        dialler.dial(caller)
    return dialler, callers


def heard_of(pcm: bytes) -> float:
    """Return the share of its 50 ms in which the tone is; a busy machine sends some late."""
    pieces = [pcm[at : at + 800] for at in range(0, len(pcm) - 800, 800)]
    return sum(strength(piece, 440) > 6000 for piece in pieces) / len(pieces)


def assert_all_is_recorded_but_a_second(engine: Serving, calls: list[object], said: float) -> None:
    for call in calls:
        citizen, _ = channels(engine.recording(call))  # type: ignore[arg-type]
        assert len(citizen) / 16000 >= said - 1.0
        assert heard_of(citizen[8000:]) > 0.5, "the caller's tone is in the file"


def test_with_its_media_worker_killed_fifty_calls_end_with_a_reason_and_new_ones_come(
    engine: Serving,
) -> None:
    _, callers = fifty_calls(engine)
    exchange(callers, FRAMES, 4.0)
    (killed,) = engine.media_workers()
    os.kill(killed, signal.SIGKILL)
    calls = engine.ended(CALLS)
    assert Counter(call.call.record.reason for call in calls) == {"worker_lost": CALLS}
    assert_all_is_recorded_but_a_second(engine, list(calls), 4.0)
    until(lambda: set(engine.media_workers()) - {killed}, 10.0, "a new worker")
    dialler, again = fifty_calls(engine, first=CALLS)
    exchange(again, FRAMES, 1.0)
    assert all(len(caller.came) > 25 for caller in again), "every new call is heard"
    for caller in again:
        dialler.hang_up(caller)
    assert len(engine.ended(2 * CALLS)) == 2 * CALLS


def test_of_two_media_workers_one_that_is_killed_takes_only_its_own_calls_along(
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / "bench" / "site", site)
    settings = site / "site.yaml"
    text = settings.read_text().replace("{ivr: ivr,", '{"12345": ivr, ivr: ivr,')
    settings.write_text(text.replace("rtp: {", "rtp: {workers: 2, "))
    with Serving(tmp_path / "data", config=site, rtp=many_voices()) as serving:
        dialler, callers = fifty_calls(serving)
        exchange(callers, FRAMES, 2.0)
        killed, left = serving.media_workers()
        os.kill(killed, signal.SIGKILL)
        calls = serving.ended(CALLS // 2)
        assert Counter(call.call.record.reason for call in calls) == {"worker_lost": CALLS // 2}
        for caller in callers:
            caller.forget()
        exchange(callers, FRAMES, 2.0)
        heard = [caller for caller in callers if len(caller.came) > 50]
        assert len(heard) == CALLS // 2, "the others go on as if nothing had been"
        until(lambda: len(serving.media_workers()) == 2, 10.0, "a new worker")
        assert left in serving.media_workers()
        for caller in heard:
            dialler.hang_up(caller)
        reasons = Counter(call.call.record.reason for call in serving.ended(CALLS))
        assert reasons["worker_lost"] == CALLS // 2


def test_killed_under_fifty_calls_the_engine_has_all_that_was_said_but_a_second(
    engine: Serving,
) -> None:
    _, callers = fifty_calls(engine)
    exchange(callers, FRAMES, 4.0)
    engine.kill()
    engine.start()
    calls = engine.ended(CALLS)
    assert Counter(call.call.record.reason for call in calls) == {"interrupted": CALLS}
    assert_all_is_recorded_but_a_second(engine, list(calls), 4.0)


# --- one worker ------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 64 KiB, where that is allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no disk may be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_with_no_octet_free_recording_stops_loudly_and_the_call_goes_on(
    worker: Worker, small_disk: Path
) -> None:
    path = small_disk / "call.wav"
    phone = Phone(worker, "a").connect()
    worker.send(c.StartRecording("first", str(path), phone.leg))
    phone.say(tone(440, 10))
    talk([phone], lambda: bool(worker.found(c.RecordingClosed)))
    (closed,) = worker.found(c.RecordingClosed)
    assert closed.trouble == "disk full" and closed.seconds > 0.8
    citizen, _ = channels(path)
    assert len(citizen) >= round(closed.seconds * 16000)
    assert heard_of(citizen[3200 : round(closed.seconds * 16000)]) > 0.5
    worker.send(c.StartRecording("second", str(small_disk / "two.wav"), phone.leg))
    talk([phone], lambda: len(worker.found(c.RecordingClosed)) == 2)
    assert worker.found(c.RecordingClosed)[1].trouble == "disk full"
    before = len(phone.packets)
    talk([phone], lambda: len(phone.packets) >= before + 4)
    assert steps(phone.packets) == silence_of(len(phone.packets)), "the call goes on"
    assert worker.found(c.DiskLow), "and whoever runs it is told"


def test_ten_thousand_packets_of_strangers_change_nothing(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    phone = Phone(worker, "a").connect()
    worker.send(c.StartRecording("rec", str(path), phone.leg))
    phone.say(tone(440, 4))
    talk([phone], 0.5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        stranger.setblocking(False)
        loud = g711.encode(tone(1900, 0.02), "PCMA")
        sent = 0

        def flood() -> bool:
            nonlocal sent
            for _ in range(200):  # 10,000 a second
                sent += 1
                packet = rtp.Packet(8, False, sent % 65536, sent * 160, 77, loud)
                stranger.sendto(bytes(packet), phone.to)
            return sent >= 10_000

        talk([phone], flood)
        with pytest.raises(BlockingIOError):
            stranger.recv(100)
    worker.send(c.CloseLeg(phone.leg))
    (closed,) = worker.wait(c.LegClosed)
    assert closed.received <= phone.count and closed.lost == 0
    worker.wait(c.RecordingClosed)
    citizen, _ = channels(path)
    assert heard_of(citizen[3200:]) > 0.5 and strength(citizen, 1900) < 200


def test_a_caller_who_changes_port_in_mid_call_is_heard_and_answered_there(
    worker: Worker, tmp_path: Path
) -> None:
    path = tmp_path / "call.wav"
    phone = Phone(worker, "a").connect()
    worker.send(c.StartRecording("rec", str(path), phone.leg))
    phone.say(tone(440, 10))
    talk([phone], 1.0)
    with phone.end as before:
        phone.end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        phone.end.bind(("127.0.0.1", 0))
        phone.end.setblocking(False)
        moved = len(phone.packets)
        talk([phone], lambda: len(phone.packets) > moved + 25)
        assert before.fileno() != phone.end.fileno()
    worker.send(c.StopRecording("rec"))
    worker.wait(c.RecordingClosed)
    citizen, _ = channels(path)
    assert heard_of(citizen[:12800]) > 0.1, "before"
    assert heard_of(citizen[-8000:]) > 0.5, "and after"
    phone.end.close()
