"""Citizens asked afterwards how it went: by machine, when nobody waits, against nobody's wish."""

from datetime import UTC

import pytest

from agents.agent import Doing, Step
from calls.events import Arrived, Rated
from calls.ids import CallId, LegId, NodeId, PromptId
from calls.reasons import Reason
from calls.survey_events import SURVEYED, OptedOut, SurveyEnded, SurveyPlanned, SurveyTried
from ivr.flow import Ask, Flow, HangUp, Menu
from ivr.hours import Hours, Window
from media import commands as media
from server.house import SurveyRules
from server.surveys import Survey
from server.trunk_rules import TrunkRules
from server.trunks_side import TrunkSide, WayOut
from sip.message import Request, parse
from sip.numbers import NumberPattern
from sip.upstream import Upstream
from tests.helpers.switchboard import AGENT, Switchboard, house, sdp
from workorders.call_story import story

TRUNK, NUMBER = ("127.0.0.1", 5090), "13900000009"
N = NodeId
KEPT = {"rating": "rating", "bad_at": "=2"}
FLOW = Flow(
    "survey",
    N("ask"),
    {
        N("ask"): Menu(
            (PromptId("how_was_it"),),
            {**dict.fromkeys("12345", N("keep")), "9": N("out")},
            5.0,
            N("end"),
            keeps="rating",
            is_choice=False,
        ),
        N("keep"): Ask(
            "rating", {"kept": N("end")}, N("end"), {"rating": "rating", "bad_at": "=2"}
        ),
        N("out"): Ask("opt_out", {"kept": N("end")}, N("end")),
        N("end"): HangUp(Reason.COMPLETED),
    },
)
NEVER = Hours(UTC, ((),) * 7)
ALWAYS = Hours(UTC, ((Window(0, 1440),),) * 7)


def board(**rules: object) -> Switchboard:
    """Return a house with a trunk to dial out by, whose agent is at lunch."""
    given = {"hours": ALWAYS, "retry_after": 600.0, "reserve": 2, **rules}
    made = SurveyRules(FLOW, frozenset({"zh"}), **given)  # type: ignore[arg-type]  # a test's own
    found = Switchboard(house=house(surveys=made))
    upstream = Upstream("carrier.example", None)
    upstream.located((TRUNK,), 0.0)
    pattern = (NumberPattern("1[3-9]xxxxxxxxx"),)
    way = WayOut(TrunkRules("carrier", ()), pattern, (), "12345", None, upstream)
    found.control.use(found.control.gate, TrunkSide((way,)))
    found.control.roster.sign_in(AGENT, found.now)
    found.control.roster.take(AGENT, Step.PAUSE, found.now, lasts=50_000.0)
    return found


def draw(on: Switchboard, *numbers: str) -> list[CallId]:
    """Let somebody be drawn, and what is due happen."""
    calls = [CallId(f"c-asked-{n}") for n, _ in enumerate(numbers)]
    drawn = [
        Survey(call, number, "zh", on.now, on.now)
        for call, number in zip(calls, numbers, strict=True)
    ]
    on.control.surveys.draw(drawn, on.now)
    on.settle()
    on.at(on.now + 2.5)
    return calls


def dialled(on: Switchboard) -> list[Request]:
    """Return each call's INVITE, however often it was sent."""
    sent = [d for d, to in on.sent if to == TRUNK and d.startswith(b"INVITE")]
    found = [one for one in map(parse, sent) if isinstance(one, Request)]
    return list({one.headers.call_id: one for one in found}.values())


def citizen_says(on: Switchboard, status: int, body: str = "") -> None:
    asked = dialled(on)[-1].headers
    kind = "Content-Type: application/sdp\r\n" if body else ""
    on.receive(
        f"SIP/2.0 {status} Whatever\r\nVia: {asked.get('Via')}\r\nFrom: {asked.get('From')}\r\n"
        f"To: {asked.get('To')};tag=citizen\r\nCall-ID: {asked.call_id}\r\n"
        f"CSeq: {asked.get('CSeq')}\r\nContact: <sip:{NUMBER}@{TRUNK[0]}:{TRUNK[1]}>\r\n"
        f"{kind}Content-Length: {len(body)}\r\n\r\n{body}",
        TRUNK,
    )


def pressed(on: Switchboard, key: str) -> None:
    leg = LegId(f"{ours(on)}.citizen")
    on.say(media.KeyHeard(leg, key, on.now))


def ours(on: Switchboard) -> CallId:
    tried = on.fact("SurveyTried")
    assert isinstance(tried, SurveyTried)
    return tried.by_call


