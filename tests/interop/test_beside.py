"""The peers that `bench beside` measures really carry what they are given."""

from functools import partial
from pathlib import Path

import pytest

from bench.beside_ivr import MENU, dialled
from bench.beside_sip import ANSWERS, Asked, answering
from bench.beside_voice import AIORTP, speaking
from bench.beside_voice import Asked as Voice
from demo.sound import read, seconds_of_sound
from tests.helpers.serving import until


@pytest.mark.interop
@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("program", ["sipp"], indirect=True)
@pytest.mark.parametrize("peer", ["aiosipua"], indirect=True)
def test_aiosipua_answers_every_call(peer: str) -> None:
    with answering([peer, "-O", str(ANSWERS)], None) as server:
        carried = server.called(Asked(rate=5, seconds=1))
    assert (carried.units, carried.counts["failed"]) == (5, 0)
    assert carried.cpu.keys() == {"answers"}


@pytest.mark.interop
@pytest.mark.parametrize("peer", ["aiortp"], indirect=True)
def test_aiortp_plays_to_every_caller(peer: str) -> None:
    opened = partial(speaking, [peer, "-O", str(AIORTP)], None)
    carried = Voice(calls=2, seconds=1.0, legs=1).carried(opened)
    assert carried.units > 0


@pytest.mark.interop
@pytest.mark.parametrize("peer", ["aiosipua, aiortp"], indirect=True)
def test_a_menu_on_aiosipua_plays_and_records(peer: str, tmp_path: Path) -> None:
    with answering([peer, "-O", str(MENU), str(tmp_path)], None) as server:
        carried = Voice(calls=1, seconds=2.0, legs=1).carried(partial(dialled, server))
        recording = next(tmp_path.glob("*.wav"))
        until(lambda: recording.stat().st_size > 32000, 5.0, "the end of it is written")
    assert carried.units > 0
    assert seconds_of_sound(read(recording)) > 0
