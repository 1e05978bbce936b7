"""Entries brought in from a file: every fault is named, and with one of them nothing is kept."""

import json
from pathlib import Path

import pytest

from server import command_line

GOOD = {
    "id": "permit",
    "kind": "answer",
    "title": "居住证怎么办理",
    "text": "带身份证到派出所。",
    "owner": "public_security",
}


def run(folder: Path, *words: str) -> int:
    return command_line.main(["knowledge", *words, "--data", str(folder)])


def a_file(folder: Path, *lines: object) -> str:
    file = folder / "entries.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts), "utf-8")
    return str(file)


def test_entries_are_brought_in_once_and_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path, GOOD, "", {**GOOD, "id": "b", "until": "2020-01-01"})
    assert run(tmp_path, "import", file) == 0
    assert "2 条存入 kept, 0 条无变化" in capsys.readouterr().out
    assert run(tmp_path, "import", file) == 0
    assert "0 条存入 kept, 2 条无变化" in capsys.readouterr().out
    assert run(tmp_path, "search", "居住证") == 0
    found = capsys.readouterr().out.splitlines()
    assert found == ["permit\tanswer\tpublic_security\tv1\t居住证怎么办理"], "b holds no more"
    assert run(tmp_path, "list") == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "不是 JSON"),
        ({k: v for k, v in GOOD.items() if k != "text"}, "缺少文字字段 text"),
        ({**GOOD, "kind": "rumour"}, "kind must be"),
        ({**GOOD, "owner": "nobody"}, "没有这个单位：nobody"),
        ({**GOOD, "id": "a b"}, "id:"),
        ({**GOOD, "until": "tomorrow"}, "until 应写成 2026-11-18"),
        ({**GOOD, "from": "2026-02-30"}, "from 应写成"),
        ({**GOOD, "from": "2026-03-01", "until": "2026-02-01"}, "until 早于 from"),
        ({**GOOD, "titel": "x"}, "不认识的字段：titel"),
        ({**GOOD, "title": "证" * 201}, "title 应为 1 到 200 字"),
        ({**GOOD, "retired": "yes"}, "retired 应为 true"),
        (GOOD, "编号重复：permit"),
    ],
)
def test_a_fault_is_named_by_its_line_and_nothing_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: object, fault: str
) -> None:
    assert run(tmp_path, "import", a_file(tmp_path, GOOD, line)) == 2
    told = capsys.readouterr().err
    assert fault in told and "entries.jsonl:2" in told
    assert run(tmp_path, "list") == 0
    assert capsys.readouterr().out == ""


def test_a_file_that_is_not_there_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "import", str(tmp_path / "none.jsonl")) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
