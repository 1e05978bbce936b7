"""Every way through the shipped flow, to the tenth of a second."""

from pathlib import Path

import pytest

from calls.ids import Language
from config.reader import read
from ivr.flow import Flow
from tests.helpers.walking import Step, Telephone

SITE = Path(__file__).parents[3] / "config" / "site"


@pytest.fixture(scope="module")
def main() -> Flow:
    return read(SITE).flows["main"]


def call(flow: Flow, *script: Step, until: float, **refusing: str) -> list[str]:
    return Telephone(flow, refusing).call(script, until)


GREETED = ["0 at greeting", "0 play greeting"]


def test_silence_reaches_a_person_three_seconds_after_the_greeting(main: Flow) -> None:
    assert call(main, until=60.0) == [
        *GREETED,
        "13 at general",
        "13 join general",
        "13 play connecting",
        "15 loop music",
    ]


def test_zero_reaches_a_person_in_the_middle_of_the_greeting(main: Flow) -> None:
    assert call(main, (1.2, "key 0"), until=4.0) == [
        *GREETED,
        "1.2 key 0",
        "1.2 hush",
        "1.2 at general",
        "1.2 join general",
        "1.2 play connecting",
        "3.2 loop music",
    ]


def test_the_matter_is_said_after_the_beep_and_ended_with_the_hash_key(main: Flow) -> None:
    said = call(main, (11.0, "key 1"), (16.0, "speaks"), (21.5, "key #"), until=60.0)
    assert said == [
        *GREETED,
        "11 key 1",
        "11 at matter",
        "11 watch 3",
        "11 play order_star say_matter beep",
        "15.5 listen 3",
        "21.5 key #",
        "21.5 heard by key",
        "21.5 unwatch",
        "21.5 at recorded",
        "21.5 play recorded",
        "23.5 end message_left",
    ]


def test_three_seconds_of_quiet_end_the_matter(main: Flow) -> None:
    said = call(main, (1.0, "key 1"), (6.0, "speaks"), (15.0, "quiet"), until=60.0)
    assert said[-6:] == [
        "5.5 listen 3",
        "15 heard by silence",
        "15 unwatch",
        "15 at recorded",
        "15 play recorded",
        "17 end message_left",
    ]


def test_the_matter_ends_after_ninety_seconds(main: Flow) -> None:
    said = call(main, (1.0, "key 1"), (6.0, "speaks"), until=120.0)
    assert said[-5:] == [
        "95.5 heard by limit",
        "95.5 unwatch",
        "95.5 at recorded",
        "95.5 play recorded",
        "97.5 end message_left",
    ]


def test_who_begins_to_speak_during_the_prompt_is_listened_to_at_once(main: Flow) -> None:
    said = call(main, (1.0, "key 1"), (2.0, "speaks"), (9.0, "quiet"), until=12.0)
    assert said[4:] == [
        "1 at matter",
        "1 watch 3",
        "1 play order_star say_matter beep",
        "2 hush",
        "2 listen 3",
        "9 heard by silence",
        "9 unwatch",
        "9 at recorded",
        "9 play recorded",
        "11 end message_left",
    ]


def test_a_mere_hello_is_no_matter_and_reaches_a_person(main: Flow) -> None:
    said = call(main, (1.0, "key 1"), (2.0, "speaks"), (5.5, "quiet"), until=5.5)
    assert said[-5:] == [
        "5.5 heard by silence",
        "5.5 unwatch",
        "5.5 at general",
        "5.5 join general",
        "5.5 play connecting",
    ]


def test_who_says_nothing_reaches_a_person(main: Flow) -> None:
    said = call(main, (1.0, "key 1"), until=11.5)
    assert said[-5:] == [
        "11.5 heard by silence",
        "11.5 unwatch",
        "11.5 at general",
        "11.5 join general",
        "11.5 play connecting",
    ]


def test_zero_reaches_a_person_while_the_matter_is_said(main: Flow) -> None:
    said = call(main, (1.0, "key 1"), (5.0, "speaks"), (6.0, "key 0"), until=6.0)
    assert said[-6:] == [
        "6 key 0",
        "6 heard by key",
        "6 unwatch",
        "6 at general",
        "6 join general",
        "6 play connecting",
    ]


def test_other_keys_do_not_disturb_who_speaks(main: Flow) -> None:
    said = call(main, (1.0, "key 1"), (5.0, "speaks"), (6.0, "key 5"), until=6.0)
    assert said[-1] == "6 key 5 unknown"


