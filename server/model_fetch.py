"""Bringing a speech model from Vosk's own site: resumed, checked, unpacked safely."""

import hashlib
import http.client
import json
import shutil
import stat
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from calls.ids import LANGUAGES, Language
from server.models import OFFICIAL, faults, find, listing, places

MODEL_LIST = "https://alphacephei.com/vosk/models/model-list.json"
TIMEOUT = 30.0
"""Seconds without a byte."""
BLOCK = 1 << 16
MOST_UNPACKED = 8 << 30
"""Bytes; Vosk's largest models are about half of that."""
MOST_LIST = 4 << 20

Progress = Callable[[int, int], None]
"""Told the bytes that are here, and the bytes that there will be."""


class FetchFailed(Exception):
    """The model is not there, and what to do about it, in Chinese and in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Offer:
    """One model of Vosk's list."""

    name: str
    url: str
    md5: str
    size: int


def fetch(
    language: Language,
    folder: Path,
    progress: Progress = lambda here, whole: None,
    address: str = MODEL_LIST,
) -> Path:
    """Bring a language's official model into `folder`; return where it is.

    A broken download is gone on with at the next call. Nothing appears under the model's
    name before it is whole. Raises FetchFailed.
    """
    name = OFFICIAL[language]
    target = folder / name
    if not faults(target):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        offer = _offered(name, address)
        archive = folder / f"{name}.zip.part"
        _download(offer, archive, progress)
        _check(offer, archive)
        _unpack(offer, archive, target)
        archive.unlink()
    except (OSError, http.client.HTTPException) as error:
        raise _failed(name, folder, address, error) from error
    return target


def _failed(name: str, folder: Path, address: str, error: Exception) -> FetchFailed:
    """Say what a person can do where the network will not help."""
    url = f"{address.rsplit('/', 1)[0]}/{name}.zip"
    return FetchFailed(
        f"下载没有完成（{error}）。再运行一次会接着下载；也可以在能上网的电脑上下载 {url} ，"
        f"解压后把文件夹 {name} 放到 {folder} 。",
        f"The download was not finished ({error}). Run it again to go on from here; or fetch "
        f"{url} on a machine that may, unpack it and put the folder {name} into {folder}.",
    )


def _offered(name: str, address: str) -> Offer:
    with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
        text = answer.read(MOST_LIST)
    try:
        found = next((m for m in json.loads(text) if m["name"] == name), None)
        if found is not None:
            return Offer(name, found["url"], found["md5"], int(found["size"]))
    except (ValueError, KeyError, TypeError) as error:
        raise FetchFailed(
            f"{address} 的内容不是模型目录（{error}）。",
            f"{address} is no list of models: {error}.",
        ) from error
    raise FetchFailed(f"{address} 中没有 {name}。", f"{address} does not list {name}.")


def _download(offer: Offer, archive: Path, progress: Progress) -> None:
    """Bring what is missing of the archive."""
    here = archive.stat().st_size if archive.exists() else 0
    if here >= offer.size:
        return
    if shutil.disk_usage(archive.parent).free < offer.size * 4:
        raise OSError(f"less than {offer.size * 4 >> 20} MiB free in {archive.parent}")
    request = urllib.request.Request(offer.url, headers={"Range": f"bytes={here}-"} if here else {})
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        partial = answer.status == 206
        with archive.open("ab" if partial else "wb") as file:
            here = here if partial else 0
            while block := answer.read(BLOCK):
                file.write(block)
                here += len(block)
                progress(here, offer.size)
                if here > offer.size:
                    break
    if here < offer.size:
        raise OSError(f"{here} of {offer.size} bytes came")


def _check(offer: Offer, archive: Path) -> None:
    """Compare the checksum; a wrong archive is thrown away, or no resume could mend it."""
    with archive.open("rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    if md5 == offer.md5:
        return
    archive.unlink()
    raise FetchFailed(
        f"{offer.url} 校验不符：MD5 应为 {offer.md5}，实为 {md5}。已删除，请重新下载。",
        f"{offer.url} is damaged: MD5 {md5} in the place of {offer.md5}. Deleted; fetch it again.",
    )


def _unpack(offer: Offer, archive: Path, target: Path) -> None:
    """Unpack beside the target, look at the result, then give it its name."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".unpacking-") as room:
        try:
            with zipfile.ZipFile(archive) as packed:
                _refuse_traps(packed)
                packed.extractall(room)
        except (zipfile.BadZipFile, ValueError) as error:
            archive.unlink()
            raise FetchFailed(
                f"{offer.url} 不能解压：{error}。", f"{offer.url} cannot be unpacked: {error}."
            ) from error
        found = faults(Path(room) / offer.name)
        if found:
            raise FetchFailed(
                f"{offer.url} 不是完整的模型：{found[0].zh}。",
                f"{offer.url} is no whole model: {found[0].en}.",
            )
        if target.exists():
            target.rename(Path(room) / "damaged")
        (Path(room) / offer.name).rename(target)


def _refuse_traps(packed: zipfile.ZipFile) -> None:
    """Raise ValueError for an archive that would write elsewhere or without end."""
    if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
        raise ValueError(f"more than {MOST_UNPACKED >> 30} GiB unpacked")
    for entry in packed.infolist():
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise ValueError(f"entry outside of the folder: {entry.filename}")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise ValueError(f"entry is a link: {entry.filename}")


def bar(out: IO[str]) -> Progress:
    """Return a progress bar that is drawn over itself on a terminal."""

    def draw(here: int, whole: int) -> None:
        done = here * 30 // whole if whole else 0
        out.write(f"\r[{'#' * done:<30}] {here / 1e6:6.1f} / {whole / 1e6:.1f} MB")
        out.write("\n" if here >= whole else "")
        out.flush()

    return draw


def run(
    arguments: Sequence[str],
    data: Path,
    lanes: Mapping[Language, Sequence[str]],
    out: IO[str] = sys.stdout,
    address: str = MODEL_LIST,
) -> int:
    """Carry out `list` or `fetch LANGUAGE`; return the exit status.

    `lanes` names those that need a language, for the table.
    """
    match arguments:
        case ["list"]:
            out.write(listing(find(places(data)), lanes) + "\n")
            return 0
        case ["fetch", language] if language in LANGUAGES:
            try:
                path = fetch(language, data / "models", bar(out), address)
            except FetchFailed as error:
                out.write(f"\n{error.zh}\n{error.en}\n")
                return 1
            out.write(f"{path}\n")
            return 0
        case _:
            out.write(f"models list | models fetch {'|'.join(LANGUAGES)}\n")
            return 2
