"""Call control with everything real but the sockets, on exact time.

The signalling is the real stack, fed with datagrams; the media worker is played:
it opens every port that is asked for, and says what a test has it say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import count
from pathlib import Path

from agents.agent import Agent
from agents.roster import Rests, Roster
from calls.events import Fact
from calls.ids import AgentId, CallId, LaneId, LegId, NodeId, PromptId, Skill
from calls.reasons import Reason
from calls.wire import KINDS
from ivr.flow import Enqueue, Flow, HangUp, Listen, Menu
from media import commands as media
from queueing.lane import Lane
from queueing.waiting import WaitingRoom
from server.call_control import CallControl
from server.house import House, LaneRules, Limits
from server.outputs import Output
from server.trunk_rules import TrunkRules
from sip.message import Address, Response, parse
from sip.registrar import Registrar, RegistrarLimits
from sip.settings import StackSettings
from sip.stack import Stack

CALLER: Address = ("127.0.0.1", 5070)
PHONE: Address = ("127.0.0.1", 5080)
LANE, AGENT = LaneId("general"), AgentId("1001")
LANE_RULES = Lane(LANE, frozenset({Skill("general")}), announce_every=None)
N = NodeId
FLOW = Flow(
    "main",
    N("greeting"),
    {
        N("greeting"): Menu(
            (PromptId("greeting"),), {"1": N("matter"), "0": N("general")}, 3.0, N("general")
        ),
        N("matter"): Listen((PromptId("beep"),), N("recorded"), N("general")),
        N("general"): Enqueue(
            LANE, N("message"), N("message"), N("message"), music=PromptId("music"),
            on_closed=N("message"), on_key={"1": N("message")},
        ),
        N("message"): Listen((PromptId("beep"),), N("recorded"), N("recorded")),
        N("recorded"): HangUp(Reason.MESSAGE_LEFT, (PromptId("recorded"),)),
    },
)  # fmt: skip
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP {formats}\r\na=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
)


def sdp(port: int = 7000, formats: str = "8 101", direction: str = "sendrecv") -> str:
    """Return a phone's description of its side."""
    return SDP.format(port=port, formats=formats, direction=direction)


def house(**changes: object) -> House:
    """Return a small house; `changes` replace fields."""
    values: dict[str, object] = {
        "media_address": "127.0.0.1",
        "sip_uri": "sip:12345@127.0.0.1:5060",
        "numbers": {"12345": FLOW},
        "default_flow": None,
        "trunks": (TrunkRules("loopback", (ip_network("127.0.0.0/8"),)),),
        "codecs": ("PCMA", "PCMU"),
        "lanes": {LANE: LaneRules(20.0, 30.0, "综合", "zh", None)},
        "contacts": {AGENT: f"sip:{AGENT}@{PHONE[0]}:{PHONE[1]}"},
        "prompt": lambda language, prompt: f"/prompts/{language}/{prompt}.wav",
        "music": "/prompts/music.wav",
        "recordings": Path("/recordings"),
        "limits": Limits(10, 10),
    }
    return House(**{**values, **changes})  # type: ignore[arg-type]  # a test's own fields


