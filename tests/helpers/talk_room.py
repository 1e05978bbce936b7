"""A switchboard with several phones: agents, a supervisor, and departments that answer by SIP."""

from dataclasses import dataclass, field

from agents.agent import Agent
from calls.ids import AgentId, LaneId, LegId, Skill
from ivr.flow import Enqueue, Flow
from media import commands as media
from media.mix import Supervision
from server import asked
from server.asked import How, Reach, Refused, Target, ToPlace
from server.house import House, LaneRules
from server.in_call import InCall, Place
from server.trunk_rules import Gate, TrunkRules
from server.trunks_side import TrunkSide, WayOut
from sip.message import Address, Request, Response, parse
from sip.numbers import NumberPattern
from sip.upstream import Upstream
from tests.helpers.switchboard import AGENT, FLOW, LANE, N, Switchboard, house, sdp

OTHER, BOSS = AgentId("1002"), AgentId("1011")
MEDICAL = LaneId("medical")
PHONES: dict[str, Address] = {
    AGENT: ("127.0.0.1", 5080),
    OTHER: ("127.0.0.1", 5081),
    BOSS: ("127.0.0.1", 5082),
    "fire": ("127.0.0.1", 5083),
    "110": ("127.0.0.1", 5084),
    "second": ("127.0.0.1", 5085),
}
TWO_LANES = Flow(
    "main",
    FLOW.begin,
    {**FLOW.nodes, N("medical"): Enqueue(MEDICAL, N("message"), N("message"), N("message"))},
)
KEYS: dict[str, asked.InTalk] = {
    "*1": asked.Hold(),
    "*2": asked.Resume(),
    "*3": Reach(ToPlace("fire"), How.CONSULT),
    "*9": Reach(ToPlace("police"), How.JOIN),
}


def trunks(*hosts: Address, **rules: object) -> TrunkSide:
    """Return a trunk for each host, all of which may dial one number."""

    def way(number: int, host: Address) -> WayOut:
        upstream = Upstream(f"trunk{number}.example", None)
        upstream.located([host], 0.0)
        held = TrunkRules(f"trunk{number}", (), **rules)  # type: ignore[arg-type]  # a test's own
        return WayOut(held, (NumberPattern("110"),), (), "12345", None, upstream)

    return TrunkSide(tuple(way(number, host) for number, host in enumerate(hosts, 1)))


def contact(name: str) -> str:
    """Return the address of a phone."""
    return f"sip:{name}@{PHONES[name][0]}:{PHONES[name][1]}"


def in_call() -> InCall:
    """Return rules with every kind of place."""
    return InCall(
        {
            "fire": Place("消防", uri=contact("fire")),
            "police": Place("公安", number="110", context=True),
            "duty": Place("值班长", agent=BOSS),
            "nowhere": Place("没有线路", number="999"),
        },
        KEYS,
        supervisors=frozenset({BOSS}),
        breaks={"rest": "小休"},
    )


def talk_house(**changes: object) -> House:
    """Return a house in which much may be asked."""
    lanes = {
        LANE: LaneRules(20.0, 30.0, "综合", "zh", None),
        MEDICAL: LaneRules(20.0, 30.0, "医疗", "zh", None),
    }
    values: dict[str, object] = {
        "numbers": {"12345": TWO_LANES},
        "contacts": {agent: contact(agent) for agent in (AGENT, OTHER, BOSS)},
        "lanes": lanes,
        "in_call": in_call(),
    }
    return house(**{**values, **changes})


