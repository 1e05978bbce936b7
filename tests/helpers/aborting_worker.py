"""A recognition worker that Vosk itself ends, at the first sound louder than speech can be.

`SetGrammar` on a recogniser that has heard something is one of Vosk's ways to abort the
process: nothing in Python can catch it.
"""

from array import array

from asr.vosk import VoskRecogniser
from server import recognition_worker

LOUDEST = 32767
feed = VoskRecogniser.feed


def feed_or_abort(self: VoskRecogniser, pcm: bytes) -> list[object]:
    """Recognise; or, told to by a sample at full scale, abort."""
    heard = feed(self, pcm)
    if LOUDEST in array("h", pcm):
        self._kaldi.SetGrammar('["[unk]"]')
    return list(heard)


if __name__ == "__main__":
    VoskRecogniser.feed = feed_or_abort  # type: ignore[assignment,method-assign]  # a wreck
    recognition_worker.main()
