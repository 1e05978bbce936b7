"""A thousand calls over a bad network, on exact time: each ends with the right record."""

from collections import Counter

import pytest

from calls.events import Ended
from calls.reasons import Reason
from tests.helpers.lossy_calls import CALLERS, LossyCity
from tests.helpers.lossy_network import Weather

BAD = Weather(lost=0.1, doubled=0.05, delay=0.03, jitter=0.25)
CALLS = 1000


@pytest.fixture(scope="module", params=[1, 2])
def city(request: pytest.FixtureRequest) -> LossyCity:
    """A city a good hour after the last of a thousand calls."""
    city = LossyCity(request.param, BAD)
    city.live(CALLS)
    return city


def test_every_call_has_one_record_and_one_end(city: LossyCity) -> None:
    records = city.records()
    assert set(records) == set(city.dialled)
    assert {len(found) for found in records.values()} == {1}
    ends = Counter(fact.call for fact in city.board.facts if isinstance(fact, Ended))
    assert len(ends) == CALLS
    assert set(ends.values()) == {1}


def test_every_call_ends_for_the_reason_that_it_had(city: LossyCity) -> None:
    for call_id, (record,) in city.records().items():
        assert record.reason in city.dialled[call_id].right, record


def test_what_the_caller_was_told_is_what_is_on_record(city: LossyCity) -> None:
    records = city.records()
    reasons = Counter[tuple[str, Reason | None]]()
    for leg, told in city.heard.items():
        (record,) = records[city.legs[leg]]
        reasons[told, record.reason] += 1
    assert set(reasons) == {
        ("answered", Reason.HUNG_UP_IN_MENU),
        ("answered", Reason.NO_ACK),
        ("answered", Reason.NO_REFRESH),
        ("404", Reason.UNKNOWN_NUMBER),
        ("488", Reason.NO_COMMON_CODEC),
    }
    cancelled = sum(record.reason is Reason.CANCELLED for (record,) in records.values())
    assert min(cancelled, *reasons.values()) > CALLS // len(CALLERS) // 4


def test_nothing_is_left_over(city: LossyCity) -> None:
    assert (city.board.control.calls, city.board.control.up()) == ({}, 0)
    left = {name: (stack.legs(), stack.transactions()) for name, stack in city.stacks.items()}
    assert left.pop("hotline") == (0, 0)
    assert city.board.control.stack.counters["resent"] > CALLS // 10, "the network was bad"
