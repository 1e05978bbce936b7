"""Occupancy, from the changes of agents' states and nothing else."""

from calls.ids import AgentId
from calls.lane_events import NO_CALL, AgentStateChanged
from workorders.occupancy import SILENT_AFTER, Times, by_quarter, times, together

LI, HE = AgentId("1001"), AgentId("1002")


def changed(agent: AgentId, at: float, doing: str) -> AgentStateChanged:
    return AgentStateChanged(NO_CALL, at, agent, doing, None)


def test_what_was_begun_before_counts_from_the_beginning_and_what_goes_on_to_the_end() -> None:
    told = [
        changed(LI, 50.0, "talking"),
        changed(LI, 130.0, "wrap_up"),
        changed(LI, 160.0, "ready"),
        changed(LI, 180.0, "reserved"),
    ]
    (found,) = times(reversed(told), 100.0, 200.0).values()
    assert found.by_state == {"talking": 30.0, "wrap_up": 30.0, "ready": 20.0, "reserved": 20.0}
    assert found.busy == 80.0 and found.occupancy == 0.8


def test_pauses_and_absence_are_in_neither_part() -> None:
    told = [
        changed(LI, 0.0, "paused"),
        changed(LI, 60.0, "talking"),
        changed(LI, 70.0, "ready"),
        changed(LI, 80.0, "off"),
    ]
    assert times(told, 0.0, 100.0)[LI].occupancy == 0.5


def test_all_together_is_of_all_seconds_and_not_the_mean_of_shares() -> None:
    told = [
        changed(LI, 0.0, "talking"),
        changed(LI, 90.0, "ready"),
        changed(HE, 0.0, "ready"),
        changed(HE, 10.0, "off"),
    ]
    each = times(told, 0.0, 100.0)
    assert (each[LI].occupancy, each[HE].occupancy) == (0.9, 0.0)
    assert together(each).occupancy == 90 / 110


def test_one_who_was_never_there_has_no_occupancy_and_a_dead_engine_ends_a_state() -> None:
    assert Times().occupancy is None
    assert times([changed(LI, 500.0, "ready")], 0.0, 400.0) == {}
    told = [changed(LI, 0.0, "ready")]
    assert times(told, 0.0, 10 * SILENT_AFTER)[LI].by_state == {"ready": SILENT_AFTER}


def test_what_goes_on_over_the_quarters_is_split_between_them() -> None:
    told = [
        changed(LI, 0.0, "ready"),
        changed(LI, 600.0, "talking"),
        changed(LI, 2000.0, "off"),
        changed(HE, 1000.0, "ready"),
        changed(HE, 1100.0, "off"),
    ]
    found = by_quarter(told, 100.0, 1900.0)
    assert {at: each.by_state for at, each in found.items()} == {
        0.0: {"ready": 500.0, "talking": 300.0},
        900.0: {"talking": 900.0, "ready": 100.0, "off": 700.0},
        1800.0: {"talking": 100.0, "off": 100.0},
    }
    assert by_quarter([], 0.0, 900.0) == {}
