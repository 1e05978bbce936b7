"""Being registered at a provider: renewed in time, and at another host when one fails (§10.2)."""

from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from sip.attempts import Attempts
from sip.chore import Chore
from sip.digest import Login
from sip.flow import Address
from sip.headers import Headers, parse_seconds
from sip.message import Malformed, Request, Response
from sip.port import Port
from sip.requests import MAX_FORWARDS
from sip.transactions import ClientTransaction
from sip.upstream import Upstream

BASE_WAIT, LONGEST_WAIT = 30.0, 1800.0
"""Seconds between two tries when every host failed (RFC 5626 §4.5)."""
REFUSED_WAIT = 300.0
"""Seconds at least, when a provider refuses us: asking more often gets accounts barred."""
NOT_LOCATED_WAIT = 1.0
_LONG = 1200
"""Seconds; a registration that is as long is renewed ten minutes before its end."""


@dataclass(frozen=True, slots=True)
class EnrolmentPlan:
    """What to register as."""

    login: Login
    expires: int
    """Seconds to ask for."""
    instance: str
    """A URN that stays the same over restarts: `urn:uuid:…` (RFC 5626 §4.1)."""


class Standing(StrEnum):
    """How it stands."""

    WAITING = "waiting"
    ASKING = "asking"
    REGISTERED = "registered"
    REFUSED = "refused"
    """The provider does not want us; asked again now and then."""
    UNREACHABLE = "unreachable"