def ended(on: Switchboard) -> list[tuple[str, bool]]:
    """Return each attempt's outcome, and whether another is to come."""
    found = [fact for fact in on.facts if isinstance(fact, SurveyEnded)]
    return [(fact.outcome, fact.again_at is not None) for fact in found]


def test_one_who_answers_is_asked_by_the_flow_and_the_mark_is_kept() -> None:
    on = board()
    (of_call,) = draw(on, NUMBER)
    assert [type(fact) for fact in on.facts if fact.call == of_call] == [SurveyPlanned, SurveyTried]
    (invite,) = dialled(on)
    assert invite.uri == f"sip:{NUMBER}@carrier.example"
    citizen_says(on, 200, sdp(7004))
    (play,) = on.told(media.Play)
    assert isinstance(play, media.Play) and play.prompts == ("/prompts/zh/how_was_it.wav",)
    pressed(on, "2")
    rated = on.fact("Rated")
    assert isinstance(rated, Rated) and (rated.mark, rated.bad, rated.agent) == (2, True, None)
    assert ended(on) == [("rated", False)]
    arrived = on.fact("Arrived")
    assert isinstance(arrived, Arrived)
    assert (arrived.dialled, arrived.sip_call_id) == (SURVEYED, of_call)
    assert story([f for f in on.facts if f.call == arrived.call]) is None, "nobody called us"
    assert on.control.roster[AGENT].doing is Doing.PAUSED, "no agent was needed"


def test_one_who_opts_out_is_called_no_more_whichever_call_it_was_about() -> None:
    on = board(at_once=1)
    draw(on, NUMBER, NUMBER)
    citizen_says(on, 200, sdp(7004))
    pressed(on, "9")
    out = on.fact("OptedOut")
    assert isinstance(out, OptedOut) and out.number == NUMBER
    assert ended(on) == [("opted_out", False), ("opted_out", False)]
    on.at(on.now + 5000)
    assert len(dialled(on)) == 1


def test_an_answering_machine_presses_nothing_and_is_tried_again_later() -> None:
    on = board()
    draw(on, NUMBER)
    citizen_says(on, 200, sdp(7004))
    on.prompt_ends()
    on.at(on.now + 6)
    assert ended(on) == [("no_person", True)]
    on.at(on.now + 590)
    assert len(dialled(on)) == 1
    on.at(on.now + 20)
    assert len(dialled(on)) == 2


@pytest.mark.parametrize(
    "status, outcomes",
    [(486, [("busy", True), ("busy", False)]), (480, [("no_answer", True), ("no_answer", False)])],
)
def test_attempts_end_and_a_refusal_is_a_word(
    status: int, outcomes: list[tuple[str, bool]]
) -> None:
    on = board()
    draw(on, NUMBER)
    citizen_says(on, status)
    on.at(on.now + 610)
    citizen_says(on, status)
    on.at(on.now + 5000)
    assert ended(on) == outcomes and len(dialled(on)) == 2
    once = board()
    draw(once, NUMBER)
    citizen_says(once, 603)
    assert ended(once) == [("refused", False)]


def test_a_phone_that_rings_for_too_long_is_given_up() -> None:
    on = board(ring=20.0)
    draw(on, NUMBER)
    on.at(on.now + 21)
    assert ended(on) == [("no_answer", True)]


def test_nobody_is_called_while_somebody_waits_nor_out_of_hours_nor_in_a_full_house() -> None:
    on = board()
    on.invite()
    on.ack()
    on.press("0")
    assert len(on.control.waiting) == 1
    draw(on, NUMBER)
    on.at(on.now + 100)
    assert dialled(on) == []
    on.bye()
    on.at(on.now + 3)
    assert len(dialled(on)) == 1
    for shut in (board(hours=NEVER), board(reserve=10)):
        draw(shut, NUMBER)
        shut.at(shut.now + 1000)
        assert dialled(shut) == []


def test_only_so_many_are_called_at_once() -> None:
    on = board(at_once=2)
    draw(on, "13900000001", "13900000002", "13900000003")
    assert len(dialled(on)) == 2
    citizen_says(on, 486)
    on.at(on.now + 3)
    assert len(dialled(on)) == 3


def test_one_who_could_not_be_called_for_days_is_given_up() -> None:
    on = board(hours=NEVER, keep_for=3600.0)
    draw(on, NUMBER)
    on.at(on.now + 3610)
    assert ended(on) == [("expired", False)] and on.control.next_deadline() is not None


def test_while_the_house_is_left_nobody_is_called() -> None:
    on = board(hours=NEVER)
    draw(on, NUMBER)
    on.control.rest(on.now)
    assert on.control.surveys.waiting == {}
