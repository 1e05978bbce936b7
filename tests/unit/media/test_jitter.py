"""In-order audio, always as long as the time that passed."""

import math
import random
from itertools import pairwise

import pytest

from media import g711
from media.concealing import STEP
from media.jitter import MOST, JitterBuffer
from tests.helpers.media_phones import strength, tone

SILENT = g711.SILENCE["PCMA"]


def voice(n: int) -> bytes:
    """The frame number n, told apart by its last two octets."""
    return b"\x2a" * 158 + bytes((n // 200, n % 200))


def number(frame: bytes) -> int | None:
    """Return which frame it is, though it may be faded in; None for a filling."""
    plain = frame[STEP:-2] == b"\x2a" * (158 - STEP)
    return frame[-2] * 200 + frame[-1] if plain and frame[-2:] != b"\x2a\x2a" else None


def play(arrivals: list[tuple[float, int]], ticks: int, base: int = 0) -> list[int | None]:
    """Let frame n arrive at a time in frames; pull once a frame, in between."""
    buffer, heard = JitterBuffer("PCMA"), []
    waiting = sorted(arrivals)
    for tick in range(ticks):
        while waiting and waiting[0][0] <= tick:
            _, n = waiting.pop(0)
            buffer.put((base + n * 160) % 2**32, voice(n))
        heard.append(number(buffer.pull()))
    return heard


def said(heard: list[int | None]) -> list[int]:
    return [n for n in heard if n is not None]


@pytest.mark.parametrize("base", [0, 2**32 - 20 * 160, 12345])
def test_even_packets_come_out_in_order_forty_milliseconds_later(base: int) -> None:
    heard = play([(n + 0.5, n) for n in range(100)], 103, base)
    assert heard == [None] * 3 + list(range(100))


def test_disorder_and_doubles_within_the_store_are_mended() -> None:
    arrivals = [(n + 0.5, n) for n in range(40)]
    arrivals[10], arrivals[11] = (10.5, 11), (11.5, 10)
    arrivals.append((20.6, 20))
    assert said(play(arrivals, 43)) == list(range(40))


def test_jitter_within_the_store_loses_nothing() -> None:
    chance = random.Random(7)
    arrivals = [(n + chance.uniform(0, 1.9), n) for n in range(500)]
    heard = said(play(arrivals, 506))
    assert heard == sorted(set(heard)) and len(heard) >= 498


def test_a_lost_packet_is_concealed_and_the_rest_keeps_its_place() -> None:
    arrivals = [(n + 0.5, n) for n in range(40) if n != 20]
    heard = play(arrivals, 43)
    assert heard == [None] * 3 + [n if n != 20 else None for n in range(40)]


def test_concealment_repeats_the_last_frame_fading_for_sixty_milliseconds() -> None:
    buffer = JitterBuffer("PCMA")
    loud = g711.encode(b"\x00\x40" * 80 + b"\x00\xc0" * 80, "PCMA")
    pulled = []
    for n in range(14):
        if n not in (3, 4, 5, 6, 7):
            buffer.put(n * 160, loud)
        pulled.append(buffer.pull())
    while pulled[0] == SILENT:
        pulled.pop(0)
    levels = [g711.loudness(frame, "PCMA") for frame in pulled]
    assert levels[0] == levels[1] == levels[2] > levels[3] > levels[4] > levels[5] > 1000
    assert pulled[6:8] == [SILENT] * 2


def test_a_gap_in_a_tone_is_filled_with_the_tone_and_where_it_ends_nothing_clicks() -> None:
    """Whatever its phase: the longest step between samples is the tone's own."""
    for hertz in (100, 187, 330, 440, 523):
        spoken = g711.frames(tone(hertz, 0.6), "PCMA")
        buffer, heard = JitterBuffer("PCMA"), b""
        for n, frame in enumerate(spoken):
            if n not in (10, 11, 20):
                buffer.put(n * 160, frame)
            heard += g711.decode(buffer.pull(), "PCMA")
        assert buffer.concealed == 3
        whole = heard[4 * 320 : 27 * 320]
        samples = memoryview(whole).cast("h")
        step = max(abs(b - a) for a, b in pairwise(samples))
        assert step < 1.5 * 8000 * 2 * math.pi * hertz / 8000 + 300, hertz
        gap = whole[9 * 320 : 10 * 320]
        assert strength(gap, hertz) > 5000, "as loud as it was, or nearly"


def test_while_nothing_comes_the_filling_is_said_on_and_lost_time_is_not_made_longer() -> None:
    """Four in a row are lost: the store runs dry, and what follows is heard in its place."""
    arrivals = [(n + 0.5, n) for n in range(60) if n not in (30, 31, 32, 33)]
    heard = play(arrivals, 63)
    assert heard == [None] * 3 + [None if 30 <= n < 34 else n for n in range(60)]


def test_a_burst_after_a_pause_of_the_network_deepens_the_store_and_is_heard() -> None:
    arrivals = [(n + 0.5, n) for n in range(50)]
    arrivals += [(54.5, n) for n in range(50, 54)] + [(n + 0.5, n) for n in range(54, 200)]
    heard = play(arrivals, 204)
    assert said(heard) == list(range(said(heard)[-1] + 1))


def test_a_store_that_is_never_needed_gets_smaller_again() -> None:
    arrivals = [(n + 0.5, n) for n in range(50)]
    arrivals += [(54.5, n) for n in range(50, 54)] + [(n + 0.5, n) for n in range(54, 900)]
    heard = play(arrivals, 900)
    delay = [tick - n for tick, n in enumerate(heard) if n is not None]
    assert max(delay) > delay[0]
    assert delay[-1] <= delay[0]


@pytest.mark.parametrize("drift", [0.998, 1.002])
def test_a_sender_whose_clock_is_off_is_followed(drift: float) -> None:
    heard = play([(0.5 + n * drift, n) for n in range(3000)], 2990)
    delay = [tick - drift * n for tick, n in enumerate(heard) if n is not None]
    assert max(delay) - min(delay) < MOST
    assert len(said(heard)) > 2970
    assert said(heard) == sorted(set(said(heard)))


def test_a_sender_that_pauses_is_heard_again_after_the_pause() -> None:
    arrivals = [(n + 0.5, n) for n in range(20)] + [(n + 0.5, n) for n in range(120, 150)]
    heard = play(arrivals, 153)
    assert said(heard) == [*range(20), *range(120, 150)]
    assert heard[60:115] == [None] * 55


def test_a_sender_that_begins_another_timeline_is_heard() -> None:
    for jump in (1_000_000, -1_000_000):
        buffer = JitterBuffer("PCMA")
        heard = []
        for n in range(60):
            shift = jump if n >= 30 else 0
            buffer.put((5_000_000 + shift + n * 160) % 2**32, voice(n))
            heard.append(number(buffer.pull()))
        assert 27 in heard
        assert said(heard)[-1] >= 56


def test_a_small_step_back_is_given_in_to_after_a_while() -> None:
    buffer = JitterBuffer("PCMA")
    heard = []
    for n in range(80):
        shift = -50 if n >= 30 else 0
        buffer.put((n + shift + 100) * 160, voice(n))
        heard.append(number(buffer.pull()))
    assert said(heard)[-1] >= 76
    assert 0 < buffer.late < 10


def test_packets_that_come_after_their_turn_are_counted_and_never_heard() -> None:
    arrivals = [(n + 0.5, n) for n in range(40) if n != 20] + [(35.0, 20)]
    assert 20 not in play(arrivals, 43)


@pytest.mark.parametrize("octets", [80, 240, 320, 100, 480])
def test_packets_of_another_length_come_out_as_whole_frames(octets: int) -> None:
    speech = bytes(n % 251 for n in range(160 * 60))
    buffer, heard, at = JitterBuffer("PCMA"), b"", 0
    for tick in range(70):
        while at < len(speech) and at <= tick * 160:
            buffer.put(1000 + at, speech[at : at + octets])
            at += octets
        heard += buffer.pull()
    begun = heard.index(speech[:160])
    assert heard[begun : begun + 160 * 50] == speech[: 160 * 50]


def test_a_gap_between_packets_of_another_length_is_silence_to_the_end_of_its_frame() -> None:
    buffer = JitterBuffer("PCMA")
    for at in (0, 240, 480, 960):
        buffer.put(at, b"\x2a" * 240)
    heard = b"".join(buffer.pull() for _ in range(12))
    assert heard.startswith(b"\x2a" * 720)
    assert b"\x2a" * 80 + b"\xd5" * 80 in heard


def test_whatever_comes_the_store_stays_bounded_and_a_frame_is_given() -> None:
    chance = random.Random(99)
    buffer = JitterBuffer("PCMU")
    for _ in range(5000):
        for _ in range(chance.randrange(3)):
            timestamp = chance.choice((chance.randrange(2**32), chance.randrange(100000)))
            buffer.put(timestamp, bytes(chance.choice((1, 80, 160, 1280))))
        assert len(buffer.pull()) == 160
        assert len(buffer._frames) <= 600
