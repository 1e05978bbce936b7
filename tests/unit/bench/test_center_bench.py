"""What the load of a whole call centre reads from its phones' log."""

from bench.center_bench import answers


def test_an_agent_who_hung_up_at_once_is_no_answer_that_a_talk_followed() -> None:
    log = [
        "answered 30000 100 500000",
        "answered 30004 100 600000",
        "hasty 30000",
        "answered 30000 107 0",
    ]
    assert answers(log) == [(30004, 100.6), (30000, 107.0)]
