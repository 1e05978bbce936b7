"""Vosk behind our Recogniser, with a real (tiny) Mandarin model."""

from itertools import pairwise
from pathlib import Path

import pytest

from asr.recogniser import RATE, SAMPLE, Heard
from asr.vosk import Unloadable, VoskModel, VoskRecogniser, warm
from tests.helpers.speech import mandarin_model, sound

SILENCE = bytes(2 * RATE * SAMPLE)


@pytest.fixture(scope="module")
def model() -> VoskModel:
    return VoskModel(mandarin_model(), "zh")


def finals(heard: list[Heard]) -> list[Heard]:
    return [h for h in heard if h.final]


def words(heard: list[Heard]) -> list[tuple[str, float]]:
    return [(w.text, w.start) for h in finals(heard) for w in h.words]


def whole(recogniser: VoskRecogniser, pcm: bytes, at: float = 0.0) -> list[Heard]:
    recogniser.resume(at)
    return recogniser.feed(pcm) + recogniser.flush()


def test_the_last_words_come_with_the_flush_even_without_a_pause_after_them(
    model: VoskModel,
) -> None:
    recogniser = model.recogniser(partials=False)
    before = recogniser.feed(sound("en/nobody_here")[: 3 * RATE * SAMPLE])
    owed = recogniser.flush()
    assert owed and owed[-1].words[-1].end > 2.0, (before, owed)


def test_every_utterance_between_two_pauses_comes_by_itself(model: VoskModel) -> None:
    said = sound("en/nobody_here")
    heard = whole(model.recogniser(partials=False), said + SILENCE + said + SILENCE + said)
    assert len(heard) >= 3
    starts = [h.start for h in heard]
    assert starts == sorted(starts)


def test_times_count_from_where_the_stream_began(model: VoskModel) -> None:
    said = sound("en/nobody_here")
    near = words(whole(model.recogniser(partials=False), said))
    far = words(whole(model.recogniser(partials=False), said, at=100.0))
    assert near
    assert [text for text, _ in far] == [text for text, _ in near]
    assert [start for _, start in far] == pytest.approx([start + 100.0 for _, start in near])


def test_a_recogniser_used_again_hears_the_same_at_the_same_times(model: VoskModel) -> None:
    said = sound("en/nobody_here")
    recogniser = model.recogniser(partials=False)
    first = words(whole(recogniser, said, at=7.0))
    whole(recogniser, sound("ja/lane_full") + SILENCE)
    again = words(whole(recogniser, said, at=7.0))
    assert first
    assert again == first, "nothing of the speaker before is left"


def test_after_a_hole_in_the_sound_the_times_are_true_again(model: VoskModel) -> None:
    said = sound("en/nobody_here")
    alone = words(whole(model.recogniser(partials=False), said, at=60.0))
    recogniser = model.recogniser(partials=False)
    recogniser.resume(0.0)
    before = recogniser.feed(said) + recogniser.resume(60.0)
    after = recogniser.feed(said) + recogniser.flush()
    assert words(before), "the words before the hole are not lost"
    assert words(after) == alone


def test_position_follows_the_sound(model: VoskModel) -> None:
    recogniser = model.recogniser()
    recogniser.resume(5.0)
    recogniser.feed(SILENCE)
    assert recogniser.position == pytest.approx(7.0)
    recogniser.flush()
    assert recogniser.position == pytest.approx(7.0)
    recogniser.feed(SILENCE)
    assert recogniser.position == pytest.approx(9.0)
    assert recogniser.seconds >= 4.0


def test_partials_grow_while_speech_goes_on_and_never_repeat(model: VoskModel) -> None:
    recogniser = model.recogniser()
    said = sound("en/nobody_here")
    heard: list[Heard] = []
    for begin in range(0, len(said), 1600):
        piece = recogniser.feed(said[begin : begin + 1600])
        assert len([h for h in piece if not h.final]) <= 1
        heard += piece
    partials = [h.text for h in heard if not h.final]
    assert len(partials) >= 2
    assert all(a != b for a, b in pairwise(partials))
    assert all(h.words == () and h.confidence == 0.0 for h in heard if not h.final)


def test_a_partial_is_as_new_as_the_last_piece_of_100_ms(model: VoskModel) -> None:
    said = sound("en/nobody_here")
    recogniser = model.recogniser()
    pieces = [recogniser.feed(said[begin : begin + 1600]) for begin in range(0, len(said), 1600)]
    came = {number for number, heard in enumerate(pieces) if any(not h.final for h in heard)}
    assert {number % 2 for number in came} == {0, 1}, "none waits for the piece after it"


def test_sound_that_waited_gives_one_partial_the_newest(model: VoskModel) -> None:
    said = sound("en/nobody_here")[: RATE * SAMPLE * 3 // 2]
    (heard,) = model.recogniser().feed(said)
    assert not heard.final and heard.end == pytest.approx(1.5)


def test_a_recording_gets_no_partials(model: VoskModel) -> None:
    heard = whole(model.recogniser(partials=False), sound("en/nobody_here"))
    assert heard and all(h.final for h in heard)


def test_silence_is_no_utterance(model: VoskModel) -> None:
    assert whole(model.recogniser(), SILENCE) == []
    assert model.recogniser().flush() == []


def test_a_result_is_as_sure_as_its_words(model: VoskModel) -> None:
    for heard in finals(whole(model.recogniser(), sound("en/nobody_here"))):
        mean = sum(w.confidence for w in heard.words) / len(heard.words)
        assert heard.confidence == pytest.approx(mean, abs=0.001)
        assert 0.0 < heard.confidence <= 1.0
        assert heard.start <= heard.words[0].start and heard.words[-1].end <= heard.end


def test_warming_changes_nothing_that_is_heard_later(model: VoskModel) -> None:
    warmed = model.recogniser(partials=False)
    warm(warmed)
    said = sound("en/nobody_here")
    assert words(whole(warmed, said)) == words(whole(model.recogniser(partials=False), said))


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unloadable, match="Failed to create a model"):
        VoskModel(tmp_path, "zh")


def test_a_speaker_who_ends_at_a_pause_leaves_nothing_to_the_next(model: VoskModel) -> None:
    said = sound("en/nobody_here")
    alone = words(whole(model.recogniser(partials=False), said, at=3.0))
    recogniser = model.recogniser(partials=False)
    recogniser.resume(0.0)
    spoken = sound("ja/lane_full") + SILENCE
    for begin in range(0, len(spoken), 1600):
        if recogniser.feed(spoken[begin : begin + 1600]):
            break
    else:
        pytest.fail("the pause was not taken for the end of the utterance")
    before = recogniser.position
    assert recogniser.flush() == []
    assert recogniser.position == pytest.approx(before)
    assert words(whole(recogniser, said, at=3.0)) == alone != []
