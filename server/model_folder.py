"""A learned ranking on disk: JSON, text and plain numbers, never code; old versions are kept."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from workorders.learned import Learned

FORM = 1
"""Of the files below; another is refused, not guessed at."""
MANIFEST, NUMBERS, VOCABULARY = "manifest.json", "numbers.npz", "vocabulary.txt"
ARRAYS = ("scale", "weights", "bias")


class BadModel(ValueError):
    """The folder holds no ranking that can be used; the message says why, zh and en."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ranking and what is written down about it."""

    model: Learned
    manifest: Mapping[str, Any]


def data_hash(examples: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of texts with labels, in their order."""
    digest = hashlib.sha256()
    for text, label in examples:
        digest.update(json.dumps([text, label], ensure_ascii=False).encode())
    return digest.hexdigest()


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """Return what is written about the ranking in use; None if there is none."""
    try:
        read = json.loads((folder / MANIFEST).read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadModel(f"{folder / MANIFEST}: {error}") from None
    if not isinstance(read, dict) or read.get("form") != FORM:
        raise BadModel(f"{folder}: 模型格式不符 / a model of another form")
    return read


def keep(folder: Path, model: Learned, about: Mapping[str, Any]) -> int:
    """Write the next version and put it in use; return its number.

    The numbers lie in `versions/N`; the manifest names them and is replaced in one
    step, so that a reader sees the old version or the new one, never half of each.
    """
    before = manifest_of(folder)
    versions = folder / "versions"
    versions.mkdir(parents=True, exist_ok=True)
    taken = [int(entry.name) for entry in versions.iterdir() if entry.name.isdigit()]
    version = max([*taken, before["version"] if before else 0]) + 1
    place = Path(tempfile.mkdtemp(dir=versions))
    np.savez_compressed(place / NUMBERS, **{name: getattr(model, name) for name in ARRAYS})
    words = sorted(model.vocabulary, key=model.vocabulary.__getitem__)
    (place / VOCABULARY).write_text("\n".join(words), "utf-8")
    manifest = {
        "form": FORM,
        "version": version,
        **about,
        "labels": list(model.labels),
        "sharpness": model.sharpness,
        "files": {name: _hash(place / name) for name in (NUMBERS, VOCABULARY)},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (place / MANIFEST).write_text(text, "utf-8")
    place.chmod(0o755)
    place.rename(versions / str(version))
    shutil.copyfile(versions / str(version) / MANIFEST, folder / f"{MANIFEST}.new")
    os.replace(folder / f"{MANIFEST}.new", folder / MANIFEST)
    return version


def load(folder: Path) -> Kept:
    """Read the ranking in use; raise BadModel if there is none or it is damaged."""
    manifest = manifest_of(folder)
    if manifest is None:
        raise BadModel(f"{folder}: 没有学习好的模型 / no learned model here")
    place = folder / "versions" / str(manifest["version"])
    try:
        for name, expected in manifest["files"].items():
            if name not in (NUMBERS, VOCABULARY) or _hash(place / name) != expected:
                raise BadModel(f"{place / name}: 文件已损坏 / the file is damaged")
        with np.load(place / NUMBERS, allow_pickle=False) as read:
            scale, weights, bias = (read[name] for name in ARRAYS)
        text = (place / VOCABULARY).read_text("utf-8")
        words = text.split("\n") if text else []
        labels, sharpness = tuple(manifest["labels"]), float(manifest["sharpness"])
    except (OSError, KeyError, TypeError) as error:
        raise BadModel(f"{place}: {error}") from None
    if weights.shape != (len(words), len(labels)):
        raise BadModel(f"{place}: 文件已损坏 / the files do not belong together")
    rows = {word: row for row, word in enumerate(words)}
    return Kept(Learned(labels, rows, scale, weights, bias, sharpness), manifest)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
