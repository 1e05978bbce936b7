"""What was read of a site is kept for the next start, and is never anything else than was read."""

from pathlib import Path

import pytest

from config import kept_documents, reader
from config.document import read_document
from tests.helpers.sites import SHIPPED

TEXT = "a: [1, 2.5, {b: null, c: yes, 12345: 文字}]\nd: {}\ne: 'x: y'\n"


def written(folder: Path, text: str) -> Path:
    (folder / "one.yaml").write_text(text, encoding="utf-8")
    return folder / "kept"


def test_what_was_kept_is_what_was_read_places_and_all(tmp_path: Path) -> None:
    kept = written(tmp_path, TEXT)
    read = read_document(tmp_path, "one.yaml", kept)
    found = kept_documents.find(kept, TEXT)
    assert found == (read.value, read.places) and read.value["a"][2]["12345"] == "文字"
    assert isinstance(read.value["a"], tuple) and read.places["a", 2, "c"] == (1, 23)


def test_a_whole_site_is_the_same_from_what_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = reader.read(SHIPPED, tmp_path / "kept")
    count = len(list((tmp_path / "kept").glob("*.json")))
    assert count >= 10
    from config import document, yaml_reading  # noqa: PLC0415  what must not be asked again

    def refuse(*_: object) -> None:
        raise AssertionError("read as YAML once more")

    monkeypatch.setattr(yaml_reading, "read_into", refuse)
    document._read.cache_clear()
    second = reader.read(SHIPPED, tmp_path / "kept")
    assert (second.lanes, second.flows, second.units) == (first.lanes, first.flows, first.units)


def test_a_file_with_a_fault_is_not_kept(tmp_path: Path) -> None:
    kept = written(tmp_path, "a: [\n")
    assert read_document(tmp_path, "one.yaml", kept).faults
    assert not kept.exists()


@pytest.mark.parametrize("damage", ["", "{}", "[1]", '{"value": 1, "places": [3]}', "\0"])
def test_a_kept_file_that_is_damaged_is_read_anew(tmp_path: Path, damage: str) -> None:
    text = f"# {damage!r}\na: 1\n"
    kept = written(tmp_path, text)
    assert kept_documents.keep(kept, text, {"a": 1}, {})
    (file,) = kept.iterdir()
    file.write_text(damage, "utf-8")
    assert read_document(tmp_path, "one.yaml", kept).value == {"a": 1}


def test_a_disk_that_takes_nothing_costs_only_time(tmp_path: Path) -> None:
    written(tmp_path, "a: 7\n")
    (tmp_path / "no_folder").write_text("", "utf-8")
    assert read_document(tmp_path, "one.yaml", tmp_path / "no_folder").value == {"a": 7}


def test_old_ones_go(tmp_path: Path) -> None:
    for number in range(kept_documents.MOST + 3):
        assert kept_documents.keep(tmp_path, f"n: {number}", {}, {})
    assert len(list(tmp_path.iterdir())) == kept_documents.MOST
