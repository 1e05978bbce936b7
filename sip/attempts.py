"""One request tried until somebody takes it: host after host, and with proof where it is asked for.

RFC 3261 §22.2, §22.3 say how a challenge is met, RFC 3263 §4.3 when the next host is tried.
"""

from collections.abc import Sequence

from sip.digest import Challenge, Login, authorize, choose
from sip.flow import Address
from sip.message import Request, Response
from sip.port import Port

FAILOVER = (408, 503)
"""Answers after which another host may do better; time-outs and transport errors count as these."""
_CHALLENGES = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}
_PROOFS_LIMIT = 4
"""Challenges of one host that are met for one request: its own, a proxy's, and stale ones."""


class Attempts:
    """Where a request goes, and what it proves there."""

    def __init__(self, targets: Sequence[Address], login: Login | None = None) -> None:
        """`targets` in the order in which they are to be tried; at least one."""
        self.target = targets[0]
        self._left = list(targets[1:])
        self._login = login
        self._met: dict[str, Challenge] = {}
        """By the field that met it."""
        self._proofs = 0

    @property
    def last(self) -> bool:
        """True while no other host is left to try."""
        return not self._left

    def move(self) -> bool:
        """Go on to the next host; False if there is none."""
        if not self._left:
            return False
        self.target = self._left.pop(0)
        self._met, self._proofs = {}, 0
        return True

    def met(self, response: Response) -> bool:
        """Take a challenge; False if it cannot be met, or was not met by what we sent."""
        fields = _CHALLENGES.get(response.status)
        if fields is None or self._login is None or self._proofs >= _PROOFS_LIMIT:
            return False
        asked, told = fields
        challenge = choose(response.headers.all(asked))
        if challenge is None or (told in self._met and not challenge.stale):
            return False
        self._met[told] = challenge
        self._proofs += 1
        return True

    def renew(self) -> None:
        """Begin anew with what is proved: a nonce is used once, and the next request needs one."""
        self._met = {}

    def again(self, before: Request, port: Port) -> Request:
        """Return the request anew: a new branch, the next number, and every proof asked for."""
        request = Request(before.method, before.uri, before.headers.copy(), before.body)
        headers = request.headers
        headers.replace("Via", port.via(self.target))
        headers.replace("CSeq", f"{before.headers.cseq.number + 1} {before.method}")
        for _, told in _CHALLENGES.values():
            headers.remove(told)
        for told, challenge in self._met.items():
            headers.add(told, self._proof(challenge, request, port.tokens()))
        return request

    def _proof(self, challenge: Challenge, request: Request, cnonce: str) -> str:
        """Prove who we are; each request has a nonce to itself, so its count is 1."""
        assert self._login is not None, "met without a login"
        return authorize(challenge, self._login, request.method, request.uri, cnonce, 1)
