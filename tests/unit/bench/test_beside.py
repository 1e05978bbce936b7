"""Stretches in turns: what is made of them, who may be missing, and rtpengine's words."""

import json
import os
import subprocess
import sys
from socket import AF_INET, SOCK_DGRAM, socket

import pytest

from bench import beside, beside_sip, beside_voice
from bench.peers.ng import Control, Refused, bdecoded, bencoded, described, voice_port
from bench.turns import Carried, Turn, compared, in_turns, machine, on_core, text
from tests.helpers.serving import ROOT


def turn(who: str, cpu: float, loop: float = 20.0) -> Turn:
    return Turn(who, Carried({"answers": cpu}, 1000, {"failed": 1}), {"loop_ms": loop})


def test_contestants_take_turns_round_by_round() -> None:
    went: list[str] = []

    def stretch(who: str) -> Carried:
        went.append(who)
        return Carried({"answers": 1.0}, 1)

    loops = iter([10.0, 11.0, 12.0, 13.0])
    contestants = {"ours": lambda: stretch("ours"), "theirs": lambda: stretch("theirs")}
    turns = in_turns(contestants, 2, lambda: {"loop_ms": next(loops)})
    assert went == ["ours", "theirs", "ours", "theirs"] == [each.who for each in turns]
    assert [each.speed["loop_ms"] for each in turns] == [10.0, 11.0, 12.0, 13.0]


def test_a_stretch_in_which_nothing_came_through_ends_it_by_name() -> None:
    with pytest.raises(SystemExit, match=r"theirs: nothing came through.*'failed': 7"):
        in_turns({"theirs": lambda: Carried({"answers": 1.0}, 0, {"failed": 7})}, 1, dict)


def test_the_ratio_is_that_of_medians_and_of_each_round() -> None:
    cpu = {"ours": (2.0, 4.0, 3.0), "theirs": (1.0, 1.0, 2.0)}
    turns = [turn(who, cpu[who][n], 20.0 + n) for n in range(3) for who in cpu]
    found = compared(turns, {"loop_ms": 30.0})
    assert found["ms_of_cpu"]["ours"] == {"median": 3.0, "each": [2.0, 4.0, 3.0], "failed": 3}
    assert found["ours_to"] == {"theirs": {"ratio": 3.0, "by_round": [2.0, 4.0, 1.5]}}
    assert found["machine"] == {"loop_ms": {"before": 20.0, "meanwhile": 21.0, "after": 30.0}}


def test_a_stretch_in_which_something_failed_counts_only_if_none_was_whole() -> None:
    def row(*stretches: tuple[float, int]) -> list[Turn]:
        return [Turn("ours", Carried({"it": c}, 1000, {"failed": f}), {}) for c, f in stretches]

    def middle(turns: list[Turn]) -> float:
        return float(compared(turns, {})["ms_of_cpu"]["ours"]["median"])

    assert middle(row((2.0, 0), (9.0, 3), (4.0, 0))) == 3.0
    assert middle(row((2.0, 1), (9.0, 3), (4.0, 1))) == 4.0


def test_processes_of_one_contestant_are_told_apart() -> None:
    both = Carried({"engine": 1.5, "media worker": 0.5}, 1000)
    row = compared([Turn("ours", both, {})], {})["ms_of_cpu"]["ours"]
    assert row["median"] == 2.0
    assert row["of_it"] == {"engine": 1.5, "media worker": 0.5}


def test_the_table_names_costs_ratios_the_loop_and_who_is_absent() -> None:
    found = compared([turn("ours", 3.0), turn("theirs", 2.0)], {"loop_ms": 25.0})
    told = text(found | {"absent": {"rtpengine": "rtpengine is not installed"}}, "calls", "a call")
    assert [" ".join(line.split()) for line in told.splitlines()] == [
        "calls: ms of CPU a call, stretches in turns",
        "ours 3.000 (3.000) failed 1",
        "theirs 2.000 (2.000) failed 1",
        "ours / theirs 1.50 (1.50)",
        "loop_ms: before 20.0, meanwhile 20.0, after 25.0",
        "rtpengine is not installed",
    ]


def test_the_machine_is_timed_on_its_core_and_the_others_are_ours_again() -> None:
    ours = os.sched_getaffinity(0)
    with on_core(min(ours)):
        assert os.sched_getaffinity(0) == {min(ours)}
    assert min(machine(min(ours)).values()) > 0
    assert os.sched_getaffinity(0) == ours


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["music"], "music: not among sip, ivr, bridge, play"),
        (["--core", "4096"], "--core 4096: not a core that we may use"),
        (["--rounds", "0"], "begin at 1"),
    ],
)
def test_what_cannot_be_measured_is_said(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        beside.read(words)
    assert why in capsys.readouterr().err


def test_without_words_all_is_measured() -> None:
    core = str(min(os.sched_getaffinity(0)))
    assert beside.read(["--core", core]).subjects == ["sip", "ivr", "bridge", "play"]


def test_without_rtpengine_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    contestants, absent = beside_voice.bridged(beside_voice.Asked())
    assert list(contestants) == ["ours", "bare Python", "bare Python, 20 ms"]
    assert "rtpengine-daemon" in absent["rtpengine"]


def test_a_program_that_does_not_start_is_named() -> None:
    with (
        pytest.raises(SystemExit, match="nobody_there did not start"),
        beside_sip.answering([sys.executable, "-m", "nobody_there"], None),
    ):
        pytest.fail("it started")


@pytest.mark.parametrize("pause", ["0", "0.02"])
def test_plain_python_passes_on_both_ways(pause: str) -> None:
    with socket(AF_INET, SOCK_DGRAM) as left, socket(AF_INET, SOCK_DGRAM) as right:
        for end in (left, right):
            end.bind(("127.0.0.1", 0))
            end.settimeout(30)
        ports = [str(end.getsockname()[1]) for end in (left, right)]
        relay = subprocess.Popen(
            [sys.executable, "-m", "bench.peers.floor", "relay", pause, *ports],
            cwd=ROOT, stdout=subprocess.PIPE,
        )  # fmt: skip
        with relay:
            assert relay.stdout is not None
            to_left, to_right = json.loads(relay.stdout.readline())
            left.sendto(b"from the left", ("127.0.0.1", to_left))
            right.sendto(b"from the right", ("127.0.0.1", to_right))
            heard = (left.recv(100), right.recv(100))
            relay.kill()
    assert heard == (b"from the right", b"from the left")


def test_what_is_bencoded_is_read_again() -> None:
    words = {"command": "offer", "replace": ["origin", "市民"], "port": 7, "more": {"a": "b"}}
    assert bencoded({"b": [1, "x"], "a": "y"}) == b"d1:a1:y1:bli1e1:xee"
    assert bdecoded(bencoded(words)) == (words, len(bencoded(words)))


@pytest.mark.parametrize("broken", [b"", b"i7", b"d1:a", b"li1e", b"9"])
def test_what_is_not_bencoded_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError):
        bdecoded(broken)


def test_a_refusal_of_rtpengine_says_why() -> None:
    answer = bencoded({"result": "error", "error-reason": "Unknown call-id"})
    with pytest.raises(Refused, match="Unknown call-id"):
        Control._read(answer)
    assert voice_port(described(40_000)) == 40_000
