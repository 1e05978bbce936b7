"""Phones that ring for a call of ours, and what they ask for before they answer.

RFC 3261 §12.1, §14.2, RFC 3262 §5, RFC 3311 §5.2.
"""

import pytest

from sip.events import LegAnswered, LegReoffered, LegRinging
from sip.message import parse
from sip.sdp import Audio
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, reply, request

MOVED = OFFER.replace(b"40000", b"40002")


class Ringing:
    """A phone that rings, reliably or not, with or without its side of the session."""

    def __init__(self, *, reliable: bool = False, body: bytes = b"") -> None:
        self.one = OneStack()
        self.leg = self.one.stack.invite(invitation(), 0.0)
        self.one.flush()
        self.invite = self.one.sent[0][0]
        self.ours = parse(self.invite).headers
        self.ring(reliable=reliable, body=body)

    def ring(self, tag: str = "phone", *, reliable: bool = False, body: bytes = b"") -> None:
        more = ("Require: 100rel", "RSeq: 7") if reliable else ()
        sent = self.one.receive(reply(self.invite, 183, to_tag=tag, more=more, body=body))
        assert sent == (["PRACK"] if reliable else [])
        assert self.one.events() == [LegRinging(self.leg, 183)]

    def asks(self, method: str, cseq: int = 1, *, tag: str = "phone", body: bytes = b"") -> str:
        """Let the phone send a request; return what it got."""
        ids = {"call_id": self.ours.call_id, "to_tag": self.ours.from_.tag or "", "from_tag": tag}
        sent = self.one.receive(request(method, cseq=cseq, body=body, **ids))  # type: ignore[arg-type]
        return ", ".join(sent)

    def answers(self, tag: str = "phone", *, body: bytes = b"") -> Audio | None:
        """Let the phone answer; return its side as it is told."""
        assert self.one.receive(reply(self.invite, 200, to_tag=tag, body=body)) == ["ACK"]
        (event,) = self.one.events()
        assert isinstance(event, LegAnswered)
        return None if event.answer is None else event.answer.audio


def port_of(audio: Audio | None) -> int | None:
    return None if audio is None else audio.port


def test_an_update_without_offer_is_answered_and_moves_the_target() -> None:
    phone = Ringing()
    assert phone.asks("UPDATE") == "200 UPDATE"
    assert "contact" in phone.one.last().headers
    assert phone.one.events() == []


def test_an_offer_before_ours_is_answered_reliably_is_491() -> None:
    phone = Ringing(body=OFFER)
    assert phone.asks("UPDATE", body=MOVED) == "491 UPDATE"
    assert port_of(phone.answers(body=OFFER)) == 40000


def test_an_update_after_a_reliable_answer_changes_the_session_that_the_200_begins() -> None:
    phone = Ringing(reliable=True, body=OFFER)
    assert phone.asks("UPDATE", body=MOVED) == ""
    (event,) = phone.one.events()
    assert isinstance(event, LegReoffered) and event.offer is not None
    assert phone.asks("UPDATE", 2, body=MOVED) == "500 UPDATE", "one at a time"
    phone.one.stack.answer(phone.leg, ANSWER, 1.0)
    assert phone.one.flush() == ["200 UPDATE"]
    assert phone.one.last().body == ANSWER
    assert port_of(phone.answers(body=OFFER)) == 40002, "the 200 repeats what was before"


def test_an_update_that_is_refused_leaves_the_session_as_it_was() -> None:
    phone = Ringing(reliable=True, body=OFFER)
    phone.asks("UPDATE", body=MOVED)
    phone.one.events()
    phone.one.stack.reject(phone.leg, 488, 1.0)
    assert phone.one.flush() == ["488 UPDATE"]
    assert port_of(phone.answers()) == 40000


def test_a_reliable_answer_counts_for_a_200_that_says_nothing() -> None:
    phone = Ringing(reliable=True, body=OFFER)
    assert port_of(phone.answers()) == 40000


def test_what_one_phone_said_while_it_rang_is_not_taken_for_another_that_answers() -> None:
    phone = Ringing(body=OFFER)
    phone.ring("other")
    assert phone.answers("other") is None


@pytest.mark.parametrize(
    ("method", "answer"), [("INVITE", "491 INVITE"), ("BYE", "481 BYE"), ("INFO", "481 INFO")]
)
def test_a_phone_that_rings_may_ask_for_little_else(method: str, answer: str) -> None:
    assert Ringing().asks(method) == answer


def test_a_phone_that_was_not_heard_of_has_no_dialog() -> None:
    assert Ringing().asks("UPDATE", tag="stranger") == "481 UPDATE"


def test_numbers_go_on_from_the_early_dialog() -> None:
    phone = Ringing()
    phone.asks("UPDATE", 5)
    assert phone.asks("UPDATE", 4) == "500 UPDATE"
    phone.answers(body=OFFER)
    assert phone.asks("BYE", 3) == "500 BYE"
    assert phone.asks("BYE", 6) == "200 BYE"
    phone.one.run(99.0)
    assert phone.one.empty()


def test_a_call_that_is_given_up_leaves_no_early_dialog() -> None:
    phone = Ringing()
    phone.one.stack.hang_up(phone.leg, 1.0)
    assert phone.one.flush() == ["CANCEL"]
    assert phone.asks("UPDATE") == "481 UPDATE"
    phone.one.run(99.0)
    assert phone.one.empty()
