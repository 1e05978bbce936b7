"""Files that are looked at often."""

import os
from pathlib import Path

import pytest

from config.glance import Glance
from config.publish import write_whole


def test_a_file_is_read_again_only_when_it_was_written(tmp_path: Path) -> None:
    path, reads = tmp_path / "current", [0]

    def read() -> str | None:
        reads[0] += 1
        return path.read_text("utf-8") if path.exists() else None

    glance = Glance(path, read)
    assert [glance.look(), glance.look(), reads[0]] == [None, None, 1]
    write_whole(path, "0001")
    assert [glance.look(), glance.look(), reads[0]] == ["0001", "0001", 2]
    write_whole(path, "0002")
    assert [glance.look(), reads[0]] == ["0002", 3], "another file of the same size"
    path.unlink()
    assert glance.look() is None


def test_a_file_written_in_its_place_is_noticed_by_its_time(tmp_path: Path) -> None:
    path = tmp_path / "current"
    path.write_text("0001", "utf-8")
    glance = Glance(path, lambda: path.read_text("utf-8"))
    assert glance.look() == "0001"
    path.write_text("0002", "utf-8")
    os.utime(path, ns=(0, 1))  # as a later moment would
    assert glance.look() == "0002"


def test_what_could_not_be_read_is_read_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "current"
    glance = Glance(path, lambda: path.read_text("utf-8"))
    with pytest.raises(FileNotFoundError):
        glance.look()
    path.write_text("0001", "utf-8")
    assert glance.look() == "0001"
