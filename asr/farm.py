"""The protocol of `vosk-server` over WebSocket, as values: what to send, what an answer says.

One connection is one speaker. The first message may be a configuration (JSON), then come pieces
of sound (binary), each answered by one JSON object: `{"partial": …}`, or when an utterance has
ended `{"result": [{"word", "start", "end", "conf"}, …], "text": …}`. `{"eof" : 1}` asks for the
words still owed. Times count from the connection's first sound.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asr.recogniser import RATE, SAMPLE, UNKNOWN, Heard, spell, utterance
from calls.events import Word
from calls.ids import Language

EOF = '{"eof" : 1}'


class NotVosk(ValueError):
    """The other end does not speak this protocol."""


def configuration(phrases: Sequence[str] = ()) -> str:
    """Return the first message of a connection: the rate, word times, and what alone is said."""
    wanted: dict[str, object] = {"sample_rate": RATE, "words": True}
    if phrases:
        wanted["phrase_list"] = [*phrases, "[unk]"]
    return json.dumps({"config": wanted}, ensure_ascii=False)


@dataclass(slots=True)
class Hearing:
    """What one connection has been given and has said; times in seconds of the recording."""

    language: Language
    began: float
    """Where in the recording its first sound is."""
    given: float = 0.0
    """Seconds of sound."""
    since: float = 0.0
    """Where the utterance in hand may have begun, from `began` on."""
    partial: str = ""

    @property
    def position(self) -> float:
        """Where in the recording the next sound is taken to be."""
        return self.began + self.given

    def give(self, pcm: bytes) -> None:
        """Take note of sound that was sent."""
        self.given += len(pcm) / (RATE * SAMPLE)

    def answer(self, text: str | bytes) -> list[Heard]:
        """Read one answer; raise NotVosk if it is none."""
        try:
            said = json.loads(text)
            if "result" in said or "text" in said:
                return self._certain(said.get("result", ()))
            return self._uncertain(said["partial"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NotVosk(f"{type(error).__name__} in an answer") from None

    def _certain(self, result: Sequence[Mapping[str, Any]]) -> list[Heard]:
        self.since, self.partial = self.given, ""
        words = tuple(self._word(each) for each in result if each["word"] not in UNKNOWN)
        return [utterance(words, self.language)] if words else []

    def _word(self, each: Mapping[str, Any]) -> Word:
        start, end = (round(float(each[key]) + self.began, 3) for key in ("start", "end"))
        return Word(str(each["word"]), start, end, round(float(each.get("conf", 1.0)), 3))

    def _uncertain(self, partial: str) -> list[Heard]:
        text = spell([word for word in partial.split() if word not in UNKNOWN], self.language)
        if not text or text == self.partial:
            return []
        self.partial = text
        start = round(self.began + self.since, 3)
        return [Heard(text, start, round(self.position, 3), 0.0, (), final=False)]
