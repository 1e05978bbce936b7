"""Who goes before others: by what is known of the caller, live, and after a line that dropped."""

from agents.agent import Step
from calls.ids import AgentId, CallId
from calls.lane_events import Favoured, PlaceGivenBack
from queueing.places import KeptPlaces
from server.favour_rules import FavourRules, Standing
from server.house import LaneRules
from server.outputs import AskStanding
from tests.helpers.switchboard import AGENT, LANE, Switchboard, house

RULES = FavourRules({"elder": 5}, called_today=3, times=3, asked=True)


def board() -> Switchboard:
    """Return a house that keeps places and favours callers, and whose agent is at lunch."""
    lane = LaneRules(20.0, 30.0, "综合", "zh", None, keep_place=60.0, known_agent=10.0)
    found = Switchboard(house=house(lanes={LANE: lane}, favours=RULES))
    found.control.roster.sign_in(AGENT, found.now)
    found.control.roster.take(AGENT, Step.PAUSE, found.now, lasts=1000.0)
    return found


def wait(on: Switchboard, name: str) -> CallId:
    """Let somebody wait in the lane."""
    on.invite(call_id=name)
    on.ack(call_id=name)
    call = list(on.control.calls)[-1]
    citizen = on.control.calls[call]
    on.control.life.run(citizen, citizen.walk.key_pressed("0", on.now), on.now)
    on.settle()
    assert call in on.control.waiting
    return call


def test_a_standing_is_judged_by_group_and_by_calls_of_the_day() -> None:
    assert RULES.standing(None, 1, None) == Standing()
    assert RULES.standing("elder", 0, None).more == 5
    assert RULES.standing("elder", 2, AgentId("1")).whys == (("elder", 5), ("called_today", 3))
    assert RULES.standing("unheard_of", 0, None) == Standing()


def test_a_caller_is_asked_after_and_goes_before_others_when_the_answer_comes() -> None:
    on = board()
    first, second = wait(on, "one"), wait(on, "two")
    asked = [output for output in on.others if isinstance(output, AskStanding)]
    assert [output.call for output in asked] == [first, second]
    on.control.flow.stands(second, Standing((("elder", 5),)), on.now)
    on.settle()
    assert [ticket.call for ticket in on.control.waiting.waiting()] == [second, first]
    fact = on.fact("Favoured")
    assert isinstance(fact, Favoured) and (fact.call, fact.more, fact.why) == (second, 5, "elder")


def test_a_supervisor_changes_a_turn_live_and_it_is_kept_who() -> None:
    on = board()
    first, second = wait(on, "one"), wait(on, "two")
    assert on.control.flow.prefer(second, 7, "chief", on.now)
    on.settle()
    assert [ticket.call for ticket in on.control.waiting.waiting()] == [second, first]
    assert on.fact("Favoured").why == "by:chief"  # type: ignore[union-attr]  # a favour
    assert on.control.flow.prefer(second, -7, "chief", on.now)
    assert [ticket.call for ticket in on.control.waiting.waiting()] == [first, second]
    assert not on.control.flow.prefer(CallId("c-none"), 7, "chief", on.now)


def test_one_whose_line_dropped_has_the_place_back_within_the_time_and_not_after() -> None:
    on = board()
    wait(on, "one")
    began = on.now
    on.at(on.now + 20)
    on.bye("one")
    on.at(on.now + 59)
    again = wait(on, "two")
    fact = on.fact("PlaceGivenBack")
    assert isinstance(fact, PlaceGivenBack) and (fact.call, fact.since) == (again, began)
    assert on.control.waiting.ticket(again).since == began
    on.bye("two")
    on.at(on.now + 60)
    late = wait(on, "three")
    assert on.control.waiting.ticket(late).since == on.now


def test_one_who_rang_before_it_was_read_who_had_a_place_has_it_once_it_is() -> None:
    on = board()
    first, again = wait(on, "one"), wait(on, "two")
    on.control.flow.places.keep("13900000000", LANE, on.now - 300, on.now + 60)
    on.control.flow.give_places(on.now)
    on.settle()
    (given,) = [fact for fact in on.facts if isinstance(fact, PlaceGivenBack)]
    assert (given.call, given.since) == (first, on.now - 300)  # one place: for who waits longest
    assert on.control.waiting.ticket(first).since == on.now - 300
    assert [ticket.call for ticket in on.control.waiting.waiting()] == [first, again]


def test_who_left_by_key_keeps_no_place() -> None:
    on = board()
    wait(on, "one")
    on.press("1")
    assert len(on.control.flow.places) == 0 and on.fact("LeftLane").why == "key"  # type: ignore[union-attr]


def test_one_with_an_open_order_is_kept_for_the_agent_for_as_long_as_the_lane_says() -> None:
    on = board()
    call = wait(on, "one")
    on.control.flow.stands(call, Standing(agent=AGENT), on.now)
    known = on.control.waiting.ticket(call).known
    assert known is not None and (known.agent, known.until) == (AGENT, on.now + 10.0)


def test_places_are_by_number_and_lane_taken_once_and_never_without_a_number() -> None:
    places = KeptPlaces()
    places.keep("13900000000", LANE, 10.0, 100.0)
    places.keep("13900000000", LANE, 50.0, 120.0)  # dropped a second time
    places.keep("anonymous", LANE, 10.0, 100.0)
    assert len(places) == 1
    assert places.take("13900000000", LANE, 110.0) == 10.0
    assert places.take("13900000000", LANE, 110.0) is None
