"""One caller's way through a flow.

Feed it what the caller does; carry out the commands that it returns, in order.
It neither plays nor waits: `next_deadline` says when to call `tick`.
A caller who hangs up is no concern of the walk: drop it.
"""

from collections.abc import Mapping
from typing import assert_never

from calls.ids import Language, NodeId, PromptId
from ivr import commands as way
from ivr.commands import Command
from ivr.dues import PROMPT_LIMIT, WORDS_LIMIT, Due
from ivr.flow import (
    Ask,
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
from ivr.in_lane import InLane
from ivr.known import chosen_by, counts_now, ears, gathered
from ivr.reading import spoken
from ivr.words import meant, read_out, says_something

HIDDEN = "•"
"""Written down in place of figures that are secret."""


class Walk(InLane):
    """One caller's way through one flow, from its first node to an agent or the end."""

    def __init__(self, flow: Flow, language: Language | None = None, caller: str = "") -> None:
        super().__init__(language if language is not None else flow.language, caller)
        self._nodes = flow.nodes
        self.node: NodeId = flow.begin
        self.over = False
        """An agent has answered, or the flow has ended; nothing more will be returned."""
        self._listening = False
        self._spoke_at: float | None = None
        """When the caller began to speak in this node."""
        self._wrong = 0
        """Wrong keys pressed in this node."""
        self._silent = 0
        """How often the caller was silent in this node, and asked again."""
        self._typed = ""
        """Figures typed in this node."""
        self._early: list[tuple[str, str]] = []
        """Keys pressed where nobody took them, for the next node that wants such."""

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
                return [way.KeyNoted(key, accepted=True), *self._follow(keys, key, now)]
            case Say() | Ask() | Branch() | SetLanguage():
                self._early.append(("key", key))
                return [way.KeyNoted(key, accepted=False)]
            case _:
                return [way.KeyNoted(key, accepted=False)]

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
        key = meant(text, words) or read_out(text, node.keys, self.language)
        if self._playing and not counts_now(node.barge_words, offered=key is not None):
            self._later += [("words", text)] if node.barge_words == "after" else []
            return []
        if key is not None:
            return [way.Understood(key), *self._chosen(node, key, now)]
        return [way.Understood(None), *self._wrong_choice(node, now)]

    def _replay(self, kept: list[tuple[str, str]], now: float) -> list[Command]:
        """Let what came before count now, one after another; what the node leaves stays early."""
        node, commands = self.node, list[Command]()
        while kept and self.node == node and not self.over:
            kind, what = kept.pop(0)
            commands += self.key_pressed(what, now) if kind == "key" else self.heard(what, now)
        self._early = kept + self._early
        return commands

    def speech_started(self, now: float) -> list[Command]:
        """The caller speaks; where we asked for it, prompts give way."""
        node = self._here
        if isinstance(node, Menu) and not self.over:
            return self._speaks_in_menu(node, now)
        if self.over or not isinstance(node, Listen) or self._spoke_at is not None:
            return []
        if self._playing and node.barge_words == "never":
            return []
        commands = [] if self._listening else [*self._hush(), *self._listen(node, now)]
        self._spoke_at = now
        self._deadlines.pop(Due.SILENCE, None)
        return commands

    def _speaks_in_menu(self, node: Menu, now: float) -> list[Command]:
        """Wait for the words; prompts give way to any, where the node says so."""
        quiet = self._hush() if node.barge_words == "at_once" else []
        if quiet:
            self._deadlines = {Due.SILENCE: now + WORDS_LIMIT}
        if not self._playing:
            self._postpone(now + WORDS_LIMIT)
        return quiet

    def speech_stopped(self, now: float) -> list[Command]:
        """The caller has been quiet for as long as the node allows."""
        node = self._here
        if isinstance(node, Menu) and not self._playing:
            self._postpone(now + node.timeout)
        if self.over or not isinstance(node, Listen) or self._spoke_at is None:
            return []
        enough = now - self._spoke_at - node.silence >= node.least
        return self._go(node.then if enough else node.on_nothing, now, how="silence")

    def decided(self, answer: str, now: float) -> list[Command]:
        """Take how things are: `open`, `closed`, a holiday, `free`, `busy` or `nobody`."""
        node = self._here
        if self.over or not isinstance(node, Branch):
            return []
        return self._go(node.ways.get(answer, node.otherwise), now)

    def answered(self, answer: str, found: Mapping[str, str], now: float) -> list[Command]:
        """Take what came of a request, and what was found out; late answers are nothing."""
        node = self._here
        if self.over or not isinstance(node, Ask):
            return []
        self.known.update(found)
        kept = [way.Collected(name, found[name]) for name in node.keeps if name in found]
        to = node.ways.get(answer, node.otherwise)
        return [way.Chosen(answer, node.kind), *kept, *self._go(to, now)]

    # time

    def tick(self, now: float) -> list[Command]:
        """Do what is due: the earliest deadline, which replaces all others."""
        due, node = self._rings(now), self._here
        if due is None:
            return []
        match (due, node):
            case (Due.PROMPTS_END, _):
                return self.prompt_finished(now)
            case (Due.SILENCE, Menu()):
                return self._silence(node, now)
            case (Due.SILENCE, Collect()):
                return self._typing_over(node, now)
            case (Due.SILENCE, Listen(on_nothing=then)):
                return self._go(then, now, how="silence")
            case (Due.LIMIT, Listen(then=then, on_nothing=nothing)):
                return self._go(nothing if self._spoke_at is None else then, now, how="limit")
            case (_, Hold(then=then) | Ask(otherwise=then)):
                noted = [way.Chosen("late", node.kind)] if isinstance(node, Ask) else []
                return [*noted, *self._go(then, now)]
            case _:
                raise AssertionError(f"{due} in {node}")

    # entering and leaving

    @property
    def _here(self) -> Node:
        return self._nodes[self.node]

    def _enter(self, at: NodeId, now: float) -> list[Command]:
        self.node, self._wrong, self._silent, self._spoke_at, self._typed = at, 0, 0, None, ""
        self._deadlines, self._later = {}, []
        node = self._here
        if isinstance(node, Menu | Collect) and self._early:
            early, self._early = self._early if node.early else [], []
            return [way.Note(at), *self._first(node, now), *self._replay(early, now)]
        if isinstance(node, Listen | Enqueue | Hold):
            self._early = []
        return [way.Note(at), *self._first(node, now)]

    def _first(self, node: Node, now: float) -> list[Command]:
        """Begin a node: what it changes, then its prompts."""
        match node:
            case SetLanguage(language, then):
                self.language = self.known["language"] = language
                return [way.ChangeLanguage(language), *self._enter(then, now)]
            case Enqueue(lane=lane):
                return [way.Join(lane), *self._play(node.prompts, now)]
            case Listen(silence=silence):
                return [way.WatchSpeech(silence), *self._play(node.prompts, now)]
            case Hold(limit=limit, prompts=prompts):
                self._deadlines = {Due.LIMIT: now + limit}
                return self._loop(prompts)
            case Branch() | Ask():
                return self._inquire(node, now)
            case Menu() if node.barge_words != "never":
                return [*ears(node, self.language, on=True), *self._play(node.prompts, now)]
            case Say() | Menu() | Collect() | HangUp():
                return self._play(node.prompts, now)
            case unknown:
                assert_never(unknown)

    def _inquire(self, node: Branch | Ask, now: float) -> list[Command]:
        """Choose by what is known, or have the house say how things are."""
        if isinstance(node, Ask):
            self._deadlines = {Due.LIMIT: now + node.limit}
            said = spoken(node.prompts, self.known, self.language)
            return [*self._loop(said), way.Request(node.kind, gathered(node.about, self.known))]
        if node.variable is None:
            return [way.Decide(node.hours, node.lane, node.busy_at)]
        answer, rule, to = chosen_by(node, self.known)
        return [way.Chosen(answer, rule), *self._go(to, now)]

    def _go(self, to: NodeId, now: float, how: str | None = None) -> list[Command]:
        """Leave this node for another; `how` the caller came to have spoken."""
        commands = self._hush()
        if self._listening and how is not None:
            commands.append(way.StopListening(how))
        here = self._here
        commands += ears(here, self.language, on=False)
        if isinstance(here, Listen):
            commands.append(way.WatchSpeech(None))
            said, to = self._by_language(here, to)
            commands += said
        self._listening = False
        return [*commands, *self._enter(to, now)]

    def _by_language(self, node: Listen, to: NodeId) -> tuple[list[Command], NodeId]:
        """Lead one who was heard to speak another language where the node says, once."""
        other = self.other_language
        if other is None or other == self.language or other not in node.on_language:
            return [], to
        self.other_language = None
        return [way.Chosen(other, "language heard")], node.on_language[other]

    def _hush(self) -> list[Command]:
        """Stop prompts and music; the deadlines of prompts go with them."""
        looping = isinstance(self._here, Hold | Enqueue | Ask)
        sounding, self._playing = self._playing or looping, False
        self._deadlines.pop(Due.PROMPTS_END, None)
        return [way.StopPlaying()] if sounding else []

    # prompts

    def _play(self, prompts: tuple[PromptId, ...], now: float) -> list[Command]:
        """Say the prompts; without any, go on at once."""
        prompts = spoken(prompts, self.known, self.language)
        if not prompts:
            return self._after_prompts(self._here, now)
        self._playing = True
        self._deadlines = {Due.PROMPTS_END: now + PROMPT_LIMIT}
        return [way.Play(prompts)]

    def _after_prompts(self, node: Node, now: float) -> list[Command]:
        match node:
            case Say(then=then):
                return self._enter(then, now)
            case Menu(timeout=timeout) | Collect(timeout=timeout):
                self._deadlines = {Due.SILENCE: now + timeout}
                late = isinstance(node, Menu) and node.barge_words == "never"
                listen = ears(node, self.language, on=True) if late else []
                later, self._later = self._later, []
                return [*listen, *self._replay(later, now)]
            case Listen():
                return self._listen(node, now)
            case Enqueue(music=music):
                return self._loop(() if music is None else (music,))
            case HangUp(reason=reason):
                self.over = True
                return [way.End(reason)]
            case SetLanguage() | Hold() | Branch() | Ask():
                return []
            case unknown:
                assert_never(unknown)

    # keys and speech

    def _key_in_menu(self, node: Menu, key: str, now: float) -> list[Command]:
        offered = key in node.keys
        barred = self._barred(node.barge_keys, key, offered)
        if barred is not None:
            return barred
        if offered:
            return [way.KeyNoted(key, accepted=True), *self._chosen(node, key, now)]
        return [way.KeyNoted(key, accepted=False), *self._wrong_choice(node, now)]

    def _chosen(self, node: Menu, key: str, now: float) -> list[Command]:
        """Go where an offered key leads; keep it, where the node says so."""
        kept: list[Command] = []
        if node.keeps is not None:
            self.known[node.keeps] = key
            kept = [way.Collected(node.keeps, key)]
        return [*kept, *self._go(node.keys[key], now)]

    def _wrong_choice(self, node: Menu, now: float) -> list[Command]:
        """Ask again, until the tries are used up."""
        self._wrong += 1
        if self._wrong >= node.tries:
            return self._go(node.after_wrong, now)
        said = node.wrong_prompts[: self._wrong][-1:]
        return [*self._hush(), *self._deaf(node), *self._play(said, now)]

    def _silence(self, node: Menu | Collect, now: float) -> list[Command]:
        """Ask again, as often as there are words for it; then go on."""
        if self._silent >= len(node.silence_prompts):
            return self._go(node.on_silence, now)
        self._silent += 1
        said = node.silence_prompts[self._silent - 1 : self._silent]
        return [*self._hush(), *self._deaf(node), *self._play(said, now)]

    def _deaf(self, node: Menu | Collect) -> list[Command]:
        """Hear no words while prompts are said, where they must be heard out."""
        never = isinstance(node, Menu) and node.barge_words == "never"
        return ears(node, self.language, on=False) if never else []

    def _figure(self, node: Collect, key: str, now: float) -> list[Command]:
        wanted = key.isdecimal() or key in node.end_keys or key in node.on_key
        barred = self._barred(node.barge_keys, key, wanted)
        if barred is not None:
            return barred
        if not self._typed and key in node.on_key:
            return [way.KeyNoted(key, accepted=True), *self._follow(node.on_key, key, now)]
        if key in node.end_keys:
            return [way.KeyNoted(key, accepted=True), *self._typing_over(node, now)]
        if not key.isdecimal():
            return [way.KeyNoted(key, accepted=False)]
        self._typed += key
        shown = HIDDEN if node.secret else key
        noted: list[Command] = [way.KeyNoted(shown, accepted=True), *self._hush()]
        if len(self._typed) == node.most:
            return [*noted, *self._typing_over(node, now)]
        self._deadlines = {Due.SILENCE: now + node.pause}
        return noted

    def _typing_over(self, node: Collect, now: float) -> list[Command]:
        """Judge what was typed: take it, ask anew, or go on without."""
        typed, self._typed = self._typed, ""
        if node.fits(typed):
            self.known[node.name] = typed
            shown = HIDDEN if node.secret else typed
            return [way.Collected(node.name, shown), *self._go(node.then, now)]
        if not typed:
            return self._silence(node, now)
        self._wrong += 1
        if self._wrong >= node.tries:
            return self._go(node.after_wrong, now)
        return [*self._hush(), *self._play(node.wrong_prompts[: self._wrong][-1:], now)]

    def _key_while_speaking(self, node: Listen, key: str, now: float) -> list[Command]:
        if key in node.on_key:
            return [way.KeyNoted(key, accepted=True), *self._follow(node.on_key, key, now)]
        if key not in node.finish_keys:
            return [way.KeyNoted(key, accepted=False)]
        to = node.then if self._listening else node.on_nothing
        return [way.KeyNoted(key, accepted=True), *self._go(to, now, how="key")]

    def _follow(self, keys: Mapping[str, NodeId], key: str, now: float) -> list[Command]:
        """Go where a key leads, out of speaking or out of the lane."""
        self.other_language = None  # a key is the caller's own wish
        leave: list[Command] = [way.Leave("key")] if isinstance(self._here, Enqueue) else []
        return [*leave, *self._go(keys[key], now, how="key")]

    def _listen(self, node: Listen, now: float) -> list[Command]:
        self._listening = True
        self._deadlines = {Due.SILENCE: now + node.patience, Due.LIMIT: now + node.limit}
        return [way.StartListening(node.silence)]