@pytest.mark.parametrize(
    ("key", "lane"),
    [("2", "medical"), ("4", "ticketing"), ("5", "business"), ("6", "talent"), ("7", "government")],
)
class TestExpertLanes:
    def test_a_key_leads_to_its_lane(self, main: Flow, key: str, lane: str) -> None:
        assert call(main, (1.0, f"key {key}"), until=4.0)[4:] == [
            f"1 at {lane}",
            f"1 join {lane}",
            "1 play connecting",
            "3 loop music",
        ]

    def test_outside_its_hours_the_lane_gives_way_to_a_person(
        self, main: Flow, key: str, lane: str
    ) -> None:
        said = call(main, (1.0, f"key {key}"), until=10.0, **{lane: "closed"})
        assert said[4:] == [
            f"1 at {lane}",
            f"1 join {lane}",
            "1 hush",
            "1 at closed",
            "1 play lane_closed",
            "3 at general_at_once",
            "3 join general",
            "3 loop music",
        ]

    def test_with_nobody_in_the_lane_a_person_takes_the_call(
        self, main: Flow, key: str, lane: str
    ) -> None:
        said = call(main, (1.0, f"key {key}"), until=1.0, **{lane: "nobody"})
        assert said[-3:] == ["1 at general", "1 join general", "1 play connecting"]


def test_with_nobody_anywhere_a_message_is_left(main: Flow) -> None:
    script = [(1.0, "key 5"), (4.0, "speaks"), (9.0, "key #")]
    said = call(main, *script, until=20.0, business="closed", general="nobody")
    assert said[8:] == [
        "1 play lane_closed",
        "3 at general_at_once",
        "3 join general",
        "3 hush",
        "3 at nobody",
        "3 play nobody_here",
        "5 at message",
        "5 watch 3",
        "5 play beep",
        "5.5 listen 3",
        "9 key #",
        "9 heard by key",
        "9 unwatch",
        "9 at recorded",
        "9 play recorded",
        "11 end message_left",
    ]


def test_a_lane_that_is_full_asks_for_a_message(main: Flow) -> None:
    said = call(main, (1.0, "key 0"), until=3.5, general="full")
    assert [line.split(" ", 1)[1] for line in said[4:]] == [
        "at general",
        "join general",
        "hush",
        "at too_busy",
        "play lane_full",
        "at message",
        "watch 3",
        "play beep",
        "listen 3",
    ]


def test_too_long_a_wait_asks_for_a_message(main: Flow) -> None:
    said = call(main, (1.0, "key 0"), (601.0, "late"), until=604.0)
    assert said[-7:] == [
        "601 hush",
        "601 at too_busy",
        "601 play lane_full",
        "603 at message",
        "603 watch 3",
        "603 play beep",
        "603.5 listen 3",
    ]


def test_when_the_last_agent_goes_those_who_wait_may_leave_a_message(main: Flow) -> None:
    said = call(main, (1.0, "key 0"), (31.0, "gone"), until=33.5)
    assert said[-7:] == [
        "31 hush",
        "31 at nobody",
        "31 play nobody_here",
        "33 at message",
        "33 watch 3",
        "33 play beep",
        "33.5 listen 3",
    ]


def test_who_stays_silent_at_the_message_is_asked_once_more_and_then_let_go(main: Flow) -> None:
    said = call(main, (1.0, "key 0"), until=60.0, general="nobody")
    assert said[-12:] == [
        "3.5 listen 3",
        "9.5 heard by silence",
        "9.5 unwatch",
        "9.5 at leave_message",
        "9.5 watch 3",
        "9.5 play say_matter beep",
        "12 listen 3",
        "18 heard by silence",
        "18 unwatch",
        "18 at goodbye",
        "18 play goodbye",
        "20 end completed",
    ]


def test_who_waits_hears_the_wait_every_time_and_then_music_again(main: Flow) -> None:
    said = call(main, (1.0, "key 0"), (33.0, "wait 130"), (63.0, "wait ?"), until=70.0)
    assert said[-5:] == [
        "3 loop music",
        "33 play wait_3 press_1_to_leave",
        "37 loop music",
        "63 play busy_wait press_1_to_leave",
        "67 loop music",
    ]


def test_no_wait_is_told_over_the_first_words(main: Flow) -> None:
    assert call(main, (1.0, "key 0"), (2.0, "wait 130"), until=2.0)[-1] == "1 play connecting"


def test_key_one_leaves_the_lane_for_a_message(main: Flow) -> None:
    said = call(main, (1.0, "key 0"), (40.0, "key 1"), until=43.0)
    assert said[-7:] == [
        "40 key 1",
        "40 leave by key",
        "40 hush",
        "40 at leave_message",
        "40 watch 3",
        "40 play say_matter beep",
        "42.5 listen 3",
    ]


def test_an_agent_who_answers_ends_the_walk(main: Flow) -> None:
    phone = Telephone(main)
    said = phone.call([(1.0, "key 0"), (9.0, "agent"), (10.0, "key 1"), (11.0, "agent")], 99.0)
    assert said[-2:] == ["3 loop music", "9 hush"]
    assert phone.walk.over
    assert phone.walk.next_deadline() is None


class TestCounselling:
    def test_begins_with_someone_being_there_at_once(self, main: Flow) -> None:
        assert call(main, (1.0, "key 3"), until=4.0)[4:] == [
            "1 at counselling",
            "1 join counselling",
            "1 play crisis_hold",
            "3 loop music",
        ]

    def test_is_never_dropped_however_long_it_waits(self, main: Flow) -> None:
        said = call(main, (1.0, "key 3"), (3600.0, "late"), until=3600.0)
        assert said[-4:] == [
            "3600 hush",
            "3600 at counselling",
            "3600 join counselling",
            "3600 play crisis_hold",
        ]

    @pytest.mark.parametrize("why", ["full", "nobody"])
    def test_goes_to_any_person_when_no_counsellor_is_there(self, main: Flow, why: str) -> None:
        said = call(main, (1.0, "key 3"), until=1.0, counselling=why)
        assert said[-3:] == ["1 at general", "1 join general", "1 play connecting"]


