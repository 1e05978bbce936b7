"""What a walk has said to its caller, in which language, and what it waits for."""

from calls.ids import Language, PromptId
from ivr import commands as way
from ivr.commands import Command
from ivr.dues import Due
from ivr.flow import Barge
from ivr.known import counts_now


class Voice:
    """What is playing, what is known to be read out, and the deadlines; a walk is one."""

    def __init__(self, language: Language, caller: str) -> None:
        self.language: Language = language
        self.known: dict[str, str] = {"caller": caller, "language": language}
        """What prompts may read out and branches ask for, such as what was typed."""
        self.other_language: Language | None = None
        """What the caller was heard to speak, if not what is listened for; used once."""
        self._playing = False
        self._later: list[tuple[str, str]] = []
        """What came during prompts that are said to their end: `key` or `words`, and which."""
        self._deadlines: dict[Due, float] = {}

    def next_deadline(self) -> float | None:
        """Say when to call `tick`; None while only the caller or the lane can go on."""
        return min(self._deadlines.values(), default=None)

    def _rings(self, now: float) -> Due | None:
        """Return what the earliest deadline is for, if it has come."""
        due = min(self._deadlines, key=self._deadlines.__getitem__, default=None)
        return None if due is None or self._deadlines[due] > now else due

    def _postpone(self, until: float) -> None:
        """Let silence begin to count later: the caller speaks, or spoke just now."""
        if Due.SILENCE in self._deadlines:
            self._deadlines[Due.SILENCE] = until

    def _loop(self, prompts: tuple[PromptId, ...]) -> list[Command]:
        return [way.Play(prompts, loop=True)] if prompts else []

    def _barred(self, mode: Barge, key: str, offered: bool) -> list[Command] | None:
        """Return what becomes of a key that prompts are not stopped by; None: it counts."""
        if not self._playing or counts_now(mode, offered=offered):
            return None
        self._later += [("key", key)] if mode == "after" else []
        return [] if mode == "after" else [way.KeyNoted(key, accepted=False)]
