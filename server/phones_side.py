"""Agents come and go with their phones: a phone that is registered signs its agent in."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agents.agent import Agent
from agents.roster import Roster
from calls.ids import AgentId
from sip.registrar import Registrar


@dataclass(frozen=True, slots=True)
class PhonesSide:
    """Signs agents in and out as their phones say; `match` then finds callers for them."""

    registrar: Registrar
    roster: Roster
    match: Callable[[float], None]

    def known(self, users: Iterable[str], now: float) -> None:
        """Take these phones to be there: they never register, or did before the start."""
        for user in users:
            self._sign(user, now, here=True)

    def changed(self, user: str, now: float) -> None:
        """Take it that a phone registered, or that a registration is over."""
        self._sign(user, now, here=bool(self.registrar.contacts(user, now)))

    def take_skills(self, agents: Iterable[Agent], now: float) -> None:
        """Let agents have other skills; who is new and has a phone already is signed in."""
        for agent in self.roster.take_skills(agents):
            if self.registrar.contacts(agent, now):
                self.roster.sign_in(agent, now)
        self.match(now)

    def _sign(self, user: str, now: float, *, here: bool) -> None:
        agent = AgentId(user)
        if agent not in self.roster:
            return
        if here:
            self.roster.sign_in(agent, now)
            self.match(now)
        else:
            self.roster.sign_out(agent, now)
