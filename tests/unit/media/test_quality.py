"""The E-model's figures, and where the round trip comes from."""

import pytest

from media import quality, rtcp
from media.reporting import Reports
from media.rtp import Reception


@pytest.mark.parametrize(
    ("rating", "score"), [(93.2, 4.41), (90, 4.34), (80, 4.03), (70, 3.60), (60, 3.10), (50, 2.58)]
)
def test_a_rating_has_the_score_of_the_recommendations_table(rating: float, score: float) -> None:
    assert quality.opinion(rating) == pytest.approx(score, abs=0.01)


def test_no_rating_leaves_the_scale() -> None:
    scores = [quality.opinion(rating) for rating in range(-50, 150)]
    assert min(scores) == 1.0 and max(scores) == 4.5
    assert scores == sorted(scores)


def test_loss_and_delay_lower_the_score_and_silence_has_none() -> None:
    clean = quality.mos(1000, 0, None)
    some, many = quality.mos(990, 10, 0.02), quality.mos(900, 100, 0.02)
    far = quality.mos(1000, 0, 0.6)
    assert clean is not None and some is not None and many is not None and far is not None
    assert 4.3 < clean < 4.41 and clean > some > many > 1 and clean - far > 0.5
    assert quality.mos(0, 0, None) is None


def test_the_round_trip_is_what_passed_less_what_the_peer_waited() -> None:
    ours, peers = Reports(1), Reports(2)
    reception = Reception()
    reception.take(1, 1, 0, 0.0)
    sent = rtcp.Sent(1000.0, 0, 1, 160)
    peers.hear(ours.build(Reception(), sent, 1000.0, False), 1000.05)
    assert ours.round_trip is None
    ours.hear(peers.build(reception, None, 1003.05, False), 1003.12)
    assert ours.round_trip == pytest.approx(0.12, abs=0.001)


def test_a_report_that_cannot_be_true_says_nothing_of_the_round_trip() -> None:
    ours = Reports(1)
    middle = rtcp.middle(1000.0)
    for block in (
        rtcp.Block(1, 0, 0, 0, 0, 0, 0),  # none of ours came yet
        rtcp.Block(1, 0, 0, 0, 0, middle, 9 * 65536),  # waited longer than what passed
        rtcp.Block(5, 0, 0, 0, 0, middle, 0),  # of another stream
    ):
        ours.hear(rtcp.build(rtcp.Report(2, None, (block,)), "peer"), 1000.1)
    assert ours.round_trip is None
