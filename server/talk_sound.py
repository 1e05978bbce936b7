"""Who hears whom in the talks, what is recorded of it, and when a talk wants to be looked at."""

from calls.deadlines import Deadlines
from calls.ids import CallId
from calls.talk_events import RecordingPaused
from media.commands import PauseRecording
from server.citizen_call import CitizenCall
from server.outputs import Output
from server.parties import orders, sound
from server.talk import Talk

GUESTS = "guests"
"""Kind of the deadline of ringing guests and of an announcement to the agent."""


class TalkSound:
    """The sound of all talks: it follows from who is in each, and is put right as a whole."""

    __slots__ = ()

    outputs: list[Output]
    deadlines: Deadlines[tuple[str, str]]
    talks: dict[CallId, Talk]

    def pause_recording(
        self, talk: Talk, call: CitizenCall, by: str, *, on: bool, now: float
    ) -> None:
        """Record silence, or what is said again."""
        talk.recording_paused = on
        self.outputs.append(PauseRecording(str(call.id), on))
        call.note(RecordingPaused(call.id, now, by, on))

    def shape(self, talk: Talk) -> None:
        """Let everybody hear what follows from how the talk is now."""
        after = sound(talk.parties())
        talk.playback += 1
        self.outputs += orders(talk.call, talk.sound, after, talk.playback)
        talk.sound = after
        self.set_timer(talk.call)

    def set_timer(self, call: CallId) -> None:
        """Let the next instant of a talk be known."""
        talk = self.talks.get(call)
        moments = [] if talk is None else [g.ring_until for g in talk.legs() if not g.answered]
        if talk is not None and talk.briefing is not None:
            moments.append(talk.brief_until)
        self.deadlines.set((GUESTS, call), min(moments, default=None))
