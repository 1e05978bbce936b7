"""G.711 and WAV files."""

import io
import struct
import wave

import pytest

from media import g711, wav
from media.commands import CodecName

CODECS: tuple[CodecName, ...] = ("PCMA", "PCMU")
RAMP = b"".join(struct.pack("<h", n) for n in range(-32000, 32000, 50))


def samples(pcm: bytes) -> list[int]:
    return [s for (s,) in struct.iter_unpack("<h", pcm)]


@pytest.mark.parametrize("codec", CODECS)
def test_what_is_encoded_sounds_the_same_decoded(codec: CodecName) -> None:
    heard = samples(g711.decode(g711.encode(RAMP, codec), codec))
    assert all(
        abs(a - b) <= max(16, abs(a) // 16) for a, b in zip(samples(RAMP), heard, strict=True)
    )


def test_the_tables_between_the_laws_keep_the_sound() -> None:
    for source, target in (("PCMA", "PCMU"), ("PCMU", "PCMA")):
        voice = g711.encode(RAMP, source)  # type: ignore[arg-type]
        crossed = voice.translate(g711.TRANSLATE[source, target])  # type: ignore[index]
        heard = samples(g711.decode(crossed, target))  # type: ignore[arg-type]
        assert all(
            abs(a - b) <= max(32, abs(a) // 10) for a, b in zip(samples(RAMP), heard, strict=True)
        )


@pytest.mark.parametrize("codec", CODECS)
def test_the_halves_of_a_sample_make_it_whole(codec: CodecName) -> None:
    every = bytes(range(256))
    halves = zip(every.translate(g711.LOW[codec]), every.translate(g711.HIGH[codec]), strict=True)
    assert b"".join(map(bytes, halves)) == g711.decode(every, codec)


@pytest.mark.parametrize("codec", CODECS)
def test_silence_is_silent(codec: CodecName) -> None:
    assert g711.loudness(g711.SILENCE[codec], codec) <= 8


def test_a_prompt_is_cut_into_frames_and_the_last_is_filled_up() -> None:
    frames = g711.frames(bytes(2 * 200), "PCMA")
    assert [len(frame) for frame in frames] == [160, 160]
    assert frames[1][40:] == g711.SILENCE["PCMA"][40:]
    assert g711.frames(b"", "PCMA") == []


def test_a_file_we_write_is_one_that_others_read() -> None:
    with wave.open(io.BytesIO(wav.write(RAMP, channels=2, rate=16000))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 16000, 2)
        assert file.readframes(file.getnframes()) == RAMP


def test_a_file_others_write_is_one_that_we_read() -> None:
    octets = io.BytesIO()
    with wave.open(octets, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(RAMP)
    sound = wav.read(octets.getvalue())
    assert (sound.rate, sound.channels, sound.pcm) == (8000, 2, RAMP)
    assert sound.seconds == pytest.approx(len(RAMP) / 4 / 8000)


def test_chunks_before_the_data_are_skipped_and_a_cut_file_is_read_as_far_as_it_goes() -> None:
    whole = wav.write(RAMP)
    chunk = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert wav.read_prompt(whole[:36] + chunk + whole[36:]) == wav.Sound(8000, 1, RAMP)
    assert wav.read_prompt(whole[:-7]).pcm == RAMP[:-8]


def test_the_extensible_form_of_pcm_is_read() -> None:
    layout = struct.pack("<HHIIHHHHIH", 0xFFFE, 1, 8000, 16000, 2, 16, 22, 16, 4, 1) + bytes(14)
    body = b"fmt " + struct.pack("<I", 40) + layout + b"data" + struct.pack("<I", 4) + b"abcd"
    whole = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WAVE" + body
    assert wav.read_prompt(whole).pcm == b"abcd"


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "not a WAV file"),
        (b"ID3" + bytes(40), "not a WAV file"),
        (b"RIFF\0\0\0\0WAVE", "no format chunk"),
        (wav.write(b"")[:36], "no data chunk"),
        (wav.write(b"ab", rate=4000), "4000 Hz, need 8000"),
        (wav.write(b"abcd", channels=2), "2 channels, need 1"),
        (wav.write(b""), "no samples"),
        (wav.write(b"ab", rate=0), "1 channels at 0 Hz"),
        (wav.write(b"ab")[:20] + b"\x07\0" + wav.write(b"ab")[22:], "format 7 with 16 bits"),
        (wav.write(b"ab")[:34] + b"\x08\0" + wav.write(b"ab")[36:], "format 1 with 8 bits"),
    ],
)
def test_a_prompt_that_cannot_be_played_says_why(octets: bytes, why: str) -> None:
    with pytest.raises(wav.BadWav, match=why):
        wav.read_prompt(octets)
