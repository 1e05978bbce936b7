"""The settings of calls that are talked on, as call control takes them."""

from calls.ids import AgentId
from config.in_call_schema import CallTarget, InCallSettings
from server import asked
from server.asked import How, Reach, target_of
from server.in_call import InCall, Place

ALONE: dict[str, asked.InTalk] = {
    "hold": asked.Hold(),
    "resume": asked.Resume(),
    "mute": asked.Mute(True),
    "unmute": asked.Mute(False),
    "three_way": asked.ThreeWay(),
    "complete": asked.Complete(),
    "cancel": asked.Cancel(),
    "pause_recording": asked.PauseRecordingNow(True),
    "resume_recording": asked.PauseRecordingNow(False),
    "help": asked.AskHelp(),
    "help_over": asked.EndHelp(),
    "hang_up": asked.HangUp(),
}


def wish_of(text: str) -> asked.InTalk:
    """Turn a key's setting into what it asks for."""
    verb, _, target = text.partition(" ")
    return Reach(target_of(target), How(verb)) if target else ALONE[verb]


def in_call_of(given: InCallSettings) -> InCall:
    """Return the rules."""
    return InCall(
        places={name: _place(target) for name, target in given.targets.items()},
        keys={code: wish_of(wish) for code, wish in given.keys.items()},
        supervisors=frozenset(given.supervisors),
        breaks=given.breaks,
        ring=given.ring,
        brief_limit=given.brief_limit,
        extension_limit=given.extension_limit,
    )


def _place(target: CallTarget) -> Place:
    agent = None if target.agent is None else AgentId(target.agent)
    return Place(target.name, agent, target.uri, target.number, target.context)