@pytest.mark.parametrize(
    ("key", "lane", "language"),
    [("8", "english", "en"), ("9", "korean", "ko"), ("*", "japanese", "ja")],
)
class TestForeignLanguages:
    def test_are_asked_briefly_in_their_language_and_reach_its_lane(
        self, main: Flow, key: str, lane: str, language: str
    ) -> None:
        phone = Telephone(main)
        said = phone.call([(2.0, f"key {key}"), (7.0, "speaks"), (12.0, "quiet")], 15.0)
        assert phone.walk.language == language
        assert said[2:] == [
            f"2 key {key}",
            "2 hush",
            f"2 at to_{lane}",
            f"2 language {language}",
            f"2 at say_{lane}",
            "2 watch 3",
            "2 play order_star say_matter_short beep",
            "6.5 listen 3",
            "12 heard by silence",
            "12 unwatch",
            f"12 at {lane}",
            f"12 join {lane}",
            "12 play connecting",
            "14 loop music",
        ]

    def test_reach_the_lane_after_thirty_seconds_of_speech(
        self, main: Flow, key: str, lane: str, language: str
    ) -> None:
        said = call(main, (2.0, f"key {key}"), (7.0, "speaks"), until=36.5)
        assert said[-5] == "36.5 heard by limit"
        assert said[-2] == f"36.5 join {lane}"

    @pytest.mark.parametrize("pressed", ["#", "0"])
    def test_reach_the_lane_by_a_key_without_waiting_for_the_beep(
        self, main: Flow, key: str, lane: str, language: str, pressed: str
    ) -> None:
        said = call(main, (2.0, f"key {key}"), (3.0, f"key {pressed}"), until=3.0)
        assert said[-6:] == [
            f"3 key {pressed}",
            "3 hush",
            "3 unwatch",
            f"3 at {lane}",
            f"3 join {lane}",
            "3 play connecting",
        ]

    def test_leave_a_message_when_nobody_speaks_the_language(
        self, main: Flow, key: str, lane: str, language: str
    ) -> None:
        said = call(main, (2.0, f"key {key}"), (3.0, "key #"), until=3.0, **{lane: "nobody"})
        assert said[-2:] == ["3 at nobody", "3 play nobody_here"]


class TestWrongKeys:
    def test_get_two_different_words_and_then_a_person(self, main: Flow) -> None:
        said = call(main, (1.0, "key #"), (4.0, "key #"), (5.0, "key #"), until=5.0)
        assert said[2:] == [
            "1 key # unknown",
            "1 hush",
            "1 play no_match",
            "4 key # unknown",
            "4 play no_match_again",
            "5 key # unknown",
            "5 hush",
            "5 at general",
            "5 join general",
            "5 play connecting",
        ]

    def test_leave_three_seconds_to_choose_again(self, main: Flow) -> None:
        said = call(main, (1.0, "key #"), (5.9, "key 5"), until=5.9)
        assert said[-3] == "5.9 at business"
        assert "6 at general" in call(main, (1.0, "key #"), until=6.0)


def test_a_slow_tick_fires_what_was_due_and_nothing_twice(main: Flow) -> None:
    phone = Telephone(main)
    phone.walk.begin(0.0)
    phone.walk.prompt_finished(10.0)
    assert phone.walk.next_deadline() == 13.0
    assert phone.walk.tick(12.9) == []
    assert phone.walk.tick(20.0) != []
    assert phone.walk.tick(20.0) == []


def abroad(flow: Flow, *keys: str, language: Language = "en") -> list[str]:
    """Say the matter in a language that the model heard, then press keys or wait."""
    phone = Telephone(flow, {})
    phone.walk.other_language = language
    pressed = [(24.0, f"key {key}") for key in keys]
    return phone.call([(11.0, "key 1"), (16.0, "speaks"), (21.5, "key #"), *pressed], 90.0)


@pytest.mark.parametrize("language", ["en", "ko", "ja"])
def test_who_left_a_message_in_another_language_is_asked_in_it_for_an_agent(
    main: Flow, language: Language
) -> None:
    said = abroad(main, language=language)
    lane = {"en": "english", "ko": "korean", "ja": "japanese"}[language]
    assert f"21.5 at ask_{lane}" in said and "21.5 play offer_agent" in said
    assert any(line.endswith(f"join {lane}") for line in said)
    assert f"24 join {lane}" in abroad(main, "1", language=language)
    assert f"24 join {lane}" in abroad(main, "0", language=language)


def test_who_wants_no_agent_is_recorded_as_ever(main: Flow) -> None:
    said = abroad(main, "2")
    assert "24 at recorded" in said and not any(" join " in line for line in said)
