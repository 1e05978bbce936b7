"""The engine is killed with fifty waiting and twenty talking: what is so right after its start."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from agents.agent import Doing
from bench.center_bench import callers, phones, site
from bench.restart_bench import register
from bench.voices import Voices
from calls.events import Queued
from calls.lane_events import PlaceGivenBack
from server.control_face import NotRunning, ask
from storage.call_details import WholeCall
from tests.helpers.ports import free_port, many_voices
from tests.helpers.serving import Serving, facts_of, until

TALKING, WAITING, AGAIN = 20, 50, 30


def doing(engine: Serving, what: Doing) -> int:
    """Count agents in a state; none while the engine does not answer yet."""
    try:
        staff = ask(engine.data, {"do": "agents"})["agents"]
    except NotRunning:
        return 0
    return sum(one["doing"] == what.value for one in staff)


def interrupted(engine: Serving) -> list[WholeCall]:
    """Wait until the records of all who were cut off are closed."""

    def closed() -> list[WholeCall] | None:
        found = [c for c in engine.calls() if c.call.record.reason == "interrupted"]
        whole = all(one.seconds is not None for call in found for one in call.recordings)
        return found if len(found) >= TALKING + WAITING and whole else None

    found: list[WholeCall] = until(closed, 40, "the records of those cut off are whole")
    return found


def numbered(calls: list[WholeCall]) -> dict[str, WholeCall]:
    return {call.call.record.caller: call for call in calls}


@pytest.mark.interop
@pytest.mark.parametrize("program", ["sipp"], indirect=True)
def test_agents_are_ready_callers_have_their_places_and_every_record_is_whole(
    program: str, tmp_path: Path
) -> None:
    phone = free_port()
    place = site(tmp_path, TALKING, None, 100)
    with ExitStack() as running:
        voices = running.enter_context(Voices())
        engine = Serving(tmp_path / "data", config=place, rtp=many_voices())
        running.enter_context(engine)
        register(engine, phone, TALKING)
        phoning = phones(tmp_path, phone, voices, 600.0, faults=False)
        running.callback(phoning.kill)
        coming = callers(tmp_path, engine.engine, 20, TALKING + WAITING)
        running.callback(coming.kill)
        until(lambda: doing(engine, Doing.TALKING) == TALKING, 40, "twenty talk")
        until(lambda: len(ask(engine.data, {"do": "waiting"})["waiting"]) == WAITING, 40, "50 wait")

        engine.kill()
        coming.kill()
        engine.launch()
        again = callers(tmp_path, engine.engine, 20, AGAIN)  # while the engine is starting
        running.callback(again.kill)
        until(lambda: doing(engine, Doing.TALKING) == TALKING, 40, "agents as their phones say")
        before = numbered(interrupted(engine))
        assert len(before) == TALKING + WAITING
        assert {call.call.record.reason for call in before.values()} == {"interrupted"}
        assert all(call.recordings[0].seconds is not None for call in before.values())

        until(lambda: len(ask(engine.data, {"do": "waiting"})["waiting"]) == 10, 40, "ten wait")

        def told() -> list[WholeCall]:
            new = [call for call in engine.calls() if call.call.record.reason is None]
            return [call for call in new if facts_of(call, PlaceGivenBack)]

        until(lambda: len(told()) == AGAIN, 20, "all have their places back")
        for number, call in numbered(told()).items():
            (given,) = facts_of(call, PlaceGivenBack)
            (first, *_) = facts_of(before[number], Queued)
            assert given.since == first.at and given.lane == first.lane
