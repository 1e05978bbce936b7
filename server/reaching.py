"""Whom an agent may reach for, and by which way; or why not, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from agents.agent import Doing
from agents.roster import Roster
from calls.events import Arrived
from calls.ids import AgentId
from server.agent_leg import destination_of
from server.asked import Refused, Target, ToAgent, ToNumber, ToPlace
from server.citizen_call import CitizenCall
from server.in_call import InCall, Way
from sip.message import Address

Phone = Callable[[AgentId], tuple[str, Address] | None]
"""Where an agent's phone is; None if it is nowhere."""


@dataclass(frozen=True, slots=True)
class Found:
    """How somebody is reached."""

    way: Way
    agent: AgentId | None = None
    context: bool = False


def find(target: Target, rules: InCall, roster: Roster, phone: Phone) -> Found | Refused:
    """Find the way to whom an agent wants; lanes are not reached but joined."""
    match target:
        case ToAgent(agent=agent):
            return _agent(agent, roster, phone)
        case ToNumber(number=number):
            return _number(number, rules)
        case ToPlace(name=name) if name in rules.places:
            place = rules.places[name]
            if place.agent is not None:
                return _agent(place.agent, roster, phone)
            found = _address(place.uri) if place.uri else _number(place.number or "", rules)
            return found if isinstance(found, Refused) else Found(found.way, None, place.context)
    return Refused("unknown", "设置里没有这个转接对象", "the settings name no such target")


def _agent(agent: AgentId, roster: Roster, phone: Phone) -> Found | Refused:
    if agent not in roster:
        return Refused("unknown", f"没有坐席 {agent}", f"there is no agent {agent}")
    if roster[agent].doing is not Doing.READY:
        return Refused("not_now", f"坐席 {agent} 现在不空闲", f"agent {agent} is not free now")
    at = phone(agent)
    if at is None:
        return Refused("no_way", f"找不到坐席 {agent} 的话机", f"agent {agent} has no phone")
    return Found(Way(*at), agent)


def _address(uri: str) -> Found | Refused:
    destination = destination_of(uri)
    if destination is None:
        return Refused("no_way", f"地址 {uri} 拨不通", f"{uri} cannot be called")
    return Found(Way(uri, destination))


def _number(number: str, rules: InCall) -> Found | Refused:
    ways = rules.ways_out(number)
    if not ways:
        zh, en = "没有能拨出这个号码的线路", "no trunk dials out to this number"
        return Refused("no_way", zh, en)
    return Found(ways[0])


def case_of(call: CitizenCall) -> tuple[tuple[str, str], ...]:
    """Return the case as User-to-User (RFC 7433): reference, caller, lane and language.

    The value is hexadecimal of UTF-8 `name=value` pairs joined by `;`, values percent-encoded.
    """
    caller = next(fact.caller for fact in call.facts if isinstance(fact, Arrived))
    said = {"case": call.id, "caller": caller, "lane": call.lane or "", "lang": call.walk.language}
    text = ";".join(f"{name}={quote(value)}" for name, value in said.items())
    return (("User-to-User", f"{text.encode().hex()};encoding=hex"),)
