"""What one party said."""

from asr.recogniser import Heard
from asr.transcript import Utterance
from calls.events import Word


def test_an_utterance_keeps_all_that_was_heard() -> None:
    words = (Word("路灯", 1.0, 1.5, 0.8), Word("坏了", 1.5, 2.0, 0.6))
    heard = Heard("路灯坏了", 1.0, 2.0, 0.7, words, final=True)
    utterance = Utterance.of("citizen", "zh", heard)
    assert utterance == Utterance("citizen", "zh", 1.0, 2.0, "路灯坏了", 0.7, words)
