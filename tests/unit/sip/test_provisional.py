"""Reliable provisional answers, ours and theirs (RFC 3262)."""

from sip.events import LegAnswered, LegEnded, LegRinging
from sip.provisional import RULES, Input, State
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.rules import endless, undecided
from tests.helpers.sip_messages import ANSWER, OFFER, reply, request

WANTS = ("Require: 100rel",)


def ringing() -> tuple[OneStack, str, str]:
    """Let a call ring that takes only reliable answers; return the stack, our tag, the RSeq."""
    one = OneStack()
    event = one.offered(more=WANTS)
    one.stack.ring(event.leg, 0.0)
    assert one.flush() == ["180 INVITE"]
    headers = one.last().headers
    assert headers.get("require") == "100rel"
    return one, headers.to.tag or "", headers.get("rseq") or ""


def prack(tag: str, rack: str, cseq: int = 2) -> bytes:
    return request("PRACK", cseq=cseq, to_tag=tag, more=(f"RAck: {rack}",))


def test_no_hole_in_the_table_and_every_way_ends() -> None:
    assert undecided(RULES, State, Input) == set()
    assert endless(RULES, State, State.OVER) == set()


def test_a_reliable_180_is_repeated_doubling_until_the_prack() -> None:
    one, tag, number = ringing()
    assert one.run(8.0) == [(at, "180 INVITE") for at in (0.5, 1.5, 3.5, 7.5)]
    assert one.receive(prack(tag, f"{number} 1 INVITE")) == ["200 PRACK"]
    assert one.run(59.0) == []


def test_a_minute_later_it_rings_reliably_again_by_the_next_number() -> None:
    one, tag, number = ringing()
    one.receive(prack(tag, f"{number} 1 INVITE"))
    assert one.run(60.0) == [(60.0, "180 INVITE")]
    following = one.last().headers.get("rseq") or ""
    assert int(following) == int(number) + 1
    assert one.receive(prack(tag, f"{number} 1 INVITE", 3)) == ["481 PRACK"]
    assert one.receive(prack(tag, f"{following} 1 INVITE", 4)) == ["200 PRACK"]


def test_a_prack_that_comes_after_the_200_is_answered_all_the_same() -> None:
    one, tag, number = ringing()
    (leg,) = one.stack._legs
    one.stack.answer(leg, ANSWER, 0.1)
    one.flush()
    one.receive(request("ACK", to_tag=tag), at=0.2)
    one.run(5.0)
    assert one.receive(prack(tag, f"{number} 1 INVITE")) == ["200 PRACK"]


def test_an_offer_in_a_prack_changes_nothing_as_no_answer_of_ours_came_before() -> None:
    one, tag, number = ringing()
    more = (f"RAck: {number} 1 INVITE",)
    sent = one.receive(request("PRACK", cseq=2, to_tag=tag, body=OFFER, more=more))
    assert (sent, one.last().body, one.events()) == (["200 PRACK"], b"", [])
    (leg,) = one.stack._legs
    one.stack.answer(leg, ANSWER, 1.0)
    assert one.flush() == ["200 INVITE"]


def test_a_prack_of_something_else_is_481_and_of_nothing_400() -> None:
    one, tag, number = ringing()
    assert one.receive(prack(tag, f"{int(number) + 1} 1 INVITE")) == ["481 PRACK"]
    assert one.receive(prack(tag, f"{number} 7 INVITE", 3)) == ["481 PRACK"]
    assert one.receive(prack(tag, "nonsense", 4)) == ["400 PRACK"]
    assert one.receive(prack(tag, f"{number} 1 INVITE", 5)) == ["200 PRACK"]
    assert one.receive(prack(tag, f"{number} 1 INVITE", 6)) == ["481 PRACK"]


def test_a_call_whose_180_is_never_acknowledged_is_refused() -> None:
    one, _, _ = ringing()
    assert (32.0, "504 INVITE") in one.run(32.0)
    (event,) = one.events()
    assert isinstance(event, LegEnded)
    assert event.why == "no_prack"
    one.run(100.0)
    assert one.empty()


def test_a_caller_who_does_not_ask_gets_a_plain_180() -> None:
    one = OneStack()
    event = one.offered(more=("Supported: 100rel",))
    one.stack.ring(event.leg, 0.0)
    one.flush()
    assert "rseq" not in one.last().headers


def test_to_a_caller_who_wants_our_offer_nothing_rings_reliably() -> None:
    one = OneStack()
    event = one.offered(more=WANTS, body=b"")
    one.stack.ring(event.leg, 0.0)
    assert one.flush() == []
    one.stack.answer(event.leg, ANSWER, 1.0)
    assert one.flush() == ["200 INVITE"]


def test_a_200_ends_the_repeats_of_the_180() -> None:
    one, tag, _ = ringing()
    (leg,) = one.stack._legs
    one.stack.answer(leg, ANSWER, 0.1)
    one.flush()
    one.receive(request("ACK", to_tag=tag), at=0.2)
    assert one.run(20.0) == []


# -- phones that we call --------------------------------------------------------------


def calling() -> tuple[OneStack, bytes]:
    one = OneStack()
    one.stack.invite(invitation(), 0.0)
    one.flush()
    return one, one.sent[0][0]


def reliable(datagram: bytes, number: int, tag: str = "phone") -> bytes:
    return reply(datagram, 180, to_tag=tag, more=("Require: 100rel", f"RSeq: {number}"))


def test_a_phones_reliable_180_gets_a_prack_and_its_repeat_none() -> None:
    one, invite = calling()
    assert one.receive(reliable(invite, 77)) == ["PRACK"]
    assert one.last().headers.get("rack") == "77 1 INVITE"
    assert one.last().headers.cseq.number == 2
    assert one.last().headers.to.tag == "phone"
    assert one.receive(reliable(invite, 77)) == []
    assert one.receive(reliable(invite, 79)) == []
    assert one.receive(reliable(invite, 78)) == ["PRACK"]
    assert next(type(event) for event in one.events()) is LegRinging


def test_requests_after_the_answer_count_on_from_the_prack() -> None:
    one, invite = calling()
    one.receive(reliable(invite, 77))
    one.receive(reply(one.sent[0][0], 200))
    one.receive(reply(invite, 200, body=OFFER))
    assert one.last().headers.cseq.number == 1, "the ACK"
    assert isinstance(one.events()[-1], LegAnswered)
    (leg,) = one.stack._legs
    one.stack.hang_up(leg, 5.0)
    assert one.flush() == ["BYE"]
    assert one.last().headers.cseq.number == 3


def test_a_plain_180_gets_no_prack() -> None:
    one, invite = calling()
    assert one.receive(reply(invite, 180)) == []
