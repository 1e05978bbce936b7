"""What a fuzzer feeds, and what must hold of each: pure, so that findings are tests too.

`tests/unit/bench/test_fuzz_findings.py` gives every file of `tests/fixtures/fuzz` to its target.
"""

from collections.abc import Callable
from itertools import count

from media import rtcp, rtp
from sip import sdp
from sip.events import CallOffered, LegReferred, LegReoffered, SipEvent
from sip.framing import Framing, Unframed
from sip.grammar import Malformed
from sip.message import parse
from sip.outgoing import Invitation
from sip.settings import StackSettings
from sip.stack import Stack

PEER = ("192.0.2.10", 5060)
SEPARATOR = b"\x00--\x00"
"""Between the datagrams of one conversation."""
OURS = sdp.offer("192.0.2.1", 20000, ("PCMA", "PCMU"), 1, 1)
ROUNDS = 200
"""Deadlines within which a stack that is left alone must have come to rest."""


def message(data: bytes) -> None:
    """A datagram is one message or none, and what is written is read again as it was."""
    try:
        read = parse(data)
    except Malformed:
        return
    again = parse(bytes(read))
    assert again.headers == read.headers and again.body == read.body, "parse(bytes(m)) == m"


def session(data: bytes) -> None:
    """A description is read or refused; what we answer to it can be read."""
    try:
        offer = sdp.parse(data)
        agreed = sdp.agree(offer, ("PCMA", "PCMU"))
    except (Malformed, sdp.NotAcceptable):
        return
    written = sdp.parse(sdp.answer(offer, agreed, "192.0.2.1", 20000, 1, 1))
    assert len(written.streams) == len(offer.streams), "as many streams as were offered"


def stream(data: bytes) -> None:
    """However the network cuts a stream, the same messages come out."""
    whole, pieces = _framed([data]), _framed([data[i : i + 1] for i in range(len(data))])
    assert whole == pieces, "where the network cuts changes nothing"


def packet(data: bytes) -> None:
    """An RTP packet is read or refused, and so is an RTCP one."""
    for read in (rtp.parse, rtcp.parse):
        try:
            read(data)
        except (rtp.Malformed, rtcp.Malformed):
            continue


def conversation(data: bytes) -> None:
    """Whatever is said, nothing is answered twice, and nothing is left in the end."""
    stage, *datagrams = data.split(SEPARATOR)
    names = (f"t{number}" for number in count())
    stack = Stack(StackSettings("192.0.2.1"), None, lambda: next(names))
    if stage[:1] in (b"O", b"o"):
        stack.invite(_invitation(), 0.0)
    for number, datagram in enumerate(datagrams[:12]):
        stack.to_send()
        stack.receive(datagram, PEER, number / 10)
        _at_most_one_answer(stack)
        _decide(stack, number, number / 10)
    _end(stack, len(datagrams) / 10)


def _framed(pieces: list[bytes]) -> list[object]:
    framing, found = Framing(0.0), []
    for piece in pieces:
        for one in framing.feed(piece, 0.0):
            found.append(one.status if isinstance(one, Unframed) else one)
    return found


def _invitation() -> Invitation:
    return Invitation("sip:1001@192.0.2.10", PEER, "sip:12345@192.0.2.1", OURS)


def _at_most_one_answer(stack: Stack) -> None:
    told = [datagram for datagram, _ in stack.to_send() if datagram.startswith(b"SIP/2.0 ")]
    assert len(told) == len(set(told)), "no answer twice at once"


def _decide(stack: Stack, number: int, now: float) -> None:
    """Decide on what is asked as call control would, now so and now so."""
    while (event := stack.next_event()) is not None:
        _answer(stack, event, number, now)


def _answer(stack: Stack, event: SipEvent, number: int, now: float) -> None:
    match event:
        case CallOffered(leg=leg) if number % 3 == 0:
            stack.ring(leg, now)
        case CallOffered(leg=leg) | LegReoffered(leg=leg):
            stack.answer(leg, OURS, now)
        case LegReferred(leg=leg):
            stack.accept_referral(leg, now)
            stack.tell_referral(leg, 200, "OK", now)
        case _:
            pass


def _end(stack: Stack, now: float) -> None:
    for leg in list(stack._legs):
        stack.hang_up(leg, now)
    for _ in range(ROUNDS):
        due = stack.next_deadline()
        if due is None:
            break
        stack.tick(max(now, due))
        stack.to_send()
        _decide(stack, 1, max(now, due))
    assert (stack.legs(), stack.transactions()) == (0, 0), "nothing is left over"


TARGETS: dict[str, Callable[[bytes], None]] = {
    "message": message,
    "session": session,
    "stream": stream,
    "packet": packet,
    "conversation": conversation,
}
