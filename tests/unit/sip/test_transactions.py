"""Which message belongs to which transaction: RFC 3261 §17.1.3, §17.2.3."""

from collections import Counter

from sip.message import Request, Response, parse, respond
from sip.settings import StackSettings
from sip.transactions import Transactions, cancelled_keys, server_key
from tests.helpers.sip_messages import PEER, reply, request


def asked(method: str, **how: object) -> Request:
    message = parse(request(method, **how))  # type: ignore[arg-type]
    assert isinstance(message, Request)
    return message


def test_an_ack_belongs_to_its_invite_and_a_cancel_is_its_own() -> None:
    invite = server_key(asked("INVITE", branch="z9hG4bKa"))
    assert server_key(asked("ACK", branch="z9hG4bKa", to_tag="x")) == invite
    cancel = server_key(asked("CANCEL", branch="z9hG4bKa"))
    assert cancel != invite
    about = list(cancelled_keys(cancel, ("INVITE", "ACK", "CANCEL", "BYE")))
    assert about == [invite, server_key(asked("BYE", branch="z9hG4bKa"))]


def test_one_branch_of_two_senders_is_two_transactions() -> None:
    here = asked("OPTIONS", branch="z9hG4bKa", via="192.0.2.10:5060")
    there = asked("OPTIONS", branch="z9hG4bKa", via="192.0.2.11:5060")
    assert server_key(here) != server_key(there)


def test_the_port_of_the_via_is_5060_where_it_says_none() -> None:
    here = asked("OPTIONS", branch="z9hG4bKa", via="192.0.2.10:5060")
    there = asked("OPTIONS", branch="z9hG4bKa", via="192.0.2.10")
    assert server_key(here) == server_key(there)


def test_without_the_magic_cookie_all_that_tells_calls_apart_is_compared() -> None:
    first = server_key(asked("INVITE", branch="1"))
    assert server_key(asked("ACK", branch="1", to_tag="x")) == first
    assert server_key(asked("INVITE", branch="1", cseq=2)) != first
    assert server_key(asked("INVITE", branch="1", call_id="other")) != first
    assert server_key(asked("INVITE", branch="1", uri="sip:other@192.0.2.1")) != first


def test_an_answer_finds_its_request_by_branch_and_method() -> None:
    transactions = Transactions(StackSettings("192.0.2.1", max_transactions=10), Counter())
    ours = asked("BYE", branch="z9hG4bKours", to_tag="x")
    mine = transactions.send(ours, PEER, 0.0)
    wrong = parse(reply(request("INFO", branch="z9hG4bKours", to_tag="x"), 200))
    right = parse(reply(bytes(ours), 200))
    assert isinstance(wrong, Response) and isinstance(right, Response)
    assert transactions.answered(wrong, 0.1) == (None, False)
    assert transactions.answered(right, 0.1) == (mine, True)
    assert transactions.answered(right, 0.2) == (mine, False), "again is no news"
    transactions.tick(9.0)
    assert len(transactions) == 0


def test_a_request_that_comes_again_before_any_answer_gets_none() -> None:
    transactions = Transactions(StackSettings("192.0.2.1", max_transactions=10), Counter())
    options = asked("OPTIONS")
    key = server_key(options)
    transaction = transactions.open(key, options, PEER, 0.0)
    assert transactions.known(key) is transaction
    transactions.repeated(transaction, "OPTIONS", 0.5)
    assert transactions.outbox == []
    transactions.respond(transaction, respond(options, 200, to_tag="x"), 0.6)
    transactions.repeated(transaction, "OPTIONS", 1.0)
    assert len(transactions.outbox) == 2


def test_what_only_lingers_is_forgotten_together_and_a_repeat_is_not_late() -> None:
    transactions = Transactions(StackSettings("192.0.2.1", max_transactions=10), Counter())
    ours = asked("BYE", branch="z9hG4bKours", to_tag="x")
    transactions.send(ours, PEER, 0.1)
    assert transactions.next_deadline() == 0.6, "Timer E"
    answer = parse(reply(bytes(ours), 200))
    assert isinstance(answer, Response)
    transactions.answered(answer, 0.2)
    assert transactions.next_deadline() == 5.5, "Timer K, at 5.2, and no wake-up of its own"
    transactions.tick(5.4)
    assert len(transactions) == 1
    transactions.tick(5.5)
    assert len(transactions) == 0
