"""RFC 4475 to the end: what the whole stack does with each message, not only the parser."""

from itertools import count

import pytest

from sip.events import CallOffered
from sip.registrar import Registrar, RegistrarLimits
from sip.settings import StackSettings
from sip.stack import Stack
from tests.conformance.rfc4475.test_torture import EXPECTED, octets

PEER = ("192.0.2.10", 5060)

# fmt: off
ANSWERED = {
    "wsinv": 481,  # with a To tag, of a dialog that is not there
    "intmeth": 405, "esc01": 100, "escnull": 401, "esc02": 405, "lwsdisp": 200, "longreq": 100,
    "dblreq": 401, "semiuri": 200, "transports": 200, "mpart01": 405,
    "badinv01": 400, "clerr": 400, "ncl": 400, "scalar02": 400, "quotbal": 400, "ltgtruri": 400,
    "lwsruri": 400, "lwsstart": 400, "trws": 400, "escruri": 400, "baddate": 100, "regbadct": 400,
    "badaspec": 400, "baddn": 400, "badvers": 505, "mismatch01": 400, "mismatch02": 400,
    "badbranch": 200, "insuf": 400, "unkscm": 416, "novelsc": 416, "unksm2": 401, "bext01": 420,
    "invut": 415, "regaut01": 401, "multi01": 400, "mcl01": 400, "zeromf": 483, "cparam01": 401,
    "cparam02": 401, "regescrt": 401, "sdp01": 406, "inv2543": 100,
}
# fmt: on
IGNORED = {"unreason", "noreason", "scalarlg", "bigcode", "bcast", "test"}
"""Answers to nothing that we asked, and what has no way back."""


def office() -> Registrar:
    return Registrar("hotline", {"1001": "x"}, ("MD5",), RegistrarLimits(), b"s" * 32)


def test_each_message_is_either_answered_or_ignored() -> None:
    assert sorted([*ANSWERED, *IGNORED]) == sorted(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_this_one_gets_its_one_answer_or_none_and_only_calls_are_told_of(name: str) -> None:
    names = (f"{number:016x}" for number in count())
    stack = Stack(StackSettings("192.0.2.1"), office(), lambda: next(names))
    stack.receive(octets(name), PEER, 0.0)
    sent = [int(datagram.split(b" ", 2)[1]) for datagram, _ in stack.to_send()]
    assert sent == ([ANSWERED[name]] if name in ANSWERED else [])
    offered = isinstance(stack.next_event(), CallOffered)
    assert offered == (sent == [100])
