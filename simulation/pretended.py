"""Signalling without a wire: a stack and a registrar that call control cannot tell from real ones.

Only what call control asks of them is here. What the other side does is put in by the world.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from calls.ids import AgentId, LegId
from sip import sdp
from sip.address import NameAddr
from sip.binding import Contact
from sip.events import CallOffered
from sip.message import Address
from sip.outgoing import Invitation
from sip.registrar import PhoneGone, PhoneRegistered
from sip.sdp import SessionDescription
from sip.uri import Uri

SOURCE: Address = ("127.0.0.1", 5070)
"""Where all callers and phones are."""
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    b"m=audio 7000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)
THEIRS: SessionDescription = sdp.parse(SDP)
"""What every caller offers and every phone answers."""
FOREVER = float("inf")


@dataclass(slots=True)
class PretendedStack:
    """Keeps events for call control, and tells the world what call control does."""

    answered: Callable[[LegId], None] = field(init=False)
    """A caller's call was picked up, or a re-INVITE answered."""
    ended: Callable[[LegId], None] = field(init=False)
    """We hung up, or refused."""
    rung: Callable[[LegId, AgentId], None] = field(init=False)
    """An agent's phone is called."""
    events: deque[object] = field(default_factory=deque)
    legs: int = 0

    def next_event(self) -> object | None:
        """Return the next thing that happened; None if nothing more did."""
        return self.events.popleft() if self.events else None

    def has(self, leg: LegId) -> bool:
        """Tell whether a leg is still there: none of ours goes out by a trunk."""
        return False

    def answer(self, leg: LegId, body: bytes, now: float) -> None:
        """200 OK."""
        self.answered(leg)

    def reject(
        self, leg: LegId, status: int, now: float, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Send a final answer other than 200."""
        self.ended(leg)

    def hang_up(self, leg: LegId, now: float, reason: str | None = None) -> None:
        """BYE, or CANCEL."""
        self.ended(leg)

    def invite(self, invitation: Invitation, now: float) -> LegId:
        """Ring a phone; the agent is the user of its address."""
        self.legs += 1
        leg = LegId(f"agent-{self.legs}")
        user = invitation.to_uri.removeprefix("sip:").partition("@")[0]
        self.rung(leg, AgentId(user))
        return leg

    def offer(self, leg: LegId, caller: str, dialled: str) -> None:
        """Let a caller dial."""
        uri = Uri("sip", caller, SOURCE[0])
        event = CallOffered(leg, NameAddr(uri), dialled, THEIRS, SOURCE, str(leg), None)
        self.events.append(event)


@dataclass(slots=True)
class PretendedRegistrar:
    """Whose phone is there."""

    phones: dict[str, list[Contact]] = field(default_factory=dict)

    def contacts(self, user: str, now: float) -> list[Contact]:
        """Return where `user` can be reached."""
        return self.phones.get(user, [])

    def reaches(self, host: str) -> bool:
        """Tell whether a phone is registered from this host: callers come by a trunk."""
        return False

    def routes(self, user: str, uri: str, now: float) -> list[tuple[str, str]]:
        """Return the Route fields of a call to a phone: no edge stands between."""
        return []

    def come(self, user: str) -> PhoneRegistered:
        """Let a phone register."""
        uri = Uri("sip", user, SOURCE[0], SOURCE[1])
        self.phones[user] = [Contact(user, uri, SOURCE, FOREVER, user, 1)]
        return PhoneRegistered(user, uri, SOURCE, FOREVER)

    def go(self, user: str) -> PhoneGone:
        """Let a phone sign off."""
        (contact,) = self.phones.pop(user)
        return PhoneGone(user, contact.uri)
