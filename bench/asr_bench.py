"""How fast, how large and how good recognition is, over a folder of clips.

    python -m bench.asr_bench FOLDER --language ko [--model PATH] [--alaw] [--json FILE]
    python -m bench.asr_bench FOLDER --language ko --streams 12 [--seconds 30] [--used 10]

A clip is `NAME.wav` with what was said in `NAME.txt`. Clips are brought to 8 kHz by sox
(without dither), and with `--alaw` through the telephone's 8 bits as well. Real-time
factors are seconds of CPU a second of speech. With `--streams` so many people speak at once
(bench/asr_streams.py). Prints a table and, as its last line, JSON.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from asr.recogniser import RATE, SAMPLE
from asr.vosk import VoskModel, VoskRecogniser, warm
from asr.wer import Errors, character_errors, word_errors
from bench import asr_streams
from calls.ids import LANGUAGES, Language
from server.models import find, places
from server.recognition_pool import resident

BLOCK = RATE * SAMPLE // 10


@dataclass(frozen=True, slots=True)
class Clip:
    """Speech at 8 kHz, and what was said."""

    name: str
    pcm: bytes
    said: str

    @property
    def seconds(self) -> float:
        return len(self.pcm) / (RATE * SAMPLE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one clip."""

    clip: str
    seconds: float
    cpu_factor: float
    slowest_block: float
    """Wall seconds that the slowest 100 ms of sound took."""
    cer: float
    wer: float
    heard: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything about one model. Seconds, bytes, and errors a unit of what was said."""

    language: Language
    model: str
    alaw: bool
    clips: int
    speech: float
    load: float
    loaded: int
    warming: float
    cold_factor: float
    """A fresh recogniser on the first clip."""
    first_factor: float
    """A warmed recogniser, hearing each clip for the first time."""
    again_factor: float
    """The same recogniser on the same clips once more."""
    grown: int
    """Resident memory at the end, above that of the loaded model."""
    cer: float
    wer: float
    readings: tuple[Reading, ...]


def clips(folder: Path, alaw: bool) -> list[Clip]:
    """Read every clip that has a transcript, in order of name."""
    texts = sorted(folder.glob("*.txt"))
    pairs = [(t.with_suffix(".wav"), t.read_text().strip()) for t in texts]
    return [Clip(wav.stem, telephone(wav, alaw), said) for wav, said in pairs if wav.exists()]


def telephone(wav: Path, alaw: bool) -> bytes:
    """Return a clip as 16-bit PCM at 8 kHz, through A-law if wanted."""
    raw = ["-t", "raw", "-r", str(RATE), "-c", "1"]
    linear, law = [*raw, "-e", "signed", "-b", "16"], [*raw, "-e", "a-law"]
    if not alaw:
        return _sox([str(wav), *linear, "-"])
    return _sox([*law, "-", *linear, "-"], _sox([str(wav), *law, "-"]))


def _sox(arguments: list[str], given: bytes = b"") -> bytes:
    command = ["sox", "-R", "-D", "-V1", *arguments]
    return subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True).stdout


def read(recogniser: VoskRecogniser, clip: Clip) -> tuple[Reading, Errors, Errors]:
    """Recognise one clip as a call would give it, 100 ms at a time."""
    recogniser.resume(0.0)
    heard, slowest, began = [], 0.0, time.process_time()
    for begin in range(0, len(clip.pcm), BLOCK):
        since = time.perf_counter()
        heard += recogniser.feed(clip.pcm[begin : begin + BLOCK])
        slowest = max(slowest, time.perf_counter() - since)
    heard += recogniser.flush()
    factor = (time.process_time() - began) / clip.seconds
    text = " ".join(w.text for h in heard if h.final for w in h.words)
    characters, words = character_errors(clip.said, text), word_errors(clip.said, text)
    reading = Reading(clip.name, clip.seconds, factor, slowest, characters.rate, words.rate, text)
    return reading, characters, words


def measure(path: Path, language: Language, spoken: list[Clip], alaw: bool) -> Report:
    """Load a model and read all clips with it: cold, warmed, and once more."""
    since = time.perf_counter()
    model = VoskModel(path, language)
    load, loaded = time.perf_counter() - since, resident()
    cold, _, _ = read(model.recogniser(), spoken[0])
    recogniser = model.recogniser()
    since = time.process_time()
    warm(recogniser)
    warming = time.process_time() - since
    first = [read(recogniser, clip) for clip in spoken]
    again = [read(recogniser, clip) for clip in spoken]
    return Report(
        language=language,
        model=path.name if path.name != "model" else path.parent.name,
        alaw=alaw,
        clips=len(spoken),
        speech=sum(clip.seconds for clip in spoken),
        load=load,
        loaded=loaded,
        warming=warming,
        cold_factor=cold.cpu_factor,
        first_factor=_factor(reading for reading, _, _ in first),
        again_factor=_factor(reading for reading, _, _ in again),
        grown=resident() - loaded,
        cer=sum((c for _, c, _ in first), Errors(0, 0, 0, 0)).rate,
        wer=sum((w for _, _, w in first), Errors(0, 0, 0, 0)).rate,
        readings=tuple(reading for reading, _, _ in first),
    )


def _factor(readings: Iterable[Reading]) -> float:
    together = list(readings)
    return sum(r.cpu_factor * r.seconds for r in together) / sum(r.seconds for r in together)


def table(report: Report) -> str:
    """Return a report for people."""
    path = "A-law" if report.alaw else "clean"
    lines = [
        f"{report.model} ({report.language}), {report.clips} clips, {report.speech:.1f} s, {path}",
        f"  load          {report.load:6.2f} s    {report.loaded / 1e6:6.0f} MB resident",
        f"  warming       {report.warming:6.2f} s CPU",
        f"  real-time factor: cold {report.cold_factor:.3f}, warmed {report.first_factor:.3f}, "
        f"used {report.again_factor:.3f}",
        f"  grown by      {report.grown / 1e6:6.0f} MB",
        f"  errors        CER {report.cer:.3f}, WER {report.wer:.3f}",
        "  clip                          s    factor  slowest    CER    WER",
    ]
    lines += [
        f"  {r.clip[:24]:<24} {r.seconds:6.1f}  {r.cpu_factor:8.3f}"
        f" {1000 * r.slowest_block:5.0f} ms  {r.cer:5.2f}  {r.wer:5.2f}"
        for r in report.readings
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=LANGUAGES, required=True)
    parser.add_argument("--model", type=Path, help="a model folder; else it is looked for")
    parser.add_argument("--data", type=Path, help="a data folder whose `models` is looked into")
    parser.add_argument("--alaw", action="store_true", help="through the telephone's 8 bits")
    parser.add_argument("--streams", type=int, help="so many speakers at once, in real time")
    parser.add_argument("--seconds", type=float, default=30.0, help="that each of them speaks")
    parser.add_argument("--used", type=float, default=0.0, help="seconds heard before by each")
    parser.add_argument("--only", default="*", help="a pattern of clip names")
    parser.add_argument("--json", type=Path, help="a file for the JSON, else the last line")
    given = parser.parse_args()
    language = cast(Language, given.language)
    path = given.model or find(places(given.data))[language].path
    spoken = [c for c in clips(given.folder, given.alaw) if Path(c.name).match(given.only)]
    if path is None or not spoken:
        parser.error("no model" if path is None else f"no clips in {given.folder}")
    if given.streams:
        sounds = [clip.pcm for clip in spoken]
        programme = asr_streams.Programme(given.streams, given.seconds, given.used)
        found = asr_streams.crowd(path, language, sounds, programme)
        print(asr_streams.table(found))
        text = json.dumps(asdict(found))
    else:
        report = measure(path, language, spoken, given.alaw)
        print(table(report))
        text = json.dumps(asdict(report), ensure_ascii=False)
    if given.json:
        given.json.write_text(text + "\n")
    else:
        print(text)


if __name__ == "__main__":
    main()
