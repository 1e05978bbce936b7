"""Whom an agent may reach for, and by which way; or why not, in words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

from agents.agent import Doing
from agents.roster import Roster
from calls.events import Arrived
from calls.ids import AgentId
from server.agent_leg import destination_of
from server.asked import Refused, Target, ToAgent, ToNumber, ToPlace
from server.citizen_call import CitizenCall
from server.in_call import InCall, Place
from server.rota import Rota, Turn
from server.trunks_side import Placement
from sip.message import Address


@dataclass(frozen=True, slots=True)
class Found:
    """How somebody is reached: at a phone's address, or by the first of some trunks."""

    uri: str
    destination: Address
    agent: AgentId | None = None
    placements: tuple[Placement, ...] = ()
    context: bool = False
    turn: Turn | None = None
    """Of a rota: who is rung first."""


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways to somebody that the house knows of at one moment."""

    roster: Roster
    phone: Callable[[AgentId], tuple[str, Address] | None]
    """Where an agent's phone is; None if it is nowhere."""
    place: Callable[[str], tuple[Placement, ...]]
    """By which trunks a number may be dialled, best first; none: it is not dialled."""
    now: float


def find(target: Target, rules: InCall, ways: Ways) -> Found | Refused:
    """Find the way to whom an agent wants; lanes are not reached but joined."""
    match target:
        case ToAgent(agent=agent):
            return _agent(agent, ways)
        case ToNumber(number=number):
            return _number(number, ways)
        case ToPlace(name=name) if name in rules.places:
            place = rules.places[name]
            if place.agent is not None:
                return _agent(place.agent, ways)
            found = _outside(place, ways)
            return found if isinstance(found, Refused) else replace(found, context=place.context)
    return Refused("unknown", "设置里没有这个转接对象", "the settings name no such target")


def _outside(place: Place, ways: Ways) -> Found | Refused:
    if place.rota is not None:
        return _expert(place.rota, ways)
    return _address(place.uri) if place.uri else _number(place.number or "", ways)


def _expert(rota: Rota, ways: Ways) -> Found | Refused:
    turn = rota.begin(ways.now, ways.place)
    if turn is None:
        zh = "名单上现在没有可以打的人（休息时间，或没有线路）"
        return Refused("not_now", zh, "nobody of the rota may be rung now")
    first = turn.placements[0]
    return Found(first.to_uri, first.targets[0], placements=turn.placements, turn=turn)


def _agent(agent: AgentId, ways: Ways) -> Found | Refused:
    if agent not in ways.roster:
        return Refused("unknown", f"没有坐席 {agent}", f"there is no agent {agent}")
    if ways.roster[agent].doing is not Doing.READY:
        return Refused("not_now", f"坐席 {agent} 现在不空闲", f"agent {agent} is not free now")
    at = ways.phone(agent)
    if at is None:
        return Refused("no_way", f"找不到坐席 {agent} 的话机", f"agent {agent} has no phone")
    return Found(*at, agent)


def _address(uri: str) -> Found | Refused:
    destination = destination_of(uri)
    if destination is None:
        return Refused("no_way", f"地址 {uri} 拨不通", f"{uri} cannot be called")
    return Found(uri, destination)


def _number(number: str, ways: Ways) -> Found | Refused:
    placements = ways.place(number)
    if not placements:
        zh, en = "没有能拨出这个号码的线路", "no trunk dials out to this number"
        return Refused("no_way", zh, en)
    return Found(placements[0].to_uri, placements[0].targets[0], None, placements)


def case_of(call: CitizenCall) -> tuple[tuple[str, str], ...]:
    """Return the case as User-to-User (RFC 7433): reference, caller, lane and language.

    The value is hexadecimal of UTF-8 `name=value` pairs joined by `;`, values percent-encoded.
    """
    caller = next(fact.caller for fact in call.facts if isinstance(fact, Arrived))
    said = {"case": call.id, "caller": caller, "lane": call.lane or "", "lang": call.walk.language}
    text = ";".join(f"{name}={quote(value)}" for name, value in said.items())
    return (("User-to-User", f"{text.encode().hex()};encoding=hex"),)
