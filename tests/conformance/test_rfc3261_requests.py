"""RFC 3261 §8, §9, §11 and RFC 3581 with the whole stack: what each request is, and gets."""

import pytest

from sip.events import CallConfirmed, CallOffered
from sip.message import Request, parse
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, OFFER, PEER, reply, request

STRANGER = ("203.0.113.9", 5060)
RELIABLE = ("Require: 100rel", "RSeq: 7")


class Kept(OneStack):
    """A stack of which everything that it sends is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[bytes] = []

    def flush(self) -> list[str]:
        lines = super().flush()
        self.kept += [datagram for datagram, _ in self.sent]
        return lines


def everything_that_we_send() -> list[Request]:
    """Have calls of ours and a caller's send a request of every kind; return them."""
    one = Kept()
    leg = one.stack.invite(invitation(), 0.0)
    one.flush()
    invite = one.sent[0][0]
    one.receive(reply(invite, 180, more=RELIABLE))  # PRACK
    settled = ("Session-Expires: 90;refresher=uac",)
    one.receive(reply(invite, 200, body=OFFER, more=settled))  # ACK
    one.stack.press(leg, "5", 1.0)  # INFO
    one.run(45.0)  # an INVITE that refreshes
    other = one.stack.invite(invitation(), 45.0)
    one.flush()
    one.receive(reply(one.sent[0][0], 180, to_tag="b"))
    one.stack.hang_up(other, 45.0)  # CANCEL
    one.stack.hang_up(leg, 45.0)  # BYE
    one.flush()
    one.events()
    event, tag = one.up()
    one.receive(request("REFER", cseq=2, to_tag=tag, more=("Refer-To: <sip:1@192.0.2.1>",)))
    one.stack.accept_referral(event.leg, 46.0)  # NOTIFY
    one.flush()
    return [message for message in map(parse, one.kept) if isinstance(message, Request)]


def test_each_request_of_ours_has_the_six_fields_that_each_must_have() -> None:
    requests = everything_that_we_send()
    kinds = {asked.method for asked in requests}
    assert kinds == {"INVITE", "PRACK", "ACK", "INFO", "CANCEL", "BYE", "NOTIFY"}
    for asked in requests:
        headers = asked.headers
        assert headers.max_forwards == 70
        assert headers.cseq.method == asked.method
        assert headers.from_.tag and headers.call_id
        assert headers.via.protocol == "SIP/2.0" and headers.via.unique
        assert headers.via.sent_by == ("192.0.2.1", 5060)
        assert headers.via.params["rport"] is None, "RFC 3581 §3: it has no value"
        assert "require" not in headers and "proxy-require" not in headers
        assert len(headers.contact) == (asked.method in ("INVITE", "NOTIFY"))


def test_no_branch_is_used_twice_but_by_the_cancel_of_its_invite() -> None:
    named = {bytes(asked) for asked in everything_that_we_send() if asked.method != "CANCEL"}
    branches = [parse(datagram).headers.via.branch for datagram in named]
    assert len(branches) == len(set(branches)) == 8


def test_each_request_of_ours_but_ack_says_that_we_know_of_session_timers() -> None:
    for asked in everything_that_we_send():
        assert ("timer" in asked.headers.all("supported")) == (asked.method != "ACK")


def test_what_a_caller_says_in_fields_that_nobody_knows_is_passed_over() -> None:
    one = OneStack()
    lines = ("X-Unheard-Of: a;b=c, d", "Also-This:", "P-Weather: 晴")
    assert isinstance(one.offered(more=lines), CallOffered)


@pytest.mark.parametrize(
    ("required", "unsupported"),
    [
        ("TIMER, 100Rel", []),
        ("timer, foo, 100rel, Bar", ["foo", "Bar"]),
        ("replaces", ["replaces"]),
    ],
)
def test_of_what_is_required_only_what_we_do_not_know_is_named(
    required: str, unsupported: list[str]
) -> None:
    one = OneStack()
    said = one.receive(request("INVITE", body=OFFER, more=(f"Require: {required}",)))
    assert said == (["420 INVITE"] if unsupported else ["100 INVITE"])
    assert one.last().headers.all("unsupported") == unsupported


def test_what_a_cancel_or_an_ack_requires_is_passed_over() -> None:
    one = OneStack()
    one.offered(branch="z9hG4bKx")
    cancel = request("CANCEL", branch="z9hG4bKx", more=("Require: foo",))
    assert one.receive(cancel) == ["200 CANCEL", "487 INVITE"]
    ack = request("ACK", branch="z9hG4bKx", to_tag="any", more=("Require: foo",))
    assert one.receive(ack) == []
    assert one.run(33.0) == [], "the 487 is not sent again"


