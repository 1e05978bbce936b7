"""The picture of sound that tells languages apart."""

import numpy as np
import pytest
import soxr

from asr.mel import picture
from asr.recogniser import RATE

BANDS = 80


def tone(hertz: float, seconds: float = 1.0, rate: int = RATE) -> bytes:
    at = np.arange(round(seconds * rate)) / rate
    return (8000 * np.sin(2 * np.pi * hertz * at)).astype("<i2").tobytes()


def centre(band: int) -> float:
    """Return the frequency in the middle of a band of Slaney's scale, up to 8 kHz."""
    top = 15.0 + np.log(8.0) / (np.log(6.4) / 27.0)
    mel = top * (band + 1) / (BANDS + 1)
    if mel < 15.0:
        return float(mel * 200.0 / 3.0)
    return float(1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0))


@pytest.mark.parametrize("band", [5, 15, 30, 45, 55])
def test_a_tone_is_loudest_in_its_own_band(band: int) -> None:
    seen = picture(tone(centre(band)), BANDS, 1.0)
    assert abs(int(seen[:, 50].argmax()) - band) <= 1


def test_it_has_a_hundred_columns_a_second_and_silence_behind_the_sound() -> None:
    seen = picture(tone(440.0, 0.5), BANDS, 2.0)
    assert seen.shape == (BANDS, 200) and seen.dtype == np.float32
    assert seen[:, :45].max() > seen[:, 60:].max()


def test_more_sound_than_is_wanted_is_cut_and_none_is_silence() -> None:
    assert picture(tone(440.0, 3.0), BANDS, 1.0).shape == (BANDS, 100)
    assert np.ptp(picture(b"", BANDS, 1.0)) == 0.0


def test_loudness_is_seen_down_to_eight_powers_of_ten() -> None:
    seen = picture(tone(440.0), BANDS, 2.0)
    assert seen.max() - seen.min() == pytest.approx(2.0)  # 8 tens, four to one


def test_it_is_what_whisper_sees_of_the_same_sound_at_sixteen_kilohertz() -> None:
    """The rule of Whisper's own paper, written out for 16 kHz, on noise resampled to it."""
    noise = np.random.default_rng(7).normal(size=RATE) * 3000
    ours = picture(noise.astype("<i2").tobytes(), BANDS, 1.0)
    wide = soxr.resample(noise.astype("<i2").astype(np.float64) / 32768, RATE, 2 * RATE)
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(wide, 200, mode="reflect"), 400)[::160]
    power = np.abs(np.fft.rfft(frames[:100] * np.hanning(401)[:-1], axis=1)) ** 2
    edges = np.array([0.0, *(centre(band) for band in range(BANDS)), 8000.0])
    bins = np.arange(201) * 40.0
    weights = np.array([
        np.interp(bins, edges[n : n + 3], [0, 1, 0]) * 2 / (edges[n + 2] - edges[n])
        for n in range(BANDS)
    ])  # fmt: skip
    theirs = np.log10(np.maximum(weights @ power.T, 1e-10))
    theirs = (np.maximum(theirs, theirs.max() - 8) + 4) / 4
    below = [band for band in range(BANDS) if centre(band) < 3500.0]
    assert np.abs(ours[below, 2:-2] - theirs[below, 2:-2]).max() < 0.05
