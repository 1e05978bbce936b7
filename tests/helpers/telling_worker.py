"""A language worker whose model is played: it tells by how loud the speech is.

Quiet speech is English, louder Korean, at full scale the model aborts the process, and a
sample of 12345 makes it hang. The rest is the real worker.
"""

import os
import signal
from array import array
from collections.abc import Mapping
from pathlib import Path

from server import language_worker


class PlayedModel:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def tell(self, pcm: bytes) -> Mapping[str, float]:
        samples = array("h", pcm)
        if 32767 in samples:
            os.abort()
        if 12345 in samples:
            signal.pause()
        loud = max(samples, default=0) > 10000
        return {"en": 0.0 if loud else 0.98, "ko": 0.98 if loud else 0.0, "zh": 0.01}


if __name__ == "__main__":
    language_worker.LanguageModel = PlayedModel  # type: ignore[assignment,misc]  # in its place
    language_worker.main()
