"""What is recorded: prompts/<language>/*.wav, their texts, and tones for every language."""

import wave
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from calls.ids import LANGUAGES, Language, PromptId
from config.document import Document, read_document
from config.faults import Fault
from config.prompt_sound import SILENT, peak_of

TONES = "tones"
"""Folder of sounds that are the same in every language."""
RATES = (8000, 16000)
"""Hz; one channel, 16 bits. What is over 4 kHz is heard by phones that speak G.722."""

Spoken = tuple[Language, PromptId]


@dataclass(frozen=True, slots=True)
class Prompts:
    """Every prompt that can be played, by language and id."""

    files: dict[Spoken, Path] = field(default_factory=dict)
    seconds: dict[Spoken, float] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def find_prompts(folder: Path) -> Prompts:
    """Find the recordings below a site's folder, and measure them."""
    prompts = Prompts()
    for sub, languages in ((TONES, LANGUAGES), *((one, (one,)) for one in LANGUAGES)):
        for path in sorted((folder / "prompts" / sub).glob("*.wav")):
            seconds = _measure(path, f"prompts/{sub}/{path.name}", prompts.faults)
            for language in languages:
                spoken = language, PromptId(path.stem)
                prompts.files[spoken] = path
                prompts.seconds[spoken] = seconds
    return prompts


def texts(folder: Path, kept: Path | None = None) -> Iterator[tuple[Language, Document]]:
    """Read the texts of each language that has a file of them."""
    for language in LANGUAGES:
        name = f"prompts/{language}/texts.yaml"
        if (folder / name).exists():
            yield language, read_document(folder, name, kept)


def _measure(path: Path, name: str, faults: list[Fault]) -> float:
    """Return how many seconds a recording lasts; 0 with a fault if it cannot be played."""
    try:
        with wave.open(str(path), "rb") as sound:
            form = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
            frames, pcm = sound.getnframes(), sound.readframes(sound.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        en = f"is no WAV file that can be played: {error}"
        faults.append(
            Fault(name, 1, 1, "", f"不是可以播放的 WAV 文件：{error}", en, "prompt-unplayable")
        )
        return 0.0
    if form[:2] != (1, 2) or form[2] not in RATES or frames == 0:
        zh = (
            f"录音应为 8000 或 16000 Hz、单声道、16 位，不能是空的；现在是 {form[2]} Hz、"
            f"{form[0]} 声道、{form[1] * 8} 位、{frames} 个采样"
        )
        en = (
            f"need 8000 or 16000 Hz, one channel, 16 bits, not empty; got {form[2]} Hz, "
            f"{form[0]} channels, {form[1] * 8} bits, {frames} samples"
        )
        faults.append(Fault(name, 1, 1, "", zh, en, "prompt-unplayable"))
        return 0.0
    if peak_of(pcm) < SILENT and not name.startswith(f"prompts/{TONES}/"):
        zh, en = "录音里没有声音；请重录再导入", "is silent from beginning to end; record it anew"
        faults.append(Fault(name, 1, 1, "", zh, en, "prompt-silent"))
    return frames / form[2]
