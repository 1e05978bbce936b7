"""What those who build the house run: its tests, its checks, its measurements."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

BENCHES = {
    "media": "media_bench",
    "calls": "call_bench",
    "center": "center_bench",
    "restart": "restart_bench",
    "sip": "sip_bench",
    "flood": "flood_bench",
    "soak": "soak_bench",
    "store": "store_bench",
    "asr": "asr_bench",
    "speech": "speech_bench",
    "languages": "languages",
    "suggestions": "suggestions",
    "drafts": "drafts",
    "acd": "acd_bench",
    "flow": "flow_bench",
    "beside": "beside",
    "quality": "quality",
    "fuzz": "fuzz.run",
}
"""What `./hotline bench` runs, by its word."""


def test(arguments: argparse.Namespace) -> int:
    """Run the tests, four at a time: many wait for calls that last as long as calls do.

    Whoever names tests, or says how many at a time, gets just that.
    """
    whole = all(word.startswith("--") for word in arguments.rest)
    side_by_side = ["-n", "4", "--dist", "worksteal"] if whole else []
    return _run([sys.executable, "-m", "pytest", *side_by_side, *arguments.rest])


def lint(_: argparse.Namespace) -> int:
    python = sys.executable
    steps = (
        [python, "-m", "ruff", "check", "."],
        [python, "-m", "ruff", "format", "--check", "."],
        [python, "-m", "mypy"],
        [str(Path(python).with_name("lint-imports"))],
    )
    return max(_run(step) for step in steps)


def bench(arguments: argparse.Namespace) -> int:
    script = BENCHES[arguments.what]
    return _run([sys.executable, "-m", f"bench.{script}", *arguments.rest])


def _run(words: Sequence[str]) -> int:
    return subprocess.run(words, cwd=ROOT, check=False, env=os.environ).returncode
