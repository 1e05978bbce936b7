"""The timetable, the lateness, the prompts."""

import pytest

from media import g711, playout
from media.playout import Lateness, PromptShelf, Timetable


def test_slots_are_due_against_the_start_however_late_they_are_taken() -> None:
    timetable = Timetable(100.0, slots=4)
    dues = [timetable.take() for _ in range(9)]
    assert dues == pytest.approx([100.0 + n * 0.005 for n in range(9)])
    assert timetable.next == pytest.approx(100.045)


def test_a_short_delay_is_caught_up_and_a_long_one_is_left_out_in_whole_rounds() -> None:
    timetable = Timetable(0.0)
    assert timetable.skip(0.11) == 0
    assert timetable.skip(1.005) == 50
    assert timetable.take() == pytest.approx(1.0)
    assert timetable.next == pytest.approx(1.0 + 0.02 / playout.SLOTS)


def test_lateness_is_known_within_nine_per_cent() -> None:
    lateness = Lateness()
    for n in range(1, 101):
        lateness.add(n / 1000)
    assert lateness.percentile(0.5) == pytest.approx(0.050, rel=0.1)
    assert lateness.percentile(0.99) == pytest.approx(0.099, rel=0.1)
    assert lateness.percentile(1.0) == pytest.approx(0.100, rel=0.1)


def test_lateness_since_a_moment_forgets_what_was_before() -> None:
    lateness = Lateness()
    lateness.add(5.0, 10)
    before = lateness.so_far()
    assert lateness.percentile(1.0, before) == 0.0
    lateness.add(0.001, 10)
    assert lateness.percentile(1.0, before) == pytest.approx(0.001, rel=0.1)


def test_no_delay_is_beyond_the_histogram() -> None:
    lateness = Lateness()
    lateness.add(-1.0)
    lateness.add(100000.0)
    assert lateness.percentile(0.5) < 0.001
    assert lateness.percentile(1.0) > 20


A, B = [b"a1", b"a2"], [b"b1"]


def test_prompts_play_one_after_the_other_and_end() -> None:
    assert list(playout.voice([A, B], loop=False)) == [b"a1", b"a2", b"b1"]


def test_music_begins_again_and_shares_its_frames() -> None:
    music = playout.voice([A, B], loop=True)
    played = [next(music) for _ in range(7)]
    assert played == [b"a1", b"a2", b"b1", b"a1", b"a2", b"b1", b"a1"]
    assert played[0] is A[0]


def test_silence_is_of_the_codec() -> None:
    assert next(playout.silence("PCMU")) is g711.SILENCE["PCMU"]


def test_long_silence_is_a_sign_of_life_five_times_a_second() -> None:
    quiet = playout.silence("PCMA")
    assert all(next(quiet) for _ in range(25)), "half a second is sent whole"
    assert [bool(next(quiet)) for _ in range(50)] == ([False] * 9 + [True]) * 5


def test_a_shelf_keeps_prompts_by_codec() -> None:
    shelf = PromptShelf()
    shelf.put("/a.wav", "PCMA", A)
    assert shelf.take("/a.wav", "PCMA") is A
    assert shelf.take("/a.wav", "PCMU") is None


def test_a_full_shelf_drops_what_was_longest_unused() -> None:
    shelf = PromptShelf(most=900)  # two prompts of two frames
    for path in ("/a", "/b"):
        shelf.put(path, "PCMA", A)
    assert shelf.take("/a", "PCMA")
    shelf.put("/c", "PCMA", A)
    assert [bool(shelf.take(path, "PCMA")) for path in ("/a", "/b", "/c")] == [True, False, True]


def test_a_prompt_read_again_takes_the_place_of_the_old_one() -> None:
    shelf = PromptShelf(most=900)
    for _ in range(10):
        shelf.put("/a", "PCMA", A)
    shelf.put("/b", "PCMA", B)
    assert shelf.take("/a", "PCMA") is A


def test_legs_share_a_slot_until_it_is_crowded_and_then_begin_one_half_way() -> None:
    crowd = playout.CROWD
    assert playout.seat([0, 0, 0, 0]) == 0
    assert playout.seat([crowd - 1, 0, 0, 0]) == 0
    assert playout.seat([crowd, 0, 0, 0]) == 2
    assert playout.seat([crowd, 0, crowd, 0]) == 1
    assert playout.seat([5, 0, 90, 7]) == 2, "slots that calls have left fall empty"
    assert playout.seat([crowd + 9, crowd + 3, crowd + 2, crowd + 5]) == 2


def test_the_slots_ahead_are_known() -> None:
    timetable = Timetable(10.0)
    assert timetable.until(0) == timetable.next == 10.0
    assert timetable.until(3) == pytest.approx(10.0 + 3 * 0.02 / playout.SLOTS)
