"""What comes on the sockets of legs and goes on, by real ones on loopback; in C too."""

import socket
import sys
from collections.abc import Iterator
from select import select

import pytest

from calls.ids import LegId
from media import commands as c
from media import hot, rtp
from media.pace import Beat, Pace
from media.sending import Numbers
from media.session import Session
from server.media_ears import MOST, CompiledEars, Ears
from server.media_lines import Lines
from server.media_rounds import Rounds
from server.media_tapes import Leg

FORMS = [Ears] if hot.compiled is None else [Ears, CompiledEars]
HOME = "127.0.0.1"
OFFSET = 1000.0


def udp() -> socket.socket:
    end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    end.bind((HOME, 0))
    return end


def voice(n: int, payload: bytes = b"", kind: int = 8) -> bytes:
    return bytes(rtp.Packet(kind, False, n, n * 160, 7, payload or bytes([n % 256]) * 160))


class Room:
    """Legs with peers of their own, and the ears under test."""

    def __init__(self, form: type[Ears | CompiledEars]) -> None:
        self.stream, self.engine = socket.socketpair()
        self.faults: list[tuple[LegId, str]] = []
        self.ears = form(self.stream, self._fault, OFFSET)
        self.lines = Lines(self.ears)
        self.ends: list[socket.socket] = [self.stream, self.engine]
        self.peers: dict[LegId, socket.socket] = {}

    def _fault(self, session: Session) -> None:
        self.faults.append((session.leg, str(sys.exc_info()[1])))

    def leg(self, name: str, **terms: object) -> Leg:
        peer, own, control = udp(), udp(), udp()
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.ends += [peer, own, control]
        session = Session(LegId(name), Numbers(1, 2, 3), [], Pace(), Beat())
        self.peers[session.leg] = peer
        leg = Leg(session, own, control, own.getsockname()[1], 0, 0, (), own.send)
        self.lines.open(leg)
        connect = c.ConnectLeg(session.leg, "PCMA", 101, *peer.getsockname(), True, True, **terms)  # type: ignore[arg-type]
        session.connect(connect, OFFSET)
        self.lines.connect(leg, connect)
        return leg

    def say(self, leg: Leg, *datagrams: bytes) -> None:
        for datagram in datagrams:
            self.peers[leg.session.leg].sendto(datagram, (HOME, leg.port))

    def hear(self, leg: Leg) -> list[bytes]:
        """What has come to a leg's peer; on loopback it is there as soon as it is sent."""
        peer, came = self.peers[leg.session.leg], []
        while select([peer], [], [], 0)[0]:
            came.append(peer.recv(2000))
        return came

    def close(self) -> None:
        for end in self.ends:
            end.close()


@pytest.fixture(params=FORMS, ids=lambda form: form.__name__)
def room(request: pytest.FixtureRequest) -> Iterator[Room]:
    room = Room(request.param)
    yield room
    room.close()


def bridged(room: Room) -> tuple[Leg, Leg]:
    left, right = room.leg("left"), room.leg("right")
    for leg, other in ((left, right), (right, left)):
        leg.partner = other
        leg.session.bridge(other.session)
        room.say(leg, voice(0))
    room.ears.receive()
    for leg in (left, right):
        room.hear(leg)
    return left, right


def test_what_one_says_comes_to_the_other_in_order_and_renumbered(room: Room) -> None:
    left, right = bridged(room)
    for n in range(1, 40):
        room.say(left, voice(n))
        room.ears.receive()
    heard = [rtp.parse(packet) for packet in room.hear(right)]
    assert [packet.payload[0] for packet in heard] == list(range(1, 40))
    assert [p.sequence - heard[0].sequence for p in heard] == list(range(39))
    assert {packet.ssrc for packet in heard} == {1}
    left.session.catch_up()
    assert left.session.reception.received == 40 and left.session.reception.lost == 0
    assert right.session.sent == 40


def test_many_at_once_are_taken_as_many_as_are_asked_for(room: Room) -> None:
    left, right = bridged(room)
    room.say(left, *(voice(n) for n in range(1, 9)))
    room.ears.receive(1)
    assert len(room.hear(right)) == 1
    room.ears.receive(MOST)
    assert len(room.hear(right)) == MOST
    room.ears.receive()
    assert len(room.hear(right)) == 8 - 1 - MOST


def test_a_packet_of_another_form_goes_the_long_way_among_others(room: Room) -> None:
    left, right = bridged(room)
    key = voice(2, b"\5\x0a\x01\x40", kind=101)
    for said in (voice(1), key, voice(3), b"", b"x" * 1400, voice(4)):
        room.say(left, said)
        room.ears.receive()
    heard = [rtp.parse(packet) for packet in room.hear(right)]
    assert [packet.payload_type for packet in heard] == [8, 101, 8, 8]
    assert left.session.dropped == 2, "of no octets, and too long for anything"
    assert [e.key for e in left.session._events if isinstance(e, c.KeyHeard)] == ["5"]


