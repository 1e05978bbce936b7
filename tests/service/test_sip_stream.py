"""SIP over real connections of loopback: reuse, keep-alives, bounds, certificates."""

import ssl
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_connection, socket
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from twisted.internet.selectreactor import SelectReactor

from server.sip_certificates import Certificates, TlsFiles, unsecured
from server.sip_stream import SipStreams, StreamLimits
from sip.flow import Flow
from sip.framing import FramingLimits, Unframed
from tests.helpers.certificates import Authority
from tests.helpers.serving import until
from tests.helpers.sip_messages import request

ASKED = request("OPTIONS")


class Room:
    """Streams on a reactor of their own thread, and what they brought."""

    def __init__(self, tls: TlsFiles | None, limits: StreamLimits | None = None) -> None:
        self.reactor = SelectReactor()
        secured = Certificates(tls, self.reactor).secured if tls else unsecured
        self.taken: list[tuple[bytes, Flow]] = []
        self.unreachable_peers: list[Flow] = []
        self.gone_connections: list[int] = []
        self.streams = SipStreams(self.reactor, self.reactor.seconds, self, secured, limits)
        self._thread = Thread(target=self.reactor.run, args=(False,), daemon=True)
        self._thread.start()

    def take(self, message: bytes, source: Flow) -> None:
        self.taken.append((message, source))
        self.streams.send(b"answer", source)

    def broken(self, broken: Unframed, source: Flow) -> None:
        self.streams.send(str(broken.status).encode(), source)

    def gone(self, connection: int) -> None:
        self.gone_connections.append(connection)

    def unreachable(self, peer: Flow) -> None:
        self.unreachable_peers.append(peer)

    def run(self, act: Callable[[], Any]) -> Any:
        """Run something on the reactor's thread."""
        from twisted.internet.threads import blockingCallFromThread  # noqa: PLC0415 - installs a reactor

        return blockingCallFromThread(self.reactor, act)

    def listen(self, transport: str = "TCP") -> int:
        port = self.run(lambda: self.streams.listen(transport, 1, "127.0.0.1", 0))
        number: int = port.getHost().port
        return number

    def stop(self) -> None:
        self.reactor.callFromThread(self.reactor.stop)
        self._thread.join(10)


@pytest.fixture
def rooms() -> Iterator[Callable[..., Room]]:
    made: list[Room] = []

    def make(tls: TlsFiles | None = None, limits: StreamLimits | None = None) -> Room:
        made.append(Room(tls, limits))
        return made[-1]

    yield make
    for room in made:
        room.stop()


def peer(port: int) -> socket:
    return create_connection(("127.0.0.1", port), timeout=60)


def test_an_answer_comes_by_the_connection_of_its_request(rooms: Callable[..., Room]) -> None:
    room = rooms()
    with peer(room.listen()) as caller:
        caller.sendall(ASKED[:30])
        caller.sendall(ASKED[30:])
        assert caller.recv(100) == b"answer"
        ((message, source),) = room.taken
        assert message == ASKED
        assert (source.host, source.port) == caller.getsockname()
        assert (source.transport, source.local) == ("TCP", 1)


def test_a_ping_is_answered_by_a_pong(rooms: Callable[..., Room]) -> None:
    room = rooms()
    with peer(room.listen()) as caller:
        caller.sendall(b"\r\n\r\n")
        assert caller.recv(100) == b"\r\n"
        assert room.taken == []


def test_what_cannot_be_cut_is_answered_and_the_connection_closed(
    rooms: Callable[..., Room],
) -> None:
    room = rooms()
    with peer(room.listen()) as caller:
        caller.sendall(b"OPTIONS sip:x SIP/2.0\r\n\r\n")
        assert caller.recv(100) == b"400"
        assert caller.recv(100) == b""


def test_a_message_that_drips_is_cut_off(rooms: Callable[..., Room]) -> None:
    room = rooms(limits=StreamLimits(framing=FramingLimits(patience=0.3)))
    with peer(room.listen()) as caller:
        caller.sendall(ASKED[:30])
        assert closed(caller)
    assert room.streams.counters["overdue"] == 1


def closed(caller: socket) -> bool:
    try:
        return caller.recv(100) == b""
    except ConnectionResetError:
        return True


def not_let_in(port: int) -> bool:
    try:
        with peer(port) as caller:
            return closed(caller)
    except ConnectionResetError:  # as early as that
        return True


def test_one_source_may_have_so_many_connections_and_no_more(rooms: Callable[..., Room]) -> None:
    room = rooms(limits=StreamLimits(of_one_source=1))
    port = room.listen()
    with peer(port) as first:
        first.sendall(ASKED)
        assert first.recv(100) == b"answer"
        assert not_let_in(port)
        first.sendall(ASKED)
        assert first.recv(100) == b"answer"
    assert room.streams.counters["refused"] == 1


