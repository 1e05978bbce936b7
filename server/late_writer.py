"""What is loaded after telephones are answered: the words of drafts, of danger, of figures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calls.events import Fact
from calls.ids import CallId
from config.settings import Site
from server.draft_memory import Memory

if TYPE_CHECKING:
    from server.drafting import DraftWriter


class LateWriter:
    """Writes drafts as a `DraftWriter` of the site, which is made with the first of them.

    Its words and their sounds take most of a second to load; a start does not wait for them.
    For one thread at a time.
    """

    def __init__(self, site: Site, data: Path, memory: Memory) -> None:
        self._site, self._data, self._memory = site, data, memory
        self._made: DraftWriter | None = None

    def __call__(self, call: CallId, facts: Sequence[Fact], transcript: str) -> dict[str, object]:
        """Return the draft of a call as JSON values."""
        return self._writer()(call, facts, transcript)

    def at_once(
        self, call: CallId, facts: Sequence[Fact], transcript: str
    ) -> dict[str, object] | None:
        """Return the draft of a call in which nothing was said; None where it takes longer."""
        made = self._made  # by the thread that makes drafts
        return None if made is None else made.at_once(call, facts, transcript)

    def warm(self) -> None:
        """Load it before anybody has spoken, with what listens along for danger."""
        from asr import mandarin  # noqa: PLC0415  as the class says
        from workorders import danger  # noqa: PLC0415  as above

        self._writer()
        danger.warm()
        mandarin.number("十")

    def _writer(self) -> "DraftWriter":
        if self._made is None:
            from server.drafting import DraftWriter, usable_precedents  # noqa: PLC0415  as above

            precedents = usable_precedents(self._data)
            self._made = DraftWriter.of(self._site, precedents, self._memory)
        return self._made
