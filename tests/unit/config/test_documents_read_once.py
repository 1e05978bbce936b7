"""A file that has not changed is read as YAML once; what is said of it is each reader's own."""

from pathlib import Path

from config.document import read_document


def test_faults_that_one_reader_adds_are_not_another_readers(tmp_path: Path) -> None:
    (tmp_path / "lanes.yaml").write_text("lanes: {}\n", encoding="utf-8")
    first, second = (read_document(tmp_path, "lanes.yaml") for _ in range(2))
    first.blame(("lanes",), "错", "wrong")
    assert second.faults == []
    assert read_document(tmp_path, "lanes.yaml").faults == []


def test_a_file_that_changed_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "lanes.yaml"
    path.write_text("lanes: {a: 1}\n", encoding="utf-8")
    assert read_document(tmp_path, "lanes.yaml").value == {"lanes": {"a": 1}}
    path.write_text("lanes: {a: 2}\n", encoding="utf-8")
    assert read_document(tmp_path, "lanes.yaml").value == {"lanes": {"a": 2}}


def test_a_file_with_a_fault_has_it_each_time(tmp_path: Path) -> None:
    (tmp_path / "lanes.yaml").write_text("lanes: [\n", encoding="utf-8")
    said = [[str(f) for f in read_document(tmp_path, "lanes.yaml").faults] for _ in range(2)]
    assert said[0] == said[1] and len(said[0]) == 1