def test_messages_wait_for_one_connection_and_share_it(rooms: Callable[..., Room]) -> None:
    here, there = rooms(), rooms()
    flow = Flow("127.0.0.1", there.listen(), "TCP")

    def send_twice() -> None:
        here.streams.send(ASKED, flow)
        here.streams.send(ASKED, flow)

    here.run(send_twice)
    wait(lambda: len(there.taken) == 2)
    assert len({source for _, source in there.taken}) == 1
    here.run(lambda: here.streams.send(ASKED, flow))
    wait(lambda: len(there.taken) == 3)
    assert len({source for _, source in there.taken}) == 1


def test_a_connection_that_closes_is_told_of_by_its_number(rooms: Callable[..., Room]) -> None:
    here, there = rooms(), rooms()
    flow = Flow("127.0.0.1", there.listen("TCP"), "TCP")
    here.run(lambda: here.streams.send(ASKED, flow))
    wait(lambda: there.taken)
    connection = there.taken[0][1].connection
    here.run(lambda: [stream.close() for stream in list(here.streams._open.values())])
    wait(lambda: there.gone_connections)
    assert there.gone_connections == [connection]


def test_a_peer_that_takes_no_connection_is_reported(rooms: Callable[..., Room]) -> None:
    room = rooms()
    with socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        flow = Flow("127.0.0.1", nobody.getsockname()[1], "TCP")
    room.run(lambda: room.streams.send(ASKED, flow))
    wait(lambda: room.unreachable_peers)
    assert room.unreachable_peers == [flow]


def wait(happened: Callable[[], Any]) -> None:
    until(happened, 10.0, "the other side has it")


# -- TLS ---------------------------------------------------------------------------------


def serial_seen(port: int, authority: Path, own: tuple[Path, Path] | None = None) -> int:
    """Ask over TLS; return the serial number of the certificate that was shown."""
    context = ssl.create_default_context(cafile=str(authority))
    if own:
        context.load_cert_chain(*own)
    with peer(port) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as caller:
        caller.sendall(ASKED)
        assert caller.recv(100) == b"answer"
        shown = caller.getpeercert(binary_form=True)
        assert shown is not None
        return x509.load_der_x509_certificate(shown).serial_number


def test_a_new_certificate_counts_without_a_restart_and_a_bad_one_does_not(
    rooms: Callable[..., Room], tmp_path: Path
) -> None:
    authority = Authority()
    believed = authority.file(tmp_path)
    certificate, key = authority.write(tmp_path, "ours", 100)
    room = rooms(TlsFiles(certificate, key))
    port = room.listen("TLS")
    assert serial_seen(port, believed) == 100
    authority.write(tmp_path, "ours", 200)
    assert serial_seen(port, believed) == 200
    certificate.write_text("no certificate at all")
    assert serial_seen(port, believed) == 200


def test_who_shows_no_certificate_is_not_let_in_where_one_is_asked_for(
    rooms: Callable[..., Room], tmp_path: Path
) -> None:
    authority = Authority()
    believed = authority.file(tmp_path)
    ours = authority.write(tmp_path, "ours", 100)
    room = rooms(TlsFiles(*ours, believed, ask_peers=True))
    port = room.listen("TLS")
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        serial_seen(port, believed)
    assert serial_seen(port, believed, authority.write(tmp_path, "trunk", 300)) == 100
    assert len(room.taken) == 1


def test_tls_older_than_1_2_is_not_spoken(rooms: Callable[..., Room], tmp_path: Path) -> None:
    authority = Authority()
    ours = authority.write(tmp_path, "ours", 100)
    room = rooms(TlsFiles(*ours))
    context = ssl.create_default_context(cafile=str(authority.file(tmp_path)))
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with peer(room.listen("TLS")) as plain, pytest.raises((ssl.SSLError, ConnectionResetError)):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_our_own_connections_believe_only_who_is_signed_for(
    rooms: Callable[..., Room], tmp_path: Path
) -> None:
    authority = Authority()
    files = TlsFiles(*authority.write(tmp_path, "ours", 100), authority.file(tmp_path))
    here, there = rooms(files), rooms(files)
    flow = Flow("127.0.0.1", there.listen("TLS"), "TLS")
    here.run(lambda: here.streams.send(ASKED, flow))
    wait(lambda: there.taken)
    (tmp_path / "other").mkdir()
    other = Authority()
    foreign = TlsFiles(*other.write(tmp_path / "other", "ours", 1), other.file(tmp_path / "other"))
    stranger = rooms(foreign)
    stranger.run(lambda: stranger.streams.send(ASKED, flow))
    wait(lambda: stranger.unreachable_peers)
    assert len(there.taken) == 1


def test_a_peer_that_does_not_read_is_cut_off(rooms: Callable[..., Room]) -> None:
    room = rooms()
    with peer(room.listen()) as caller:
        caller.sendall(ASKED)
        wait(lambda: room.taken)
        source = room.taken[0][1]

        def send_much() -> None:
            for _ in range(400):
                room.streams.send(b"x" * 65536, source)

        room.run(send_much)
        wait(lambda: not len(room.streams))
    assert room.streams.counters["unread"] == 1
