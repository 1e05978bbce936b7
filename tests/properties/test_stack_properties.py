"""Whatever peers send, in whatever order, and whatever the network does to it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sip.events import CallConfirmed, CallOffered, LegAnswered, LegReoffered, SipEvent
from tests.helpers.lossy_network import LossyNetwork, Weather
from tests.helpers.one_stack import OneStack, invitation
from tests.helpers.sip_messages import ANSWER, HOLD, OFFER, PEER, reply, request

FAST = settings(max_examples=120)
METHODS = ("INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "REFER", "FOO")
LINES = (
    "Require: x", "Record-Route: <sip:192.0.2.9;lr>", "Record-Route: <<", "Route: nonsense",
    "Session-Expires: 1", "Session-Expires: ²", "Replaces: a;to-tag=b;from-tag=c", "Replaces: ;;",
    "Contact: *", "P-Asserted-Identity: ,", "Content-Encoding: x", "Expires: -1", "Max-Forwards: 0",
)  # fmt: skip
BODIES = (b"", OFFER, HOLD, b"v=0\r\n", b"\xff\x00", b"Signal=5", b"Signal=99")
TYPES = ("application/sdp", "application/dtmf-relay", "application/dtmf", "text/plain", ";", "")

requests = st.builds(
    request,
    st.sampled_from(METHODS),
    cseq=st.integers(0, 3),
    branch=st.sampled_from(("z9hG4bKa", "z9hG4bKb", "z9hG4bK", "old")),
    to_tag=st.sampled_from(("", "t1", "nobody")),
    call_id=st.sampled_from(("call-1", "call-2")),
    uri=st.sampled_from(("sip:12345@192.0.2.1", "tel:1", "x:y", "sip:", "sip:a;b@[::1]")),
    body=st.sampled_from(BODIES),
    content_type=st.sampled_from(TYPES),
    more=st.lists(st.sampled_from(LINES), max_size=3).map(tuple),
    contact=st.sampled_from((None, "<sip:a@192.0.2.10>", "<sip:a@x?y=z>", "tel:1", "<<")),
    via=st.sampled_from(("192.0.2.10:5060;rport", "x", "[::1]:1", "192.0.2.10;maddr=192.0.2.99")),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a request with a piece of it replaced."""
    datagram = draw(requests)
    start = draw(st.integers(0, len(datagram)))
    return (
        datagram[:start]
        + draw(st.binary(max_size=6))
        + datagram[start + draw(st.integers(0, 20)) :]
    )


@FAST
@given(st.one_of(st.binary(max_size=300), requests, damaged()))
def test_any_datagram_never_raises_and_gets_at_most_one_answer(datagram: bytes) -> None:
    one = OneStack()
    one.stack.receive(datagram, PEER, 0.0)
    answers = one.stack.to_send()
    assert len(answers) <= 1
    assert all(answer.startswith(b"SIP/2.0 ") for answer, _ in answers)
    one.stack.receive(datagram, PEER, 0.1)
    assert len(one.stack.to_send()) <= 1


@FAST
@given(st.lists(st.one_of(requests, damaged()), max_size=12), st.integers(0, 2))
def test_a_call_survives_any_datagrams_of_others_or_ends_in_order(
    datagrams: list[bytes], stage: int
) -> None:
    """No answer comes twice for one request, and in the end nothing is left."""
    one = OneStack()
    if stage:
        event = one.offered(branch="z9hG4bKa")
        if stage > 1:
            one.stack.answer(event.leg, ANSWER, 0.0)
    for number, datagram in enumerate(datagrams):
        one.stack.to_send()
        one.stack.receive(datagram, PEER, number / 10)
        answered = [requested(answer) for answer, _ in one.stack.to_send()]
        assert len(answered) == len(set(answered))
    end_everything(one)


def requested(answer: bytes) -> tuple[bytes, ...]:
    """Return what tells which request an answer, or a request of ours, is about."""
    return tuple(line for line in answer.split(b"\r\n") if line[:4] in (b"Via:", b"CSeq"))


