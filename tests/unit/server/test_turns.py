"""The engine's turns: what happened is decided on, then everything is acted on."""

from typing import Any, cast

from twisted.internet.task import Clock

from media import commands as media
from server.engine import Engine


class Control:
    """Decides nothing; remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.outputs: list[Any] = []
        self.calls: dict[str, str] = {"c-1": ""}
        self.roster = self

    def staff(self) -> tuple[()]:
        return ()

    def turn(self, now: float) -> None: ...

    def next_deadline(self) -> None:
        return None

    def take_outputs(self) -> list[Any]:
        return []

    def media_event(self, event: media.PlaybackFinished, now: float) -> None:
        self.told.append(event.leg)


class Port:
    def __init__(self) -> None:
        self.flushes = 0

    def flush(self) -> None:
        self.flushes += 1


def engine() -> tuple[Engine, Control, Port]:
    control, port = Control(), Port()
    made = Engine(cast(Any, control), Clock(), lambda: 0.0)
    made.port = port
    return made, control, port


def event(leg: str) -> media.Event:
    return media.PlaybackFinished(cast(Any, leg), 1)


def test_things_that_happen_together_are_all_decided_before_anything_is_done() -> None:
    made, control, port = engine()

    def several() -> None:
        for leg in ("a", "b", "c"):
            made.media_event(event(leg))
            assert port.flushes == 0

    made.together(several)
    assert (control.told, port.flushes) == (["a", "b", "c"], 1)


def test_what_was_decided_is_done_even_if_one_of_several_things_breaks() -> None:
    made, control, port = engine()

    def several() -> None:
        made.media_event(event("a"))
        raise RuntimeError("broken")

    try:
        made.together(several)
    except RuntimeError:
        control.told.append("raised")
    assert (control.told, port.flushes) == (["a", "raised"], 1)
    made.media_event(event("b"))
    assert port.flushes == 2, "the next turn is like any other"
