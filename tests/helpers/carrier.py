"""A provider on loopback: two hosts that challenge REGISTER, and the DNS that names them."""

from socket import AF_INET, SOCK_DGRAM, socket
from threading import Event, Thread

from twisted.names import dns

from sip.digest import Nonces, Proof, Realm
from sip.message import Request, parse, respond

LOGIN, PASSWORD = "0577100", "geheim"


class _Listener:
    """A UDP socket with a thread that answers each datagram."""

    def __init__(self) -> None:
        self.socket = socket(AF_INET, SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.port: int = self.socket.getsockname()[1]
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                datagram, source = self.socket.recvfrom(65535)
            except TimeoutError:
                continue
            for answer in self.answers(datagram):
                self.socket.sendto(answer, source)

    def answers(self, datagram: bytes) -> list[bytes]:
        raise NotImplementedError

    def stop(self) -> None:
        """Fall silent, as a machine without power does."""
        self._stop.set()
        self._thread.join(5)
        self.socket.close()


class Host(_Listener):
    """One host of the provider."""

    def __init__(self) -> None:
        self.contacts: list[tuple[str, str]] = []
        """What was registered, with its Expires."""
        self.asked = 0
        self._realm = Realm("carrier", {LOGIN: PASSWORD}, ("SHA-256", "MD5"), Nonces(b"p" * 32))
        super().__init__()

    def answers(self, datagram: bytes) -> list[bytes]:
        message = parse(datagram)
        if not isinstance(message, Request) or message.method == "ACK":
            return []
        if message.method != "REGISTER":
            self.asked += 1
            return [bytes(respond(message, 200, to_tag="c"))]
        values = message.headers.all("authorization")
        proof, _ = self._realm.check(values, "REGISTER", 0.0)
        if proof is not Proof.GOOD:
            refusal = respond(message, 401, to_tag="c")
            for challenge in self._realm.challenges(0.0):
                refusal.headers.add("WWW-Authenticate", challenge)
            return [bytes(refusal)]
        contact, expires = message.headers.get("contact") or "", message.headers.get("expires")
        self.contacts.append((contact, expires or ""))
        accepted = respond(message, 200, to_tag="c")
        accepted.headers.add("Expires", expires or "0")
        return [bytes(accepted)]


class NameServer(_Listener):
    """DNS for `carrier.test`: NAPTR names UDP, SRV the hosts, the first one first."""

    def __init__(self, *hosts: Host) -> None:
        self._hosts = hosts
        super().__init__()

    def answers(self, datagram: bytes) -> list[bytes]:
        asked = dns.Message()
        asked.fromStr(datagram)
        answer = dns.Message(asked.id, answer=1, recDes=1, recAv=1)
        answer.queries = asked.queries
        for query in asked.queries:
            answer.answers += self._records(query)
        return [answer.toStr()]

    def _records(self, query: dns.Query) -> list[dns.RRHeader]:
        name, kind = query.name.name.decode().lower(), query.type
        found: list[dns.IRecord] = []
        if (name, kind) == ("carrier.test", dns.NAPTR):
            service = (b"s", b"SIP+D2U", b"", b"_sip._udp.carrier.test")
            found = [dns.Record_NAPTR(10, 10, *service, ttl=600)]
        elif (name, kind) == ("_sip._udp.carrier.test", dns.SRV):
            found = [
                dns.Record_SRV(priority, 1, host.port, b"host.carrier.test", ttl=600)
                for priority, host in enumerate(self._hosts)
            ]
        elif (name, kind) == ("host.carrier.test", dns.A):
            found = [dns.Record_A("127.0.0.1", ttl=600)]
        return [dns.RRHeader(name.encode(), kind, dns.IN, 600, one) for one in found]
