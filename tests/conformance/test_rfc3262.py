"""RFC 3262 with the whole stack: reliable provisional answers, ours and theirs."""

import pytest

from sip.events import CallOffered, LegRinging
from sip.message import Request, parse
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, reply, request

WANTS = ("Require: 100rel",)


def ringing(one: OneStack, **how: object) -> CallOffered:
    event = one.offered(**how)
    one.stack.ring(event.leg, 0.0)
    one.flush()
    return event


def prack(tag: str, number: str, cseq: int = 2) -> bytes:
    return request("PRACK", cseq=cseq, to_tag=tag, more=(f"RAck: {number} 1 INVITE",))


def test_100_is_never_sent_reliably() -> None:
    one = OneStack()
    one.offered(more=WANTS)
    assert "rseq" not in one.last().headers and "require" not in one.last().headers


def test_whoever_merely_can_take_reliable_answers_gets_plain_ones() -> None:
    one = OneStack()
    ringing(one, more=("Supported: 100rel",))
    assert "rseq" not in one.last().headers


def test_the_first_rseq_is_within_31_bits_and_differs_between_calls() -> None:
    one, numbers = OneStack(), set()
    for call_id in ("a", "b", "c"):
        ringing(one, more=WANTS, call_id=call_id)
        numbers.add(int(one.last().headers.get("rseq") or 0))
    assert len(numbers) == 3
    assert all(1 <= number < 2**31 for number in numbers)


def test_nothing_new_rings_reliably_before_the_prack() -> None:
    one = OneStack()
    event = ringing(one, more=WANTS)
    one.stack.ring(event.leg, 0.1)
    assert one.flush() == []


def test_a_repeated_invite_gets_the_same_reliable_answer() -> None:
    one = OneStack()
    ringing(one, more=WANTS)
    before = one.sent[-1][0]
    assert one.receive(request("INVITE", body=OFFER, more=WANTS)) == ["180 INVITE"]
    assert one.sent[-1][0] == before


def test_one_prack_is_enough_and_a_second_of_its_own_number_finds_nothing() -> None:
    one = OneStack()
    ringing(one, more=WANTS)
    tag, number = one.last().headers.to.tag or "", one.last().headers.get("rseq") or ""
    first = prack(tag, number)
    assert one.receive(first) == ["200 PRACK"]
    assert one.receive(first) == ["200 PRACK"], "the same request again: the same answer"
    assert one.receive(prack(tag, number, 3)) == ["481 PRACK"]


def test_a_re_invite_is_answered_without_anything_reliable() -> None:
    one = OneStack()
    event, tag = one.up()
    assert one.receive(request("INVITE", cseq=2, to_tag=tag, body=OFFER, more=WANTS)) == [
        "100 INVITE"
    ]
    one.stack.answer(event.leg, ANSWER, 1.0)
    assert one.flush() == ["200 INVITE"]
    assert "rseq" not in one.last().headers


def test_after_the_200_nothing_rings_any_more_but_its_prack_is_still_taken() -> None:
    one = OneStack()
    event = ringing(one, more=WANTS)
    tag, number = one.last().headers.to.tag or "", one.last().headers.get("rseq") or ""
    one.stack.answer(event.leg, ANSWER, 0.2)
    one.flush()
    assert {line for _, line in one.run(3.0)} == {"200 INVITE"}
    assert one.receive(prack(tag, number)) == ["200 PRACK"]


# -- as UAC ---------------------------------------------------------------------


def called(one: OneStack) -> tuple[str, bytes]:
    leg = one.stack.invite(invitation(), 0.0)
    one.flush()
    return leg, one.sent[0][0]


def reliable(invite: bytes, number: int, status: int = 180, tag: str = "phone") -> bytes:
    return reply(invite, status, to_tag=tag, more=("Require: 100rel", f"RSeq: {number}"))


def test_our_invite_says_that_we_take_them_and_insists_on_none() -> None:
    one = OneStack()
    invite = parse(called(one)[1])
    assert "100rel" in invite.headers.all("supported") and "require" not in invite.headers


def test_each_in_order_gets_its_prack_and_what_is_out_of_order_is_as_good_as_none() -> None:
    one = OneStack()
    leg, invite = called(one)
    assert one.receive(reliable(invite, 70)) == ["PRACK"]
    assert one.last().headers.get("rack") == "70 1 INVITE"
    assert one.receive(reliable(invite, 70)) == [], "the same again"
    assert one.receive(reliable(invite, 72, 183)) == [], "71 is missing"
    assert one.receive(reliable(invite, 69, 183)) == [], "older"
    assert one.events() == [LegRinging(leg, 180)]
    assert one.receive(reliable(invite, 71, 183)) == ["PRACK"]
    assert one.receive(reliable(invite, 72, 183)) == ["PRACK"]
    assert one.last().headers.get("rack") == "72 1 INVITE"
    assert one.events() == [LegRinging(leg, 183)] * 2  # type: ignore[list-item]


def test_each_phone_that_rings_counts_by_itself() -> None:
    one = OneStack()
    _, invite = called(one)
    assert one.receive(reliable(invite, 70, tag="a")) == ["PRACK"]
    assert one.receive(reliable(invite, 5, tag="b")) == ["PRACK"]
    assert one.last().headers.to.tag == "b"


@pytest.mark.parametrize("number", ["0", "2147483648", "x", "-1"])
def test_a_number_that_cannot_be_gets_no_prack(number: str) -> None:
    one = OneStack()
    _, invite = called(one)
    lines = ("Require: 100rel", f"RSeq: {number}")
    assert one.receive(reply(invite, 180, more=lines)) == []


def test_a_100_that_claims_to_be_reliable_gets_no_prack() -> None:
    one = OneStack()
    _, invite = called(one)
    assert one.receive(reliable(invite, 7, 100)) == []


def test_a_prack_goes_by_the_routes_of_the_answer_and_is_repeated_until_its_own() -> None:
    one = OneStack()
    _, invite = called(one)
    lines = ("Require: 100rel", "RSeq: 7", "Record-Route: <sip:192.0.2.77;lr>")
    assert one.receive(reply(invite, 183, more=lines)) == ["PRACK"]
    prack, to = one.last(), one.sent[0][1]
    assert isinstance(prack, Request) and to == ("192.0.2.77", 5060)
    assert prack.uri == "sip:phone@192.0.2.10:5060"
    assert "require" not in prack.headers
    assert one.run(1.5) == [(0.5, "PRACK"), (1.5, "PRACK")]
    one.receive(reply(bytes(prack), 200))
    assert one.run(5.0) == []
