"""Offers and answers of both legs, and what the media worker must know of them (RFC 3264)."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass

from calls.ids import CallId, LegId
from media.commands import CodecName, ConnectLeg
from server.agent_leg import CalledLeg
from server.citizen_call import CitizenCall
from server.house import House
from server.outputs import Output
from server.srtp_rules import security
from server.trunk_rules import NO_RULES, TrunkRules
from sip import sdp
from sip.message import Malformed
from sip.sdp import Agreed, Layout, SessionDescription
from sip.stack import Stack

CODECS: dict[str, CodecName] = {"PCMA": "PCMA", "PCMU": "PCMU", "G722": "G722"}


def connected(
    leg: LegId, agreed: Agreed, source: str, rules: TrunkRules | None = None
) -> ConnectLeg:
    """Turn an agreed description into what the media worker must know.

    `source` is the address that the peer's signalling came from; keys come as `rules` have
    it, those of a trunk, or as agreed.
    """
    secret, events = agreed.secret, agreed.event_payload
    return ConnectLeg(
        leg,
        CODECS[agreed.codec.name],
        events if rules is None or rules.takes_events() else None,
        agreed.address,
        agreed.port,
        agreed.sends,
        agreed.receives,
        None if source == agreed.address else source,
        tones=rules is not None and rules.hears_tones(events),
        payload=agreed.codec.payload_type,
        ptime=agreed.ptime,
        mux=agreed.mux,
        rtcp_port=agreed.rtcp_port,
        key_in=b64encode(secret.theirs).decode() if secret else None,
        key_out=b64encode(secret.ours).decode() if secret else None,
    )


def connected_caller(call: CitizenCall, agreed: Agreed) -> ConnectLeg:
    """Turn what is agreed with a caller into the same; keys come as the trunk brings them."""
    return connected(call.leg, agreed, call.source, call.trunk)


def connected_leg(leg: CalledLeg, agreed: Agreed) -> ConnectLeg:
    """Turn what is agreed with one whom we called into the same."""
    rules = None if leg.trunk is NO_RULES else leg.trunk
    return connected(leg.media, agreed, leg.destination[0], rules)


def session_number(call: CallId) -> int:
    """Return the `sess-id` of a call's descriptions: numeric, as RFC 8866 §5.2 wants it."""
    return int(call.removeprefix("c-"), 16) % 10**15


