"""Keys as tones: every key, none in speech."""

import math
import random
import struct
from pathlib import Path

import pytest

from calls.ids import LegId
from media import commands as c
from media import dtmf, g711, rtp, wav
from media.sending import Numbers
from media.session import Session
from media.tones import HIGH_GROUP, KEYS, LOW_GROUP, ToneKeys

PROMPTS = Path(__file__).resolve().parents[3] / "config" / "site" / "prompts"
ALL = "".join(KEYS)


def press(
    key: str, seconds: float, loud: tuple[float, float] = (4000, 4000), shift: float = 1.0
) -> list[float]:
    row = next(n for n, keys in enumerate(KEYS) if key in keys)
    low, high = LOW_GROUP[row] * shift, HIGH_GROUP[KEYS[row].index(key)] * shift
    turns = (2 * math.pi * low / 8000, 2 * math.pi * high / 8000)
    return [
        loud[0] * math.sin(turns[0] * n) + loud[1] * math.sin(turns[1] * n)
        for n in range(round(seconds * 8000))
    ]


def hear(samples: list[float]) -> str:
    """Return the keys in what goes through A-law, frame by frame."""
    samples = samples + [0.0] * (-len(samples) % 160)
    clipped = [max(-32768, min(32767, round(s))) for s in samples]
    return hear_pcm(struct.pack(f"<{len(clipped)}h", *clipped))


def hear_pcm(pcm: bytes) -> str:
    keys = ToneKeys()
    frames = (g711.decode(frame, "PCMA") for frame in g711.frames(pcm, "PCMA"))
    return "".join(key for frame in frames if (key := keys.hear(frame)))


@pytest.mark.parametrize("offset", [0, 37, 80, 111, 159])
def test_every_key_of_forty_milliseconds_is_heard_once_wherever_it_begins(offset: int) -> None:
    samples = [0.0] * offset
    for key in ALL:
        samples += press(key, 0.04) + [0.0] * 480
    assert hear(samples) == ALL


def test_a_long_press_is_one_key_and_two_presses_are_two() -> None:
    assert hear(press("5", 2.0)) == "5"
    assert hear(press("5", 0.08) + [0.0] * 480 + press("5", 0.08)) == "55"


@pytest.mark.parametrize("loud", [(4000, 2000), (2000, 4000), (300, 300), (12000, 12000)])
@pytest.mark.parametrize("shift", [0.986, 1.0, 1.014])
def test_unequal_soft_loud_and_mistuned_tones_are_keys(
    loud: tuple[float, float], shift: float
) -> None:
    assert hear(press("7", 0.06, loud, shift)) == "7"


def test_too_short_too_uneven_and_single_tones_are_no_keys() -> None:
    assert hear([0.0] * 30 + press("1", 0.02) + [0.0] * 400) == ""
    assert hear(press("1", 0.2, (8000, 800))) == ""
    assert hear(press("1", 0.2, (8000, 0))) == ""


def test_noise_is_no_key() -> None:
    chance = random.Random(12345)
    assert hear([chance.gauss(0, 3000) for _ in range(80000)]) == ""


@pytest.mark.parametrize("language", ["zh", "en", "ko", "ja"])
def test_speech_is_no_key(language: str) -> None:
    spoken = sorted((PROMPTS / language).glob("*.wav"))
    assert spoken, "there are prompts to listen to"
    for path in spoken:
        assert hear_pcm(wav.read_prompt(path.read_bytes()).pcm) == "", path.name


def test_a_leg_hears_tones_where_asked_and_no_key_twice_when_events_come_too() -> None:
    events: list[c.Event] = []
    leg, peer = LegId("leg"), ("10.0.0.1", 4000)
    session = Session(leg, Numbers(1, 2, 3), events)
    session.connect(c.ConnectLeg(leg, "PCMA", 101, *peer, True, True, tones=True), 0.0)
    pcm = struct.pack("<1600h", *map(round, press("3", 0.1) + [0.0] * 800))
    said = g711.frames(pcm, "PCMA") * 2
    for n, frame in enumerate(said):
        if n == 11:  # the second press comes as an event too
            event = dtmf.build("3", 160)
            session.receive(bytes(rtp.Packet(101, True, 900, 90000, 7, event)), peer, n / 50)
        session.receive(bytes(rtp.Packet(8, False, n, n * 160, 7, frame)), peer, n / 50)
        session.tick(n / 50)
    for n in range(len(said), len(said) + 10):
        session.tick(n / 50)
    assert [e.key for e in events if isinstance(e, c.KeyHeard)] == ["3", "3"]
