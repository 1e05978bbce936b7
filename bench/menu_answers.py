"""How well a menu's answers are heard: right answers, and answers heard in other speech.

    python -m bench.menu_answers FOLDER --language ko [--model PATH]

FOLDER has clips of real speech (`NAME.wav`, `NAME.txt`) that answer no menu: cut into two
seconds each, whatever answer is heard in them is a false accept. The right answers are spoken
by espeak-ng, the phrase alone, at three speeds: a stand-in for people, so that the curve says
which threshold costs answers and not how many callers are understood. Prints a table by
threshold and, as its last line, JSON.
"""

import argparse
import json
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from asr import vosk
from asr.recogniser import RATE, SAMPLE
from bench.asr_bench import clips
from calls.ids import LANGUAGES, Language
from ivr.words import FIGURES, phrases, read_out
from server.models import find, places

PIECE = 2 * RATE * SAMPLE
SPEEDS = (130, 160, 190)
THRESHOLDS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
KEYS = "0123456789"
YES = {"zh": ("是的", "对"), "en": ("yes", "correct"), "ko": ("네", "예"), "ja": ("はい",)}
NO = {"zh": ("不是", "不对"), "en": ("no", "wrong"), "ko": ("아니요", "아니"), "ja": ("いいえ",)}


@dataclass(frozen=True, slots=True)
class Point:
    """Shares at one threshold: of answers right and wrong, of other speech taken for one."""

    threshold: float
    right: float
    wrong: float
    false_accepts: float


def spoken(phrase: str, language: Language, speed: int) -> bytes:
    """Return a phrase as espeak-ng says it, with half a second of silence around it."""
    voice = {"zh": "cmn"}.get(language, language)
    wav = subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(speed), "--stdout", phrase],
        stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    raw = ["-t", "raw", "-r", str(RATE), "-c", "1", "-e", "signed", "-b", "16", "-"]
    command = ["sox", "-R", "-D", "-V1", "-t", "wav", "-", *raw]
    said = subprocess.run(command, input=wav, stdout=subprocess.PIPE, check=True).stdout
    return bytes(RATE) + said + bytes(RATE)


def answer(
    model: vosk.VoskModel, wanted: tuple[str, ...], language: Language, pcm: bytes
) -> tuple[str | None, float]:
    """Return what was taken for an answer, as its key or `yes` or `no`, and how sure."""
    menu = model.for_phrases(wanted)
    assert menu is not None, "the model takes no grammar, or has none of the words"
    heard = menu.feed(pcm) + menu.flush()
    finals = [h for h in heard if h.final]
    if len(finals) != 1:
        return None, 0.0
    text = " ".join(w.text for w in finals[0].words)
    key = read_out(text, KEYS, language)
    if key is None:
        key = "yes" if text in YES[language] else "no" if text in NO[language] else None
    return key, finals[0].confidence


def curve(model: vosk.VoskModel, language: Language, other: list[bytes]) -> list[Point]:
    """Measure all answers of a language, and all pieces of other speech."""
    own = {"yes": YES[language], "no": NO[language]}
    wanted = phrases(own, KEYS, language)
    truths = {**own, **FIGURES[language]}
    said = [
        (key, *answer(model, wanted, language, spoken(word, language, speed)))
        for key, words in truths.items() for word in words for speed in SPEEDS
    ]  # fmt: skip
    elsewhere = [answer(model, wanted, language, pcm) for pcm in other]
    return [
        Point(
            least,
            sum(key == heard and sure >= least for key, heard, sure in said) / len(said),
            sum(heard not in (key, None) and sure >= least for key, heard, sure in said)
            / len(said),
            sum(heard is not None and sure >= least for heard, sure in elsewhere) / len(elsewhere),
        )
        for least in THRESHOLDS
    ]


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=LANGUAGES, required=True)
    parser.add_argument("--model", type=Path)
    given = parser.parse_args()
    language = cast(Language, given.language)
    path = given.model or find(places(None))[language].path
    if path is None:
        parser.error("no model")
    vosk.TRUSTED = 0.0  # every answer is wanted here, with its confidence
    whole = b"".join(clip.pcm for clip in clips(given.folder, alaw=True))
    other = [whole[at : at + PIECE] for at in range(0, len(whole), PIECE)]
    if not other:
        parser.error(f"no clips in {given.folder}")
    found = curve(vosk.VoskModel(path, language), language, other)
    print(
        f"{language}: {len(other)} pieces of other speech\n  at least  right  wrong  false accepts"
    )
    for point in found:
        print(
            f"  {point.threshold:8.2f}  {point.right:5.2f}  {point.wrong:5.2f}"
            f"  {point.false_accepts:13.2f}"
        )
    print(json.dumps([asdict(point) for point in found]))


if __name__ == "__main__":
    main()
