"""How well the first seconds of speech tell a caller's language, by length and by threshold.

    python -m bench.language_fit FOLDER --model DIR [--noise DB]

FOLDER has a folder of recordings for each language (`zh/NAME.wav` …; not in the repository, but
`config/site/prompts` will do); DIR is a Whisper model in CTranslate2's form. All goes through A-law
at 8 kHz; with `--noise` white noise lies so many decibels below the speech. Prints, for pieces that
begin every 1.5 s, how many were told right, wrong, or not surely; then what a call would have come
to with the looks and thresholds in use, each recording being a caller; then the cost of a look. The
last line is JSON.
"""

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from asr.language_fit import LOOKS, OURS, SURE, Judged, SpeechSoFar, judge
from asr.recogniser import RATE, SAMPLE
from asr.whisper import LanguageModel
from bench.asr_bench import telephone
from calls.ids import LANGUAGES, Language

LENGTHS = (2.0, 3.0, 4.0, 5.0, 6.0)
STEP = 1.5
"""Seconds from the beginning of one piece to that of the next."""
THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.98)
BLOCK = RATE * SAMPLE // 10


@dataclass(frozen=True, slots=True)
class Heard:
    """One piece: what was spoken, how much of it, and what the model made of it."""

    spoken: Language
    seconds: float
    likely: Mapping[str, float]


def clips(folder: Path) -> Iterator[tuple[Language, bytes]]:
    """Return every recording with its language, as PCM16 at 8 kHz."""
    for language in LANGUAGES:
        for wav in sorted((folder / language).glob("*.wav")):
            yield language, telephone(wav, alaw=True)


def noisy(pcm: bytes, below: float) -> bytes:
    """Return PCM16 with white noise so many decibels below it, the same each time."""
    speech = np.frombuffer(pcm, "<i2").astype(np.float64)
    level = np.sqrt(np.mean(speech**2)) * 10 ** (-below / 20)
    noise = np.random.default_rng(len(speech)).normal(size=len(speech)) * level
    return np.clip(speech + noise, -32768, 32767).astype("<i2").tobytes()


def pieces(model: LanguageModel, sounds: Sequence[tuple[Language, bytes]]) -> Iterator[Heard]:
    """Have every recording told in pieces of each length."""
    for seconds in LENGTHS:
        size, step = round(seconds * RATE) * SAMPLE, round(STEP * RATE) * SAMPLE
        for language, pcm in sounds:
            for at in range(0, len(pcm) - size + 1, step):
                yield Heard(language, seconds, model.tell(pcm[at : at + size]))


def outcome(spoken: Language, judged: Judged) -> str:
    """Say what a judgement is worth."""
    if judged.language is None:
        return "unsure"
    return "right" if judged.language == spoken else "wrong"


def as_in_a_call(model: LanguageModel, pcm: bytes) -> Judged | None:
    """Judge a recording as the engine does: looks after so much speech; None if there was none."""
    speech, judged = SpeechSoFar(), None
    for at in range(0, len(pcm), BLOCK):
        due = speech.hear(pcm[at : at + BLOCK])
        if due is not None:
            judged = judge(model.tell(due), LANGUAGES)
            if judged.language is not None:
                break
    return judged


def table(every: Sequence[Heard]) -> str:
    """Return right, wrong and unsure by length and threshold, for each language."""
    lines = ["| piece | threshold | " + " | ".join(LANGUAGES) + " |", "|---|---|" + "---|" * 4]
    for seconds in LENGTHS:
        for threshold in THRESHOLDS:
            told = Counter(
                (one.spoken, outcome(one.spoken, judge(one.likely, LANGUAGES, threshold)))
                for one in every
                if one.seconds == seconds
            )
            cells = (
                "/".join(str(told[language, how]) for how in ("right", "wrong", "unsure"))
                for language in LANGUAGES
            )
            lines.append(f"| {seconds:g} s | {threshold:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def calls(model: LanguageModel, sounds: Sequence[tuple[Language, bytes]]) -> dict[str, object]:
    """Judge each recording as a caller's; count what came of them by language."""
    found: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for language, pcm in sounds:
        judged = as_in_a_call(model, pcm)
        found[language]["too short" if judged is None else outcome(language, judged)] += 1
    return {language: dict(counted) for language, counted in found.items()}


def cost(model: LanguageModel, pcm: bytes, times: int = 20) -> float:
    """Return the seconds of processor of one look, the median."""
    spent = []
    for _ in range(times):
        began = time.process_time()
        model.tell(pcm)
        spent.append(time.process_time() - began)
    return sorted(spent)[times // 2]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--noise", type=float, help="decibels below the speech")
    arguments = parser.parse_args()
    began = time.process_time()
    model = LanguageModel(arguments.model)
    loaded = time.process_time() - began
    sounds = list(clips(arguments.folder))
    if arguments.noise is not None:
        sounds = [(language, noisy(pcm, arguments.noise)) for language, pcm in sounds]
    print(table(list(pieces(model, sounds))))
    whole = calls(model, sounds)
    look = cost(model, bytes(round(LOOKS[0] * RATE) * SAMPLE))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"looks after {LOOKS} s, sure from {SURE}, ours from {OURS}: {whole}")
    print(f"a look: {look * 1000:.0f} ms of a core; loading {loaded:.2f} s; {resident} MiB at most")
    print(json.dumps({"calls": whole, "look": look, "loading": loaded, "resident_mib": resident}))


if __name__ == "__main__":
    main()
