import pytest

from agents.agent import Agent, Doing, Step
from agents.roster import Rests, Roster, allowed
from calls.ids import AgentId, CallId, Skill
from calls.transitions import IllegalTransition

LI, WANG = AgentId("8001"), AgentId("8002")
CALL = CallId("c-0000000000000001")
RESTS = Rests(wrap_up=30.0, no_answer=60.0, rejected=10.0, unreachable=20.0, most_misses=3)


def roster(*, ready_on_register: bool = True) -> Roster:
    agents = [Agent(LI, "李静", {Skill("zh"): 1}), Agent(WANG, "王强", {Skill("zh"): 2})]
    return Roster(agents, RESTS, ready_on_register=ready_on_register)


def ringing(now: float = 0.0) -> Roster:
    people = roster()
    people.sign_in(LI, now)
    people.offer(LI, CALL, now)
    return people


def talking(now: float = 0.0) -> Roster:
    people = ringing(now)
    people.take(LI, Step.ANSWER, now)
    return people


def test_a_phone_that_registers_makes_its_agent_ready() -> None:
    people = roster()
    people.sign_in(WANG, 5.0)
    assert [agent.id for agent in people.ready()] == [WANG]


def test_where_so_configured_the_agent_says_when_ready() -> None:
    people = roster(ready_on_register=False)
    assert people.sign_in(LI, 5.0).reason == "signed_in"
    assert people.ready() == ()
    assert people.take(LI, Step.RESUME, 6.0).doing is Doing.READY


def test_a_registration_that_is_refreshed_changes_nothing_for_an_agent_who_is_there() -> None:
    people = talking(0.0)
    before = people[LI]
    assert people.sign_in(LI, 50.0) == before


def test_a_phone_that_came_back_in_mid_call_keeps_its_agent_after_hang_up() -> None:
    people = talking()
    people.sign_out(LI, 10.0)
    people.sign_in(LI, 20.0)
    assert people.take(LI, Step.HANG_UP, 30.0).doing is Doing.WRAP_UP


def test_a_phone_gone_in_mid_call_takes_the_agent_off_at_hang_up() -> None:
    people = talking()
    assert people.sign_out(LI, 10.0).doing is Doing.TALKING
    assert people.take(LI, Step.HANG_UP, 30.0).doing is Doing.OFF
    assert people.next_deadline() is None


def test_signing_out_twice_is_one_sign_out() -> None:
    people = roster()
    people.sign_in(LI, 0.0)
    people.sign_out(LI, 1.0)
    assert people.sign_out(LI, 2.0).since == 1.0


def test_wrap_up_ends_by_its_deadline_and_not_before() -> None:
    people = talking()
    people.take(LI, Step.HANG_UP, 100.0, lasts=15.0)
    assert people.next_deadline() == 115.0
    assert people.tick(114.9) == []
    assert people.tick(115.0) == [LI]
    assert (people[LI].doing, people[LI].idle_since) == (Doing.READY, 115.0)
    assert people.next_deadline() is None


def test_wrap_up_lasts_as_the_rests_say_when_the_lane_does_not() -> None:
    people = talking()
    assert people.take(LI, Step.HANG_UP, 100.0).until == 130.0


def test_wrap_up_can_be_ended_early_or_made_longer() -> None:
    people = talking()
    people.take(LI, Step.HANG_UP, 100.0)
    assert people.extend_wrap_up(LI, 60.0).until == 190.0
    assert people.take(LI, Step.FINISH_WRAP_UP, 120.0).doing is Doing.READY
    assert people.extend_wrap_up(LI, 60.0).until is None


def test_an_agent_who_did_not_answer_rests_and_comes_back_by_deadline() -> None:
    people = ringing(0.0)
    paused = people.take(LI, Step.RING_NO_ANSWER, 20.0)
    assert (paused.doing, paused.reason, paused.until) == (Doing.PAUSED, "no_answer", 80.0)
    assert people.tick(80.0) == [LI]
    assert people[LI].reason is None


@pytest.mark.parametrize(
    ("step", "reason", "until"),
    [(Step.REJECT, "rejected", 30.0), (Step.UNREACHABLE, "unreachable", 40.0)],
)
def test_each_cause_has_its_own_delay(step: Step, reason: str, until: float) -> None:
    paused = ringing().take(LI, step, 20.0)
    assert (paused.reason, paused.until) == (reason, until)


def test_after_so_many_misses_in_a_row_only_the_agent_ends_the_pause() -> None:
    people = ringing()
    for miss in range(1, 4):
        paused = people.take(LI, Step.RING_NO_ANSWER, miss * 100.0)
        assert paused.misses == miss
        if miss < 3:
            people.tick(miss * 100.0 + 60.0)
            people.offer(LI, CALL, miss * 100.0 + 61.0)
    assert people[LI].until is None
    assert people.tick(1e9) == []
    assert people.take(LI, Step.RESUME, 1e9).doing is Doing.READY


def test_an_answer_forgives_the_misses() -> None:
    people = ringing()
    people.take(LI, Step.RING_NO_ANSWER, 20.0)
    people.tick(80.0)
    people.offer(LI, CALL, 90.0)
    assert people.take(LI, Step.ANSWER, 95.0).misses == 0


def test_an_agents_own_pause_has_a_word_and_replaces_a_pause_by_the_rules() -> None:
    people = ringing()
    people.take(LI, Step.RING_NO_ANSWER, 20.0)
    paused = people.take(LI, Step.PAUSE, 30.0, reason="午餐")
    assert (paused.reason, paused.until) == ("午餐", None)


def test_the_call_is_known_while_it_concerns_the_agent() -> None:
    people = ringing()
    assert people[LI].call == CALL
    assert people.take(LI, Step.ANSWER, 1.0).call == CALL
    assert people.take(LI, Step.HANG_UP, 2.0).call == CALL
    assert people.take(LI, Step.FINISH_WRAP_UP, 3.0).call is None


def test_only_a_ready_agent_can_be_reserved() -> None:
    people = roster()
    with pytest.raises(IllegalTransition):
        people.offer(LI, CALL, 0.0)


def test_a_snapshot_stays_as_it_was() -> None:
    people = roster()
    before = people.staff()
    people.sign_in(LI, 1.0)
    assert [agent.doing for agent in before] == [Doing.OFF, Doing.OFF]
    assert [agent.doing for agent in people.staff()] == [Doing.READY, Doing.OFF]


def test_the_roster_knows_who_is_an_agent() -> None:
    assert LI in roster()
    assert "9999" not in roster()


def test_a_desk_may_ask_which_steps_are_allowed() -> None:
    assert set(allowed(Doing.WRAP_UP)) == {Step.FINISH_WRAP_UP, Step.PAUSE, Step.PHONE_GONE}
