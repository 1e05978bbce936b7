"""Where our phones are: registration with digest (RFC 3261 §10.3, §22; RFC 8760).

A phone is reached at the address that its REGISTER came from, so that one
behind NAT is reachable; its Contact is what to call it there.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sip import binding
from sip.address import NameAddr
from sip.binding import Contact, FirstHopLacksOutbound
from sip.digest import Account, Nonces, Proof, Realm
from sip.flow import Address, Flow
from sip.grammar import Malformed
from sip.guesses import Guessed, Guesses
from sip.headers import parse_seconds
from sip.message import Request, Response, respond
from sip.uri import Uri


@dataclass(frozen=True, slots=True)
class RegistrarLimits:
    """What phones may ask for. Times are seconds."""

    least_expires: int = 60
    """Shorter is refused with 423, which names this."""
    most_expires: int = 3600
    """Longer is shortened to this."""
    usual_expires: int = 600
    """For a phone that does not say."""
    contacts: int = 5
    """Of one user. One more, and the one that was longest silent makes way."""
    nonce_lifetime: float = 300.0
    wrong_passwords: int = 20
    """For one user from one host; after these none is looked at for `wrong_lasting`."""
    wrong_lasting: float = 600.0


@dataclass(frozen=True, slots=True)
class PhoneRegistered:
    """A phone is there, or still there."""

    user: str
    contact: Uri
    source: Address
    expires_at: float


@dataclass(frozen=True, slots=True)
class PhoneGone:
    """A phone signed off, fell silent, or made way."""

    user: str
    contact: Uri


RegistrarEvent = PhoneRegistered | PhoneGone


class _Refused(Exception):
    """A REGISTER that changes nothing."""

    def __init__(self, status: int, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers


class Registrar:
    """Keeps each user's contacts, and knows the users by their passwords.

    `accounts` maps users to a password, or to HA1 values by algorithm; it may
    change while in use. `nonce_secret` must be fresh random octets at every
    start. A REGISTER changes all that it asks for, or nothing.
    """

    def __init__(
        self,
        realm: str,
        accounts: Mapping[str, Account],
        algorithms: Sequence[str],
        limits: RegistrarLimits,
        nonce_secret: bytes,
    ) -> None:
        self._realm = Realm(
            realm, accounts, algorithms, Nonces(nonce_secret, limits.nonce_lifetime)
        )
        self._accounts = accounts
        self._limits = limits
        self._guesses = Guesses(limits.wrong_passwords, limits.wrong_lasting)
        self._secret = nonce_secret
        self._contacts: dict[str, list[Contact]] = {}
        self._earliest: float | None = None
        self._hosts: frozenset[str] = frozenset()
        self._connections: frozenset[int] = frozenset()
        self.counters: Counter[str] = Counter()
        """Of `registered`, `removed`, `expired`, `refused`, `challenged`, `stale`, `wrong`,
        `guessed` (not looked at any more)."""

    # -- requests -----------------------------------------------------------

    def receive(
        self, request: Request, source: Address, now: float
    ) -> tuple[Response, list[RegistrarEvent]]:
        """Answer a REGISTER that came from `source`."""
        events: list[RegistrarEvent] = self.tick(now)
        user = self.authenticate(request, now)
        if isinstance(user, Response):
            return user, events
        try:
            self._check_owner(request, user)
            left, changed = self._changed(request, user, source, now)
        except Malformed:
            refusal = _Refused(400)
        except FirstHopLacksOutbound:
            refusal = _Refused(439)
        except _Refused as refused:
            refusal = refused
        else:
            self._keep(user, left)
            self._note_earliest()
            self._count(changed)
            return self._listing(request, user, now), events + changed
        self.counters["refused"] += 1
        response = self._respond(request, refusal.status)
        for name, value in refusal.headers:
            response.headers.add(name, value)
        return response, events

    def authenticate(
        self, request: Request, now: float, *, proxy: bool = False
    ) -> "str | Response":
        """Return the user who proved to have sent `request`; else the 401 (or 407) to send.

        Or a 403: of one who guesses nothing is looked at for a while. Not for ACK and
        CANCEL, which cannot be challenged (§22.1).
        """
        place, _ = request.headers.via.reply_address()
        values = request.headers.all("Proxy-Authorization" if proxy else "Authorization")
        claim = self._realm.claimed(values, place)
        guess = None if claim is None else (claim[0], place, claim[1])
        if guess is not None and self._guesses.stopped(guess, now):
            self.counters["guessed"] += 1
            return self._stop(request, guess, now, proxy=proxy)
        proof, user = self._realm.check(values, request.method, now, place)
        if user is not None:
            return user
        self.counters["challenged" if proof is Proof.ABSENT else proof.value] += 1
        if proof is Proof.WRONG and guess is not None:
            self._guesses.wrong(guess, now)
        return self._challenge(request, now, proxy=proxy, stale=proof is Proof.STALE)

    def _stop(self, request: Request, guess: Guessed, now: float, *, proxy: bool) -> Response:
        """Refuse to look; but who may have had no challenge from us yet (its source may be
        forged, or we were restarted) gets one, so that no phone is shut out by others."""
        if guess[2]:
            return self._respond(request, 403)
        return self._challenge(request, now, proxy=proxy, stale=False)

    def _challenge(self, request: Request, now: float, *, proxy: bool, stale: bool) -> Response:
        place, _ = request.headers.via.reply_address()
        response = self._respond(request, 407 if proxy else 401)
        for challenge in self._realm.challenges(now, place, stale=stale):
            response.headers.add("Proxy-Authenticate" if proxy else "WWW-Authenticate", challenge)
        return response

    # -- what is known ------------------------------------------------------

    def contacts(self, user: str, now: float) -> list[Contact]:
        """Return where `user` can be reached, the latest registered first."""
        return [c for c in self._contacts.get(user, ()) if c.expires_at > now]

    def reachable(self, now: float) -> set[str]:
        """Return the users who can be reached at all."""
        return {
            user
            for user, contacts in self._contacts.items()
            if any(contact.expires_at > now for contact in contacts)
        }

    def routes(self, user: str, uri: str, now: float) -> list[tuple[str, str]]:
        """Return the Route fields of a call to one phone of a user (RFC 3327 §5.3)."""
        found = next((c for c in self.contacts(user, now) if str(c.uri) == uri), None)
        return [("Route", hop) for hop in found.path] if found is not None else []

    def everybody(self) -> list[Contact]:
        """Return every contact, to be kept over a restart."""
        return [contact for contacts in self._contacts.values() for contact in contacts]

    def reaches(self, host: str) -> bool:
        """Tell whether a phone is registered from this host."""
        return host in self._hosts

    def restore(self, contacts: Iterable[Contact]) -> list[Contact]:
        """Take contacts back that `everybody` gave; return those taken.

        Users must still exist; what a phone has said since counts more.
        """
        taken = []
        for contact in contacts:
            known = self._contacts.get(contact.user, [])
            if contact.user in self._accounts and all(c.uri != contact.uri for c in known):
                self._contacts[contact.user] = [*known, contact]
                taken.append(contact)
        self._note_earliest()
        return taken

    def tick(self, now: float) -> list[RegistrarEvent]:
        """Forget phones whose time is over."""
        gone: list[RegistrarEvent] = []
        if self._earliest is None or now < self._earliest:
            return gone
        for user, contacts in list(self._contacts.items()):
            gone += [PhoneGone(user, c.uri) for c in contacts if c.expires_at <= now]
            self._keep(user, [c for c in contacts if c.expires_at > now])
        self._note_earliest()
        self.counters["expired"] += len(gone)
        return gone

    def disconnected(self, connection: int) -> list[RegistrarEvent]:
        """Forget phones that no way leads to any more (RFC 5626 §5.3: the flow has failed).

        One that listens where its Contact says stays: a new connection can be opened to it.
        """
        gone: list[RegistrarEvent] = []
        for contact in self.everybody() if connection in self._connections else ():
            if contact.only_by_connection and _connection(contact) == connection:
                others = [c for c in self._contacts[contact.user] if c is not contact]
                self._keep(contact.user, others)
                gone.append(PhoneGone(contact.user, contact.uri))
        self._note_earliest()
        self.counters["disconnected"] += len(gone)
        return gone

    def next_deadline(self) -> float | None:
        """Say when the next contact expires."""
        return self._earliest

    # -- within -------------------------------------------------------------

    def _check_owner(self, request: Request, user: str) -> None:
        """A user registers for nobody else (§10.3, steps 3 to 5)."""
        owner = request.headers.to.uri.user_text
        if owner == user:
            return
        raise _Refused(403 if owner in self._accounts else 404)

    def _changed(
        self, request: Request, user: str, source: Address, now: float
    ) -> tuple[list[Contact], list[RegistrarEvent]]:
        """Return what the user's contacts are to be, and what that means."""
        contacts = list(self._contacts.get(user, ()))
        if request.headers.wildcard:
            return self._without_all(request, contacts)
        wanted = request.headers.contact
        if len(wanted) > self._limits.contacts:
            raise _Refused(403)
        events: list[RegistrarEvent] = []
        for address in wanted:
            seconds = self._seconds(request, address)
            contact = binding.contact(request, user, address, source, now + seconds)
            known = next((c for c in contacts if contact.same_as(c)), None)
            if known is not None:
                _check_order(known, request)
                contacts.remove(known)
                if known.uri != contact.uri:
                    events.append(PhoneGone(user, known.uri))
            if seconds > 0:
                contacts.insert(0, contact)
                events.append(PhoneRegistered(user, contact.uri, source, contact.expires_at))
            elif known is not None:
                events.append(PhoneGone(user, known.uri))
        crowded = contacts[self._limits.contacts :]
        events += [PhoneGone(user, contact.uri) for contact in crowded]
        return contacts[: self._limits.contacts], events

    def _without_all(
        self, request: Request, contacts: list[Contact]
    ) -> tuple[list[Contact], list[RegistrarEvent]]:
        if request.headers.get("expires") != "0":
            raise _Refused(400)
        for contact in contacts:
            _check_order(contact, request)
        return [], [PhoneGone(contact.user, contact.uri) for contact in contacts]

    def _seconds(self, request: Request, address: NameAddr) -> int:
        """Return how long a contact is to be kept; 0 to take it out (§10.3, step 7)."""
        own = address.params.get("expires")
        asked = parse_seconds(own) if own is not None else request.headers.expires
        if asked is None:
            return self._limits.usual_expires
        if 0 < asked < self._limits.least_expires:
            raise _Refused(423, [("Min-Expires", str(self._limits.least_expires))])
        return min(asked, self._limits.most_expires)

    def _keep(self, user: str, contacts: list[Contact]) -> None:
        if contacts:
            self._contacts[user] = contacts
        else:
            self._contacts.pop(user, None)

    def _count(self, changed: list[RegistrarEvent]) -> None:
        there = sum(isinstance(event, PhoneRegistered) for event in changed)
        self.counters["registered"] += there
        self.counters["removed"] += len(changed) - there

    def _note_earliest(self) -> None:
        everybody = self.everybody()
        self._earliest = min((c.expires_at for c in everybody), default=None)
        self._hosts = frozenset(c.source[0] for c in everybody)
        self._connections = frozenset(map(_connection, everybody)) - {0}

    def _listing(self, request: Request, user: str, now: float) -> Response:
        response = self._respond(request, 200)
        for contact in self.contacts(user, now):
            seconds = max(1, round(contact.expires_at - now))
            response.headers.add("Contact", f"{contact};expires={seconds}")
        for hop in request.headers.all("path"):  # so that the phone knows its way (RFC 3327 §5.3)
            response.headers.add("Path", hop)
        response.headers.add("Supported", "path, outbound")
        if any(c.flow and c.call_id == request.headers.call_id for c in self.contacts(user, now)):
            response.headers.add("Require", "outbound")
        return response

    def _respond(self, request: Request, status: int) -> Response:
        """Answer with a To tag that is the same when the request comes again."""
        mark = f"{request.headers.call_id}|{request.headers.from_.tag}"
        tag = hmac.new(self._secret, mark.encode(), hashlib.sha256).hexdigest()[:16]
        return respond(request, status, to_tag=tag)


def _check_order(known: Contact, request: Request) -> None:
    """Refuse what is older than what we know of the phone (§10.3, steps 6 and 7)."""
    headers = request.headers
    if known.call_id == headers.call_id and headers.cseq.number <= known.cseq:
        raise _Refused(500)


def _connection(contact: Contact) -> int:
    """Return the number of the connection that a phone registered by; 0 for a datagram."""
    return contact.source.connection if isinstance(contact.source, Flow) else 0