@dataclass
class TalkRoom(Switchboard):
    """Phones are known by name: an agent's id, `fire`, `110`."""

    house: House = field(default_factory=talk_house)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.control.use(Gate(), trunks(PHONES["110"]))
        staff = [
            Agent(AGENT, "王", {Skill("general"): 3}),
            Agent(OTHER, "李", {Skill("medical"): 3}),
            Agent(BOSS, "何", {Skill("boss"): 3}),
        ]
        self.control.roster.take_skills(staff)
        waiting = self.control.waiting
        lane = type(self.lane)(MEDICAL, frozenset({Skill("medical")}), announce_every=None)
        waiting.take_rules([lane])

    # --- the people ---------------------------------------------------------------------

    def sign_all_in(self) -> None:
        """Let every agent be at the desk."""
        for agent in (AGENT, OTHER, BOSS):
            self.control.roster.sign_in(agent, self.now)
        self.control.flow.match(self.now)
        self.settle()

    def asks(self, action: asked.Action, by: AgentId = AGENT) -> Refused | None:
        """Let somebody ask for something."""
        answer = self.control.asked(by, action, self.now)
        self.settle()
        return answer

    def reaches(self, target: Target, how: How) -> Refused | None:
        """Let the agent reach for somebody."""
        return self.asks(Reach(target, how))

    def listens(self, how: Supervision) -> Refused | None:
        """Let the supervisor take part."""
        return self.asks(asked.Supervise(AGENT, how), by=BOSS)

    # --- their phones -------------------------------------------------------------------

    def invited(self, name: str) -> Request | None:
        """Return the last INVITE that a phone was sent."""
        for datagram, to in reversed(self.sent):
            if to == PHONES[name] and datagram.startswith(b"INVITE"):
                request = parse(datagram)
                assert isinstance(request, Request)
                return request
        return None

    def says(self, name: str, status: int) -> None:
        """Let a phone answer its INVITE."""
        request = self.invited(name)
        assert request is not None, f"{name} was never rung"
        headers = request.headers
        body = sdp(7000 + PHONES[name][1] - 5000) if status == 200 else ""
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.receive(
            f"SIP/2.0 {status} Whatever\r\nVia: {headers.get('Via')}\r\n"
            f"From: {headers.get('From')}\r\nTo: {headers.get('To')};tag=of{name}\r\n"
            f"Call-ID: {headers.call_id}\r\nCSeq: {headers.get('CSeq')}\r\n"
            f"Contact: <{contact(name)}>\r\n"
            f"{kind}Content-Length: {len(body)}\r\n\r\n{body}",
            PHONES[name],
        )

    def sends(self, name: str, method: str, fields: str = "", body: str = "") -> None:
        """Let a phone send a request in its dialog."""
        request = self.invited(name)
        assert request is not None, f"{name} was never rung"
        headers, (host, port) = request.headers, PHONES[name]
        self.count = getattr(self, "count", 100) + 1
        kind = "Content-Type: application/sdp\r\n" if body else ""
        self.receive(
            f"{method} sip:127.0.0.1:5060 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{name}{self.count}\r\n"
            f"Max-Forwards: 70\r\nFrom: {headers.get('To')};tag=of{name}\r\n"
            f"To: {headers.get('From')}\r\nCall-ID: {headers.call_id}\r\n"
            f"CSeq: {self.count} {method}\r\nContact: <{contact(name)}>\r\n"
            f"{fields}{kind}Content-Length: {len(body)}\r\n\r\n{body}",
            PHONES[name],
        )

    def says_ok_to_bye(self, name: str) -> None:
        """Let a phone answer the BYE that it was sent."""
        headers = self.was_sent(name, "BYE")[-1].headers
        self.receive(
            f"SIP/2.0 200 OK\r\nVia: {headers.get('Via')}\r\nFrom: {headers.get('From')}\r\n"
            f"To: {headers.get('To')}\r\nCall-ID: {headers.call_id}\r\n"
            f"CSeq: {headers.get('CSeq')}\r\nContent-Length: 0\r\n\r\n",
            PHONES[name],
        )

    def dials(self, name: str, number: str, call_id: str = "second", fields: str = "") -> None:
        """Let a phone call us on another line; `fields` are whole lines."""
        host, port = PHONES[name]
        body = sdp(7600)
        self.receive(
            f"INVITE sip:{number}@127.0.0.1:5060 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{call_id}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{name}@127.0.0.1>;tag=line2\r\n"
            f"To: <sip:{number}@127.0.0.1>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <{contact(name)}>\r\n{fields}Content-Type: application/sdp\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}",
            PHONES[name],
        )

    def dialled(self, name: str, method: str, call_id: str = "second") -> None:
        """Let a phone acknowledge, give up or end its other line."""
        (host, port), tag = PHONES[name], self.last_answer(call_id).headers.to.tag
        number, branch = (2, "bye") if method == "BYE" else (1, f"{call_id}{method[0] == 'A'}")
        branch = call_id if method == "CANCEL" else branch
        tag = "" if method == "CANCEL" else f";tag={tag}"
        self.receive(
            f"{method} sip:fire@127.0.0.1:5060 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{branch}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{name}@127.0.0.1>;tag=line2\r\n"
            f"To: <sip:fire@127.0.0.1>{tag}\r\nCall-ID: {call_id}\r\n"
            f"CSeq: {number} {method}\r\nContent-Length: 0\r\n\r\n",
            PHONES[name],
        )

    def was_sent(self, name: str, method: str) -> list[Request]:
        """Return the requests of one kind that a phone was sent."""
        found = [parse(d) for d, to in self.sent if to == PHONES[name]]
        return [one for one in found if isinstance(one, Request) and one.method == method]

    def last_response(self, name: str) -> Response:
        """Return the last response that a phone was sent."""
        found = [parse(d) for d, to in self.sent if to == PHONES[name]]
        return next(one for one in reversed(found) if isinstance(one, Response))

    def keys(self, name: str, keys: str) -> None:
        """Let a phone's keys be pressed."""
        for key in keys:
            self.say(media.KeyHeard(self.leg(name), key, self.now))

    # --- who hears whom -----------------------------------------------------------------

    def leg(self, name: str) -> LegId:
        """Return the media leg of whoever's phone this is; of the caller for `caller`."""
        if name == "caller":
            return self.caller_leg
        request = self.invited(name)
        assert request is not None
        legs = {**self.control.agents.by_media, **self.control.talks.by_media}
        found = [leg for leg, one in legs.items() if one.destination == PHONES[name]]
        return found[-1]

    def hears(self) -> dict[str, set[str]]:
        """Return who hears whom, by name, as the worker was told; `music` for what plays."""
        return _Played(self).hears()


