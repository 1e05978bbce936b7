"""One target under atheris, in a process of its own: `guided.py TARGET SECONDS SEED FOLDER`.

Coverage of `sip` and `media` leads it; what it learns stays in FOLDER, and an input that
breaks the target is left there as `crash-…`.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["sip", "media"]):
    from bench.fuzz.targets import TARGETS

LONGEST = 4096
SLOW = 10  # seconds that one input may take


def main(target: str, seconds: str, seed: str, folder: str) -> None:
    """Feed a target until the time is over; the exit status is libFuzzer's."""
    corpus = Path(folder) / "corpus"
    words = [
        target,
        str(corpus),
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-max_len={LONGEST}",
        f"-timeout={SLOW}",
        f"-artifact_prefix={folder}/",
        f"-dict={folder}/words",
        "-print_final_stats=1",
    ]
    atheris.Setup(words, TARGETS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