@pytest.mark.parametrize(
    "disposition", ["render;handling=optional", "alert ; x=y ; Handling = Optional"]
)
def test_a_body_that_may_be_passed_over_counts_as_none(disposition: str) -> None:
    one = OneStack()
    event = one.offered(
        body=b"<html/>", content_type="text/html", more=(f"Content-Disposition: {disposition}",)
    )
    assert event.offer is None
    one.stack.answer(event.leg, ANSWER, 0.0)
    one.flush()
    tag = one.last().headers.to.tag or ""
    assert one.last().body == ANSWER, "our offer"
    one.receive(request("ACK", to_tag=tag, body=OFFER))
    assert one.events() == [CallConfirmed(event.leg, OFFER)]


@pytest.mark.parametrize("disposition", ["session", "render;handling=required", "render"])
def test_a_body_of_another_kind_that_must_be_understood_is_415(disposition: str) -> None:
    one = OneStack()
    more = (f"Content-Disposition: {disposition}",)
    asked = request("INVITE", body=b"<html/>", content_type="text/html", more=more)
    assert one.receive(asked) == ["415 INVITE"]
    assert one.last().headers.all("accept") == ["application/sdp"]


@pytest.mark.parametrize("encodings", ["gzip", "identity, gzip", "deflate"])
def test_each_encoding_of_a_body_must_be_known(encodings: str) -> None:
    one = OneStack()
    asked = request("INVITE", body=OFFER, more=(f"Content-Encoding: {encodings}",))
    assert one.receive(asked) == ["415 INVITE"]
    assert one.last().headers.all("accept-encoding") == ["identity"]


def test_a_description_in_another_language_is_as_good() -> None:
    assert OneStack().offered(more=("Content-Language: fr",)).offer is not None


def test_every_answer_to_an_invite_but_100_has_the_same_tag() -> None:
    one = OneStack()
    event = one.offered(more=("Timestamp: 54",))
    assert one.last().headers.to.tag is None
    one.stack.ring(event.leg, 0.0)
    one.flush()
    ringing = one.last().headers.to.tag
    one.stack.answer(event.leg, ANSWER, 1.0)
    one.flush()
    assert ringing and one.last().headers.to.tag == ringing


def test_a_request_that_a_refusal_answers_leaves_the_dialog_where_it_was() -> None:
    one = OneStack()
    event, tag = one.up()
    moved = "<sip:moved@192.0.2.99:5070>"
    one.receive(request("INVITE", cseq=2, to_tag=tag, body=OFFER, contact=moved))
    one.stack.reject(event.leg, 488, 0.0)
    one.flush()
    one.stack.hang_up(event.leg, 1.0)
    assert one.flush() == ["BYE"]
    assert one.sent[-1][1] == PEER


# -- §9 CANCEL ---------------------------------------------------------------


def test_the_cancel_is_the_invites_own_in_all_but_its_method() -> None:
    one = OneStack()
    routed = invitation(headers=(("Route", "<sip:192.0.2.77;lr>"), ("Require", "timer")))
    leg = one.stack.invite(routed, 0.0)
    one.flush()
    invite = parse(one.sent[0][0])
    one.receive(reply(one.sent[0][0], 180))
    one.stack.hang_up(leg, 1.0)
    assert one.flush() == ["CANCEL"]
    cancel, destination = one.last(), one.sent[0][1]
    assert isinstance(invite, Request) and isinstance(cancel, Request)
    assert cancel.uri == invite.uri and destination == PEER
    for name in ("via", "from", "to", "call-id", "route"):
        assert cancel.headers.all(name) == invite.headers.all(name)
    assert cancel.headers.cseq.number == invite.headers.cseq.number
    assert "require" not in cancel.headers and cancel.body == b""


def test_a_cancel_of_what_is_no_invite_is_200_and_changes_nothing() -> None:
    one = OneStack()
    _, tag = one.up()
    assert one.receive(request("BYE", cseq=2, to_tag=tag, branch="z9hG4bKb")) == ["200 BYE"]
    assert one.receive(request("CANCEL", cseq=2, to_tag=tag, branch="z9hG4bKb")) == ["200 CANCEL"]
    assert one.receive(request("CANCEL", cseq=2, to_tag=tag, branch="z9hG4bKc")) == ["481 CANCEL"]


