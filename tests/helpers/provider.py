"""A provider on virtual time: answers what our stack sends it, as a test says."""

from collections.abc import Callable

from sip.digest import Credentials, Nonces, Proof, Realm
from sip.flow import Address
from sip.message import Request, Response, parse, respond
from tests.helpers.one_stack import OneStack

Says = Callable[[Request, Address], list[Response]]


def says(status: int, *headers: tuple[str, str]) -> Says:
    """Answer everything but ACK like this."""

    def answer(request: Request, _: Address) -> list[Response]:
        response = respond(request, status, to_tag="p")
        for name, value in headers:
            response.headers.add(name, value)
        return [response]

    return answer


def dead(_request: Request, _at: Address) -> list[Response]:
    """Say nothing."""
    return []


class Asking:
    """A provider that wants proof, then answers 200."""

    def __init__(self, user: str, password: str, *, proxy: bool = False) -> None:
        self.realm = Realm("provider", {user: password}, ("MD5",), Nonces(b"p" * 32))
        self._told = "Proxy-Authorization" if proxy else "Authorization"
        self._asked = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        self._status = 407 if proxy else 401
        self.proofs: list[Credentials] = []
        self.then = says(200, ("Contact", "<sip:us@192.0.2.1>;expires=600"))

    def __call__(self, request: Request, at: Address) -> list[Response]:
        values = request.headers.all(self._told)
        proof, _ = self.realm.check(values, request.method, 0.0)
        if proof is Proof.GOOD:
            self.proofs += [Credentials.parse(value) for value in values]
            return self.then(request, at)
        response = respond(request, self._status, to_tag="p")
        for challenge in self.realm.challenges(0.0):
            response.headers.add(self._asked, challenge)
        return [response]


class Providers:
    """Hosts by address, and everything that they were sent."""

    def __init__(self, one: OneStack, **hosts: object) -> None:
        self.one = one
        self.hosts: dict[Address, Says] = {}
        self.seen: list[tuple[float, Request, Address]] = []

    def carry(self) -> None:
        """Bring what waits to its hosts, and their answers back, until nothing is left."""
        while sent := self.one.stack.to_send():
            for datagram, to in sent:
                message = parse(datagram)
                if not isinstance(message, Request):
                    continue
                self.seen.append((self.one.now, message, to))
                if message.method == "ACK":
                    continue
                for answer in self.hosts.get(to, dead)(message, to):
                    self.one.stack.receive(bytes(answer), to, self.one.now)

    def run(self, end: float) -> None:
        """Let time pass."""
        stack = self.one.stack
        while (due := stack.next_deadline()) is not None and due <= end:
            self.one.now = max(due, self.one.now)
            stack.tick(self.one.now)
            self.carry()
        self.one.now = end

    def asked(self, method: str) -> list[tuple[float, Address]]:
        """Return when and where requests of a method came, repeats left out."""
        seen: dict[str, tuple[float, Address]] = {}
        for at, request, to in self.seen:
            if request.method == method:
                seen.setdefault(request.headers.via.branch or "", (at, to))
        return list(seen.values())
