"""What we cost beside others, in the same minutes: short stretches in turns on one core.

    ./hotline bench beside                     all of it, some five minutes
    ./hotline bench beside sip --rate 300 --seconds 5 --rounds 3
    ./hotline bench beside bridge play --calls 50 --json

sip      the engine, its stack alone, and aiosipua (in `.venv-peers`, or HOTLINE_PEERS)
bridge   pairs of legs: our media worker, bare Python, rtpengine (Debian: rtpengine-daemon)
ivr      whole calls, a prompt out and the caller recorded: the engine, aiosipua with aiortp
play     a prompt to each leg and its voice received: our media worker, bare Python, aiortp

Prints a table for each and one line of JSON with all of it; with --json only that. Ratios are
those of medians, and of each round; stretches in which something failed are left out of medians
if others are whole. Who is not installed is named, and the rest goes on. CPU is user and system
time of the servers' processes; the load is made off their core. `loop_ms` and `wake_us`: a fixed
loop of Python, and waking after 2 ms to pass one datagram, on that core.
"""

import argparse
import json
import os
import signal
import sys
from contextlib import nullcontext
from functools import partial
from typing import Any

from bench import beside_ivr, beside_sip, beside_voice
from bench.turns import compared, in_turns, machine, off_core, text

HEADINGS = {
    "sip": ("signalling", "a call"),
    "ivr": ("a prompt out, the caller recorded, whole calls", "a call-second"),
    "bridge": ("bridged calls", "a call-second (two legs)"),
    "play": ("a prompt out, a voice in", "a call-second (one leg)"),
}


def measured(subject: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Give one subject its turns."""
    speed = partial(machine, asked.core)
    voice = beside_voice.Asked(asked.calls, asked.seconds, asked.core)
    entered = {
        "sip": lambda: beside_sip.signalling(
            beside_sip.Asked(asked.rate, asked.seconds, asked.core)
        ),
        "ivr": lambda: beside_ivr.called(voice),
        "bridge": lambda: nullcontext(beside_voice.bridged(voice)),
        "play": lambda: nullcontext(beside_voice.prompted(voice)),
    }[subject]
    with entered() as (contestants, absent):
        turns = in_turns(contestants, asked.rounds, speed)
    return compared(turns, speed()) | {"absent": absent}


def read(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="./hotline bench beside", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("subjects", nargs="*", help=" ".join(HEADINGS))
    parser.add_argument("--rate", type=int, default=300, help="sip: calls a second")
    parser.add_argument(
        "--calls", type=int, default=50, help="bridge: of two legs; ivr, play: as many legs"
    )
    parser.add_argument("--seconds", type=int, default=5, help="of one stretch")
    parser.add_argument("--rounds", type=int, default=3, help="stretches of each")
    parser.add_argument("--core", type=int, default=0, help="the one that all servers run on")
    parser.add_argument("--json", action="store_true", help="one line of JSON, no tables")
    asked = parser.parse_args(words)
    asked.subjects = asked.subjects or list(HEADINGS)
    if unknown := set(asked.subjects) - set(HEADINGS):
        parser.error(f"{' '.join(sorted(unknown))}: not among {', '.join(HEADINGS)}")
    if asked.core not in os.sched_getaffinity(0):
        parser.error(f"--core {asked.core}: not a core that we may use")
    if min(asked.rate, asked.calls, asked.seconds, asked.rounds) < 1:
        parser.error("--rate, --calls, --seconds and --rounds begin at 1")
    asked.calls, asked.seconds = min(asked.calls, 200), min(asked.seconds, 60)
    asked.rounds = min(asked.rounds, 20)
    return asked


def main() -> int:
    """Measure what is asked for, print."""
    asked = read()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # servers end with us
    found: dict[str, Any] = {
        name: getattr(asked, name) for name in ("rate", "calls", "seconds", "rounds", "core")
    }
    with off_core(asked.core):
        for subject in asked.subjects:
            figures = found[subject] = measured(subject, asked)
            if not asked.json:
                print(text(figures, *HEADINGS[subject]), flush=True)
    found["load_1min"] = round(os.getloadavg()[0], 2)
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
