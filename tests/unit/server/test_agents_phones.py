"""Agents' phones as parties of their own: rung through proxies, and calling in."""

from calls.reasons import Reason
from media import commands as media
from server.admission import Doors
from sip.binding import Contact
from sip.digest import Challenge, Login, authorize
from sip.uri import Uri
from tests.helpers.switchboard import AGENT, PHONE, Switchboard, house, sdp


def registered(board: Switchboard, path: tuple[str, ...] = (), host: str = PHONE[0]) -> None:
    board.control.registrar._accounts[AGENT] = "geheim"  # type: ignore[index]  # a test's own
    uri = Uri.parse(f"sip:{AGENT}@10.0.0.9:5080")
    contact = Contact(AGENT, uri, (host, PHONE[1]), 9_999.0, "reg", 1, path=path)
    assert board.control.registrar.restore([contact]) == [contact]


def test_a_phone_behind_proxies_is_rung_through_them() -> None:
    board = Switchboard()
    registered(board, ("<sip:edge.example;lr>", "<sip:inner.example;lr;ob>"))
    board.sign_in()
    board.invite()
    board.ack()
    board.press("0")
    invite = board.rung()
    assert invite.startswith(f"INVITE sip:{AGENT}@10.0.0.9:5080 SIP/2.0\r\n")
    routes = [line for line in invite.split("\r\n") if line.startswith("Route")]
    assert routes == ["Route: <sip:edge.example;lr>", "Route: <sip:inner.example;lr;ob>"]


def credentials(board: Switchboard, user: str, password: str) -> tuple[tuple[str, str], ...]:
    asked = board.invite(call_id=f"asked-{user}-{password}")
    assert asked.status == 401
    challenge = Challenge.parse(asked.headers.get("WWW-Authenticate") or "")
    proof = authorize(challenge, Login(user, password), "INVITE", "sip:12345@x", "c", 1)
    return (("Authorization", proof),)


def test_an_agents_phone_that_belongs_to_no_trunk_calls_in_with_its_password() -> None:
    board = Switchboard(house=house(trunks=()))
    registered(board, host="127.0.0.1")
    proof = credentials(board, AGENT, "geheim")
    assert board.invite(call_id="in", more=proof).status == 200
    wrong = credentials(board, AGENT, "wrong")
    assert board.invite(call_id="out", more=wrong).status == 401
    assert board.control.refused == {Reason.FORBIDDEN: 3}


def test_who_may_register_and_is_no_agent_may_not_call() -> None:
    board = Switchboard(house=house(trunks=()))
    registered(board, host="127.0.0.1")
    board.control.registrar._accounts["lift"] = "x"  # type: ignore[index]  # a test's own
    assert board.invite(call_id="in", more=credentials(board, "lift", "x")).status == 403


def test_the_doors_know_calls_in_both_directions() -> None:
    board = Switchboard()
    board.invite()
    doors = board.control._doors()
    assert isinstance(doors, Doors)
    assert (doors.up, doors.by_trunk) == (1, {"loopback": 1})


def test_a_phone_with_a_headset_is_asked_to_answer_by_itself_and_others_are_not() -> None:
    for agents, asked in ((frozenset({AGENT}), True), (frozenset(), False)):
        board = Switchboard(house=house(auto_answer=agents))
        board.sign_in()
        board.invite()
        board.ack()
        board.press("0")
        assert (";answer-after=0" in board.rung()) is asked
        assert (";info=alert-autoanswer" in board.rung()) is asked


def test_a_phone_that_answers_and_never_says_a_word_is_taken_for_lost() -> None:
    board = Switchboard()
    board.sign_in()
    board.invite()
    board.ack()
    board.press("0")
    board.phone_says(200, sdp(7002))
    (leg,) = board.control.agents.by_media
    board.say(media.MediaSilent(leg, 10.0))
    assert board.fact("Returned").why == "agent_lost"  # type: ignore[union-attr]  # a return
    assert len(board.control.waiting) == 1
