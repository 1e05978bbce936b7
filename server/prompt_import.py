"""Bringing in a recorded prompt: any format in, 8 kHz mono at even loudness out (pydub)."""

import argparse
import shutil
import sys
from pathlib import Path

from pydub import AudioSegment
from pydub.exceptions import CouldntDecodeError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from config.document import read_document
from config.values import PROMPT_NAME
from config.values import seconds as duration

RATE = 8000  # Hz: what the telephone carries
LOUDNESS = -20.0  # dBFS, mean over the whole prompt
CEILING = -3.0  # dBFS, of its loudest sample
SILENT = -60.0  # dBFS: below this there is nothing to bring in


class Unusable(Exception):
    """The file cannot be a prompt; the words say why, in Chinese and English."""


def convert(source: Path, *, left: bool = False, without_end: float = 0.0) -> AudioSegment:
    """Read a recording and return it as the telephone can play it; raise Unusable.

    `left`: only what was said on the left channel; `without_end`: seconds that go.
    """
    try:
        kept = source.name.endswith(".wav.old")  # what an import before this one replaced
        sound = AudioSegment.from_file(source, format="wav" if kept else None)
    except FileNotFoundError as error:
        if source.suffix.lower() == ".wav" and source.exists():
            raise Unusable(f"不是能识别的音频 / not audio we can read: {source}") from error
        if source.exists():
            raise Unusable(
                f"读 {source.suffix} 需要 ffmpeg，请先安装 / reading {source.suffix} needs ffmpeg"
            ) from error
        raise Unusable(f"没有这个文件 / no such file: {source}") from None
    except (CouldntDecodeError, OSError) as error:
        raise Unusable(f"不是能识别的音频 / not audio we can read: {source}") from error
    sound = sound.split_to_mono()[0] if left else sound
    sound = sound[: max(0, len(sound) - round(without_end * 1000))] if without_end else sound
    if not len(sound) or sound.dBFS < SILENT:
        raise Unusable(f"录音是静音 / the recording is silent: {source}")
    sound = sound.set_channels(1).set_frame_rate(RATE).set_sample_width(2)
    return _even(sound)


def _even(sound: AudioSegment) -> AudioSegment:
    """Bring to the common loudness, less if its peaks would not fit."""
    gain = min(LOUDNESS - sound.dBFS, CEILING - sound.max_dBFS)
    return sound.apply_gain(gain)


def main(arguments: argparse.Namespace) -> int:
    """`./hotline prompts import FILE LANGUAGE PROMPT [--text …]`."""
    folder: Path = arguments.config / "prompts" / arguments.language
    target = folder / f"{arguments.prompt}.wav"
    if PROMPT_NAME.fullmatch(arguments.prompt) is None:
        zh = "提示音的名称只能用小写英文字母、数字和下划线，并以字母开头"
        print(f"{zh} / not a prompt's name: {arguments.prompt}", file=sys.stderr)
        return 2
    try:
        sound = convert(arguments.file)
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    folder.mkdir(parents=True, exist_ok=True)
    keep_old(target)
    sound.export(target, format="wav").close()
    if arguments.text:
        write_text(folder / "texts.yaml", arguments.prompt, arguments.text)
    print(f"{target}  {sound.duration_seconds:.1f} s  {sound.dBFS:.1f} dBFS")
    warn_if_long(arguments.config, sound.duration_seconds)
    return 0


def bring_in(take: Path, folder: Path, prompt: str) -> None:
    """Put a recording that is fit in the place of a prompt's; its words stay, the voice is new."""
    target = folder / f"{prompt}.wav"
    folder.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    shutil.copyfile(take, draft)
    keep_old(target, tell=False)
    draft.replace(target)
    known = read_document(folder, "texts.yaml").value
    words = known.get(prompt) if isinstance(known, dict) else None
    if isinstance(words, dict) and isinstance(words.get("text"), str):
        write_text(folder / "texts.yaml", prompt, words["text"])


def keep_old(target: Path, *, tell: bool = True) -> None:
    """Keep what is replaced beside it: `greeting.wav` becomes `greeting.wav.old`."""
    if target.exists():
        old = target.with_name(target.name + ".old")
        target.replace(old)
        if tell:
            print(f"原来的录音保留为 / the recording before is kept as {old}")


def warn_if_long(folder: Path, seconds: float) -> None:
    """Say at once what `check` would refuse later: a menu's prompt that is too long."""
    try:
        site = YAML(typ="safe", pure=True).load(folder / "site.yaml")
        written = (site.get("flow_rules") or {}).get("greeting", "12s")
        most = duration(written)
    except (OSError, YAMLError, AttributeError, TypeError, ValueError):
        return  # `check` names what is wrong with the file
    if seconds > most:
        print(
            f"注意：{seconds:.1f} 秒，菜单提示音最长 {most:g} 秒；用在菜单里会通不过检查 / "
            f"note: {seconds:.1f} s is more than the {most:g} s that a menu may have",
            file=sys.stderr,
        )


def write_text(
    file: Path, prompt: str, text: str, voice: str = "recorded", *, provisional: bool = False
) -> None:
    """Write down what a recording says, and whose voice it is."""
    yaml = YAML()
    yaml.width = 1000
    yaml.preserve_quotes = True  # lines that nobody touched stay as they are
    texts = (yaml.load(file) if file.exists() else None) or {}
    before = texts.get(prompt)
    if isinstance(before, dict) and before.get("text") not in (None, text):
        print(f"原来的文字 / the words before: {before['text']}")
    texts[prompt] = {"text": text, "voice": voice, "provisional": provisional}
    with file.open("w", encoding="utf-8") as out:
        yaml.dump(texts, out)