class Enrolment(Chore):
    """One registration of ours. It sends one request at a time, and knows when the next is due."""

    def __init__(self, plan: EnrolmentPlan, upstream: Upstream) -> None:
        self.standing = Standing.WAITING
        self.status: int | None = None
        """Of the last final answer; 408 and 503 when there was none."""
        self.at: Address | None = None
        """The host that we are registered at."""
        self.until: float | None = None
        """When the registration ends."""
        self.plan, self.upstream = plan, upstream
        self._expires = plan.expires
        self._failures = 0
        self._due: float | None = None
        self._asked: ClientTransaction | None = None
        self._attempts: Attempts | None = None
        self._port: Port | None = None
        self._call_id, self._number = "", 0
        self._leaving = False

    @property
    def registered(self) -> bool:
        """True while calls find us."""
        return self.at is not None

    # -- as a chore -----------------------------------------------------------

    def begin(self, port: Port, now: float) -> None:
        """Register as soon as it is known where."""
        self._port, self._call_id, self._due = port, port.tokens(), now

    def next_deadline(self) -> float | None:
        """Return when `tick` is wanted; None if never."""
        return self._due

    def tick(self, now: float) -> None:
        """Register, or renew; at once if the host that we are registered at is gone."""
        self._look(now)
        if self._due is None or now < self._due:
            return
        targets = self.upstream.targets()
        if not targets:
            self._due = now + NOT_LOCATED_WAIT
            return
        if self.at is not None and not self.upstream.gone(self.at):
            targets = [self.at, *(target for target in targets if target != self.at)]
        self._attempts = Attempts(targets, self.plan.login)
        self._ask(self._expires, now)

    def _look(self, now: float) -> None:
        """Leave a host that is gone for one that is there."""
        free = self._asked is None and not self._leaving
        if free and self.at is not None and self.upstream.gone(self.at):
            others = [target for target in self.upstream.targets() if target != self.at]
            if others and not self.upstream.gone(others[0]):
                self._due = now

    @property
    def identity(self) -> str:
        """Whom we register as: who registers the same anew need not leave first."""
        return f"{self.plan.login.user}@{self.upstream.domain}"

    def leave(self, now: float, at: Address | None = None) -> None:
        """Take the registration back, where we are or `at`: no more calls are wanted."""
        self._leaving, self._due = True, None
        at = at or self.at
        if at is not None:
            self._attempts = Attempts([at], self.plan.login)
            self._ask(0, now)

    # -- what is asked ----------------------------------------------------------

    def _ask(self, expires: int, now: float) -> None:
        assert self._port is not None and self._attempts is not None
        self._number += 1
        self._send(self._request(self._port, expires), now)

    def _request(self, port: Port, expires: int) -> Request:
        assert self._attempts is not None
        target, domain = self._attempts.target, self.upstream.domain
        us = f"<sip:{self.plan.login.user}@{domain}>"
        fields = [
            ("Via", port.via(target)),
            MAX_FORWARDS,
            ("From", f"{us};tag={port.tokens()}"),
            ("To", us),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._number} REGISTER"),
            ("Contact", self._contact(port, target)),
            ("Expires", str(expires)),
            ("Supported", "path, outbound, timer"),
            ("Allow", ", ".join(port.methods)),
            ("User-Agent", port.settings.user_agent),
        ]
        return Request("REGISTER", f"sip:{domain}", Headers(fields))

    def _contact(self, port: Port, target: Address) -> str:
        """Return where calls are to come, with what makes it one flow (RFC 5626 §4.2)."""
        uri = port.settings.contact(target).replace("sip:", f"sip:{self.plan.login.user}@", 1)
        return f'{uri};+sip.instance="<{self.plan.instance}>";reg-id=1'

    def _send(self, request: Request, now: float) -> None:
        assert self._port is not None and self._attempts is not None
        self._due = None
        if not self.registered:
            self.standing = Standing.ASKING
        self._asked = self._port.transactions.send(request, self._attempts.target, now, self)

    # -- what is answered ---------------------------------------------------------

    def answered(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        """Take an answer."""
        if transaction is not self._asked or response.status < 200:
            return
        self.status = response.status
        if response.status < 300:
            self._accepted(transaction, response, now)
        elif self._attempts is not None and self._attempts.met(response):
            self._again(transaction, now)
        elif response.status == 423 and self._attempts is not None and self._longer(response):
            self._attempts.renew()
            self._ask(self._expires, now)
        elif response.status in (408, 480) or response.status >= 500:
            self._next_host(transaction, now, response)
        else:
            self._failed(Standing.REFUSED, max(REFUSED_WAIT, _wish(response)), now)

    def unanswered(self, transaction: ClientTransaction, now: float, status: int = 408) -> None:
        """Take it that nobody answered, or could be reached."""
        if transaction is self._asked:
            self.status = status
            self._next_host(transaction, now, None)

    def _again(self, transaction: ClientTransaction, now: float) -> None:
        assert self._port is not None and self._attempts is not None
        request = self._attempts.again(transaction.request, self._port)
        request.headers.replace("Contact", self._contact(self._port, self._attempts.target))
        self._number = request.headers.cseq.number
        self._send(request, now)

    def _next_host(
        self, transaction: ClientTransaction, now: float, response: Response | None
    ) -> None:
        if self._attempts is not None and self._attempts.move() and not self._leaving:
            self._again(transaction, now)
        else:
            wait = _wish(response) if response is not None else 0.0
            self._failed(Standing.UNREACHABLE, wait, now)

    def _accepted(self, transaction: ClientTransaction, response: Response, now: float) -> None:
        assert self._attempts is not None
        self._asked, self._failures = None, 0
        if self._leaving and transaction.request.headers.expires:
            self.leave(now, self._attempts.target)  # it was granted while we went
            return
        if self._leaving:
            self.standing, self.at, self.until = Standing.WAITING, None, None
            return
        granted = self._granted(response)
        self.standing, self.at = Standing.REGISTERED, self._attempts.target
        self.until = now + granted
        self._due = now + (granted / 2 if granted < _LONG else granted - 600)

    def _granted(self, response: Response) -> int:
        """Return for how long: as our Contact has it, else Expires, else as asked for."""
        ours = self.plan.login.user
        try:
            mine = [c for c in response.headers.contact if c.uri.user == ours]
        except Malformed:
            mine = []
        told = [c.params.get("expires") for c in mine] + [response.headers.get("expires")]
        seconds = [parse_seconds(value) for value in told if value is not None]
        return max(1, seconds[0]) if seconds else self._expires

    def _longer(self, response: Response) -> bool:
        """Take the least that a registrar allows; False if that is not longer, or absurd."""
        value = response.headers.get("min-expires") or ""
        least = int(value[:12]) if value.isascii() and value.isdigit() else 0
        if not self._expires < least <= 7 * 86400:
            return False
        self._expires = least
        return True

    def _failed(self, standing: Standing, least: float, now: float) -> None:
        """Wait, longer each time and not as long as others do (RFC 5626 §4.5)."""
        self._asked = None
        if self._leaving:
            return
        longest = min(LONGEST_WAIT, BASE_WAIT * 2 ** min(self._failures, 10))
        self._failures += 1
        share = 0.5 + crc32(f"{self._call_id}{self._number}".encode()) % 1000 / 2000
        self._due = now + max(least, longest * share)
        if self.until is None or self.until <= now or standing is Standing.REFUSED:
            self.standing, self.at, self.until = standing, None, None


def _wish(response: Response) -> float:
    """Return how long a server asks us to wait; no longer than it may."""
    value = (response.headers.get("retry-after") or "").split("(")[0].split(";")[0].strip()
    return min(LONGEST_WAIT, float(int(value[:6]))) if value.isascii() and value.isdigit() else 0.0
