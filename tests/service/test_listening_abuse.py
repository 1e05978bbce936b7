"""What recognition answers to what is no speech, and to recognisers that Vosk itself ends."""

import array
import math
import random
from collections.abc import Iterator

import pytest

from asr.recogniser import RATE, SAMPLE
from asr.vosk import VoskModel
from server import recognition_link
from server.listening import Outcome, Settings
from server.recognition_pool import Pool
from tests.helpers.recognition_room import Room
from tests.helpers.speech import korean_model, mandarin_model, sound

SECONDS = 6
AT = [sample / RATE for sample in range(SECONDS * RATE)]
KINDS = ("silence", "noise", "music", "keys", "clipping", "half a sample", "nothing")


def pcm(values: list[float]) -> bytes:
    return array.array("h", (int(max(-32768, min(32767, v))) for v in values)).tobytes()


def made(kind: str) -> bytes:
    match kind:
        case "silence":
            return bytes(SECONDS * RATE * SAMPLE)
        case "noise":
            noise = random.Random(5)
            return pcm([noise.gauss(0, 6000) for _ in AT])
        case "music":
            chords = ((262, 330, 392), (294, 370, 440), (247, 311, 370))
            return pcm(
                [
                    sum(4000 * math.sin(2 * math.pi * f * t) for f in chords[int(t * 2) % 3])
                    for t in AT
                ]
            )
        case "keys":
            return pcm([key_tone("0123456789*#"[int(t * 2)], t) for t in AT])
        case "clipping":
            return pcm([90000 * math.sin(2 * math.pi * 180 * t) for t in AT])
        case "half a sample":
            return bytes(RATE * SAMPLE + 1)
        case _:
            return b""


def key_tone(key: str, t: float) -> float:
    """Return a key's two tones, 250 ms on and 250 ms off."""
    row, column = divmod("123456789*0#".index(key), 3)
    low, high = (697, 770, 852, 941)[row], (1209, 1336, 1477)[column]
    if t * 2 % 1 > 0.5:
        return 0.0
    return 8000 * (math.sin(2 * math.pi * low * t) + math.sin(2 * math.pi * high * t))


@pytest.fixture(scope="module")
def korean() -> Iterator[Room]:
    room = Room({"ko": korean_model()}, Settings(late_after=600.0))
    yield room
    room.stop()


def words(room: Room, stream: str) -> list[str]:
    return [text for text, _ in room.words(stream)]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_speech_ends_as_complete_and_the_next_speaker_is_heard_as_ever(
    korean: Room, kind: str
) -> None:
    name = f"{kind} next"
    korean.say(kind, made(kind), language="ko")
    korean.say(name, sound("ko/busy_wait"), language="ko")
    korean.until_closed(kind, name)
    assert korean.closed[kind] == Outcome(True, "", 0.0)
    assert korean.closed[name].complete and len(words(korean, name)) > 1
    if kind in ("silence", "half a sample", "nothing"):
        assert words(korean, kind) == []
    assert korean.listening.figures()["ko"].restarts == 0


def test_another_language_ends_as_complete_and_the_next_speaker_is_heard_as_ever(
    korean: Room,
) -> None:
    korean.say("chinese", sound("zh/greeting"), language="ko")
    korean.say("korean", sound("ko/busy_wait"), language="ko")
    korean.until_closed("chinese", "korean")
    assert korean.closed["chinese"] == korean.closed["korean"] == Outcome(True, "", 0.0)
    assert len(words(korean, "korean")) > 1


def test_vosk_aborting_costs_the_stream_that_was_fed_and_nothing_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(recognition_link, "WORKER", "tests.helpers.aborting_worker")
    room = Room({"zh": mandarin_model()}, Settings(back_off=(0.1, 0.1), threads=1))
    try:
        room.until_state("ready")
        room.say("fatal", pcm([32767.0] * RATE))
        room.until_closed("fatal")
        assert not room.closed["fatal"].complete
        assert room.closed["fatal"].why.startswith("recognition worker killed by SIGABRT")
        assert room.listening.open("waits", "zh", 0.0)
        room.listening.hear("waits", sound("en/nobody_here"))
        room.until_state("ready")
        room.listening.close("waits")
        room.until_closed("waits")
        assert room.closed["waits"].complete and room.words("waits")
        room.say("next", sound("en/nobody_here"))
        room.until_closed("next")
        assert room.closed["next"].complete and room.words("next")
        assert room.listening.figures()["zh"].restarts == 1
    finally:
        room.stop()


def test_a_recogniser_serves_the_next_speaker_and_one_of_a_menu_does_not() -> None:
    pool = Pool(VoskModel(korean_model(), "ko"), growth=1 << 40)
    used = pool.lend(partials=True)
    pool.take_back(used)
    assert pool.lend(partials=True) is used
    menu = pool.for_menu(("네", "아니요"))
    assert menu is not None and menu.small
    pool.take_back(menu)
    assert not pool.spare


def test_a_menus_recogniser_says_nothing_of_other_words() -> None:
    menu = VoskModel(korean_model(), "ko").for_phrases(("네", "아니요"))
    assert menu is not None
    heard = menu.feed(sound("ko/busy_wait")) + menu.flush()
    assert {w.text for h in heard for w in h.words} <= {"네", "아니요"}


def test_a_model_with_a_fixed_graph_hears_menus_with_all_its_words() -> None:
    assert VoskModel(mandarin_model(), "zh").for_phrases(("人工",)) is None


def test_a_model_knows_its_words_and_no_others() -> None:
    model = VoskModel(mandarin_model(), "zh")
    assert model.knows("路灯") or model.knows("停水")
    assert not model.knows("不存在的词")


def test_after_lessons_a_speaker_is_heard_as_without_them() -> None:
    model = VoskModel(mandarin_model(), "zh")
    said = sound("en/nobody_here")
    heard = []
    for speech in (b"", sound("zh/lane_full")):
        pool = Pool(model, 1 << 40, speech)
        for _ in range(2):
            pool.prepare()
        taught = sum(iter(pool.teach, False))
        assert bool(taught) == bool(speech)
        recogniser = pool.lend(partials=False)
        recogniser.resume(5.0)
        words = [word for h in recogniser.feed(said) + recogniser.flush() for word in h.words]
        heard.append([(word.text, word.start) for word in words])
    assert heard[0] and heard[0] == heard[1]
