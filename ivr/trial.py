"""A pretended call: a caller's script against a flow, on exact time.

Nothing is played and nobody is rung. Prompts last as long as their recordings,
lanes take or refuse as the world says, and hours are those of the pretended moment.
Hours of calls take milliseconds, so a city's own tests can run on every change.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import timedelta
from math import inf

from calls.ids import LaneId, Language, PromptId
from calls.reasons import Reason
from ivr.commands import (
    ChangeLanguage,
    Chosen,
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
    Request,
    StartListening,
    StopListening,
    StopPlaying,
    Understood,
    WatchSpeech,
)
from ivr.dues import PROMPT_LIMIT
from ivr.flow import Flow
from ivr.pretend import (
    EVENTS,
    LONGEST,
    ORDER,
    RECOGNITION,
    SILENCE_LIMIT,
    TALK,
    USUAL,
    USUALLY_KNOWN,
    Moment,
    Sounding,
    World,
)
from ivr.script import BETWEEN_KEYS, Act, Press, Silence, Speak
from ivr.walk import Walk

UNFINISHED = {"too_long", "talked", "prompts_end"}
"""What still comes for one who waits in a lane, besides a person."""


class Trial:
    """One pretended call, act by act."""

    def __init__(self, flow: Flow, world: World) -> None:
        self.now = 0.0
        self.moments: list[Moment] = []
        self.sounds: list[Sounding] = []
        """What was heard, in order, and what is going to be if nothing stops it."""
        self.lane: LaneId | None = None
        """In which the caller waits for a person."""
        self.reason: Reason | None = None
        """For which the flow has ended the call."""
        self.arrived = 0.0
        """When `lane` was entered or the call ended."""
        self._walk, self._world = Walk(flow, caller=world.caller), world
        self._begun_in, self._walk.other_language = flow.language, world.speaks
        self._due: dict[str, float] = {}
        self._prompts: list[tuple[float, PromptId]] = []
        self._silence: float | None = None
        self._listening = self._words = False
        self._said = ""
        self._entered = 0
        self._left = EVENTS
        self._carry_out(self._walk.begin(0.0))

    @property
    def language(self) -> Language:
        """The caller's, as it is now."""
        return self._walk.language

    def language_at(self, at: float) -> Language:
        """Return the caller's language at an earlier instant of the call."""
        chosen = [m.what for m in self.moments if m.kind == "language" and m.at <= at]
        return chosen[-1] if chosen else self._begun_in  # type: ignore[return-value]  # ours

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.reason is not None or self.now >= LONGEST or self._left <= 0

    @property
    def nodes(self) -> list[str]:
        """The caller's way."""
        return [moment.what for moment in self.moments if moment.kind == "node"]

    @property
    def heard(self) -> list[str]:
        """Every prompt that the caller heard at least the beginning of."""
        return [moment.what for moment in self.moments if moment.kind in ("hears", "loop")]

    # what the caller does

    def do(self, act: Act) -> None:
        """Let the caller do something, and let its time pass."""
        match act:
            case Press(keys=keys):
                for place, key in enumerate(keys):
                    self._run_to(self.now + (BETWEEN_KEYS if place else 0.0))
                    if not self.over:
                        self._carry_out(self._walk.key_pressed(key, self.now))
            case Silence(seconds=None):
                self._run_while_here(self.now + SILENCE_LIMIT)
            case Silence(seconds=float() as seconds):
                self._run_to(self.now + seconds)
            case Speak():
                self._speak(act)

    def finish(self) -> None:
        """Let the caller be silent until a person or the end of the call is reached."""
        while not self.over and not self._waits_for_a_person():
            self._step(LONGEST)

    def _waits_for_a_person(self) -> bool:
        """Tell whether only a person can go on, and everything before was said."""
        return self.lane is not None and not self._due.keys() & UNFINISHED

    def _speak(self, act: Speak) -> None:
        while self._is_spoken_to() and not act.at_once and not self.over:
            self._step(self.now + PROMPT_LIMIT)
        if self.over:
            return
        listened_to = self._silence is not None
        self._tell("says" if listened_to else "not_listening", act.text)
        if listened_to:
            self._carry_out(self._walk.speech_started(self.now))
            if self._words:
                self._said = act.text
                self._due["words"] = self.now + act.seconds + RECOGNITION
            self._due["speech_stop"] = self.now + act.seconds + (self._silence or 0.0)
        self._run_to(self.now + act.seconds)

    def _is_spoken_to(self) -> bool:
        return not self._listening and "prompts_end" in self._due

    # time

    def _run_to(self, end: float) -> None:
        while not self.over and self._step(end):
            pass
        self.now = max(self.now, end) if self.reason is None else self.now

    def _run_while_here(self, end: float) -> None:
        entered = self._entered
        while not self.over and self._entered == entered and self._step(end):
            pass
        if self._entered == entered and not self.over:
            self.now = end

    def _step(self, end: float) -> bool:
        """Let the next thing happen that is due until `end`; False if nothing is."""
        walk = self._walk.next_deadline()
        due = self._due if walk is None else {**self._due, "walk": walk}
        name = min(due, key=lambda name: (due[name], ORDER.index(name)), default=None)
        if name is None or due[name] > end:
            self.now = end
            return False
        self._left -= 1
        self.now = max(self.now, due[name])
        self._due.pop(name, None)
        self._happen(name)
        return True

    def _happen(self, name: str) -> None:
        match name:
            case "prompt":
                self._next_prompt()
            case "prompts_end":
                self._carry_out(self._walk.prompt_finished(self.now))
            case "speech_stop":
                self._carry_out(self._walk.speech_stopped(self.now))
            case "words":
                self._carry_out(self._walk.heard(self._said, self.now))
            case "too_long":
                self._give_up("too_long")
            case "announce":
                self._announce()
            case "talked":
                self._talked()
            case _:
                self._carry_out(self._walk.tick(self.now))

    def _talked(self) -> None:
        """An agent has answered, talked and hung up; the caller goes on, if there is a way."""
        if self._walk.goes_on_after_agent:
            self._tell("talked", self.lane or "")
            self._leave("talked")
            self._walk.agent_answered(self.now - TALK)
            self._carry_out(self._walk.agent_left(self.now))

    def _announce(self) -> None:
        if self.lane is not None:
            self._carry_out(self._walk.announce(None, self.now))
            self._next_announcement(self.lane)

    def _next_announcement(self, lane: LaneId) -> None:
        every = self._world.lanes[lane].announce_every
        if every is not None:
            self._due["announce"] = self.now + every

    # what the flow asks for

    def _carry_out(self, commands: Iterable[Command]) -> None:
        """Do as the walk asks; a lane that refuses makes the rest unwanted."""
        for command in commands:
            if isinstance(command, Join):
                refused = self._refusal(command.lane)
                if refused is not None:
                    why, rule = refused
                    self._tell("refused", f"{command.lane} {why}", rule)
                    self._carry_out(self._walk.lane_left(why, self.now))
                    return
                self._join(command.lane)
            elif isinstance(command, Decide):
                answer, rule = self._decide(command)
                self._tell("decided", answer, rule)
                self._carry_out(self._walk.decided(answer, self.now))
            elif isinstance(command, Request):
                self._answer(command)
            elif isinstance(command, Play | StopPlaying):
                self._sound(command)
            else:
                self._note(command)

    def _answer(self, asked: Request) -> None:
        """Let the pretended house answer at once, or never."""
        about = " ".join(f"{name}={value}" for name, value in asked.about.items() if value)
        self._tell("asked", f"{asked.kind} {about}".strip())
        answer = self._world.answers.get(asked.kind, USUAL[asked.kind])
        if answer != "late":
            known = {**USUALLY_KNOWN.get(asked.kind, {}), **self._world.known}
            self._carry_out(self._walk.answered(answer, known, self.now))

    def _note(self, command: Command) -> None:
        match command:
            case Note(entered=node):
                self._entered += 1
                self._tell("node", node)
            case KeyNoted(key=key, accepted=accepted):
                self._tell("key" if accepted else "wrong_key", key)
            case ChangeLanguage(language=language):
                self._tell("language", language)
            case Collected(name=name, value=value):
                self._tell("typed", f"{name}={value}")
            case Chosen(answer=answer, rule=rule):
                self._tell("decided", answer, rule)
            case Leave(why=why):
                self._leave(why)
            case End(reason=reason):
                self.reason, self.arrived = reason, self.now
                self._tell("end", reason.value)
            case _:
                self._hearken(command)

    def _hearken(self, command: Command) -> None:
        match command:
            case WatchSpeech(silence=silence):
                self._silence = silence
                self._due.pop("speech_stop", None)
            case HearWords(on=on):
                self._words = on
                self._due.pop("words", None)
            case Understood(key=key):
                self._tell("understood", key or "?")
            case StartListening():
                self._listening = True
                self._tell("listens", "")
            case StopListening(how=how):
                self._listening = False
                self._tell("heard", how)

    def _sound(self, command: Play | StopPlaying) -> None:
        self._prompts = []
        self._due.pop("prompt", None)
        self._due.pop("prompts_end", None)
        self._cut_short()
        if isinstance(command, StopPlaying):
            return
        if command.loop:
            self._tell("loop", " ".join(command.prompts))
        at = self.now
        for prompt in command.prompts:
            end = at + self._world.prompts.get((self.language, prompt), 0.0)
            until = inf if command.loop else end
            self.sounds.append(Sounding(at, self.language, prompt, until, command.loop))
            if not command.loop:
                self._prompts.append((at, prompt))
            at = end
        if not command.loop:
            self._due["prompts_end"] = at
            self._next_prompt()

    def _cut_short(self) -> None:
        """What still sounds ends now, and what was to come after it does not come."""
        place = len(self.sounds) - 1
        while place >= 0 and self.sounds[place].until > self.now:
            one = self.sounds[place]
            self.sounds[place] = replace(one, until=max(one.at, self.now))
            place -= 1

    def _next_prompt(self) -> None:
        """Begin the next prompt if it is time, else have it begun when it is."""
        while self._prompts and self._prompts[0][0] <= self.now:
            self._tell("hears", self._prompts.pop(0)[1])
        if self._prompts:
            self._due["prompt"] = self._prompts[0][0]

    # hours and lanes

    def _decide(self, asked: Decide) -> tuple[str, str]:
        """Say how the pretended world is."""
        if asked.lane is None:
            at = self._world.at + timedelta(seconds=self.now)
            return self._world.hours[asked.hours or ""].answer(at)
        state = self._world.lanes[asked.lane].state
        return {"open": "free", "talked": "free", "nobody": "nobody"}.get(state, "busy"), asked.lane

    def _refusal(self, lane: LaneId) -> tuple[str, str] | None:
        """Return why the lane does not take the caller now, and by which rule."""
        found = self._world.lanes[lane]
        if found.hours is not None:
            is_open, rule = found.hours.is_open(self._world.at + timedelta(seconds=self.now))
            if not is_open:
                return "closed", rule
        return (found.state, "") if found.state in ("full", "nobody") else None

    def _join(self, lane: LaneId) -> None:
        self.lane, self.arrived = lane, self.now
        found = self._world.lanes[lane]
        rule = ""
        if found.hours is not None:
            rule = found.hours.is_open(self._world.at + timedelta(seconds=self.now))[1]
        self._tell("lane", lane, rule)
        if found.state == "late" and found.max_wait is not None:
            self._due["too_long"] = self.now + found.max_wait
        if found.state == "talked" and self._walk.goes_on_after_agent:
            self._due["talked"] = self.now + TALK
        self._next_announcement(lane)

    def _give_up(self, why: str) -> None:
        lane = self.lane
        self._leave(why)
        self._tell("refused", f"{lane} {why}")
        self._carry_out(self._walk.lane_left(why, self.now))

    def _leave(self, why: str) -> None:
        if self.lane is not None and why == "key":
            self._tell("leaves", self.lane)
        self.lane = None
        self._due.pop("too_long", None)
        self._due.pop("announce", None)
        self._due.pop("talked", None)

    def _tell(self, kind: str, what: str, why: str = "") -> None:
        self.moments.append(Moment(round(self.now, 3), kind, what, why))


def tried(flow: Flow, world: World, acts: Iterable[Act]) -> Trial:
    """Return a whole pretended call: the acts, then silence."""
    trial = Trial(flow, world)
    for act in acts:
        trial.do(act)
    trial.finish()
    return trial


def in_order(wanted: Iterable[str], heard: Iterable[str]) -> str | None:
    """Return the first that was not heard in its place; None if all were, others between."""
    line = iter(heard)
    return next((one for one in wanted if one not in line), None)


def never(barred: AbstractSet[str], heard: Iterable[str]) -> str | None:
    """Return the first that was heard and must not be."""
    return next((one for one in heard if one in barred), None)
