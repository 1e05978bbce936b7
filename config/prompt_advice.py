"""What of the recordings probably is not meant: too loud, too faint, late, or of other words."""

import wave
from collections.abc import Iterator, Mapping
from pathlib import Path

from config.faults import Fault
from config.prompt_files import TONES
from config.prompt_sound import Sounding, measured
from config.settings import Site
from ivr.script import spoken_seconds

QUIET = -34.0
"""dB below full scale, as root mean square; speech that was recorded well has about -20."""
BEFORE, AFTER = 0.8, 1.5
"""Seconds of silence at the beginning and at the end; with more, callers think the line is dead."""
QUICK, SLOW, SPARE = 0.35, 2.5, 1.5
"""A recording that lasts less than `QUICK` of what its words take, or more than `SLOW` of it and
`SPARE` seconds, is cut off or says something else."""


def recordings(site: Site) -> Iterator[Fault]:
    """Listen to every recording, once also where several names lead to it."""
    texts = {
        (str(language), str(name)): text.text
        for (language, name), text in site.prompt_texts.items()
    }
    for path in sorted(set(site.prompts.values())):
        name = path.relative_to(site.folder).as_posix()
        if name.startswith(f"prompts/{TONES}/"):
            continue  # a tone is as loud as it is
        sound = _listened(path)
        for code, zh, en in (*_loudness(sound), *_silence(sound), *_words(texts, path, sound)):
            yield Fault(name, 1, 1, "", zh, en, code, "warning")


def _listened(path: Path) -> Sounding:
    with wave.open(str(path), "rb") as sound:
        return measured(sound.readframes(sound.getnframes()), sound.getframerate())


Advice = tuple[str, str, str]
"""Code, and the words in Chinese and in English."""


def _loudness(sound: Sounding) -> Iterator[Advice]:
    if sound.clipped:
        zh, en = "录音太响，波形被削平；请重录或降低音量", "is clipped; record it less loud"
        yield "prompt-clipped", zh, en
    if sound.level < QUIET:
        zh = f"录音太轻（{sound.level:.0f} dB），来电者听不清；应在 {QUIET:g} dB 以上"
        en = f"is too quiet ({sound.level:.0f} dB); it should have at least {QUIET:g} dB"
        yield "prompt-quiet", zh, en


def _silence(sound: Sounding) -> Iterator[Advice]:
    if sound.before > BEFORE:
        zh = f"录音开头有 {sound.before:.1f} 秒没有声音，来电者会以为断线；请剪掉"
        en = f"begins with {sound.before:.1f} s of silence; cut it off"
        yield "prompt-edges", zh, en
    if sound.after > AFTER:
        zh = f"录音结尾有 {sound.after:.1f} 秒没有声音，来电者要白等；请剪掉"
        en = f"ends with {sound.after:.1f} s of silence; cut it off"
        yield "prompt-edges", zh, en


def _words(texts: Mapping[tuple[str, str], str], path: Path, sound: Sounding) -> Iterator[Advice]:
    """Compare how long a recording is with how long its words take to say."""
    text = texts.get((path.parent.name, path.stem))
    if text is None:
        return
    usual = spoken_seconds(text)
    if not QUICK * usual <= sound.seconds <= SLOW * usual + SPARE:
        zh = (
            f"录音有 {sound.seconds:.1f} 秒，texts.yaml 里的文字大约要说 {usual:.1f} 秒；"
            "录音没录全，或文字不是这一段的"
        )
        en = (
            f"lasts {sound.seconds:.1f} s, but its words in texts.yaml take about {usual:.1f} s: "
            "it is cut off, or the words are others"
        )
        yield "prompt-text", zh, en
