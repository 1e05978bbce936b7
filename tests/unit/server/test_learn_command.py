"""`learn`, `rank` and `draft`, as the command line gives them."""

import json
from pathlib import Path

import pytest

from server import model_folder
from server.command_line import main
from server.drafting import usable_precedents
from tests.helpers.letters import LETTERS

Lines = list[dict[str, object]]


def written(path: Path, lines: Lines) -> str:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return str(path)


@pytest.fixture
def taught(tmp_path: Path) -> Path:
    source = written(tmp_path / "in.jsonl", [{"text": t, "label": label} for t, label in LETTERS])
    assert main(["learn", "--from", source, "--model", str(tmp_path / "model")]) == 0
    return tmp_path / "model"


def test_what_was_learned_is_ranked_one_line_a_text(
    taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = written(tmp_path / "t.jsonl", [{"text": "楼上停电了"}, {"text": "公交车太挤"}])
    capsys.readouterr()
    assert main(["rank", "--model", str(taught), "--texts", texts]) == 0
    ranked = [json.loads(line)["ranked"] for line in capsys.readouterr().out.splitlines()]
    assert [r[0]["label"] for r in ranked] == ["供电", "公交"]
    assert set(ranked[0][0]) == {"label", "probability", "because"} and ranked[0][0]["because"]
    assert len(ranked[0]) == 3


def test_the_manifest_says_what_was_learned_from_and_how_well(taught: Path) -> None:
    manifest = model_folder.load(taught).manifest
    assert manifest["version"] == 1 and manifest["texts"] == len(LETTERS)
    assert manifest["data"] == model_folder.data_hash(LETTERS)
    assert set(manifest["held_out"]) == {"how", "first", "top_three", "calibration_error"}


def test_learning_again_makes_a_version_and_keeps_the_old_one(
    taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    main(["learn", "--from", str(tmp_path / "in.jsonl"), "--model", str(taught)])
    told = capsys.readouterr().out
    assert "version 2 is in use" in told and "version 1 (同一数据 same data)" in told
    assert {place.name for place in (taught / "versions").iterdir()} == {"1", "2"}
    assert model_folder.load(taught).manifest["version"] == 2


def test_nothing_in_the_folder_is_code(taught: Path) -> None:
    names = {path.name for path in taught.rglob("*") if path.is_file()}
    assert names == {"manifest.json", "numbers.npz", "vocabulary.txt"}


def test_a_damaged_model_is_refused_by_name(
    taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (taught / "versions" / "1" / "vocabulary.txt").write_text("x")
    texts = written(tmp_path / "t.jsonl", [{"text": "楼上停电了"}])
    assert main(["rank", "--model", str(taught), "--texts", texts]) == 2
    assert "vocabulary.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "named"),
    [("{", "不是 JSON"), ("[1]", "JSON object"), ('{"text": "停水"}', "label must be a text")],
)
def test_a_line_that_cannot_be_read_is_named(
    line: str, named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"text": "停水", "label": "供水"}\n\n' + line + "\n", "utf-8")
    assert main(["learn", "--from", str(source), "--model", str(tmp_path / "m")]) == 2
    said = capsys.readouterr().err
    assert "in.jsonl:3" in said and named in said and not (tmp_path / "m").exists()


def test_an_empty_file_and_a_missing_one_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = written(tmp_path / "in.jsonl", [])
    assert main(["learn", "--from", empty, "--model", str(tmp_path / "m")]) == 2
    assert main(["rank", "--model", str(tmp_path / "m"), "--texts", empty]) == 2
    assert "no learned model here" in capsys.readouterr().err


def test_each_text_becomes_a_draft_with_the_words_it_rests_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        {"word": "楼下", "start": 1.0, "end": 1.4, "conf": 0.9},
        {"word": "着火", "start": 1.4, "end": 1.9, "conf": 0.8},
        {"word": "了", "start": 1.9, "end": 2.0, "conf": 1.0},
    ]
    texts = written(
        tmp_path / "t.jsonl",
        [
            {"text": "楼下 着火 了", "words": words},
            {"text": "the elevator is broken, I am trapped", "lang": "en"},
            {"text": "我要投诉小区停水三天了\n就在幸福路"},
        ],
    )
    assert main(["draft", "--texts", texts]) == 0
    fire, lift, water = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    evidence = fire["urgency"]["evidence"][0]
    assert fire["urgency"]["value"] == "danger"
    assert (evidence["words"], evidence["start"], evidence["end"]) == ("着火", 1.4, 1.9)
    assert lift["language"] == "en" and lift["urgency"]["value"] == "danger"
    assert water["type"]["value"] == "投诉" and water["place"]["value"]["said"] == "幸福路"
    assert water["place"]["evidence"][0]["start"] > 0


@pytest.mark.parametrize("more", [{"lang": "fr"}, {"words": ["x"]}, {"words": 3}])
def test_a_text_that_cannot_be_drafted_is_named(
    more: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = written(tmp_path / "t.jsonl", [{"text": "停水", **more}])
    assert main(["draft", "--texts", texts]) == 2
    assert "第 1 条" in capsys.readouterr().err


def test_a_ranking_of_units_in_the_data_folder_has_its_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = [{"text": t, "label": u} for t, u in ORDERS for _ in range(3)]
    source, model = written(tmp_path / "in.jsonl", done), tmp_path / "data" / "models" / "units"
    texts = written(tmp_path / "t.jsonl", [{"text": "共享单车堆满了人行道"}])
    main(["draft", "--texts", texts, "--data", str(tmp_path / "data")])
    main(["learn", "--from", source, "--model", str(model)])
    main(["draft", "--texts", texts, "--data", str(tmp_path / "data")])
    cold, *_, taught = capsys.readouterr().out.splitlines()
    assert json.loads(cold)["unit"] is None or json.loads(cold)["unit"]["value"] != "sports"
    unit = json.loads(taught)["unit"]
    assert unit["value"] == "sports"
    assert all(e["words"] in "共享单车堆满了人行道" for e in unit["evidence"])


def test_a_damaged_ranking_of_units_is_named_by_the_command_and_left_out_by_the_service(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "models" / "units"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    texts = written(tmp_path / "t.jsonl", [{"text": "小区停水了"}])
    assert main(["draft", "--texts", texts, "--data", str(tmp_path)]) == 2
    assert "another form" in capsys.readouterr().err
    assert usable_precedents(tmp_path) is None
    assert usable_precedents(tmp_path / "nothing") is None


ORDERS = [
    ("共享单车乱停乱放没人管", "sports"),
    ("门口堆满了共享单车", "sports"),
    ("共享单车挡住人行道", "sports"),
    ("学校食堂涨价", "education"),
    ("老师在外面补课", "education"),
    ("孩子入学报名怎么办", "education"),
]
"""Sports is not in charge of these by any duty: only what was learned can say so."""
