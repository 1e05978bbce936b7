"""Experts at home: rung in order through a trunk, asked for a key, and the next one after that."""

from datetime import UTC

import pytest

from calls.talk_events import NotReached, Reached, Transferred
from ivr.hours import Hours, Window
from media import commands as media
from server.asked import Cancel, How, ToPlace
from server.house import House
from server.in_call import InCall, Place
from server.rota import Expert, Rota
from server.trunk_rules import Gate, TrunkRules
from server.trunks_side import TrunkSide, WayOut
from sip.numbers import NumberPattern
from sip.upstream import Upstream
from tests.helpers.switchboard import AGENT
from tests.helpers.talk_room import PHONES, TalkRoom, talk_house, talking

WANG, LI = "fire", "110"
"""The phones that the two are reached at."""
NUMBERS = {WANG: "13900000011", LI: "13900000012"}
ALWAYS = Hours(UTC, ((Window(0, 1440),),) * 7)


def house(rounds: int = 1, quiet: Hours | None = None) -> House:
    """Return a house with a rota of two."""
    people = (Expert("王", NUMBERS[WANG], quiet), Expert("李", NUMBERS[LI]))
    rota = Rota(people, "/accept.wav", ring=20.0, accept_within=10.0, rounds=rounds)
    return talk_house(in_call=InCall({"doctor": Place("专家", rota=rota)}))


def trunks(*names: str) -> TrunkSide:
    """Return a trunk for each of these people's numbers, which leads to the phone."""

    def way(name: str) -> WayOut:
        upstream = Upstream(f"{name}.example", None)
        upstream.located([PHONES[name]], 0.0)
        pattern = (NumberPattern(NUMBERS[name]),)
        return WayOut(TrunkRules(name, ()), pattern, (), "12345", None, upstream)

    return TrunkSide(tuple(map(way, names)))


def consulting(rounds: int = 1, how: How = How.CONSULT) -> TalkRoom:
    """Return a room whose agent has asked for the rota."""
    room = talking(house=house(rounds))
    room.control.use(Gate(), trunks(WANG, LI))
    assert room.reaches(ToPlace("doctor"), how) is None
    return room


def reached(room: TalkRoom) -> list[tuple[str, str]]:
    """Return whom the call's facts name, and what became of each."""
    found = [fact for fact in room.facts if isinstance(fact, Reached | NotReached)]
    return [(one.target, one.why if isinstance(one, NotReached) else "took it") for one in found]


def test_the_first_is_rung_and_talks_only_after_the_key() -> None:
    room = consulting()
    assert room.invited(WANG) is not None and room.invited(LI) is None
    room.says(WANG, 200)
    assert room.hears()[WANG] == {"music"}  # what is said to whoever picks up
    assert media.Play(room.leg(WANG), 1, ("/accept.wav",), True) in room.told(media.Play)
    assert reached(room) == []
    room.keys(WANG, "1")
    assert reached(room) == [("doctor/王", "took it")]
    assert room.hears()[WANG] == {AGENT} and room.hears()[AGENT] == {WANG}
    assert room.hears()["caller"] == {"music"}


@pytest.mark.parametrize("status, why", [(486, "busy"), (603, "rejected"), (500, "phone_fault")])
def test_one_who_does_not_come_is_followed_by_the_next(status: int, why: str) -> None:
    room = consulting()
    room.says(WANG, status)
    assert reached(room) == [("doctor/王", why)]
    room.says(LI, 200)
    room.keys(LI, "1")
    assert reached(room)[-1] == ("doctor/李", "took it")
    assert room.hears()[LI] == {AGENT}


def test_one_who_rings_for_too_long_or_presses_nothing_is_followed_by_the_next() -> None:
    room = consulting(rounds=2)
    room.at(room.now + 20)
    assert reached(room) == [("doctor/王", "no_answer")]
    room.says(LI, 200)
    room.at(room.now + 9.9)
    assert len(room.was_sent(LI, "BYE")) == 0
    room.at(room.now + 0.2)  # an answering machine presses no key
    assert reached(room)[-1] == ("doctor/李", "no_answer")
    assert len(room.was_sent(LI, "BYE")) == 1
    assert len(room.was_sent(WANG, "INVITE")) > 1, "the second round began"


def test_another_key_declines_and_hanging_up_does_too() -> None:
    room = consulting(rounds=2)
    room.says(WANG, 200)
    room.keys(WANG, "2")
    assert reached(room) == [("doctor/王", "rejected")]
    room.says(LI, 200)
    room.sends(LI, "BYE")
    assert reached(room)[-1] == ("doctor/李", "hung_up")


def test_when_nobody_is_left_agent_and_caller_are_together_again() -> None:
    room = consulting()
    room.says(WANG, 486)
    room.says(LI, 486)
    assert reached(room) == [("doctor/王", "busy"), ("doctor/李", "busy")]
    assert room.hears()["caller"] == {AGENT} and room.hears()[AGENT] == {"caller"}


def test_who_is_called_off_is_followed_by_nobody() -> None:
    room = consulting()
    assert room.asks(Cancel()) is None
    assert reached(room) == [("doctor/王", "cancelled")] and room.invited(LI) is None


def test_a_blind_transfer_hands_the_caller_over_at_the_key() -> None:
    room = consulting(how=How.TRANSFER)
    room.says(WANG, 200)
    assert not [fact for fact in room.facts if isinstance(fact, Transferred)]
    room.keys(WANG, "1")
    (moved,) = [fact for fact in room.facts if isinstance(fact, Transferred)]
    assert moved.target == "doctor/王"
    assert room.hears()["caller"] == {WANG} and room.hears()[WANG] == {"caller"}


def test_nobody_is_rung_in_quiet_hours_nor_without_a_trunk() -> None:
    assert not Expert("王", "1", ALWAYS).may_be_rung(0.0)
    assert Expert("王", "1").may_be_rung(0.0)
    room = talking(house=house(quiet=ALWAYS))
    room.control.use(Gate(), trunks(WANG, LI))
    assert room.reaches(ToPlace("doctor"), How.CONSULT) is None
    assert room.invited(WANG) is None and room.invited(LI) is not None
    alone = talking(house=house())
    alone.control.use(Gate(), trunks())
    refused = alone.reaches(ToPlace("doctor"), How.CONSULT)
    assert refused is not None and refused.code == "not_now"
