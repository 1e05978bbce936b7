"""The peers that `bench beside` measures really carry what they are given."""

import pytest

from bench.beside_sip import ANSWERS, Asked, answering


@pytest.mark.interop
@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("program", ["sipp"], indirect=True)
@pytest.mark.parametrize("peer", ["aiosipua"], indirect=True)
def test_aiosipua_answers_every_call(peer: str) -> None:
    with answering([peer, "-O", str(ANSWERS)], None) as server:
        carried = server.called(Asked(rate=5, seconds=1))
    assert (carried.units, carried.counts["failed"]) == (5, 0)
    assert carried.cpu.keys() == {"answers"}
