"""What vosk-server says, read."""

import json

import pytest

from asr.farm import Hearing, NotVosk, configuration

SECOND = bytes(16000)


def result(*words: tuple[str, float, float, float]) -> str:
    each = [{"word": w, "start": s, "end": e, "conf": c} for w, s, e, c in words]
    return json.dumps({"result": each, "text": " ".join(w for w, *_ in words)})


def test_a_connection_says_its_rate_and_asks_for_the_times_of_words() -> None:
    assert json.loads(configuration()) == {"config": {"sample_rate": 8000, "words": True}}


def test_a_menu_names_its_answers_and_a_way_out() -> None:
    assert json.loads(configuration(("一", "二")))["config"]["phrase_list"] == ["一", "二", "[unk]"]


def test_times_count_from_the_recordings_start() -> None:
    hearing = Hearing("ko", 100.0)
    (heard,) = hearing.answer(result(("기차", 0.5, 1.0, 0.8), ("전기", 1.25, 1.5, 0.6)))
    assert (heard.start, heard.end, heard.final) == (100.5, 101.5, True)
    assert heard.text == "기차 전기" and heard.confidence == 0.7


def test_an_uncertain_text_reaches_from_the_last_certain_one_to_now_and_comes_once() -> None:
    hearing = Hearing("zh", 10.0)
    hearing.give(SECOND)
    (first,) = hearing.answer('{"partial": "你好 我们"}')
    assert (first.text, first.start, first.end, first.final) == ("你好我们", 10.0, 11.0, False)
    assert hearing.answer('{"partial": "你好 我们"}') == []
    hearing.answer(result(("你好", 0.1, 0.4, 1.0)))
    hearing.give(SECOND)
    (next_one,) = hearing.answer('{"partial": "停电"}')
    assert (next_one.start, next_one.end) == (11.0, 12.0)


@pytest.mark.parametrize(
    "nothing",
    ['{"text": ""}', '{"partial": ""}', '{"partial": "[unk]"}', result(("[unk]", 0, 1, 1))],
)
def test_silence_and_unknown_words_are_nothing(nothing: str) -> None:
    assert Hearing("zh", 0.0).answer(nothing) == []


@pytest.mark.parametrize(
    "nonsense",
    ["", "hello", "[]", "7", "null", '{"status": "ok"}', '{"partial": 3}',
     '{"result": [{"word": "a"}]}', '{"result": [{"word": "a", "start": "x", "end": 1}]}',
     '{"result": 5}', b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_answer_is_told_from_one(nonsense: str | bytes) -> None:
    with pytest.raises(NotVosk):
        Hearing("zh", 0.0).answer(nonsense)