@dataclass(slots=True)
class SessionSide:
    """Describes our side of each session, and takes the peer's."""

    house: House
    stack: Stack
    outputs: list[Output]

    # --- the caller ---------------------------------------------------------------------

    def pick_up(self, call: CitizenCall, now: float) -> None:
        """Send 200 OK with our side."""
        self.stack.answer(call.sip, self._description(call), now)
        if call.agreed is not None:
            self.outputs.append(connected_caller(call, call.agreed))

    def offer_to_citizen(self, call: CitizenCall) -> bytes:
        """Return our offer to a citizen whom we call."""
        return self._description(call)

    def agreed_with_citizen(
        self, call: CitizenCall, answer: SessionDescription | None
    ) -> Agreed | None:
        """Return what a citizen's answer settles; None if nothing we can speak."""
        return self._agreed_by(answer, self._codecs(call), self._security(call))

    def _description(self, call: CitizenCall) -> bytes:
        """Return our side of the session, as an answer, or as an offer to one who made none."""
        assert call.port is not None, "described before the port was opened"
        place, session = self.house.media_address, session_number(call.id)
        if call.offer is None or call.agreed is None:
            codecs, secure = self._codecs(call), self._security(call)
            body = sdp.offer(place, call.port, codecs, session, call.version, secure)
            return sdp.among(body, *call.layout) if call.layout else body
        return sdp.answer(call.offer, call.agreed, place, call.port, session, call.version)

    def confirmed(self, call: CitizenCall, answer: bytes | None) -> bool:
        """Take an answer to an offer of ours; False if it ought to be one and is not.

        An answer to a refresh of ours that we cannot use leaves the session as it was.
        """
        agreed = self._agreed_in(answer, self._codecs(call), self._security(call))
        if agreed is not None:
            call.agreed = agreed
            self.outputs.append(connected_caller(call, agreed))
        return call.agreed is not None

    def _codecs(self, call: CitizenCall) -> tuple[str, ...]:
        return call.trunk.codecs or self.house.codecs

    def reoffered(self, call: CitizenCall, offer: SessionDescription | None, now: float) -> None:
        """Hold, resume, another address; or a wish for our offer, answered in the ACK."""
        try:
            codecs, secure = self._codecs(call), self._security(call)
            agreed = None if offer is None else sdp.agree(offer, codecs, secure)
        except sdp.NotAcceptable:
            self.stack.reject(call.sip, 488, now)
            return
        before = self._description(call)
        call.layout = _layout(call.offer, call.agreed) or call.layout
        call.offer, call.agreed = offer, agreed
        if self._description(call) != before:  # else nothing has changed (RFC 4028 §7.4)
            call.version += 1
        self.pick_up(call, now)

    def _security(self, call: CitizenCall) -> sdp.Security:
        return security(call.trunk.srtp, call.srtp_key, call.agreed)

    # --- one whom we called ------------------------------------------------------------------

    def offer_to(self, call: CitizenCall, leg: CalledLeg) -> bytes:
        """Return our offer to a phone, or through a trunk."""
        assert leg.port is not None, "described before the port was opened"
        place, session = self.house.media_address, session_number(call.id)
        codecs, secure, port = self._codecs_for(leg), self._security_of(leg), leg.port

        def described(version: int) -> bytes:
            body = sdp.offer(place, port, codecs, session, version, secure)
            return sdp.among(body, *leg.layout) if leg.layout else body

        return _told(leg, described)

    def agreed_with(self, leg: CalledLeg, answer: SessionDescription | None) -> Agreed | None:
        """Return what an answer to our offer settles; None if nothing we can speak."""
        return self._agreed_by(answer, self._codecs_for(leg), self._security_of(leg))

    def _codecs_for(self, leg: CalledLeg) -> tuple[str, ...]:
        return leg.trunk.codecs or self.house.codecs

    def _security_of(self, leg: CalledLeg) -> sdp.Security:
        policy = leg.trunk.srtp if leg.agent is None else self.house.srtp.of_phone(leg.agent)
        return sdp.Security(policy, leg.srtp_key)

    def _agreed_by(
        self, answer: SessionDescription | None, codecs: tuple[str, ...], secure: sdp.Security
    ) -> Agreed | None:
        if answer is None:
            return None
        try:
            return sdp.agreed_by_answer(answer, codecs, secure)
        except sdp.NotAcceptable:
            return None

    def agent_reoffered(
        self, call: CitizenCall, leg: CalledLeg, offer: SessionDescription | None, now: float
    ) -> Agreed | None:
        """Answer hold or resume; return what is agreed now, None if it waits or is refused."""
        assert leg.sip is not None and leg.port is not None, "re-INVITE before the answer"
        port = leg.port
        if offer is None:
            self.stack.answer(leg.sip, self.offer_to(call, leg), now)
            return None
        try:
            agreed = sdp.agree(offer, self._codecs_for(leg), self._security_of(leg))
        except sdp.NotAcceptable:
            self.stack.reject(leg.sip, 488, now)
            return None
        place, session = self.house.media_address, session_number(call.id)
        leg.agreed, leg.layout = agreed, _layout(offer, agreed) or leg.layout
        body = _told(leg, lambda number: sdp.answer(offer, agreed, place, port, session, number))
        self.stack.answer(leg.sip, body, now)
        self.outputs.append(connected_leg(leg, agreed))
        return agreed

    def agent_confirmed(self, leg: CalledLeg, answer: bytes | None) -> None:
        """Take the ACK of a re-INVITE; it answers our offer if it brings a description."""
        agreed = self._agreed_in(answer, self._codecs_for(leg), self._security_of(leg))
        if agreed is not None:
            self.outputs.append(connected_leg(leg, agreed))

    def _agreed_in(
        self, answer: bytes | None, codecs: tuple[str, ...], secure: sdp.Security
    ) -> Agreed | None:
        try:
            return self._agreed_by(sdp.parse(answer), codecs, secure) if answer else None
        except Malformed:
            return None


def _told(leg: CalledLeg, described: Callable[[int], bytes]) -> bytes:
    """Return our side as it is to be told now: a version of its own if it says anything new.

    The number rises by one then, and else stays (RFC 3264 §8, RFC 4028 §7.4).
    """
    if leg.told and described(leg.version) != leg.told:
        leg.version += 1
    leg.told = described(leg.version)
    return leg.told


def _layout(offer: SessionDescription | None, agreed: Agreed | None) -> Layout | None:
    """Return what later offers of ours must keep of the peer's; None where it has one stream."""
    if offer is None or agreed is None or len(offer.streams) < 2:
        return None
    return offer.streams, agreed.stream
