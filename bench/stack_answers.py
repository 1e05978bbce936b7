"""Answers every call with our stack and waits for its BYE: for `./hotline bench beside`.

    python -m bench.stack_answers PORT

Says `ready` when it listens. The stack on its UDP port as the engine has it, without call
control, journal, database and voice: what a library for SIP is to be compared with.
"""

import sys

from twisted.internet import reactor  # noqa: TID251 - a program of its own

from server.clock import Clock
from server.garbage import settle
from server.sip_ports import SipPorts
from server.tokens import Tokens
from sip import sdp
from sip.events import CallOffered
from sip.settings import Listening, StackSettings
from sip.stack import Stack

HOST, VOICE = "127.0.0.1", 39000
CODECS = ("PCMA", "PCMU")


class Answering:
    """A stack, its port, and the one thing it is to do."""

    def __init__(self, port: int) -> None:
        self._clock = Clock()
        settings = StackSettings(HOST, port, max_legs=20_000, max_transactions=100_000)
        self._stack = Stack(settings, None, Tokens())
        ours = [Listening("UDP", HOST, port)]
        self.ports = SipPorts(self._stack, reactor, self._clock, self._turn, ours)

    def _turn(self) -> None:
        while (event := self._stack.next_event()) is not None:
            if isinstance(event, CallOffered):
                self._answer(event)
        self.ports.flush()

    def _answer(self, event: CallOffered) -> None:
        now = self._clock()
        if event.offer is None:
            self._stack.reject(event.leg, 488, now)
            return
        agreed = sdp.agree(event.offer, CODECS)
        self._stack.answer(event.leg, sdp.answer(event.offer, agreed, HOST, VOICE, 1, 1), now)


def main() -> None:
    """Serve until the process is ended."""
    Answering(int(sys.argv[1])).ports.open()
    settle()
    print("ready", flush=True)
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
