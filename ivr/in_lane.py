"""A caller's way while waiting in a lane, and to an agent and back."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from calls.ids import LaneId, Language, NodeId, PromptId
from ivr import commands as way
from ivr.commands import Command
from ivr.flow import Enqueue, Node
from ivr.speak import wait_prompt
from ivr.voice import Voice


class InLane(Voice, ABC):
    """What happens to those who wait; the walk leads them there and on."""

    node: NodeId
    over: bool
    _nodes: Mapping[NodeId, Node]
    _listening: bool

    @property
    @abstractmethod
    def _here(self) -> Node:
        """The node that the caller is in."""

    @abstractmethod
    def _go(self, to: NodeId, now: float, how: str | None = None) -> list[Command]:
        """Leave this node for another."""

    @abstractmethod
    def _enter(self, at: NodeId, now: float) -> list[Command]:
        """Begin a node."""

    @abstractmethod
    def _play(self, prompts: tuple[PromptId, ...], now: float) -> list[Command]:
        """Say the prompts."""

    def lane_left(self, why: str, now: float) -> list[Command]:
        """The lane gave the caller up: `full`, `nobody`, `too_long` or `closed`."""
        node = self._here
        if self.over or not isinstance(node, Enqueue):
            return []
        return self._go(node.after(why), now)

    def announce(self, wait: float | None, now: float) -> list[Command]:
        """Tell a waiting caller the expected wait in seconds; None when nobody knows."""
        node = self._here
        if not isinstance(node, Enqueue) or self._playing:
            return []
        return self.interject((wait_prompt(wait), *node.announce), now)

    def interject(self, prompts: tuple[PromptId, ...], now: float) -> list[Command]:
        """Say something at once to a caller who waits, in place of what is heard; then music."""
        if self.over or not isinstance(self._here, Enqueue):
            return []
        return self._play(prompts, now)

    def agent_answered(self, now: float) -> list[Command]:
        """An agent has taken the caller; the walk is over."""
        if self.over:
            return []
        self._deadlines.clear()
        self.over, self._playing = True, False
        return [way.StopPlaying()]

    @property
    def goes_on_after_agent(self) -> bool:
        """Whether the caller has a way on when the agent who took the call hangs up."""
        return isinstance(self._here, Enqueue) and self._here.on_talked is not None

    def agent_left(self, now: float) -> list[Command]:
        """The agent has hung up: go on where the lane's node says."""
        node = self._here
        if not isinstance(node, Enqueue) or node.on_talked is None:
            return []
        self.over = False
        return self._go(node.on_talked, now)

    def sent_to(
        self, lane: LaneId, now: float, language: Language | None = None
    ) -> list[Command] | None:
        """An agent sends the caller to a lane; None if no node of the flow gives places in it.

        With a `language` prompts and recognition are in that one from there on.
        """
        nodes = self._nodes.items()
        at = next((at for at, n in nodes if isinstance(n, Enqueue) and n.lane == lane), None)
        if at is None:
            return None
        self.over = self._playing = self._listening = False
        changed: list[Command] = []
        if language not in (None, self.language):
            self.language = self.known["language"] = language
            changed = [way.ChangeLanguage(language)]
        return [*changed, *self._enter(at, now)]
