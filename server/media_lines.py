"""How the packets of each leg come and go: plainly or in secret, from strangers or a known peer."""

from base64 import b64decode
from collections.abc import Callable
from functools import partial
from socket import socket

from media import rtp
from media.commands import ConnectLeg
from media.latch import Address
from media.srtp import Shield
from server.media_ears import LONGEST_DATAGRAM, AnyEars
from server.media_ports import connected, send_as_signalled
from server.media_tapes import Leg


class Lines:
    """The sockets of all legs of one worker."""

    def __init__(self, ears: AnyEars) -> None:
        self._ears = ears

    def open(self, leg: Leg) -> None:
        """Listen to a new leg; nothing is believed before it is connected."""
        self._ears.listen(leg.rtp, partial(self._meet, leg), leg)
        self._ears.listen(leg.rtcp, partial(_hear_control, leg), leg)

    def connect(self, leg: Leg, terms: ConnectLeg) -> None:
        """Take what was agreed anew, after the session has; raise ValueError for bad keys."""
        keys = (terms.key_in, terms.key_out)
        if keys != leg.keys:
            leg.keys, leg.shield = keys, None
            if terms.key_in is not None and terms.key_out is not None:
                leg.shield = Shield(b64decode(terms.key_in), b64decode(terms.key_out))
            self.unmeet(leg)
        elif leg.session.latch.peer is None:
            self.unmeet(leg)

    def _meet(self, leg: Leg, now: float) -> bytes | None:
        """Take a packet of a peer that is not known yet or has moved, or of a stranger."""
        session = leg.session
        datagram, source = leg.rtp.recvfrom(LONGEST_DATAGRAM)
        opened = datagram if leg.shield is None else _opened(leg, datagram, source, now)
        if opened is None:
            return None
        packet = session.receive(opened, source, now)
        if session.latch.peer is not None and session.latch.peer != leg.met:
            self.unmeet(leg)
            leg.met = session.latch.peer
            leg.line = connected(leg.rtp, session.latch.peer)
            _wire(leg)
            if leg.shield is None:
                self._ears.listen_plainly(leg.line, leg)
            else:
                self._ears.listen(leg.line, partial(_take_secret, leg, leg.line), leg)
        return packet

    def unmeet(self, leg: Leg) -> None:
        """Go back to the address that was signalled."""
        if leg.line is not None:
            self._ears.hang_up(leg.line)
            leg.line = None
        _wire(leg)
        leg.met = None

    def close(self, leg: Leg) -> None:
        """Listen to a leg no more."""
        self.unmeet(leg)
        for end in (leg.rtp, leg.rtcp):
            self._ears.hang_up(end)

    def report(self, leg: Leg, now: float, *, bye: bool = False) -> None:
        """Send our RTCP report."""
        to = leg.session.latch.reports_to
        if to is None:
            return
        report: bytes | None = leg.session.report(now, bye=bye)
        if leg.shield is not None and report is not None:
            report = leg.shield.seal_report(report)
        try:
            if report is not None:
                (leg.rtp if leg.session.latch.shared else leg.rtcp).sendto(report, to)
        except OSError:
            leg.session.dropped += 1


def _wire(leg: Leg) -> None:
    """Let a leg's packets go to its known peer, or to where signalling says."""
    send: Callable[[bytes], object] = partial(send_as_signalled, leg.rtp, leg.session)
    leg.plain_line = -1
    if leg.line is not None:
        send = leg.line.send
        leg.plain_line = leg.line.fileno() if leg.shield is None else -1
    leg.send = send if leg.shield is None else partial(_send_sealed, leg, leg.shield, send)


def _send_sealed(leg: Leg, shield: Shield, send: Callable[[bytes], object], packet: bytes) -> None:
    sealed = shield.seal(packet)
    if sealed is None:
        leg.session.dropped += 1
    else:
        send(sealed)


def _opened(leg: Leg, datagram: bytes, source: Address, now: float) -> bytes | None:
    """Return what a datagram says; None for a report, which is taken, and for what is forged."""
    if source[0] not in leg.session.latch.hosts or leg.shield is None:
        leg.session.dropped += 1
        return None
    if rtp.is_report(datagram):
        _hear_report(leg, (datagram, source), now)
        return None
    packet = leg.shield.open(datagram)
    if packet is None:
        leg.session.dropped += 1
    return packet


def _take_secret(leg: Leg, line: socket, now: float) -> bytes | None:
    assert leg.met is not None, "a peer of nobody"
    packet = _opened(leg, line.recv(LONGEST_DATAGRAM), leg.met, now)
    return None if packet is None else leg.session.receive_known(bytearray(packet), now)


def _hear_control(leg: Leg, now: float) -> None:
    _hear_report(leg, leg.rtcp.recvfrom(LONGEST_DATAGRAM), now)


def _hear_report(leg: Leg, came: tuple[bytes, Address], now: float) -> None:
    datagram: bytes | None = came[0]
    if leg.shield is not None:
        datagram = leg.shield.open_report(came[0])
    if datagram is None:
        leg.session.dropped += 1
    else:
        leg.session.receive_report(datagram, came[1], now)