def test_who_is_alone_is_counted_later_and_whole_seconds_at_once(room: Room) -> None:
    leg = room.leg("alone")
    for n in range(130):
        room.say(leg, voice(n))
        room.ears.receive()
    before = leg.session.reception.received
    leg.session.catch_up()
    assert before == 101 and leg.session.reception.received == 130


def test_it_is_told_when_the_engine_has_something_to_say(room: Room) -> None:
    left, _ = bridged(room)
    assert not room.ears.receive()
    room.engine.send(b"!")
    room.say(left, voice(1))
    assert room.ears.receive()


def test_a_fault_of_ours_ends_one_leg_and_the_rest_is_heard(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, right = bridged(room)
    other = room.leg("other")
    room.say(other, voice(0))
    room.say(right, voice(1))  # a row begins
    room.ears.receive()
    room.hear(left)

    def broken(session: Session, datagram: bytearray, *_: object) -> None:
        raise ArithmeticError(f"no such {len(datagram)}")

    monkeypatch.setattr(Session, "receive", broken)
    room.say(left, b"odd")
    room.say(other, voice(1))
    room.say(right, voice(2))
    room.ears.receive()
    assert room.faults == [(LegId("left"), "no such 3")]
    assert len(room.hear(left)) == 1, "what the partner said came over all the same"
    other.session.catch_up()
    assert other.session.reception.received == 2


def test_a_leg_that_a_fault_has_closed_is_not_heard_in_the_same_round(room: Room) -> None:
    left, _ = bridged(room)
    taken: list[float] = []

    def close_both(now: float) -> None:
        taken.append(now)
        for end in (one, other):
            room.ears.hang_up(end)
        raise ValueError("and both are gone")

    one, other = udp(), udp()
    peer = udp()
    for end in (one, other):
        room.ears.listen(end, close_both, left)
        peer.sendto(b"?", end.getsockname())
    room.ears.receive()
    peer.close()
    assert len(taken) == 1 and taken[0] > OFFSET
    assert room.faults == [(LegId("left"), "and both are gone")]


def test_what_the_system_refuses_is_a_packet_dropped_and_no_fault(room: Room) -> None:
    left, right = bridged(room)
    room.peers[right.session.leg].close()
    for n in range(1, 6):
        room.say(left, voice(n))
        room.ears.receive()
    room.ears.receive()
    assert room.faults == []
    assert left.session.dropped + right.session.dropped >= 2, "connection refused, both ways"


def test_what_came_just_before_the_partner_left_goes_nowhere(room: Room) -> None:
    left, right = bridged(room)
    left.partner = None
    room.say(left, voice(1))
    room.ears.receive()
    assert room.hear(right) == [] and room.faults == []


def test_nobody_listens_to_what_is_hung_up(room: Room) -> None:
    end = udp()
    with pytest.raises(KeyError):
        room.ears.hang_up(end)
    leg = room.leg("leg")
    room.lines.close(leg)
    room.ears.receive()
    end.close()


def test_at_their_tick_legs_send_and_a_fault_in_one_stops_no_other() -> None:
    room = Room(Ears)
    faults: list[LegId] = []
    legs = [room.leg(name) for name in ("first", "faulty", "last", "refused")]
    rounds = Rounds({}, 0.0, lambda session: faults.append(session.leg))
    for leg in legs:
        room.say(leg, voice(0))
        leg.session.play(1, iter([bytes([n]) * 160 for n in range(3)]))
    room.ears.receive()

    def broken() -> Iterator[bytes]:
        raise ArithmeticError("no such frame")
        yield b""

    legs[1].session.play(2, broken())
    room.peers[legs[3].session.leg].close()
    for n in range(4):
        rounds._tick(tuple(legs), OFFSET + 0.02 * n)
    assert set(faults) == {LegId("faulty")}
    for leg in (legs[0], legs[2]):
        heard = [rtp.parse(packet) for packet in room.hear(leg)]
        assert [packet.payload[:1] for packet in heard[:3]] == [b"\0", b"\1", b"\2"]
        assert [p.timestamp - heard[0].timestamp for p in heard[:3]] == [0, 160, 320]
        over = [e for e in leg.session._events if isinstance(e, c.PlaybackFinished)]
        assert len(over) == 1
    assert legs[3].session.dropped > 0 and LegId("refused") not in faults
    room.close()
