"""The only file that imports CTranslate2: a Whisper model, asked for the language and no more.

It never transcribes. The library and the model are a site's choice (docs/decisions/0020):
without either, `LanguageModel` cannot be made, and says why.
"""

from collections.abc import Mapping
from pathlib import Path

from asr.mel import picture

SECONDS = 8.0
"""Of the picture: the speech, and silence behind it. Whisper learned with 30 s; with 8 s it
tells languages as well and for a tenth of the work (docs/recognition-measured.md)."""
FILES = ("model.bin", "config.json")


class Unusable(Exception):
    """There is no such model, or no library to run it with; says which."""


def lacking(folder: Path) -> list[str]:
    """Return what a model folder lacks, by name."""
    return [
        name
        for name in FILES
        if not (folder / name).is_file() or not (folder / name).stat().st_size
    ]


class LanguageModel:
    """Tells the languages of speech apart; some 70 ms of a core for each look, 0.2 GB."""

    def __init__(self, folder: Path) -> None:
        """Load a model in CTranslate2's form; raise Unusable."""
        if missing := lacking(folder):
            raise Unusable(f"{folder} lacks {', '.join(missing)}")
        try:
            from ctranslate2 import StorageView, models  # noqa: PLC0415  a site may do without
        except ImportError as error:
            raise Unusable(f"ctranslate2 is not installed: {error}") from error
        try:
            self._model = models.Whisper(
                str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise Unusable(f"{folder}: {error}") from error
        if not self._model.is_multilingual:
            raise Unusable(f"{folder} knows English only")
        self._view = StorageView

    def tell(self, pcm: bytes) -> Mapping[str, float]:
        """Return how likely each language is that the model knows; they add up to one.

        `pcm` is 16 bit at 8 kHz, of which the first `SECONDS` count.
        """
        seen = picture(pcm, self._model.n_mels, SECONDS)
        (found,) = self._model.detect_language(self._view.from_array(seen[None]))
        return {token.strip("<|>"): share for token, share in found}
