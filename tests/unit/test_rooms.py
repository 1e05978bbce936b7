"""Rooms at the root are import names as well; each must resolve into this tree."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "agents", "asr", "calls", "config", "demo", "desk", "ivr", "media", "queueing", "server",
    "simulation", "sip", "storage", "workorders",
)  # fmt: skip


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_resolves_into_this_tree(room: str) -> None:
    module = importlib.import_module(room)
    assert module.__file__ is not None
    assert Path(module.__file__).is_relative_to(ROOT / room)
