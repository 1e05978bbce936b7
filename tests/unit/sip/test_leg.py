"""The life of a leg as a table, and its 2xx that wait for an ACK."""

from itertools import product

import pytest

from calls.transitions import IllegalTransition
from sip import acceptance
from sip.acceptance import Acceptance, Outcome
from sip.leg_rules import OURS, RULES, Act, Life, Stage, Step
from sip.timers import Timer, Timing
from tests.helpers.rules import endless, undecided
from tests.helpers.timetable import timeline

TIMING = Timing(ring_limit=60.0)


def life(*steps: Step, begin: Stage = Stage.OFFERED) -> Life:
    """Walk a new leg through `steps`."""
    new = Life(begin, TIMING, 0.0)
    for step in steps:
        new.take(step, 1.0)
    return new


def test_a_caller_is_rung_answered_and_hung_up_on() -> None:
    leg = life()
    assert leg.take(Step.RING, 0.0) == [Act.SEND_RINGING]
    assert leg.take(Step.ANSWER, 1.0) == [Act.SEND_ANSWER]
    assert leg.take(Step.ACKNOWLEDGED, 1.1) == [Act.TELL_CONFIRMED]
    assert leg.take(Step.HANG_UP, 9.0) == [Act.SEND_BYE]
    assert leg.take(Step.BYE_DONE, 9.1) == []
    assert leg.state is Stage.OVER


def test_the_bye_waits_for_the_ack() -> None:
    leg = life(Step.ANSWER)
    assert leg.take(Step.HANG_UP, 1.0) == []
    assert leg.take(Step.HANG_UP, 1.1) == []
    assert leg.take(Step.ACKNOWLEDGED, 1.2) == [Act.SEND_BYE]


def test_the_cancel_waits_for_an_answer() -> None:
    leg = life(begin=Stage.CALLING)
    assert leg.take(Step.HANG_UP, 0.1) == []
    assert leg.take(Step.PROVISIONAL, 0.2) == [Act.SEND_CANCEL]
    assert timeline(leg, 99.0) == [(32.2, Act.FORGET_INVITE)]


def test_a_late_200_is_acknowledged_and_ended() -> None:
    leg = life(Step.PROVISIONAL, Step.HANG_UP, begin=Stage.CALLING)
    assert leg.take(Step.SUCCESS, 2.0) == [Act.SEND_ACK, Act.SEND_BYE]


def test_more_ringing_does_not_prolong_the_ringing() -> None:
    leg = life(Step.PROVISIONAL, begin=Stage.CALLING)
    leg.take(Step.PROVISIONAL, 30.0)
    assert timeline(leg, 99.0)[:2] == [
        (61.0, Act.SEND_CANCEL),
        (61.0, Act.TELL_RANG_TOO_LONG),
    ]


def test_answering_a_phone_that_we_call_is_our_own_bug() -> None:
    with pytest.raises(IllegalTransition, match="ANSWER in CALLING"):
        life(begin=Stage.CALLING).take(Step.ANSWER, 0.0)


def test_whatever_the_peer_does_is_taken_or_absorbed_in_every_stage() -> None:
    assert undecided(RULES, Stage, Step, OURS) == set()
    assert endless(RULES, Stage, Stage.OVER) == set()


def test_hanging_up_is_never_wrong_and_always_leads_to_the_end() -> None:
    for stage in Stage:
        leg = Life(stage, TIMING, 0.0)
        leg.take(Step.HANG_UP, 0.0)
        assert leg.state in (
            Stage.OVER, Stage.LEAVING, Stage.GIVING_UP, Stage.CANCELLING, Stage.CLOSING,
        )  # fmt: skip


def test_every_stage_that_waits_for_nobody_but_us_has_a_limit() -> None:
    """UP is the caller's to end; CALLING and CLOSING end with their transaction's timer."""
    limited = {stage for stage in Stage if RULES.timers.get(stage)}
    assert limited == {Stage.OFFERED, Stage.RINGING, Stage.CANCELLING}
    fired = {state for (state, what), _ in RULES.table.items() if isinstance(what, Timer)}
    assert fired == limited


def test_every_act_is_somebodys() -> None:
    named = {act for _, acts in RULES.table.values() for act in acts}
    assert named == set(Act)


def waiting() -> Acceptance:
    return Acceptance(b"200", ("192.0.2.10", 5060), offers=False, timing=Timing(), now=0.0)


def test_the_timetable_of_a_200_without_ack() -> None:
    fired = timeline(waiting(), 99.0)
    assert [second for second, outcome in fired if outcome is Outcome.REPEAT] == [
        0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5,
    ]  # fmt: skip
    assert fired[-1] == (32.0, Outcome.NO_ACK)


def test_the_ack_ends_the_repeats() -> None:
    one = waiting()
    assert one.acknowledge(0.3) == [Outcome.ACKNOWLEDGED]
    assert one.acknowledge(0.4) == []
    assert timeline(one, 99.0) == []


def test_the_table_of_acceptances_has_no_hole() -> None:
    assert undecided(acceptance.RULES, acceptance.State, acceptance.Input) == set()
    pairs = set(product(acceptance.State, acceptance.Input))
    assert len(pairs) == 2
