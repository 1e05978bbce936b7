import itertools

import pytest

from agents.agent import NEXT, Agent, Doing, Step
from agents.skills import level, qualified
from calls.ids import AgentId, Skill
from calls.transitions import IllegalTransition


def walked(*steps: Step) -> Agent:
    agent = Agent(AgentId("8001"), "李静")
    for second, step in enumerate(steps, 1):
        agent = agent.take(step, float(second))
    return agent


def test_a_call_leads_through_reserved_talking_and_wrap_up_back_to_ready() -> None:
    steps = (Step.SIGN_IN, Step.OFFER, Step.ANSWER, Step.HANG_UP, Step.FINISH_WRAP_UP)
    path = [walked(*steps[:n]).doing for n in range(1, 6)]
    assert path == [Doing.READY, Doing.RESERVED, Doing.TALKING, Doing.WRAP_UP, Doing.READY]


def test_no_new_call_comes_before_wrap_up_ends() -> None:
    with pytest.raises(IllegalTransition, match="OFFER in WRAP_UP"):
        walked(Step.SIGN_IN, Step.OFFER, Step.ANSWER, Step.HANG_UP, Step.OFFER)


def test_a_reserved_agent_is_offered_nothing_else() -> None:
    with pytest.raises(IllegalTransition):
        walked(Step.SIGN_IN, Step.OFFER, Step.OFFER)


@pytest.mark.parametrize("during", [(Step.OFFER,), (Step.OFFER, Step.ANSWER)])
def test_a_phone_that_vanishes_does_not_end_an_offer_or_a_talk(during: tuple[Step, ...]) -> None:
    before = walked(Step.SIGN_IN, *during)
    after = before.take(Step.PHONE_GONE, 9.0)
    assert (after.doing, after.registered, after.since) == (before.doing, False, before.since)


def test_whose_phone_vanished_while_talking_is_off_at_hang_up() -> None:
    agent = walked(Step.SIGN_IN, Step.OFFER, Step.ANSWER, Step.PHONE_GONE, Step.HANG_UP)
    assert agent.doing is Doing.OFF


@pytest.mark.parametrize(
    "outcome", [Step.WITHDRAW, Step.RING_NO_ANSWER, Step.REJECT, Step.UNREACHABLE]
)
def test_whose_phone_vanished_while_ringing_is_off_when_the_offer_ends(outcome: Step) -> None:
    assert walked(Step.SIGN_IN, Step.OFFER, Step.PHONE_GONE, outcome).doing is Doing.OFF


def test_an_offer_that_the_caller_withdrew_does_not_cost_the_agent_idle_time() -> None:
    agent = walked(Step.SIGN_IN, Step.OFFER, Step.WITHDRAW)
    assert (agent.since, agent.idle_since) == (3.0, 1.0)


def test_idle_time_counts_from_the_end_of_wrap_up() -> None:
    agent = walked(Step.SIGN_IN, Step.OFFER, Step.ANSWER, Step.HANG_UP, Step.FINISH_WRAP_UP)
    assert agent.idle_since == 5.0


def test_every_state_can_be_reached_and_left() -> None:
    assert {state for state, _ in NEXT} == set(Doing)
    assert {state for state in NEXT.values()} == set(Doing)


def test_every_step_is_used_and_every_pair_not_in_the_table_is_barred() -> None:
    assert {step for _, step in NEXT} == set(Step)
    for doing, step in itertools.product(Doing, Step):
        agent = Agent(AgentId("8001"), "李静", doing=doing, registered=True)
        if (doing, step) not in NEXT:
            with pytest.raises(IllegalTransition):
                agent.take(step, 1.0)


def test_a_pause_that_only_a_person_ends_is_not_work() -> None:
    paused = Agent(AgentId("8001"), "李静", doing=Doing.PAUSED)
    assert not paused.at_work
    assert Agent(AgentId("8001"), "李静", doing=Doing.PAUSED, until=5.0).at_work
    assert Agent(AgentId("8001"), "李静", doing=Doing.TALKING).at_work
    assert not Agent(AgentId("8001"), "李静").at_work


def test_level_counts_only_the_skills_needed() -> None:
    agent = Agent(AgentId("8001"), "李静", {Skill("zh"): 2, Skill("en"): 3})
    assert level(agent, {Skill("en")}) == 3
    assert qualified(agent, {Skill("en"), Skill("zh")})
    assert not qualified(agent, {Skill("ko")})