@dataclass
class Switchboard:
    """A composed call control, its played media worker, and what came out of it."""

    now: float = 1000.0
    house: House = field(default_factory=house)
    lane: Lane = LANE_RULES
    facts: list[Fact] = field(default_factory=list)
    told_media: list[media.Command] = field(default_factory=list)
    others: list[Output] = field(default_factory=list)
    sent: list[tuple[bytes, Address]] = field(default_factory=list)
    opens: bool = True
    """Whether the media worker opens ports."""

    def __post_init__(self) -> None:
        tokens, calls = (f"t{n}" for n in count(1)), (CallId(f"c-{n:016x}") for n in count(1))
        registrar = Registrar("hotline", {}, ("SHA-256",), RegistrarLimits(), b"s" * 32)
        stack = Stack(StackSettings("127.0.0.1", 5060), registrar, lambda: next(tokens))
        roster = Roster([Agent(AGENT, "王", {Skill("general"): 3})], Rests())
        self.control = CallControl(
            self.house, stack, registrar, WaitingRoom([self.lane]), roster, lambda: next(calls)
        )
        self._ports: Iterator[int] = count(30000, 2)

    # --- time ------------------------------------------------------------------------

    def at(self, now: float) -> "Switchboard":
        """Go on to an instant, stopping at each deadline on the way."""
        while (due := self._next()) is not None and due <= now:
            self.now = max(self.now, due)
            self.control.stack.tick(self.now)
            self.control.tick(self.now)
            self.settle()
        self.now = now
        return self

    def _next(self) -> float | None:
        found = (self.control.stack.next_deadline(), self.control.next_deadline())
        return min((due for due in found if due is not None), default=None)

    def settle(self) -> None:
        """Carry out outputs as the edge does, until nothing more follows."""
        while True:
            self.control.turn(self.now)
            self.sent += self.control.stack.to_send()
            outputs = self.control.take_outputs()
            if not outputs:
                return
            for output in outputs:
                self._carry_out(output)

    def _carry_out(self, output: Output) -> None:
        if isinstance(output, media.OpenLeg) and self.opens:
            self.told_media.append(output)
            event = media.LegOpened(output.leg, next(self._ports))
            self.control.media_event(event, self.now)
        elif isinstance(output, media.CloseLeg):
            self.told_media.append(output)
            self.say(media.LegClosed(output.leg, 10, 10, 0, 0.0, 0.0, 0.0), settle=False)
        elif isinstance(output, media.StopRecording):
            self.told_media.append(output)
            closed = media.RecordingClosed(output.recording, "/x.wav", 5.0, None)
            self.say(closed, settle=False)
        elif type(output).__name__ in KINDS:
            self.facts.append(output)  # type: ignore[arg-type]  # a fact by its name
        elif type(output).__name__ in media.KINDS:
            self.told_media.append(output)  # type: ignore[arg-type]  # a command by its name
        else:
            self.others.append(output)

    # --- what the world does -------------------------------------------------------------

    def say(self, event: media.Event, *, settle: bool = True) -> None:
        """Let the media worker say something."""
        self.control.media_event(event, self.now)
        if settle:
            self.settle()

    def receive(self, text: str, source: Address = CALLER) -> None:
        """Let a datagram come in."""
        self.control.stack.receive(text.encode(), source, self.now)
        self.settle()

    def press(self, key: str) -> None:
        """Let the first caller press a key."""
        self.say(media.KeyHeard(self.caller_leg, key, self.now))

    def prompt_ends(self) -> None:
        """Let what the first caller hears come to its end."""
        played = [
            m for m in self.told_media if isinstance(m, media.Play) and m.leg == self.caller_leg
        ]
        self.say(media.PlaybackFinished(played[-1].leg, played[-1].playback))

    @property
    def caller_leg(self) -> LegId:
        """The first caller's leg."""
        return next(m.leg for m in self.told_media if isinstance(m, media.OpenLeg))

    # --- a caller's datagrams ---------------------------------------------------------------

    def invite(
        self,
        number: str = "12345",
        body: str | None = None,
        call_id: str = "one",
        more: tuple[tuple[str, str], ...] = (),
    ) -> Response:
        """Dial; return the last answer sent."""
        body = sdp() if body is None else body
        text = self._request("INVITE", call_id, 1, number, "", body)
        extra = "".join(f"{name}: {value}\r\n" for name, value in more)
        self.receive(text.replace("Content-Type", f"{extra}Content-Type", 1))
        return self.last_answer(call_id)

    def ack(self, body: str = "", call_id: str = "one") -> None:
        """Acknowledge the 200."""
        tag = self.last_answer(call_id).headers.to.tag
        self.receive(self._request("ACK", call_id, 1, "12345", f";tag={tag}", body))

    def bye(self, call_id: str = "one") -> None:
        """Hang up."""
        tag = self.last_answer(call_id).headers.to.tag
        self.receive(self._request("BYE", call_id, 2, "12345", f";tag={tag}"))

    def cancel(self, call_id: str = "one") -> None:
        """Give up before the answer."""
        self.receive(self._request("CANCEL", call_id, 1, "12345", "").replace("CANCEL-", "INVITE-"))

    def reinvite(self, body: str, call_id: str = "one") -> Response:
        """Change the session."""
        tag = self.last_answer(call_id).headers.to.tag
        self.receive(self._request("INVITE", call_id, 3, "12345", f";tag={tag}", body))
        return self.last_answer(call_id)

    def _request(
        self, method: str, call_id: str, cseq: int, number: str, tag: str, body: str = ""
    ) -> str:
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} sip:{number}@127.0.0.1:5060 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK{method}-{call_id}-{cseq}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:13900000000@127.0.0.1>;tag=caller\r\n"
            f"To: <sip:{number}@127.0.0.1>{tag}\r\nCall-ID: {call_id}\r\n"
            f"CSeq: {cseq} {method}\r\nContact: <sip:caller@127.0.0.1:5070>\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def last_answer(self, call_id: str = "one") -> Response:
        """Return the last response that this call was sent."""
        answers = (parse(datagram) for datagram, _ in reversed(self.sent))
        return next(a for a in answers if isinstance(a, Response) and a.headers.call_id == call_id)

    # --- an agent's phone ------------------------------------------------------------------

    def sign_in(self) -> None:
        """Let the agent be at the desk."""
        self.control.roster.sign_in(AGENT, self.now)
        self.control.flow.match(self.now)
        self.settle()

    def rung(self) -> str:
        """Return the INVITE that the agent's phone was last sent."""
        return next(
            d.decode() for d, to in reversed(self.sent) if to == PHONE and d.startswith(b"INVITE")
        )

    def phone_says(self, status: int, body: str = "", *, to: str | None = None) -> None:
        """Let the agent's phone answer its INVITE (or `to`, another request)."""
        asked = parse((to or self.rung()).encode())
        headers = asked.headers
        tag = "" if headers.to.tag else ";tag=phone"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.receive(
            f"SIP/2.0 {status} Whatever\r\nVia: {headers.get('Via')}\r\n"
            f"From: {headers.get('From')}\r\nTo: {headers.get('To')}{tag}\r\n"
            f"Call-ID: {headers.call_id}\r\nCSeq: {headers.get('CSeq')}\r\n"
            f"Contact: <sip:{AGENT}@{PHONE[0]}:{PHONE[1]}>\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}",
            PHONE,
        )

    def phone_asks(self, method: str, body: str = "") -> None:
        """Let the agent's phone send a request in the dialog: BYE, or INVITE for hold."""
        asked = parse(self.rung().encode())
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.receive(
            f"{method} sip:127.0.0.1:5060 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {PHONE[0]}:{PHONE[1]};branch=z9hG4bKphone{method}{self.now}\r\n"
            f"Max-Forwards: 70\r\nFrom: {asked.headers.get('To')};tag=phone\r\n"
            f"To: {asked.headers.get('From')}\r\nCall-ID: {asked.headers.call_id}\r\n"
            f"CSeq: {int(self.now)} {method}\r\nContact: <sip:{AGENT}@{PHONE[0]}:{PHONE[1]}>\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}",
            PHONE,
        )

    # --- what came of it ---------------------------------------------------------------------

    def story(self) -> list[str]:
        """Return the kinds of the facts, in order."""
        return [type(fact).__name__ for fact in self.facts]

    def fact(self, kind: str) -> Fact:
        """Return the last fact of a kind."""
        return next(f for f in reversed(self.facts) if type(f).__name__ == kind)

    def told(self, kind: type) -> list[media.Command]:
        """Return the commands of one kind that the media worker was given."""
        return [command for command in self.told_media if isinstance(command, kind)]
