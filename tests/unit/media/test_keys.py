"""Keys by RFC 4733: once a press, whatever is lost."""

import pytest

from media import dtmf

RANGE = 1 << 32


def press(key: str, ends: int = 3, upto: int = 800) -> list[bytes]:
    packets = [dtmf.build(key, duration) for duration in range(160, upto, 160)]
    return packets + [dtmf.build(key, upto, end=True)] * ends


def heard(presses: dtmf.KeyPresses, timestamp: int, packets: list[bytes]) -> list[str]:
    events = [dtmf.parse(packet) for packet in packets]
    keys = [presses.hear(timestamp % RANGE, event) for event in events if event]
    return [key for key in keys if key]


def test_every_key_is_read_as_it_was_written() -> None:
    for key in dtmf.KEYS:
        event = dtmf.parse(dtmf.build(key, 1600, end=True))
        assert event == dtmf.TelephoneEvent(key, True, 1600)


@pytest.mark.parametrize(
    "payload", [b"", b"\x05\x0a\x00", b"\x10\x0a\x00\xa0", b"\xff\x8a\x00\xa0"]
)
def test_what_is_no_key_is_none(payload: bytes) -> None:
    assert dtmf.parse(payload) is None


def test_a_press_of_many_packets_is_one_key_at_the_first_of_them() -> None:
    presses = dtmf.KeyPresses()
    packets = press("5")
    assert heard(presses, 1000, packets[:1]) == ["5"]
    assert heard(presses, 1000, packets[1:]) == []


@pytest.mark.parametrize("lost", [slice(0, 3), slice(-3, None), slice(1, None), slice(0, -1)])
def test_lost_packets_neither_lose_nor_double_a_key(lost: slice) -> None:
    presses = dtmf.KeyPresses()
    packets = press("7")
    del packets[lost]
    assert heard(presses, 1000, packets) == ["7"]
    assert heard(presses, 5000, press("7")) == ["7"]


def test_the_same_key_twice_is_two_keys() -> None:
    presses = dtmf.KeyPresses()
    assert heard(presses, 1000, press("1")) + heard(presses, 3000, press("1")) == ["1", "1"]


def test_an_end_that_was_overtaken_by_the_next_press_is_not_a_key() -> None:
    presses = dtmf.KeyPresses()
    assert heard(presses, 1000, press("1", ends=1)) == ["1"]
    assert heard(presses, 3000, press("2")[:1]) == ["2"]
    assert heard(presses, 1000, press("1")[-1:]) == []
    assert heard(presses, 3000, press("2")[1:]) == []


@pytest.mark.parametrize("begin", [1000, RANGE - 30000])
def test_a_press_longer_than_an_event_can_be_is_one_key(begin: int) -> None:
    presses = dtmf.KeyPresses()
    long = [dtmf.build("3", duration) for duration in range(160, 65535, 160)]
    long.append(dtmf.build("3", 65535))
    assert heard(presses, begin, long) == ["3"]
    assert heard(presses, begin + 65535, press("3")) == []
    assert heard(presses, begin + 80000, press("3")) == ["3"]


def test_another_key_or_an_ended_press_just_as_late_is_a_new_key() -> None:
    presses = dtmf.KeyPresses()
    assert heard(presses, 0, [dtmf.build("3", 65535)]) == ["3"]
    assert heard(presses, 65535, press("4")) == ["4"]
    ended = dtmf.KeyPresses()
    assert heard(ended, 0, [dtmf.build("3", 65535), dtmf.build("3", 65535, end=True)]) == ["3"]
    assert heard(ended, 65535, press("3")) == ["3"]


def test_a_sender_that_turns_its_clock_back_is_still_heard() -> None:
    presses = dtmf.KeyPresses()
    assert heard(presses, 4_000_000, press("1")) == ["1"]
    assert heard(presses, 1000, press("2")) == ["2"]


def test_another_source_begins_anew() -> None:
    presses = dtmf.KeyPresses()
    assert heard(presses, 1000, press("1")) == ["1"]
    presses.forget()
    assert heard(presses, 1000, press("1")) == ["1"]
