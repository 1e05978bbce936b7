"""An utterance as one reads it: what was recognised is always there too."""

from hypothesis import given
from hypothesis import strategies as st

from asr.mandarin import tidy
from asr.readable import PAUSE, Piece, readable
from calls.events import Word


def written(text: str, words: tuple[Word, ...] = ()) -> str:
    return "".join(piece.text for piece in readable(text, words))


def spoken(*words: tuple[str, float, float]) -> tuple[Word, ...]:
    return tuple(Word(text, start, end, 1.0) for text, start, end in words)


def test_a_figure_stands_for_what_was_said_and_says_so() -> None:
    pieces = readable("我 住 在 阳光 小区 四 单元")
    assert Piece("4", "四", "figure") in pieces
    assert "".join(p.text for p in pieces) == "我住在阳光小区4单元。"


def test_a_filler_is_marked_and_not_taken_out() -> None:
    assert [p.text for p in readable("嗯路灯坏了") if p.kind == "filler"] == ["嗯"]
    assert written("嗯路灯坏了") == "嗯路灯坏了。"


def test_a_pause_becomes_a_comma_and_a_question_ends_as_one() -> None:
    words = spoken(
        ("路灯", 0.0, 0.5), ("坏", 0.5, 0.7), ("能", 0.7 + 2 * PAUSE, 1.6), ("修吗", 1.6, 2.0)
    )
    assert written("路灯 坏 能 修吗", words) == "路灯坏，能修吗？"
    assert written("路灯 坏 能 修吗") == "路灯坏能修吗？"


def test_no_mark_is_set_within_a_figure_or_after_a_mark() -> None:
    words = spoken(("三", 0.0, 0.3), ("百", 1.0, 1.3), ("二十", 2.0, 2.4), ("元", 2.4, 2.6))
    assert written("三百二十元", words) == "320元。"
    assert written("好的。") == "好的。"
    assert readable("") == ()


@given(st.text("嗯呃啊那个三百二十元月号路灯坏了，。 a1吗", max_size=40), st.floats(0, 1))
def test_what_was_recognised_is_whole_whatever_was_written(text: str, gap: float) -> None:
    words = spoken(*((c, i * (1 + gap), i * (1 + gap) + 1) for i, c in enumerate(text.split())))
    pieces = readable(text, words)
    assert "".join(p.heard for p in pieces) == tidy(text).original
    assert all(p.text == p.heard for p in pieces if p.kind in ("said", "filler"))
