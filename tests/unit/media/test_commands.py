"""What crosses between engine and worker arrives as it was sent."""

from typing import get_args

import pytest

from calls.ids import LegId
from media import commands as c
from media import wire
from media.worker_settings import WorkerSettings

LEG, OTHER = LegId("leg-1"), LegId("leg-2")
EVERY: list[c.Value] = [
    c.OpenLeg(LEG, "127.0.0.1"),
    c.ConnectLeg(LEG, "PCMA", None, "10.0.0.1", 4000, True, False),
    c.Play(LEG, 7, ("/提示/欢迎.wav", "/b.wav"), True),
    c.StopPlaying(LEG),
    c.Bridge(LEG, OTHER),
    c.Unbridge(LEG),
    c.PauseRecording("rec", True),
    c.DiskLow("/recordings", 5),
    c.Confer("talk-1", ((LEG, (LegId("leg-2"),)), (LegId("leg-2"), (LEG,)))),
    c.Confer("talk-1", ()),
    c.SendKeys(LEG, "12#"),
    c.ConnectLeg(
        LEG, "G722", 96, "::1", 4000, True, True, None, False, 9, 60, True, 4100, "a", "b"
    ),
    c.StartRecording("r-1", "/data/r-1.wav", LEG),
    c.AddToRecording("r-1", OTHER),
    c.LeaveRecording("r-1", OTHER),
    c.StopRecording("r-1"),
    c.Tap(LEG, True),
    c.WatchSpeech(LEG, True, 1.5),
    c.CloseLeg(LEG),
    c.Shutdown(),
    c.OpenLeg(LEG, "127.0.0.1", 30002),
    c.PortsReady("127.0.0.1", (30000, 30002)),
    c.LegOpened(LEG, 30000),
    c.LegFailed(LEG, "no port is free"),
    c.PlaybackFinished(LEG, 7),
    c.PlaybackFailed(LEG, 7, "没有文件"),
    c.KeyHeard(LEG, "#", 1790000000.25),
    c.SpeechStarted(LEG, 1.0),
    c.SpeechStopped(LEG, 2.0),
    c.FirstPacket(LEG, 1.0),
    c.MediaSilent(LEG, 20.0),
    c.RecordingClosed("r-1", "/data/r-1.wav", 12.5, None),
    c.TapAudio(LegId("腿"), 0.1, bytes(range(256))),
    c.LegClosed(LEG, 10, 20, 1, 0.001, 0.02, 0.003),
    c.WorkerFigures(100, 25000, 0.5, 3.0, 2, 12.5),
]


def test_the_list_above_has_every_kind_of_value() -> None:
    assert {type(value) for value in EVERY} == set(get_args(c.Value))


@pytest.mark.parametrize("value", EVERY, ids=lambda v: type(v).__name__)
def test_a_value_is_read_as_it_was_written(value: c.Value) -> None:
    assert wire.from_wire(wire.to_wire(value)) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'["Nothing"]',
        b'["CloseLeg"]',
        b'["CloseLeg","a","b"]',
        b'["Play","a",1]',
        b'["Play","a",1,null,true]',
        b'["Confer","a",["b"]]',
        b"[[]]",
        b"\x01",
        b"\x01\x00\x09" + bytes(8) + b"short",
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_no_value_is_refused(body: bytes) -> None:
    with pytest.raises(wire.UnknownMessage):
        wire.from_wire(body)


@pytest.mark.parametrize("step", [1, 3, 7, 1000])
def test_frames_are_found_however_the_stream_is_cut(step: int) -> None:
    stream = b"".join(map(wire.frame, EVERY))
    frames, found = wire.Frames(), []
    for at in range(0, len(stream), step):
        found += [wire.from_wire(body) for body in frames.feed(stream[at : at + step])]
    assert found == EVERY


def test_a_wild_length_is_refused_before_it_is_waited_for() -> None:
    with pytest.raises(wire.UnknownMessage):
        wire.Frames().feed(b"\xff\xff\xff\xff")


def test_settings_survive_the_command_line() -> None:
    settings = WorkerSettings(30000, 30100, 1.5, max_legs=7)
    assert wire.settings_from_text(wire.settings_to_text(settings)) == settings
