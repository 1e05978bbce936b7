"""The measures of drafts print their tables, from files of little."""

import json
import sys
from pathlib import Path

import pytest

from bench import danger, drafts

LABELS = {"交通": "公交车站牌坏了等车的人很多", "教育": "学校收费太高家长有意见"}


def kept(path: Path, *rows: dict[str, str]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def labelled(path: Path) -> Path:
    rows = ({"text": f"{text}第{n}次", "label": k} for k, text in LABELS.items() for n in range(30))
    return kept(path, *rows)


def test_each_fifth_is_ranked_by_what_the_others_teach(tmp_path: Path) -> None:
    heading, *rows = drafts.fifths(labelled(tmp_path / "labelled")).splitlines()
    assert "held out" in heading and len(rows) == 6
    texts = [int(row.split()[-4]) for row in rows]
    assert sum(texts[:5]) == texts[5] == 60
    assert all(row.split()[-3] == "100.00%" for row in rows), "two labels as far apart as these"


def test_all_tables_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ["fire|楼上着火了冒烟", "near|去年着过火", "plain|路灯不亮"]
    (tmp_path / "unseen.txt").write_text("\n".join(few), "utf-8")
    monkeypatch.setattr(danger, "HERE", tmp_path)
    monkeypatch.setattr(danger, "UNSEEN", ("unseen.txt",))
    for name in ("report", "letters"):
        monkeypatch.setattr(danger, name, lambda *_: "")
    for name in ("units", "names", "unit_names"):
        monkeypatch.setattr(drafts, name, lambda *_: "")
    letters = kept(
        tmp_path / "letters", {"title": "路灯不亮", "text": "晚上路灯不亮请修。", "reply": ""}
    )
    given = [
        "--labelled",
        str(labelled(tmp_path / "labelled")),
        "--fifths",
        "--replies",
        str(letters),
    ]
    monkeypatch.setattr(sys, "argv", ["drafts", *given])
    drafts.main()
    printed = capsys.readouterr().out
    assert "unseen.txt: 2 of danger, 2 near, 2 everyday, 2 ordinary" in printed
    assert "held out, misheard" in printed and "together" in printed