def test_the_200_of_a_cancel_and_the_487_have_the_same_tag() -> None:
    one = OneStack()
    one.offered(branch="z9hG4bKx")
    one.receive(request("CANCEL", branch="z9hG4bKx"))
    tags = {parse(datagram).headers.to.tag for datagram, _ in one.sent}
    assert len(tags) == 1 and None not in tags


def test_a_cancel_by_another_branch_or_from_another_sender_finds_nothing() -> None:
    one = OneStack()
    one.offered(branch="z9hG4bKx")
    assert one.receive(request("CANCEL", branch="z9hG4bKy")) == ["481 CANCEL"]
    elsewhere = request("CANCEL", branch="z9hG4bKx", via="192.0.2.10:5062;rport")
    assert one.receive(elsewhere) == ["481 CANCEL"]


# -- §11 OPTIONS -------------------------------------------------------------


def test_options_get_what_an_invite_would_get_where_there_is_no_room() -> None:
    one = OneStack(max_legs=1)
    one.offered()
    assert one.receive(request("OPTIONS", call_id="c-2")) == ["503 OPTIONS"]
    assert one.receive(request("INVITE", call_id="c-3", body=OFFER)) == ["503 INVITE"]


def test_options_from_where_no_call_may_come_get_what_a_call_would_get() -> None:
    one = OneStack(callers={PEER[0]})
    assert one.receive(request("OPTIONS"), STRANGER) == ["403 OPTIONS"]
    assert one.receive(request("INVITE", body=OFFER), STRANGER) == ["403 INVITE"]
    assert one.receive(request("OPTIONS", call_id="c-2")) == ["200 OPTIONS"]
    assert one.stack.transactions() == 1


def test_what_is_refused_without_being_remembered_is_refused_alike_each_time() -> None:
    one = OneStack(callers={PEER[0]})
    asked = request("INVITE", body=OFFER, via="203.0.113.9:5060")
    assert one.receive(asked, STRANGER) == ["403 INVITE"]
    first = one.sent[0]
    assert one.receive(asked, STRANGER, at=1.0) == ["403 INVITE"]
    assert one.sent[0] == first and one.last().headers.to.tag
    assert one.receive(request("ACK", via="203.0.113.9:5060"), STRANGER) == []
    assert one.run(99.0) == [] and one.stack.transactions() == 0


def test_who_is_in_a_call_with_us_may_change_it_from_where_no_call_may_come() -> None:
    one = OneStack(callers=())
    leg = one.stack.invite(invitation(), 0.0)
    one.flush()
    invite = parse(one.sent[0][0])
    one.receive(reply(one.sent[0][0], 200, body=OFFER))
    one.events()
    ours = {"call_id": invite.headers.call_id, "from_tag": "phone"}
    hold = request("INVITE", to_tag=invite.headers.from_.tag or "", body=OFFER, **ours)  # type: ignore[arg-type]
    assert one.receive(hold) == ["100 INVITE"]
    guessed = request("INVITE", cseq=9, to_tag="nobody", body=OFFER, **ours)  # type: ignore[arg-type]
    assert one.receive(guessed) == ["403 INVITE"]
    assert one.stack.has(leg)  # type: ignore[arg-type]


# -- RFC 3581 -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("via", "noted", "answered"),
    [
        ("192.0.2.10:5060;rport", ("192.0.2.10", "40000"), ("192.0.2.10", 40000)),
        ("10.0.0.1:5070;rport", ("192.0.2.10", "40000"), ("192.0.2.10", 40000)),
        ("10.0.0.1:5070", ("192.0.2.10", None), ("192.0.2.10", 5070)),
        ("phone.example", ("192.0.2.10", None), ("192.0.2.10", 5060)),
        ("192.0.2.10:5070", (None, None), ("192.0.2.10", 5070)),
        ("10.0.0.1;received=203.0.113.1;rport=9", ("192.0.2.10", "40000"), ("192.0.2.10", 40000)),
        ("10.0.0.1:5070;maddr=203.0.113.1", ("192.0.2.10", None), ("192.0.2.10", 5070)),
    ],
)
def test_where_a_request_came_from_is_written_down_and_answered(
    via: str, noted: tuple[str | None, str | None], answered: tuple[str, int]
) -> None:
    one = OneStack()
    one.receive(request("OPTIONS", via=via), ("192.0.2.10", 40000))
    params = one.last().headers.via.params
    assert (params.get("received"), params.get("rport")) == noted
    assert one.sent[-1][1] == answered