def end_everything(one: OneStack) -> None:
    """Hang up whatever there is, let every timer pass, and look for what is left."""
    for leg in list(one.stack._legs):
        one.stack.hang_up(leg, one.now + 2.0)
    one.stack.to_send()
    while (due := one.stack.next_deadline()) is not None and due < 2000.0:
        one.stack.tick(due)
        one.stack.to_send()
    assert one.empty()
    assert one.stack.next_deadline() is None


class CallControl:
    """Somebody who answers, rings, rejects and hangs up as the draw says, but never twice."""

    def __init__(self, one: OneStack) -> None:
        self.one = one
        self.undecided: list[str] = []
        self.all: list[str] = []

    def take(self, events: list[SipEvent]) -> None:
        for event in events:
            if isinstance(event, CallOffered | LegReoffered):
                self.undecided.append(event.leg)
                self.all.append(event.leg)

    def act(self, what: str) -> None:
        stack, now = self.one.stack, self.one.now
        if what == "hang up" and self.all:
            leg = self.all.pop()
            self.undecided = [other for other in self.undecided if other != leg]
            stack.hang_up(leg, now)  # type: ignore[arg-type]
        elif what == "invite":
            self.all.append(stack.invite(invitation(), now))
        elif self.undecided and what == "answer":
            stack.answer(self.undecided.pop(), ANSWER, now)  # type: ignore[arg-type]
        elif self.undecided and what == "reject":
            stack.reject(self.undecided.pop(), 486, now)  # type: ignore[arg-type]


ACTS = ("answer", "reject", "hang up", "invite", "wait 0.3", "wait 5", "wait 33", "reply 100")
ACTS += ("reply 180", "reply 200", "reply 486", "reply 200 fork", "reply 487", "request")


@FAST
@given(st.lists(st.tuples(st.sampled_from(ACTS), requests), max_size=20))
def test_any_order_of_events_ends_every_transaction(steps: list[tuple[str, bytes]]) -> None:
    one = OneStack()
    control, asked = CallControl(one), []
    for what, datagram in steps:
        kind, _, rest = what.partition(" ")
        if kind == "wait":
            one.run(one.now + float(rest))
        elif kind == "reply" and asked:
            body = OFFER if rest.startswith("200") else b""
            tag = "fork" if rest.endswith("fork") else "phone"
            answer = reply(asked[-1], int(rest.split()[0]), to_tag=tag, body=body)
            one.stack.receive(answer, PEER, one.now)
        elif kind == "request":
            one.stack.receive(datagram, PEER, one.now)
        else:
            control.act(what)
        sent = [d for d, _ in one.stack.to_send()]
        asked += [d for d in sent if not d.startswith((b"SIP/2.0", b"ACK"))]
        control.take(one.events())
    end_everything(one)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_calls_over_a_bad_network_end_alike_on_both_sides(seed: int) -> None:
    """A third is lost, a fifth doubled, and datagrams overtake each other."""
    network = LossyNetwork(seed, Weather(lost=0.33, doubled=0.2, jitter=0.8))
    hotline = network.join("hotline", ("192.0.2.1", 5060))
    caller = network.join("caller", ("192.0.2.10", 5060))
    seen: list[tuple[str, str]] = []

    def react(name: str, event: SipEvent) -> None:
        seen.append((name, type(event).__name__))
        if isinstance(event, CallOffered):
            hotline.answer(event.leg, ANSWER, network.now)
        elif isinstance(event, CallConfirmed) and seed % 2:
            hotline.hang_up(event.leg, network.now)
        elif isinstance(event, LegAnswered) and not seed % 2:
            network.at(network.now + 3.0, lambda: caller.hang_up(event.leg, network.now))

    network.on_event = react
    to_us = {"to_uri": "sip:12345@192.0.2.1", "destination": ("192.0.2.1", 5060)}
    network.at(0.0, lambda: caller.invite(invitation(**to_us), 0.0))
    network.run(400.0)
    assert seen.count(("hotline", "CallOffered")) <= 1
    assert seen.count(("caller", "LegAnswered")) <= 1
    for stack in (hotline, caller):
        assert (stack.legs(), stack.transactions(), stack.next_deadline()) == (0, 0, None), seed
