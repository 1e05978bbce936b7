"""The curve of the knowledge base's suggestions, and what bench languages lacks."""

from pathlib import Path

from asr.recogniser import RATE
from bench.languages import TINY, Listener, listener
from bench.suggestions import Heard, heard, table
from server.models import Found

TITLES = [f"{what}怎么办理" for what in ("居住证", "公积金", "营业执照", "残疾证", "护照", "驾照")]


def test_a_letter_finds_its_own_entry_if_its_half_is_known_and_no_other_half_is_there() -> None:
    letters = [{"title": t, "text": f"我想问{t}要带什么", "reply": "好"} for t in TITLES]
    every = list(heard(letters))
    known = {one.own for one in every if one.known}
    assert 0 < len(known) < len(TITLES)
    for one in every:
        named = {entry for entry, _ in one.suggested}
        assert named <= known
        assert (one.own in named) == one.known


def test_a_higher_bound_finds_less_and_misleads_less() -> None:
    told = table([Heard(True, "a", (("a", 0.6), ("b", 0.5))), Heard(False, "c", (("b", 0.4),))])
    rows = {line.split()[0]: line.split()[1:3] for line in told.splitlines()[2:]}
    assert rows["0.40"] == ["100.0%", "100.0%"]
    assert rows["0.60"] == ["100.0%", "0.0%"]
    assert rows["0.80"] == ["0.0%", "0.0%"]


def test_what_a_language_lacks_is_said(tmp_path: Path) -> None:
    none = Found("en", "missing", None)
    assert "no clips" in str(listener("en", tmp_path, none))
    (tmp_path / "a.wav").write_bytes(bytes(RATE))
    (tmp_path / "a.txt").write_text("one", "utf-8")
    assert "no model" in str(listener("en", tmp_path, none))
    assert "vosk-model-small-ja" in str(listener("ja", tmp_path, Found("ja", "missing", None)))
    tiny = listener("zh", tmp_path, Found("zh", "missing", None))
    assert isinstance(tiny, Listener) and tiny.name == TINY
    assert "damaged" in str(listener("ko", tmp_path, Found("ko", "corrupt", tmp_path)))
