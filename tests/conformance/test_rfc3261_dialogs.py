"""RFC 3261 §12 to §15 with the whole stack: dialogs, the INVITE, its changes, its end."""

import pytest

from sip.events import CallOffered, LegAnswered, LegEnded, LegReoffered
from sip.message import Request, Response, parse
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, HOLD, OFFER, PEER, first_line, reply, request

NO_UPDATE = ("Allow: INVITE, ACK, BYE, CANCEL", "Supported: timer")
OURS = (*NO_UPDATE, "Session-Expires: 100;refresher=uas")
ROUTES = ("Record-Route: <sip:192.0.2.77;lr;ftag=a>", "Record-Route: <sip:p.example:5080;lr>")


def called(one: OneStack, **how: object) -> tuple[str, Request]:
    """Have a phone take a call of ours; return the leg and our ACK."""
    leg = one.stack.invite(invitation(), one.now)
    one.flush()
    assert one.receive(reply(one.sent[0][0], 200, body=OFFER, **how)) == ["ACK"]  # type: ignore[arg-type]
    ack = one.last()
    assert isinstance(ack, Request)
    one.events()
    return leg, ack


# -- §12 -----------------------------------------------------------------------


def test_as_uas_every_record_route_comes_back_in_order_with_a_contact_of_ours() -> None:
    one = OneStack()
    event = one.offered(more=ROUTES)
    one.stack.ring(event.leg, 0.0)
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    for datagram, _ in one.sent:
        headers = parse(datagram).headers
        assert headers.all("record-route") == [
            "<sip:192.0.2.77;lr;ftag=a>",
            "<sip:p.example:5080;lr>",
        ]
        assert headers.get("contact") == "<sip:192.0.2.1:5060>"


def test_the_route_set_stays_for_the_whole_dialog() -> None:
    one = OneStack()
    event, tag = one.up(more=ROUTES[:1])
    other = ("Record-Route: <sip:203.0.113.5;lr>",)
    one.receive(request("UPDATE", cseq=2, to_tag=tag, more=other))
    one.stack.hang_up(event.leg, 1.0)
    one.flush()
    assert one.last().headers.all("route") == ["<sip:192.0.2.77;lr;ftag=a>"]


def test_as_uac_the_routes_of_the_200_count_and_not_those_of_the_180() -> None:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    invite = one.sent[0][0]
    one.receive(reply(invite, 180, more=("Record-Route: <sip:203.0.113.5;lr>",)))
    one.receive(reply(invite, 200, body=OFFER, more=ROUTES))
    assert one.last().headers.all("route") == [
        "<sip:p.example:5080;lr>",
        "<sip:192.0.2.77;lr;ftag=a>",
    ]


def test_in_the_other_direction_numbers_rise_by_one_from_the_invites() -> None:
    one = OneStack()
    leg, _ = called(one, more=("Session-Expires: 90;refresher=uac", "Allow: UPDATE"))
    numbers = []
    for method in ("UPDATE", "UPDATE"):
        one.run(one.now + 45)
        assert first_line(one.sent[0][0]) == method
        numbers.append(parse(one.sent[0][0]).headers.cseq.number)
        more = ("Session-Expires: 90;refresher=uac",)
        one.receive(reply(one.sent[0][0], 200, more=more))
    one.stack.hang_up(leg, one.now)  # type: ignore[arg-type]
    one.flush()
    assert [*numbers, one.last().headers.cseq.number] == [2, 3, 4]


def test_a_caller_without_a_tag_has_a_dialog_too() -> None:
    one = OneStack()
    invite = request("INVITE", body=OFFER).replace(b";tag=caller", b"")
    one.receive(invite)
    (event,) = one.events()
    assert isinstance(event, CallOffered)
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    one.receive(request("ACK", to_tag=tag).replace(b";tag=caller", b""))
    assert one.receive(request("BYE", cseq=2, to_tag=tag).replace(b";tag=caller", b"")) == [
        "200 BYE"
    ]


def test_a_number_that_fell_is_500_and_the_next_right_one_is_served() -> None:
    one = OneStack()
    _, tag = one.up(cseq=10)
    for cseq, answer in ((20, "200"), (15, "500"), (20, "200"), (21, "200")):
        branch = f"z9hG4bK-{cseq}-{answer}-{one.stack.transactions()}"
        sent = one.receive(request("INFO", cseq=cseq, to_tag=tag, branch=branch))
        assert sent == [f"{answer} INFO"]


def test_a_200_to_our_refresh_moves_the_target_and_a_refusal_does_not() -> None:
    one = OneStack()
    leg, _ = called(one, more=("Session-Expires: 90;refresher=uac", "Allow: UPDATE"))
    one.run(45.0)
    moved = "<sip:moved@192.0.2.10:5090>"
    more = ("Session-Expires: 90;refresher=uac",)
    one.receive(reply(one.sent[0][0], 200, contact=moved, more=more))
    one.run(90.0)
    one.receive(reply(one.sent[0][0], 500, contact="<sip:lost@192.0.2.10:5099>"))
    one.stack.hang_up(leg, 91.0)  # type: ignore[arg-type]
    one.flush()
    bye = one.last()
    assert isinstance(bye, Request) and bye.uri == "sip:moved@192.0.2.10:5090"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_change_of_the_peers_moves_the_target_when_it_is_accepted(method: str) -> None:
    one = OneStack()
    event, tag = one.up()
    moved = "<sip:moved@192.0.2.99:5070>"
    one.receive(request(method, cseq=2, to_tag=tag, body=HOLD, contact=moved))
    one.stack.answer(event.leg, ANSWER, 1.0)
    one.receive(request("ACK", cseq=2, to_tag=tag))
    one.stack.hang_up(event.leg, 2.0)
    assert one.flush() == ["BYE"]
    bye = one.last()
    assert isinstance(bye, Request) and bye.uri == "sip:moved@192.0.2.99:5070"


