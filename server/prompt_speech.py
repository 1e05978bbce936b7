"""`./hotline prompts say` and `prompts numbers`: texts as speech, marked provisional.

The voice is a program: espeak-ng, or any other named by `--voice`, such as
`piper --model zh.onnx --output_file {out}`. It reads the text from its standard input and
writes a WAV file to `{out}`; `{lang}` stands for the language.
"""

import argparse
import shlex
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from calls.ids import Language
from config.prompt_files import TONES
from config.values import PROMPT_NAME
from ivr.reading import PAUSE
from ivr.reading_words import WORDS
from server.prompt_import import Unusable, convert, keep_old, warn_if_long, write_text

ESPEAK_VOICES: dict[Language, str] = {"zh": "cmn", "en": "en-gb", "ko": "ko", "ja": "ja"}
RATE = 8000
PAUSE_LASTS = 0.4
"""Seconds between groups of figures: time to write four down."""
LONGEST = 60.0
"""Seconds that a voice may take for one text."""


def say(arguments: argparse.Namespace) -> int:
    """Render one prompt's text; 2 with the reason if it cannot be."""
    if PROMPT_NAME.fullmatch(arguments.prompt) is None:
        return _failed(f"不是提示音的名称 / not a prompt's name: {arguments.prompt}")
    return _render(arguments, {arguments.prompt: arguments.text}, again=True)


def numbers(arguments: argparse.Namespace) -> int:
    """Render every piece that figures, days and times are read from; those that exist stay."""
    pause = arguments.config / "prompts" / TONES / f"{PAUSE}.wav"
    if not pause.exists():
        _silence(pause)
    return _render(arguments, dict(WORDS[arguments.language]), again=arguments.again)


def _silence(target: Path) -> None:
    """Write what stands between groups of figures."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(2 * round(PAUSE_LASTS * RATE)))


def _render(arguments: argparse.Namespace, texts: dict[str, str], *, again: bool) -> int:
    folder: Path = arguments.config / "prompts" / arguments.language
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    for prompt, text in texts.items():
        target = folder / f"{prompt}.wav"
        if target.exists() and not again:
            continue
        try:
            seconds = _spoken(arguments.voice, arguments.language, text, target)
        except Unusable as error:
            return _failed(str(error))
        warn_if_long(arguments.config, seconds)
        name = shlex.split(arguments.voice)[0]
        write_text(folder / "texts.yaml", prompt, text, name, provisional=True)
        done += 1
        print(f"{target}  {seconds:.1f} s  {text}")
    print(f"合成了 {done} 条，标为临时 / {done} rendered, marked provisional")
    return 0


def _spoken(voice: str, language: Language, text: str, target: Path) -> float:
    """Have the voice speak into a file of its own, then put it in place whole."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "spoken.wav"
        places = {"out": str(out), "lang": language, "espeak": ESPEAK_VOICES[language]}
        words = [part.format_map(places) for part in shlex.split(voice)]
        try:
            ran = subprocess.run(
                words, input=text.encode(), capture_output=True, timeout=LONGEST, check=False
            )
        except FileNotFoundError:
            raise Unusable(f"没有安装 {words[0]} / {words[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            raise Unusable(f"{words[0]} 没有回应 / {words[0]} does not answer") from None
        if ran.returncode or not out.exists():
            said = ran.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise Unusable(f"{words[0]} 没有合成 / nothing was rendered: {' '.join(said)}")
        sound = convert(out)
        keep_old(target)
        sound.export(target, format="wav").close()
    return float(sound.duration_seconds)


def _failed(words: str) -> int:
    print(words, file=sys.stderr)
    return 2
