"""After an abusive call the agent is given time, without anybody having to ask for it."""

from agents.agent import Doing
from calls.talk_events import AbuseReported
from server import asked
from server.in_call import InCall
from tests.helpers.switchboard import AGENT
from tests.helpers.talk_room import TalkRoom, talk_house, talking


def after_abuse(cool_down: float = 180.0) -> TalkRoom:
    room = talking(house=talk_house(in_call=InCall(cool_down=cool_down)))
    assert room.asks(asked.ReportAbuse()) is None
    assert room.asks(asked.ReportAbuse()) is None  # pressed twice
    room.bye()
    return room


def test_the_pause_follows_the_call_and_ends_by_itself() -> None:
    room = after_abuse()
    told = [fact for fact in room.facts if isinstance(fact, AbuseReported)]
    assert [(fact.by, fact.at) for fact in told] == [(AGENT, room.now)]
    agent = room.control.roster[AGENT]
    assert (agent.doing, agent.reason, agent.until) == (Doing.PAUSED, "cool_down", room.now + 180)
    room.at(room.now + 181)
    assert room.control.roster[AGENT].doing is Doing.READY


def test_it_is_never_shorter_than_wrap_up_and_the_agent_may_end_it() -> None:
    room = after_abuse(cool_down=5.0)
    assert room.control.roster[AGENT].until == room.now + 30
    assert room.asks(asked.BackToWork()) is None
    assert room.control.roster[AGENT].doing is Doing.READY


def test_where_it_is_switched_off_there_is_wrap_up_as_ever() -> None:
    room = after_abuse(cool_down=0.0)
    assert room.control.roster[AGENT].doing is Doing.WRAP_UP


def test_another_call_of_the_agent_is_followed_by_wrap_up() -> None:
    room = talking(house=talk_house(in_call=InCall()))
    room.bye()
    assert room.control.roster[AGENT].doing is Doing.WRAP_UP
