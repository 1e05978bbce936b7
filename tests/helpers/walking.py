"""A caller, a player and lanes around a walk, in exact virtual time; tells all as short lines."""

from collections.abc import Iterable, Mapping

from calls.ids import LaneId
from ivr.commands import (
    ChangeLanguage,
    Command,
    End,
    Join,
    KeyNoted,
    Leave,
    Note,
    Play,
    StartListening,
    StopListening,
    StopPlaying,
    WatchSpeech,
)
from ivr.flow import Flow
from ivr.walk import Walk

SECONDS = {"greeting": 10.0, "beep": 0.5}
"""How long prompts last; any other 2 s."""

Step = tuple[float, str]
"""When, and what: `key 1`, `speaks`, `quiet`, `wait 130`, `wait ?`, `late`, `gone`, `agent`."""


def told(command: Command) -> str:
    """Return a command as a short line."""
    match command:
        case Play(prompts, loop):
            return f"{'loop' if loop else 'play'} {' '.join(prompts)}"
        case StopPlaying():
            return "hush"
        case WatchSpeech(silence):
            return "unwatch" if silence is None else f"watch {silence:g}"
        case StartListening(silence):
            return f"listen {silence:g}"
        case StopListening(how):
            return f"heard by {how}"
        case Join(lane):
            return f"join {lane}"
        case Leave(why):
            return f"leave by {why}"
        case ChangeLanguage(language):
            return f"language {language}"
        case End(reason):
            return f"end {reason.value}"
        case Note(entered):
            return f"at {entered}"
        case KeyNoted(key, accepted):
            return f"key {key}{'' if accepted else ' unknown'}"


class Telephone:
    """Runs one walk: plays its prompts, refuses lanes, presses and speaks by the script."""

    def __init__(self, flow: Flow, refusing: Mapping[str, str] | None = None) -> None:
        self.walk = Walk(flow)
        self.lines: list[str] = []
        self._refusing = refusing or {}
        self._prompts_end: float | None = None

    def call(self, script: Iterable[Step], until: float) -> list[str]:
        """Call at 0.0 and go by the script; return what the walk asked for, with times."""
        self._carry_out(self.walk.begin(0.0), 0.0)
        for at, what in [*script, (until, "")]:
            self._run_to(at)
            self._carry_out(self.happen(what, at), at)
        return self.lines

    def _run_to(self, end: float) -> None:
        while True:
            due = self.walk.next_deadline()
            times = [time for time in (self._prompts_end, due) if time is not None and time <= end]
            if not times:
                return
            now = min(times)
            if now == self._prompts_end:
                self._prompts_end = None
                self._carry_out(self.walk.prompt_finished(now), now)
            else:
                self._carry_out(self.walk.tick(now), now)

    def happen(self, what: str, now: float) -> list[Command]:
        match what.split():
            case ["key", key]:
                return self.walk.key_pressed(key, now)
            case ["speaks"]:
                return self.walk.speech_started(now)
            case ["quiet"]:
                return self.walk.speech_stopped(now)
            case ["wait", "?"]:
                return self.walk.announce(None, now)
            case ["wait", seconds]:
                return self.walk.announce(float(seconds), now)
            case ["late"]:
                return self.walk.lane_left("too_long", now)
            case ["gone"]:
                return self.walk.lane_left("nobody", now)
            case ["agent"]:
                return self.walk.agent_answered(now)
            case []:
                return []
            case _:
                raise ValueError(what)

    def _carry_out(self, commands: list[Command], now: float) -> None:
        for command in commands:
            self.lines.append(f"{now:g} {told(command)}")
            match command:
                case Play(prompts, loop):
                    length = sum(SECONDS.get(prompt, 2.0) for prompt in prompts)
                    self._prompts_end = None if loop else now + length
                case StopPlaying():
                    self._prompts_end = None
                case Join(lane) if lane in self._refusing:
                    self._refuse(lane, now)
                    return

    def _refuse(self, lane: LaneId, now: float) -> None:
        self._carry_out(self.walk.lane_left(self._refusing[lane], now), now)
