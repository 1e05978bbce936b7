"""The engine's turns: what happened is decided on, then everything is acted on."""

from typing import Any, cast

from twisted.internet.task import Clock

from calls.events import Arrived, PickedUp
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
        taken = list(self.outputs)
        self.outputs.clear()
        return taken

    def media_event(self, event: Any, now: float) -> None:
        self.told.append(event.leg)
        if isinstance(event, media.LegOpened):
            self.outputs += [PickedUp(cast(Any, "c-1"), 1.0, "PCMA"), media.CloseLeg(event.leg)]


class Port:
    def __init__(self) -> None:
        self.flushes = 0

    def flush(self) -> None:
        self.flushes += 1


class Link:
    """Has a port ready for each leg, and writes down what it is told and when."""

    def __init__(self, engine: Engine, log: list[Any]) -> None:
        self.engine, self.log = engine, log
        self.waiting: list[Any] = []

    def send(self, command: media.Command) -> None:
        self.waiting.append(type(command).__name__)
        if isinstance(command, media.OpenLeg):
            self.engine.media_event(media.LegOpened(command.leg, 20000))

    def flush(self) -> None:
        if self.waiting:
            self.log.append(("told", *self.waiting))
        self.waiting.clear()


def engine() -> tuple[Engine, Control, Port]:
    control, port = Control(), Port()
    made = Engine(cast(Any, control), Clock(), lambda: 0.0)
    made.port, made.media = port, Link(made, [])
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


def test_a_leg_that_is_open_at_once_is_written_down_in_one_go_before_anything_leaves() -> None:
    made, control, port = engine()
    log: list[Any] = []
    made.media = Link(made, log)
    made.keep = lambda *facts: log.append(("kept", *(type(fact).__name__ for fact in facts)))
    port.flush = lambda: log.append("sent")  # type: ignore[method-assign]
    leg, call = cast(Any, "leg-1"), cast(Any, "c-1")
    arrived = Arrived(call, 1.0, "", "12345", "192.0.2.10:5060", "")
    control.outputs += [arrived, media.OpenLeg(leg, "192.0.2.1")]
    made.turn()
    assert log == [("kept", "Arrived", "PickedUp"), ("told", "OpenLeg", "CloseLeg"), "sent"]