# -- §13 -----------------------------------------------------------------------


def test_answers_after_the_first_final_one_change_nothing() -> None:
    one = OneStack()
    leg, _ = called(one)
    invite = next(iter(one.stack._transactions._client.values())).datagram
    one.receive(reply(invite, 486))
    one.receive(reply(invite, 180))
    assert one.events() == []
    assert one.stack.has(leg)  # type: ignore[arg-type]


def test_the_ack_of_a_200_is_a_request_of_its_own_to_the_contact() -> None:
    one = OneStack()
    _, ack = called(one, contact="<sip:desk@192.0.2.44:5066>")
    assert ack.uri == "sip:desk@192.0.2.44:5066"
    assert ack.headers.cseq.number == 1 and ack.headers.cseq.method == "ACK"
    assert ack.headers.to.tag == "phone"
    assert ack.body == b"", "the offer was ours: nothing is left to answer"


def test_the_2xx_goes_on_at_4_seconds_until_64_t1_and_then_comes_bye() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    fired = one.run(32.0)
    assert [at for at, line in fired if line == "200 INVITE"] == [
        0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5,
    ]  # fmt: skip
    assert fired[-1] == (32.0, "BYE")
    assert one.events() == [LegEnded(event.leg, by_peer=False, why="no_ack")]


# -- §14 -----------------------------------------------------------------------


def refreshing(one: OneStack) -> tuple[CallOffered, str, bytes]:
    """Let our refresh of a caller's call be under way, a re-INVITE; return it."""
    event, tag = one.up(more=OURS)
    assert one.run(50.0) == [(50.0, "INVITE")]
    return event, tag, one.sent[0][0]


def test_while_a_re_invite_of_ours_is_under_way_theirs_is_491() -> None:
    one = OneStack()
    _, tag, ours = refreshing(one)
    assert one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD)) == ["491 INVITE"]
    assert one.receive(request("UPDATE", cseq=3, to_tag=tag, body=HOLD)) == ["491 UPDATE"]
    assert one.receive(reply(ours, 200, body=OFFER)) == ["ACK"]
    assert one.receive(request("INVITE", cseq=4, to_tag=tag, body=HOLD)) == ["100 INVITE"]


def test_a_refresh_of_ours_waits_until_theirs_is_answered_and_acknowledged() -> None:
    one = OneStack()
    event, tag = one.up(more=OURS)
    one.run(49.0)
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD, more=OURS), at=49.0)
    assert one.run(51.9) == [], "not while theirs waits for our word"
    one.stack.answer(event.leg, ANSWER, 51.9)
    one.flush()
    assert {line for _, line in one.run(54.0)} == {"200 INVITE"}, "nor before the ACK"
    one.receive(request("ACK", cseq=2, to_tag=tag), at=54.0)
    assert one.run(102.0) == [(101.9, "INVITE")]


def test_the_back_off_after_491_is_longer_for_who_began_the_call() -> None:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    more = ("Session-Expires: 100;refresher=uac", "Allow: INVITE")
    one.receive(reply(one.sent[0][0], 200, body=OFFER, more=more))
    one.run(50.0)
    one.receive(reply(one.sent[0][0], 491))
    at, line = one.run(54.0)[0]
    assert line == "INVITE" and 52.1 <= at <= 54.0


def test_an_offer_of_the_peers_moves_nothing_until_it_is_accepted() -> None:
    one = OneStack()
    event, tag = one.up()
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=HOLD))
    assert isinstance(one.events()[0], LegReoffered)
    one.stack.reject(event.leg, 488, 1.0)
    assert one.flush() == ["488 INVITE"]
    assert one.stack.has(event.leg)


# -- §15 -----------------------------------------------------------------------


def test_a_bye_to_a_call_that_was_never_answered_waits_for_nothing_and_is_no_bye() -> None:
    one = OneStack()
    event = one.offered()
    one.stack.hang_up(event.leg, 1.0)
    assert one.flush() == ["480 INVITE"], "as callee there is no BYE before the 200 (§15)"


def test_what_comes_in_a_call_that_is_over_is_481() -> None:
    one = OneStack()
    _, tag = one.up()
    one.receive(request("BYE", cseq=2, to_tag=tag))
    assert one.receive(request("BYE", cseq=3, to_tag=tag)) == ["481 BYE"]
    assert one.receive(request("INVITE", cseq=4, to_tag=tag, body=HOLD)) == ["481 INVITE"]


@pytest.mark.parametrize("status", [200, 401, 481, 500])
def test_our_bye_ends_the_call_whatever_is_said_to_it(status: int) -> None:
    one = OneStack()
    event, _ = one.up()
    one.stack.hang_up(event.leg, 1.0)
    one.flush()
    one.receive(reply(one.sent[0][0], status))
    assert not one.stack.has(event.leg)


def test_a_forked_call_has_a_dialog_for_each_answer_and_keeps_the_first() -> None:
    one = OneStack()
    leg = one.stack.invite(invitation(), 0.0)
    one.flush()
    invite = one.sent[0][0]
    assert one.receive(reply(invite, 200, to_tag="a", body=OFFER)) == ["ACK"]
    assert one.receive(reply(invite, 200, to_tag="b", body=OFFER)) == ["ACK", "BYE"]
    assert {parse(datagram).headers.to.tag for datagram, _ in one.sent} == {"b"}
    (event,) = one.events()
    assert isinstance(event, LegAnswered) and event.leg == leg
    bye = parse(one.sent[-1][0])
    assert bye.headers.cseq.number == 2 and one.sent[-1][1] == PEER
    assert not isinstance(bye, Response)
