"""The real media worker on loopback: sound in, sound out, files that play."""

import signal
import socket
import time
from itertools import pairwise
from pathlib import Path
from select import select

import pytest

from calls.ids import LegId
from media import commands as c
from media import dtmf, g711, mix, rtcp, rtp, wav
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

# --- prompts ---------------------------------------------------------------------------------


def test_a_prompt_is_heard_as_it_is_in_its_files_and_its_end_is_told(
    worker: Worker, tmp_path: Path
) -> None:
    paths = []
    for number, hertz in enumerate((440, 880)):
        paths.append(str(tmp_path / f"{number}.wav"))
        Path(paths[-1]).write_bytes(wav.write(tone(hertz, 0.3)))
    phone = Phone(worker, "a").connect()
    talk([phone], 0.1)
    worker.send(c.Play(phone.leg, 5, tuple(paths), False))
    talk([phone], lambda: bool(worker.found(c.PlaybackFinished)))
    assert worker.found(c.PlaybackFinished) == [c.PlaybackFinished(phone.leg, 5)]
    expected = b"".join(g711.frames(tone(440, 0.3), "PCMA") + g711.frames(tone(880, 0.3), "PCMA"))
    stream = b"".join(p.payload for p in phone.packets)
    assert expected in stream
    assert phone.packets[0].marker
    for before, packet in pairwise(phone.packets):
        step = (packet.timestamp - before.timestamp) % 2**32
        assert packet.marker == (step != 160), "whatever was not sent is a marked gap, no other"


