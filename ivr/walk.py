"""One caller's way through a flow.

Feed it what the caller does; carry out the commands that it returns, in order.
It neither plays nor waits: `next_deadline` says when to call `tick`.
A caller who hangs up is no concern of the walk: drop it.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import assert_never

from calls.ids import LaneId, Language, NodeId, PromptId
from ivr.commands import (
    ChangeLanguage,
    Collected,
    Command,
    Decide,
    End,
    HearWords,
    Join,
    KeyNoted,
    Leave,
    Note,
    Play,
    StartListening,
    StopListening,
    StopPlaying,
    Understood,
    WatchSpeech,
)
from ivr.flow import (
    Branch,
    Collect,
    Enqueue,
    Flow,
    HangUp,
    Hold,
    Listen,
    Menu,
    Node,
    Say,
    SetLanguage,
)
from ivr.speak import wait_prompt
from ivr.words import meant, says_something

PROMPT_LIMIT = 120.0
"""Seconds; prompts whose end nobody reports count as ended, so that no caller is stuck."""
WORDS_PAUSE = 1.0
"""Seconds of quiet after which a caller has said what a menu asks for."""
WORDS_LIMIT = 15.0
"""Seconds that a menu waits for the words of a caller who has begun to speak."""


class _Due(Enum):
    """What a deadline is for."""

    PROMPTS_END = auto()
    SILENCE = auto()
    LIMIT = auto()


class Walk:
    """One caller's way through one flow, from its first node to an agent or the end."""

    def __init__(self, flow: Flow, language: Language | None = None) -> None:
        self._nodes = flow.nodes
        self.node: NodeId = flow.begin
        self.language: Language = language if language is not None else flow.language
        self.over = False
        """An agent has answered, or the flow has ended; nothing more will be returned."""
        self._playing = False
        self._listening = False
        self._spoke_at: float | None = None
        """When the caller began to speak in this node."""
        self._wrong = 0
        """Wrong keys pressed in this node."""
        self._typed = ""
        """Figures typed in this node."""
        self._deadlines: dict[_Due, float] = {}

    # what happens to the caller

    def begin(self, now: float) -> list[Command]:
        """Enter the first node."""
        return self._enter(self.node, now)

    def key_pressed(self, key: str, now: float) -> list[Command]:
        """Take a key; each node knows which it offers."""
        if self.over:
            return []
        node = self._here
        match node:
            case Menu():
                return self._key_in_menu(node, key, now)
            case Listen():
                return self._key_while_speaking(node, key, now)
            case Collect():
                return self._figure(node, key, now)
            case Hold(on_key=keys) | Enqueue(on_key=keys) if key in keys:
                return [KeyNoted(key, accepted=True), *self._follow(keys, key, now)]
            case _:
                return [KeyNoted(key, accepted=False)]

    def prompt_finished(self, now: float) -> list[Command]:
        """Go on after the prompts of the newest `Play`."""
        if self.over or not self._playing:
            return []
        self._playing = False
        self._deadlines.clear()
        return self._after_prompts(self._here, now)

    def heard(self, text: str, now: float) -> list[Command]:
        """Take what the caller was heard to say; only a menu with words wants it."""
        node = self._here
        if self.over or not isinstance(node, Menu) or not says_something(text):
            return []
        words = node.words.get(self.language)
        if not words:
            return []
        key = meant(text, words)
        if key is not None:
            return [Understood(key), *self._go(node.keys[key], now)]
        return [Understood(None), *self._wrong_choice(node, now)]

    def speech_started(self, now: float) -> list[Command]:
        """The caller speaks; where we asked for it, prompts give way."""
        node = self._here
        if isinstance(node, Menu) and not self._playing:
            self._postpone(now + WORDS_LIMIT)
        if self.over or not isinstance(node, Listen) or self._spoke_at is not None:
            return []
        commands = [] if self._listening else [*self._hush(), *self._listen(node, now)]
        self._spoke_at = now
        self._deadlines.pop(_Due.SILENCE, None)
        return commands

    def speech_stopped(self, now: float) -> list[Command]:
        """The caller has been quiet for as long as the node allows."""
        node = self._here
        if isinstance(node, Menu) and not self._playing:
            self._postpone(now + node.timeout)
        if self.over or not isinstance(node, Listen) or self._spoke_at is None:
            return []
        enough = now - self._spoke_at - node.silence >= node.least
        return self._go(node.then if enough else node.on_nothing, now, how="silence")

    def lane_left(self, why: str, now: float) -> list[Command]:
        """The lane gave the caller up: `full`, `nobody`, `too_long` or `closed`."""
        node = self._here
        if self.over or not isinstance(node, Enqueue):
            return []
        ways = {"full": node.on_full, "nobody": node.on_nobody, "too_long": node.on_late}
        if node.on_closed is not None:
            ways["closed"] = node.on_closed
        return self._go(ways.get(why, node.on_nobody), now)

    def decided(self, answer: str, now: float) -> list[Command]:
        """Take how things are: `open`, `closed`, a holiday, `free`, `busy` or `nobody`."""
        node = self._here
        if self.over or not isinstance(node, Branch):
            return []
        return self._go(node.ways.get(answer, node.otherwise), now)

    def announce(self, wait: float | None, now: float) -> list[Command]:
        """Tell a waiting caller the expected wait in seconds; None when nobody knows."""
        node = self._here
        if self.over or not isinstance(node, Enqueue) or self._playing:
            return []
        return self._play((wait_prompt(wait), *node.announce), now)

    def agent_answered(self, now: float) -> list[Command]:
        """An agent has taken the caller; the walk is over."""
        if self.over:
            return []
        self._deadlines.clear()
        self.over = True
        return [StopPlaying()]

    def sent_to(self, lane: LaneId, now: float) -> list[Command] | None:
        """An agent sends the caller to a lane; None if no node of the flow gives places in it."""
        nodes = self._nodes.items()
        at = next((at for at, n in nodes if isinstance(n, Enqueue) and n.lane == lane), None)
        if at is None:
            return None
        self.over = self._playing = self._listening = False
        return self._enter(at, now)

    # time

    def next_deadline(self) -> float | None:
        """Say when to call `tick`; None while only the caller or the lane can go on."""
        return min(self._deadlines.values(), default=None)

    def tick(self, now: float) -> list[Command]:
        """Do what is due: the earliest deadline, which replaces all others."""
        due = min(self._deadlines, key=self._deadlines.__getitem__, default=None)
        if due is None or self._deadlines[due] > now:
            return []
        node = self._here
        match (due, node):
            case (_Due.PROMPTS_END, _):
                return self.prompt_finished(now)
            case (_Due.SILENCE, Menu(on_silence=then)):
                return self._go(then, now)
            case (_Due.SILENCE, Collect()):
                return self._typing_over(node, now)
            case (_Due.SILENCE, Listen(on_nothing=then)):
                return self._go(then, now, how="silence")
            case (_Due.LIMIT, Listen(then=then, on_nothing=nothing)):
                return self._go(nothing if self._spoke_at is None else then, now, how="limit")
            case (_, Hold(then=then)):
                return self._go(then, now)
            case _:
                raise AssertionError(f"{due} in {node}")

    # entering and leaving

    @property
    def _here(self) -> Node:
        return self._nodes[self.node]

    def _enter(self, at: NodeId, now: float) -> list[Command]:
        self.node, self._wrong, self._spoke_at, self._typed = at, 0, None, ""
        self._deadlines = {}
        return [Note(at), *self._first(self._here, now)]

    def _first(self, node: Node, now: float) -> list[Command]:
        """Begin a node: what it changes, then its prompts."""
        match node:
            case SetLanguage(language, then):
                self.language = language
                return [ChangeLanguage(language), *self._enter(then, now)]
            case Enqueue(lane=lane):
                return [Join(lane), *self._play(node.prompts, now)]
            case Listen(silence=silence):
                return [WatchSpeech(silence), *self._play(node.prompts, now)]
            case Hold(limit=limit, prompts=prompts):
                self._deadlines = {_Due.LIMIT: now + limit}
                return self._loop(prompts)
            case Branch(hours=hours, lane=lane, busy_at=busy_at):
                return [Decide(hours, lane, busy_at)]
            case Menu() if self.language in node.words:
                listen: list[Command] = [WatchSpeech(WORDS_PAUSE), HearWords(True)]
                return [*listen, *self._play(node.prompts, now)]
            case Say() | Menu() | Collect() | HangUp():
                return self._play(node.prompts, now)
            case unknown:
                assert_never(unknown)

    def _go(self, to: NodeId, now: float, how: str | None = None) -> list[Command]:
        """Leave this node for another; `how` the caller came to have spoken."""
        commands = self._hush()
        if self._listening and how is not None:
            commands.append(StopListening(how))
        here = self._here
        if isinstance(here, Menu) and self.language in here.words:
            commands += [WatchSpeech(None), HearWords(False)]
        if isinstance(here, Listen):
            commands.append(WatchSpeech(None))
        self._listening = False
        return [*commands, *self._enter(to, now)]

    def _hush(self) -> list[Command]:
        """Stop prompts and music; the deadlines of prompts go with them."""
        looping = isinstance(self._here, Hold | Enqueue)
        sounding, self._playing = self._playing or looping, False
        self._deadlines.pop(_Due.PROMPTS_END, None)
        return [StopPlaying()] if sounding else []

    # prompts

    def _play(self, prompts: tuple[PromptId, ...], now: float) -> list[Command]:
        """Say the prompts; without any, go on at once."""
        if not prompts:
            return self._after_prompts(self._here, now)
        self._playing = True
        self._deadlines = {_Due.PROMPTS_END: now + PROMPT_LIMIT}
        return [Play(prompts)]

    def _loop(self, prompts: tuple[PromptId, ...]) -> list[Command]:
        return [Play(prompts, loop=True)] if prompts else []

    def _after_prompts(self, node: Node, now: float) -> list[Command]:
        match node:
            case Say(then=then):
                return self._enter(then, now)
            case Menu(timeout=timeout) | Collect(timeout=timeout):
                self._deadlines = {_Due.SILENCE: now + timeout}
                return []
            case Listen():
                return self._listen(node, now)
            case Enqueue(music=music):
                return self._loop(() if music is None else (music,))
            case HangUp(reason=reason):
                self.over = True
                return [End(reason)]
            case SetLanguage() | Hold() | Branch():
                return []
            case unknown:
                assert_never(unknown)

    # keys and speech

    def _key_in_menu(self, node: Menu, key: str, now: float) -> list[Command]:
        if key in node.keys:
            return [KeyNoted(key, accepted=True), *self._go(node.keys[key], now)]
        return [KeyNoted(key, accepted=False), *self._wrong_choice(node, now)]

    def _wrong_choice(self, node: Menu, now: float) -> list[Command]:
        """Ask again, until the tries are used up."""
        self._wrong += 1
        if self._wrong >= node.tries:
            return self._go(node.after_wrong, now)
        said = node.wrong_prompts[: self._wrong][-1:]
        return [*self._hush(), *self._play(said, now)]

    def _postpone(self, until: float) -> None:
        """Let silence begin to count later: the caller speaks, or spoke just now."""
        if _Due.SILENCE in self._deadlines:
            self._deadlines[_Due.SILENCE] = until

    def _figure(self, node: Collect, key: str, now: float) -> list[Command]:
        if not self._typed and key in node.on_key:
            return [KeyNoted(key, accepted=True), *self._follow(node.on_key, key, now)]
        if key in node.end_keys:
            return [KeyNoted(key, accepted=True), *self._typing_over(node, now)]
        if not key.isdecimal():
            return [KeyNoted(key, accepted=False)]
        self._typed += key
        noted: list[Command] = [KeyNoted(key, accepted=True), *self._hush()]
        if len(self._typed) == node.most:
            return [*noted, *self._typing_over(node, now)]
        self._deadlines = {_Due.SILENCE: now + node.pause}
        return noted

    def _typing_over(self, node: Collect, now: float) -> list[Command]:
        """Judge what was typed: take it, ask anew, or go on without."""
        typed, self._typed = self._typed, ""
        if node.fits(typed):
            return [Collected(node.name, typed), *self._go(node.then, now)]
        if not typed:
            return self._go(node.on_silence, now)
        self._wrong += 1
        if self._wrong >= node.tries:
            return self._go(node.after_wrong, now)
        return [*self._hush(), *self._play(node.wrong_prompts[: self._wrong][-1:], now)]

    def _key_while_speaking(self, node: Listen, key: str, now: float) -> list[Command]:
        if key in node.on_key:
            return [KeyNoted(key, accepted=True), *self._follow(node.on_key, key, now)]
        if key not in node.finish_keys:
            return [KeyNoted(key, accepted=False)]
        to = node.then if self._listening else node.on_nothing
        return [KeyNoted(key, accepted=True), *self._go(to, now, how="key")]

    def _follow(self, keys: Mapping[str, NodeId], key: str, now: float) -> list[Command]:
        """Go where a key leads, out of speaking or out of the lane."""
        leave: list[Command] = [Leave("key")] if isinstance(self._here, Enqueue) else []
        return [*leave, *self._go(keys[key], now, how="key")]

    def _listen(self, node: Listen, now: float) -> list[Command]:
        self._listening = True
        self._deadlines = {_Due.SILENCE: now + node.patience, _Due.LIMIT: now + node.limit}
        return [StartListening(node.silence)]
