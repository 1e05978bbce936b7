"""What the fuzzer once broke stays whole; and its targets notice what they are there for."""

from pathlib import Path

import pytest

from bench.fuzz.run import TORTURE
from bench.fuzz.targets import OURS, SEPARATOR, TARGETS

FOUND = Path(__file__).parents[2] / "fixtures" / "fuzz"
FINDINGS = sorted(path for path in FOUND.rglob("*") if path.is_file() and path.suffix != ".md")


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_was_found_does_not_break_it_again(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_every_target_takes_nothing_noise_and_the_torture_messages(target: str) -> None:
    messages = [path.read_bytes() for path in sorted(TORTURE.iterdir())]
    for data in (b"", b"\x00" * 40, b"\x80\xc9", OURS, *messages):
        TARGETS[target](data)


def test_a_conversation_is_had_to_its_end() -> None:
    messages = [path.read_bytes() for path in sorted(TORTURE.iterdir())]
    for stage in (b"", b"O"):
        TARGETS["conversation"](SEPARATOR.join([stage, *messages[:11]]))


def test_a_target_that_finds_something_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should a stack leave a call over, the conversation breaks."""
    monkeypatch.setattr("sip.stack.Stack.hang_up", lambda *_: None)
    monkeypatch.setattr("bench.fuzz.targets.ROUNDS", 3)
    with pytest.raises(AssertionError, match="left over"):
        TARGETS["conversation"](b"O")
