"""G.722 beside G.711: levels, silence, losses, and one codec becoming another."""

import math
import struct
from itertools import product

import pytest

from media import codecs, g711, g722
from media.commands import CodecName
from media.jitter import JitterBuffer

CODECS: tuple[CodecName, ...] = ("PCMA", "PCMU", "G722")


def tone(hertz: float, seconds: float, rate: int = 8000, loud: int = 8000) -> bytes:
    turn = 2 * math.pi * hertz / rate
    count = round(seconds * rate)
    return struct.pack(f"<{count}h", *(int(loud * math.sin(turn * n)) for n in range(count)))


def strength(pcm: bytes, hertz: float, rate: int = 8000) -> float:
    """Amplitude of one frequency, after the first 100 ms."""
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)[rate // 10 :]
    turn = 2 * math.pi * hertz / rate
    real = sum(s * math.cos(turn * n) for n, s in enumerate(samples))
    imaginary = sum(s * math.sin(turn * n) for n, s in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples)


def decoded(frames: list[bytes], codec: CodecName) -> bytes:
    if codec == "G722":
        return g722.Decoder().decode(b"".join(frames))
    return g711.decode(b"".join(frames), codec)


@pytest.mark.parametrize("hertz", [310, 1010, 3010])
@pytest.mark.parametrize(("source", "target"), list(product(CODECS, CODECS)))
def test_a_tone_keeps_its_level_from_each_codec_to_each(
    source: CodecName, target: CodecName, hertz: int
) -> None:
    turned = codecs.transcoder(source, target)
    assert (turned is None) == (source == target), "nothing is done where nothing differs"
    frames = codecs.frames(tone(hertz, 0.6), source)
    heard = decoded([turned(frame) for frame in frames] if turned else frames, target)
    assert abs(20 * math.log10(strength(heard, hertz) / 8000)) < 0.3


@pytest.mark.parametrize("codec", CODECS)
def test_each_frame_is_160_octets_whatever_the_rate_of_the_sound(codec: CodecName) -> None:
    for rate in (8000, 16000):
        frames = codecs.frames(tone(440, 0.205, rate), codec, rate)
        assert [len(frame) for frame in frames] == [160] * 11
    assert codecs.frames(b"", codec) == []


def test_g722_carries_what_is_over_4_khz() -> None:
    frames = codecs.frames(tone(6000, 0.5, 16000), "G722", 16000)
    wide = bytes(g722.G722(16000, 64000).decode(b"".join(frames)))
    assert abs(20 * math.log10(strength(wide, 6000, 16000) / 8000)) < 1
    narrow = codecs.frames(tone(6000, 0.5, 16000), "PCMA", 16000)
    assert g711.loudness(b"".join(narrow[5:]), "PCMA") < 80, "nothing folds back below 4 kHz"


def test_silence_is_silent_after_speech_too() -> None:
    decoder = g722.Decoder()
    decoder.decode(b"".join(codecs.frames(tone(440, 0.5), "G722")))
    after = decoder.decode(g722.SILENCE * 10)
    assert max(map(abs, struct.unpack(f"<{len(after) // 2}h", after)[800:])) < 60, "-55 dBov"
    assert decoder.frame(g722.SILENCE) == g711.SILENCE["PCMA"]


def test_a_lost_frame_fades_and_speech_comes_back_in_its_place() -> None:
    jitter, decoder = JitterBuffer("G722"), g722.Decoder()
    frames = codecs.frames(tone(440, 0.4), "G722")
    heard = []
    for number, frame in enumerate(frames):
        if number not in (8, 9):
            jitter.put(160 * number, frame)
        heard.append(decoder.frame(jitter.pull()))
    levels = [g711.loudness(frame, "PCMA") for frame in heard]
    at = levels.index(next(level for level in levels if level > 4000))
    lost = levels[at + 8 : at + 10]
    assert levels[at + 7] > lost[0] > lost[1] > 0, levels
    assert levels[at + 15] == pytest.approx(8000 / math.sqrt(2), rel=0.06), levels