def test_stopping_is_heard_within_a_few_frames(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "music.wav"
    path.write_bytes(wav.write(tone(440, 0.2)))
    phone = Phone(worker, "a", "PCMU").connect()
    worker.send(c.Play(phone.leg, 1, (str(path),), True))
    talk([phone], 0.7)
    worker.send(c.StopPlaying(phone.leg))
    talk([phone], 0.3)
    loud = [g711.loudness(p.payload, "PCMU") > 1000 for p in phone.packets]
    assert loud.count(True) > 20, "the music looped"
    assert not any(loud[-8:])
    assert worker.found(c.PlaybackFinished) == []


def test_prompts_that_cannot_be_played_say_why(worker: Worker, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.wav"
    wrong.write_bytes(wav.write(tone(440, 0.1), rate=96000))
    leg = Phone(worker, "a").connect().leg
    worker.send(
        c.Play(leg, 1, (str(tmp_path / "none.wav"),), False),
        c.Play(leg, 2, (str(wrong),), False),
        c.Play(leg, 3, (), False),
        c.Play(LegId("nobody"), 4, (str(wrong),), False),
    )
    why = {e.playback: e.why for e in worker.wait(c.PlaybackFailed, 3)}
    assert "96000 Hz, need 8000" in why[2]
    assert why[3] == "nothing to play" and why[4] == "no such leg"


# --- keys, strangers, silence ---------------------------------------------------------------------


def test_a_key_is_told_once_and_quickly(worker: Worker) -> None:
    phone = Phone(worker, "a").connect()
    began = worker.utc()
    for duration in (160, 320, 480, 480, 480):
        phone.send(dtmf.build("5", duration, end=duration == 480), kind=101, timestamp=8000)
    (heard,) = worker.wait(c.KeyHeard)
    talk([phone], 0.1)
    assert worker.found(c.KeyHeard) == [heard]
    assert heard.key == "5" and began <= heard.at <= worker.utc()
    assert len(worker.found(c.FirstPacket)) == 1


def test_packets_from_another_address_are_dropped_and_counted(worker: Worker) -> None:
    phone = Phone(worker, "a").connect()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        for n in range(6):
            packet = rtp.Packet(8, False, n, n * 160, 5, bytes(160))
            stranger.sendto(bytes(packet), phone.to)
            if n == 2:
                talk([phone], 0.1)
                assert worker.found(c.FirstPacket) == []
                phone.send(bytes(160))
                worker.wait(c.FirstPacket)
        phone.send(bytes(160))
        talk([phone], 0.1)
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.recv(100)
    worker.wait(c.WorkerFigures, 2, patience=60.0)
    assert sum(e.dropped for e in worker.found(c.WorkerFigures)) == 6
    worker.send(c.CloseLeg(phone.leg))
    (closed,) = worker.wait(c.LegClosed)
    phone.take()
    assert (closed.received, closed.lost, closed.sent) == (2, 0, len(phone.packets))
    assert steps(phone.packets) == silence_of(len(phone.packets))


def test_a_peer_that_moves_to_another_port_is_followed_once_the_first_is_silent(
    worker: Worker,
) -> None:
    phone = Phone(worker, "a").connect()
    phone.say(tone(440, 0.2))
    talk([phone], 0.9)
    left_behind = phone.end
    phone.end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    phone.end.bind(("127.0.0.1", 0))
    phone.send(bytes(160))
    assert select([phone.end], [], [], 60.0)[0], "the stream follows the peer"
    talk([phone], 0.1)
    while select([left_behind], [], [], 0.05)[0]:
        left_behind.recv(2048)
    talk([phone], 0.2)
    assert not select([left_behind], [], [], 0)[0]
    assert len({p.ssrc for p in phone.packets}) == 1


def test_a_peer_that_goes_over_to_much_longer_packets_is_heard_from_the_first(
    worker: Worker, tmp_path: Path
) -> None:
    phone = Phone(worker, "a").connect()
    for _ in range(2):
        phone.send(bytes(160))
    worker.wait(c.FirstPacket)
    talk([phone], 0.1)
    for n in range(4):
        phone.send(bytes(640), timestamp=480 + n * 640)  # 80 ms
        talk([phone], 0.1)
    worker.send(c.CloseLeg(phone.leg))
    (closed,) = worker.wait(c.LegClosed)
    assert (closed.received, closed.lost) == (6, 0)


def test_a_silent_leg_is_told_of(tmp_path: Path) -> None:
    worker = Worker(no_media_after=1.0, media_lost_after=1.0)
    try:
        phone = Phone(worker, "a").connect()
        (silent,) = worker.wait(c.MediaSilent)
        assert silent.leg == phone.leg and 1.0 <= silent.seconds < 3.0
    finally:
        worker.end()


def test_a_leg_that_cannot_be_opened_or_connected_says_why(worker: Worker) -> None:
    worker.send(c.OpenLeg(LegId("a"), "192.0.2.1"))
    (failed,) = worker.wait(c.LegFailed)
    assert failed.leg == "a" and failed.why
    phone = Phone(worker, "b")
    worker.send(c.ConnectLeg(phone.leg, "PCMA", 101, "not.an.address", 4000, True, True))
    assert "not.an.address" in worker.wait(c.LegFailed, 2)[1].why
    worker.send(*(c.OpenLeg(LegId(f"many-{n}"), "127.0.0.1") for n in range(25)))
    worker.wait(c.LegFailed, 3)
    assert {e.why for e in worker.found(c.LegFailed)[2:]} == {"no port is free"}


def test_a_leg_that_closes_says_goodbye_by_rtcp(worker: Worker) -> None:
    phone = Phone(worker, "a").connect()
    ours, theirs = phone.end.getsockname()[1] + 1, ("127.0.0.1", phone.to[1] + 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        try:
            control.bind(("127.0.0.1", ours))
        except OSError:
            pytest.skip(f"port {ours} is taken on this machine")
        control.settimeout(60)
        said = rtcp.Report(77, rtcp.Sent(time.time(), 0, 1, 160), ())
        control.sendto(rtcp.build(said, "phone"), theirs)
        phone.send(bytes(160))
        worker.wait(c.FirstPacket)
        talk([phone], 0.1)
        worker.send(c.CloseLeg(phone.leg))
        report, goodbye = rtcp.parse(control.recv(2048))
    phone.take()
    assert isinstance(report, rtcp.Report) and report.sent
    assert report.sent.packets == len(phone.packets)
    assert goodbye == rtcp.Goodbye(report.ssrc)
    (block,) = report.blocks
    assert (block.ssrc, block.lost) == (77, 0) and 0 < block.delay < 65536


# --- bridge ---------------------------------------------------------------------------------------


def test_two_bridged_legs_of_different_laws_hear_each_other(worker: Worker) -> None:
    left, right = Phone(worker, "l").connect(), Phone(worker, "r", "PCMU").connect()
    talk([left, right], 0.1)
    worker.send(c.Bridge(left.leg, right.leg))
    left.say(tone(440, 0.6))
    right.say(tone(880, 0.6))
    talk([left, right], 0.8)
    assert strength(right.heard()[-6400:], 440) > 3000
    assert strength(right.heard()[-6400:], 880) < 300
    assert strength(left.heard()[-6400:], 880) > 3000
    assert strength(left.heard()[-6400:], 440) < 300
    before = len(right.packets)
    worker.send(c.CloseLeg(left.leg))
    talk([right], lambda: len(right.packets) >= before + 28)
    silence = right.packets[before:]
    assert {p.payload for p in silence} == {g711.SILENCE["PCMU"]}, "the leg that stays"
    assert steps(silence) == silence_of(len(silence), after_voice=True)


def test_a_third_in_a_talk_is_switched_live_and_the_others_talk_on_without(
    worker: Worker,
) -> None:
    citizen, agent = Phone(worker, "c").connect(), Phone(worker, "a", "PCMU").connect()
    chief = Phone(worker, "s").connect()
    phones = [citizen, agent, chief]
    talk(phones, 0.1)
    worker.send(c.Bridge(citizen.leg, agent.leg))
    for phone, hertz in zip(phones, (440, 880, 1320), strict=True):
        phone.say(tone(hertz, 3.0, loud=5000))
    legs = (citizen.leg, agent.leg, chief.leg)
    for how, heard in ((mix.Supervision.WHISPER, False), (mix.Supervision.BARGE, True)):
        worker.send(c.Confer("talk", mix.supervised(*legs, how)))
        talk(phones, 0.8)
        assert strength(agent.heard()[-6400:], 1320) > 2500
        assert strength(chief.heard()[-6400:], 440) > 2500
        assert strength(chief.heard()[-6400:], 880) > 2500
        assert (strength(citizen.heard()[-6400:], 1320) > 2500) is heard
    worker.send(c.CloseLeg(chief.leg))
    talk([citizen, agent], 0.8)
    assert strength(citizen.heard()[-6400:], 880) > 2500
    assert strength(citizen.heard()[-6400:], 1320) < 300


# --- recordings ---------------------------------------------------------------------------


def test_a_recording_has_the_citizen_left_and_the_agent_right(
    worker: Worker, tmp_path: Path
) -> None:
    path = tmp_path / "call.wav"
    left, right = Phone(worker, "l").connect(), Phone(worker, "r", "PCMU").connect()
    worker.send(c.StartRecording("rec", str(path), left.leg), c.Tap(left.leg, True))
    left.say(tone(440, 2.4))
    talk([left, right], 1.0)
    worker.send(c.AddToRecording("rec", right.leg), c.Tap(right.leg, True))
    right.say(tone(880, 1.2))
    talk([left, right], 1.5)
    worker.send(c.StopRecording("rec"))
    (closed,) = worker.wait(c.RecordingClosed)
    assert (closed.recording, closed.path, closed.trouble) == ("rec", str(path), None)
    citizen, agent = channels(path)
    assert len(citizen) == len(agent) == round(closed.seconds * 16000)
    assert 2.2 < closed.seconds < 3.2
    assert strength(citizen[1600:33600], 440) > 6500 and strength(citizen, 880) < 200
    assert agent[:12000] == bytes(12000), "silence before the agent came"
    assert strength(agent[20000:34000], 880) > 6500 and strength(agent, 440) < 200
    taps = [e for e in worker.found(c.TapAudio) if e.leg == right.leg]
    start = round(taps[2].start * 16000)
    assert agent[start : start + len(taps[2].pcm)] == taps[2].pcm, (
        "the times of a tap are the file's"
    )


def test_a_killed_worker_leaves_a_file_that_plays_and_lacks_less_than_a_second(
    worker: Worker, tmp_path: Path
) -> None:
    path = tmp_path / "call.wav"
    phone = Phone(worker, "a").connect()
    worker.send(c.StartRecording("rec", str(path), phone.leg))
    phone.say(tone(440, 5))
    took = talk([phone], 2.6)
    worker.process.send_signal(signal.SIGKILL)
    worker.process.wait(60)
    citizen, _ = channels(path)
    assert len(citizen) / 16000 >= took - 1.0
    assert strength(citizen[3200:], 440) > 6500


def test_a_full_disk_ends_the_recording_loudly_and_the_call_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    worker = Worker(files=60000)
    try:
        phone = Phone(worker, "a").connect()
        worker.send(c.StartRecording("rec", str(path), phone.leg))
        worker.send(c.StartRecording("other", "/dev/full", phone.leg))
        phone.say(tone(440, 4))
        talk([phone], lambda: len(worker.found(c.RecordingClosed)) == 2)
        refused, closed = worker.found(c.RecordingClosed)
        assert refused == c.RecordingClosed("other", "/dev/full", 0.0, "a recording is under way")
        assert closed.trouble == "file too large" and 0.8 < closed.seconds < 2
        citizen, _ = channels(path)
        assert len(citizen) == round(closed.seconds * 16000)
        worker.send(c.StartRecording("full", "/dev/full", phone.leg))
        talk([phone], lambda: len(worker.found(c.RecordingClosed)) == 3)
        assert worker.found(c.RecordingClosed)[2].trouble == "disk full"
        before = len(phone.packets)
        talk([phone], lambda: len(phone.packets) >= before + 4)
        assert steps(phone.packets) == silence_of(len(phone.packets)), "the call goes on"
    finally:
        worker.end()


def test_a_recording_is_never_written_over_another(worker: Worker, tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(b"another call")
    phone = Phone(worker, "a").connect()
    worker.send(c.StartRecording("rec", str(path), phone.leg))
    (closed,) = worker.wait(c.RecordingClosed)
    assert closed.trouble == "File exists" and path.read_bytes() == b"another call"


@pytest.mark.parametrize("how", ["told to", "engine gone", "leg closed"])
def test_recordings_are_closed_however_it_ends(worker: Worker, tmp_path: Path, how: str) -> None:
    path = tmp_path / "call.wav"
    phone = Phone(worker, "a").connect()
    worker.send(c.StartRecording("rec", str(path), phone.leg))
    phone.say(tone(440, 5))
    took = talk([phone], 0.6)
    if how == "engine gone":
        worker.stream.close()
        assert worker.process.wait(60) == 0
    else:
        worker.send(c.Shutdown() if how == "told to" else c.CloseLeg(phone.leg))
        (closed,) = worker.wait(c.RecordingClosed)
        assert closed.trouble is None
        worker.wait(c.LegClosed)
    citizen, _ = channels(path)
    assert len(citizen) / 16000 >= took - 0.2


def test_signals_that_are_meant_for_the_engine_do_not_end_the_worker(worker: Worker) -> None:
    worker.wait(c.WorkerFigures)
    for number in (signal.SIGTERM, signal.SIGINT):
        worker.process.send_signal(number)
    Phone(worker, "a")
    assert worker.process.poll() is None


def test_a_path_that_cannot_be_one_troubles_nobody_else(worker: Worker, tmp_path: Path) -> None:
    phone = Phone(worker, "a").connect()
    worker.send(
        c.Play(phone.leg, 1, ("/a\0b.wav",), False), c.StartRecording("r1", "/a\0b", phone.leg)
    )
    assert "null" in worker.wait(c.PlaybackFailed)[0].why
    assert "null" in (worker.wait(c.RecordingClosed)[0].trouble or "")
    worker.send(c.StartRecording("r2", str(tmp_path / "a.wav"), phone.leg))
    worker.send(c.StopRecording("r2"))
    assert worker.wait(c.RecordingClosed, 2)[1].trouble is None


BROKEN = """
from media import backlog
whole = backlog.Backlog.take_row
def take_row(self, *those):
    if self.octets[11] == 66:
        raise RuntimeError("a fault of ours")
    return whole(self, *those)
backlog.Backlog.take_row = take_row
"""


@pytest.mark.parametrize("recorded", [True, False])
def test_a_fault_in_what_a_leg_put_off_ends_that_leg_only_and_the_engine_is_told(
    tmp_path: Path, recorded: bool
) -> None:
    worker = Worker(before=BROKEN)
    broken, whole = Phone(worker, "broken").connect(), Phone(worker, "whole").connect()
    broken.ssrc = 66
    for phone in (broken, whole):
        phone.say(tone(440, 3.0))
        if recorded:
            path = str(tmp_path / f"{phone.leg}.wav")
            worker.send(c.StartRecording(phone.leg, path, phone.leg))
    talk([broken, whole], lambda: bool(worker.found(c.LegClosed)))
    said = [e for e in worker.events if isinstance(e, c.MediaSilent | c.LegClosed)]
    assert [(type(e), e.leg) for e in said] == [
        (c.MediaSilent, broken.leg),
        (c.LegClosed, broken.leg),
    ]
    before = len(whole.packets)
    talk([whole], lambda: len(whole.packets) >= before + 4)
    assert steps(whole.packets) == silence_of(len(whole.packets)), "the other leg goes on"
    worker.send(c.Shutdown())
    worker.process.wait(60)
    while worker.look(0.1):
        pass
    closed = {e.recording: e for e in worker.found(c.RecordingClosed)}
    if recorded:
        assert closed["broken"].trouble is closed["whole"].trouble is None
        assert strength(channels(tmp_path / "whole.wav")[0][4000:16000], 440) > 7000


def test_a_leg_with_a_port_that_is_ready_is_open_before_the_worker_says_a_word(
    worker: Worker, tmp_path: Path
) -> None:
    Phone(worker, "first").connect()
    (ready,) = worker.wait(c.PortsReady)
    port, stale = ready.ports[0], socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with stale, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        stale.sendto(
            bytes(rtp.Packet(8, False, 1, 1, 1, g711.SILENCE["PCMA"])), (ready.address, port)
        )
        peer.bind(("127.0.0.1", 0))
        leg = LegId("second")
        terms = c.ConnectLeg(leg, "PCMA", 101, "127.0.0.1", peer.getsockname()[1], True, True)
        worker.send(c.OpenLeg(leg, ready.address, port), terms)
        peer.settimeout(10)
        assert peer.recvfrom(200)[1] == (ready.address, port)
        worker.send(c.CloseLeg(leg))
        closed = [e for e in worker.wait(c.LegClosed) if e.leg == leg]
    assert closed[0].received == 0, "what had come while it was nobody's was thrown away"
    assert [e.leg for e in worker.found(c.LegOpened)] == ["first"], "the second needs no word"
    worker.send(c.OpenLeg(LegId("third"), ready.address, port))
    (failed,) = worker.wait(c.LegFailed)
    assert failed.why == f"port {port} is no spare", "it was ready once"
