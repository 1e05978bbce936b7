"""A call on a service number, as far as call control sees it: what is asked for, and the take.

A take is what somebody records by telephone. It is a file of its own in the data folder's
`service/`, and leaves it only into the draft of the settings.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from calls.events import FlowChosen
from calls.ids import CallId, Language, PromptId
from ivr.commands import Request
from ivr.flow import Flow
from ivr.service import TAKE
from ivr.walk import Walk
from media.commands import RecordingClosed, StartRecording, StopRecording
from server.citizen_call import CitizenCall
from server.house import House
from server.outputs import Output, ServiceAsk

MARK = "/take"
"""Ends the name of a take among the recordings of the media worker."""


@dataclass(slots=True)
class Take:
    """What is being recorded in a call."""

    path: Path
    growing: bool = True


@dataclass(slots=True)
class ServiceLine:
    """Records takes, and passes on what is done off the reactor thread."""

    outputs: list[Output]
    folder: Path
    takes: dict[CallId, Take] = field(default_factory=dict)
    count: int = 0

    def take(self, call: CitizenCall, asked: Request, now: float) -> str | None:
        """Do what a service flow asks for; None if the answer comes later."""
        match asked.kind:
            case "service_record":
                return self._record(call)
            case "service_stop":
                return self._stop(call)
            case kind:
                take = self.takes.get(call.id)
                about = {**asked.about, "caller": call.caller}
                about |= {"take": str(heard(take.path))} if take is not None else {}
                self.outputs.append(ServiceAsk(call.id, kind.removeprefix("service_"), about))
                return None

    def closed(self, event: RecordingClosed) -> None:
        """A take is whole: let it be made fit to be heard."""
        call = CallId(event.recording.removesuffix(MARK))
        take = self.takes.get(call)
        if take is not None:
            take.growing = False
            about = {"raw": event.path, "take": str(heard(take.path))}
            self.outputs.append(ServiceAsk(call, "take", about))

    def left(self, call: CitizenCall) -> None:
        """The call is over: a take that grows ends, and none stays behind."""
        take = self.takes.pop(call.id, None)
        if take is None:
            return
        if take.growing:
            self.outputs.append(StopRecording(call.id + MARK))
        about = {"raw": str(take.path), "take": str(heard(take.path))}
        self.outputs.append(ServiceAsk(call.id, "left", about))

    def _record(self, call: CitizenCall) -> str:
        self.count += 1
        path = self.folder / f"{call.id}-{self.count}.wav"
        self.takes[call.id] = Take(path)
        call.house = replace(call.house, prompt=_Finder(call.house, str(heard(path))))
        self.outputs.append(StartRecording(call.id + MARK, str(path), call.leg))
        return "ok"

    def _stop(self, call: CitizenCall) -> str | None:
        take = self.takes.get(call.id)
        if take is None or not take.growing:
            return "none"
        self.outputs.append(StopRecording(call.id + MARK))
        return None


def heard(raw: Path) -> Path:
    """Return where a take is once it is fit to be heard."""
    return raw.with_suffix(".heard.wav")


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds a take besides the prompts of the house."""

    house: House
    take: str

    def __call__(self, language: Language, prompt: PromptId) -> str:
        return self.take if prompt == TAKE else self.house.prompt(language, prompt)


def led_into(call: CitizenCall, house: House, flow: Flow, now: float) -> None:
    """Let a call go on as if it had dialled the draft; its record says so."""
    call.stop_playing()
    call.house, call.flow = house, flow
    call.walk = Walk(flow, caller=call.caller)
    call.note(FlowChosen(call.id, now, flow.name, house.version))
