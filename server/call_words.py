"""What was said in a call, and what was found out for it: kept, and told to the flow."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from asr.language_fit import Judged
from asr.recogniser import Heard as HeardWords
from calls.events import Drafted, Heard
from calls.ids import CallId
from ivr.flow import Flow
from media.commands import RecordingClosed
from server.call_life import CallLife
from server.citizen_call import CitizenCall, Stage
from server.danger_side import DangerSide
from server.house import House
from server.language_side import language_heard
from server.outputs import Output
from server.service_line import MARK, ServiceLine, led_into

Action = Callable[[CitizenCall, Any, float], None]
"""What a call is told, and when; the middle argument is the action's own."""


class CallWords(ABC):
    """The words of all calls; what concerns no call any more is dropped."""

    calls: dict[CallId, CitizenCall]
    outputs: list[Output]
    life: CallLife
    danger: DangerSide
    line: ServiceLine

    @abstractmethod
    def _safely(self, call: CitizenCall, action: Action, what: Any, now: float) -> None:
        """Let a bug cost one call, never the others."""

    def heard(self, stream: str, words: HeardWords, now: float) -> None:
        """Take words: danger is listened for in all of them, only certain ones are kept."""
        call = self.calls.get(CallId(stream.partition("/")[0]))
        if call is None:
            return
        party, language = call.hearing.languages[stream]
        if call.stage is not Stage.OVER:
            self._safely(call, self.danger.heard, (words, party, language), now)
        if not words.final:
            return
        call.note(
            Heard(
                call.id,
                now,
                party,
                language,
                words.start,
                words.end,
                words.text,
                words.confidence,
                words.words,
            )
        )
        call.draft_as_told(now)
        in_flow = call.stage is Stage.IN_FLOW and call.dying is None
        if in_flow and party == "citizen" and call.hearing.goes_on(stream):
            self._safely(call, self.life.citizen_said, words.text, now)

    def stream_closed(self, stream: str, complete: bool, why: str, now: float) -> None:
        """Take it that a stretch's last words have come, or will not."""
        call = self.calls.get(CallId(stream.partition("/")[0]))
        if call is None:
            return
        self.outputs += call.hearing.closed(stream, complete, why)
        if call.stage is not Stage.OVER:
            call.draft_so_far()
        self._safely(call, lambda call, _, now: self.life.settle(call, now), None, now)

    def stream_late(self, stream: str, now: float) -> None:
        """Take it that words of a stretch will only come from the recording."""
        call = self.calls.get(CallId(stream.partition("/")[0]))
        if call is not None and call.stage is not Stage.OVER:
            call.words_late(now)

    def language_judged(self, stream: str, judged: Judged, seconds: float, now: float) -> None:
        """Take what language is spoken in a stretch: written down, and known to the flow."""
        call = self.calls.get(CallId(stream.partition("/")[0]))
        if call is not None and call.stage is not Stage.OVER:
            _, listened_for = call.hearing.languages[stream]
            self._safely(call, language_heard, (judged, seconds, listened_for), now)

    def looked_up(self, call: CallId, answer: str, found: Mapping[str, str], now: float) -> None:
        """Take what was found out for a call: `found` or `none`, and what is known now."""
        citizen = self.calls.get(call)
        if citizen is not None and citizen.stage is Stage.IN_FLOW and citizen.dying is None:
            self._safely(citizen, self.life.looked_up, (answer, found), now)

    def recording_closed(self, event: RecordingClosed, now: float) -> None:
        """Take it that a file is whole: a call's recording, or a take of a service number."""
        call = self.calls.get(CallId(event.recording))
        if call is not None:
            self._safely(call, self.life.recording_closed, event, now)
        elif event.recording.endswith(MARK):
            self.line.closed(event)

    def led_into(self, call: CallId, house: House, flow: Flow, now: float) -> None:
        """Let a call on a service number go on as if it had dialled the draft."""
        citizen = self.calls.get(call)
        if citizen is not None and citizen.stage is Stage.IN_FLOW and citizen.dying is None:
            self._safely(citizen, self._go_on_in, (house, flow), now)

    def _go_on_in(self, call: CitizenCall, draft: tuple[House, Flow], now: float) -> None:
        led_into(call, *draft, now)
        self.life.run(call, call.walk.begin(now), now)

    def drafted(self, call: CallId, draft: dict[str, object], now: float) -> None:
        """Take a draft that was made."""
        self.outputs.append(Drafted(call, now, draft))