class _Played:
    """Plays the worker: takes its commands in order and says what comes of them."""

    def __init__(self, room: TalkRoom) -> None:
        self._names = {room.caller_leg: "caller"}
        talks = room.control.talks
        legs = {**room.control.agents.by_media, **talks.by_media}
        self._names |= dict.fromkeys(talks.lines.by_media, "line 2")
        where = {address: name for name, address in PHONES.items()}
        self._names |= {leg: where[one.destination] for leg, one in legs.items()}
        self._others: dict[LegId, set[LegId]] = {}
        self._room: dict[LegId, str] = {}
        self._music: dict[LegId, tuple[str, ...]] = {}
        for command in room.told_media:
            self._take(command)

    def _take(self, command: media.Command) -> None:
        match command:
            case media.Bridge(left=left, right=right):
                for one, other in ((left, right), (right, left)):
                    self._others[one] = {other}
                    self._music.pop(one, None)
                    self._room.pop(one, None)
            case media.Unbridge(leg=leg):
                for one in (leg, *self._others.get(leg, ())):
                    self._others[one] = set()
            case media.Confer(conference=room, hears=hears):
                for one in [leg for leg, its in self._room.items() if its == room]:
                    self._others[one] = set()
                    del self._room[one]
                for one, others in hears:
                    self._others[one], self._room[one] = set(others), room
            case media.Play(leg=leg, prompts=prompts):
                self._music[leg] = prompts
            case media.StopPlaying(leg=leg):
                self._music.pop(leg, None)
            case media.CloseLeg(leg=leg):
                for heard in (self._others, self._music, self._room):
                    heard.pop(leg, None)
                for others in self._others.values():
                    others.discard(leg)

    def hears(self) -> dict[str, set[str]]:
        """Return what each leg that is up hears."""
        found: dict[str, set[str]] = {}
        for leg, name in self._names.items():
            if leg in self._music:
                found[name] = {"music"}
            elif leg in self._others:
                found[name] = {self._names[other] for other in self._others[leg]}
        return found


def talking(**how: object) -> TalkRoom:
    """Return a room with caller and agent in talk, the others ready."""
    room = TalkRoom(**how)  # type: ignore[arg-type]  # a test's own fields
    room.invite()
    room.ack()
    room.sign_all_in()
    room.press("0")
    room.says(AGENT, 200)
    return room
