"""The peers that `bench beside` measures really carry what they are given."""

from functools import partial

import pytest

from bench.beside_sip import ANSWERS, Asked, answering
from bench.beside_voice import AIORTP, speaking
from bench.beside_voice import Asked as Voice


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
