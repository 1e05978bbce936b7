"""Danger heard during a call: written down, and a caller who waits goes before all others."""

import logging
from dataclasses import dataclass

from asr.recogniser import Heard as HeardWords
from asr.transcript import Utterance
from calls.events import DangerHeard
from calls.ids import Language, Party
from server.citizen_call import CitizenCall
from server.flow_side import FlowSide
from workorders.watch import danger_in

LOG = logging.getLogger(__name__)
FIRST = 100
"""Priority of a caller in danger where no lane is meant for it: the highest there is."""
MORE = 3
"""Characters by which words not certain yet must have grown to be judged again."""


@dataclass(slots=True)
class DangerSide:
    """Listens along with every call; says once of each that somebody is in danger."""

    flow: FlowSide

    def heard(
        self, call: CitizenCall, what: tuple[HeardWords, Party, Language], now: float
    ) -> None:
        """Judge the citizen's words, the first ones on: misses are worse than false alarms."""
        words, party, language = what
        if party != "citizen" or call.danger or self._hardly_grown(call, words):
            return
        said = Utterance(
            party, language, words.start, words.end, words.text, words.confidence, words.words
        )
        try:
            danger = danger_in(said)
        except Exception:  # a fault in judging costs the alarm, never the call
            LOG.exception("danger was not judged in call %s", call.id)
            return
        if danger is None:
            return
        call.danger = True
        call.note(
            DangerHeard(
                call.id, now, words.start, danger.words, danger.kind, danger.help, words.final
            )
        )
        self.flow.hurry(call, FIRST, now)
        call.draft_so_far()

    def _hardly_grown(self, call: CitizenCall, words: HeardWords) -> bool:
        """Tell whether words not certain yet are as good as judged."""
        judged, call.judged = call.judged, 0 if words.final else len(words.text)
        if words.final or abs(len(words.text) - judged) >= MORE:
            return False
        call.judged = judged
        return True
