"""Vosk behind our `Recogniser`: the only file that imports vosk.

Measured with vosk 0.3.45 and its Korean model, and relied upon here:

- Word times count all sound that a recogniser was ever fed; `Reset` does not set them back.
- A recogniser keeps a growing part of the search graph: that is what makes a used one three
  times as fast as a fresh one, and also what makes it grow (171 MB after 181 s of speech).
  Freed and trimmed, the memory goes back to the system.
- Only `FinalResult` on running sound renews the feature pipeline, so only that forgets
  the voice of the speaker before.
- The end of an utterance is looked for once an `AcceptWaveform`: so sound goes in small steps.
- `SetGrammar` on a running recogniser aborts the process: never called.
"""

import json
import random
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import vosk

from asr.grammar import TRUSTED, grammar
from asr.recogniser import RATE, SAMPLE, UNKNOWN, Heard, spell, utterance
from calls.events import Word
from calls.ids import Language

STEP = RATE * SAMPLE // 10
"""Bytes given to Vosk at once: 100 ms."""

vosk.SetLogLevel(-1)


class Unloadable(Exception):
    """Vosk does not take the folder for a model."""


class VoskModel:
    """One language's model, loaded once and shared by its recognisers."""

    def __init__(self, path: Path, language: Language) -> None:
        self.language = language
        try:
            self._model = vosk.Model(str(path))
        except Exception as error:  # Vosk raises nothing narrower
            raise Unloadable(f"{path}: {error}") from None
        self.takes_grammar = any((path / at / "HCLr.fst").exists() for at in ("graph", "."))

    def knows(self, word: str) -> bool:
        """Tell whether a word stands in the model's vocabulary; no other is ever heard."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def for_phrases(self, phrases: Sequence[str]) -> "VoskRecogniser | None":
        """Make a recogniser of these phrases; None if the model has no words for any of them.

        None also for a model with a fixed graph, which takes no grammar.
        """
        found = grammar(phrases, self.knows) if self.takes_grammar else []
        if not found:
            return None
        return VoskRecogniser(self._model, self.language, partials=False, phrases=found)

    def recogniser(self, *, partials: bool = True) -> "VoskRecogniser":
        """Make a recogniser; its first second of sound is slow until it was warmed."""
        return VoskRecogniser(self._model, self.language, partials=partials)


class VoskRecogniser:
    """One speaker's words at a time; used again for the next speaker after `flush`."""

    def __init__(
        self, model: Any, language: Language, *, partials: bool, phrases: Sequence[str] = ()
    ) -> None:
        given = (json.dumps(phrases, ensure_ascii=False),) if phrases else ()
        self._kaldi = vosk.KaldiRecognizer(model, float(RATE), *given)
        self.small = bool(phrases)
        """It hears a menu's answers and nothing else; what it is not sure of it does not say."""
        self._kaldi.SetWords(True)
        self._language = language
        self.partials = partials
        self._fed = 0
        """Samples given to Vosk since it was made."""
        self._shift = 0.0
        """What to add to Vosk's times so that they count from the start of the recording."""
        self._running = False
        self._since = 0.0
        """Where the utterance in hand may have begun."""
        self._partial = ""

    @property
    def position(self) -> float:
        """Where in the recording the next sound is taken to be, in seconds."""
        return self._fed / RATE + self._shift

    @property
    def seconds(self) -> float:
        """Sound heard by this recogniser in all its uses."""
        return self._fed / RATE

    def resume(self, at: float) -> list[Heard]:
        """Say that the next sound is at `at` seconds; return the words from before the gap."""
        owed = self.flush()
        self._shift = at - self._fed / RATE
        self._since = at
        return owed

    def feed(self, pcm: bytes) -> list[Heard]:
        """Take the next sound; return what became certain, then a partial if it changed.

        Vosk itself goes on by some 200 ms of sound at once (Kaldi's default chunk): a live
        stream, which gives 100 ms at a time, asks oftener than the partial can change.
        """
        heard: list[Heard] = []
        for begin in range(0, len(pcm), STEP):
            step = pcm[begin : begin + STEP]
            ended = self._kaldi.AcceptWaveform(step)
            self._fed += len(step) // SAMPLE
            self._running = not ended
            if ended:
                heard += self._certain(self._kaldi.Result())
        return heard + self._changed() if self._running and self.partials else heard

    def flush(self) -> list[Heard]:
        """Return the words still owed, and forget the speaker's voice."""
        heard = self._certain(self._kaldi.FinalResult())
        if self._fed and not self._running:
            silence = bytes(STEP)
            self._kaldi.AcceptWaveform(silence)
            self._kaldi.FinalResult()
            self._fed += STEP // SAMPLE
            self._shift -= STEP // SAMPLE / RATE
        self._kaldi.Reset()
        self._running = False
        return heard

    def _certain(self, answer: str) -> list[Heard]:
        found = (word for word in json.loads(answer).get("result", ()))
        words = tuple(self._word(word) for word in found if word["word"] not in UNKNOWN)
        self._partial = ""
        self._since = self.position
        heard = [utterance(words, self._language)] if words else []
        return [h for h in heard if not self.small or h.confidence >= TRUSTED]

    def _word(self, word: dict[str, Any]) -> Word:
        start = round(word["start"] + self._shift, 3)
        end = round(word["end"] + self._shift, 3)
        return Word(word["word"], start, end, round(word["conf"], 3))

    def _changed(self) -> list[Heard]:
        """Return the partial result, if it is another than the last."""
        words = json.loads(self._kaldi.PartialResult())["partial"].split()
        text = spell([word for word in words if word not in UNKNOWN], self._language)
        if not text or text == self._partial:
            return []
        self._partial = text
        return [Heard(text, self._since, self.position, 0.0, (), final=False)]


def warm(recogniser: VoskRecogniser) -> None:
    """Take the slow first second away from the first caller, with a second of noise."""
    noise = random.Random(12345)
    samples = array("h", (int(noise.gauss(0, 300)) for _ in range(RATE)))
    recogniser.feed(samples.tobytes())
    recogniser.flush()
