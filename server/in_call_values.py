"""The settings of calls that are talked on, as call control takes them."""

from collections.abc import Callable, Mapping

from calls.ids import AgentId, PromptId
from config.in_call_schema import CallTarget, InCallSettings, RotaSettings
from ivr.hours import Hours
from server import asked
from server.asked import How, Reach, target_of
from server.in_call import InCall, Place
from server.rota import Expert, Rota

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
    "abuse": asked.ReportAbuse(),
}


def wish_of(text: str) -> asked.InTalk:
    """Turn a key's setting into what it asks for."""
    verb, _, target = text.partition(" ")
    return Reach(target_of(target), How(verb)) if target else ALONE[verb]


def in_call_of(
    given: InCallSettings, hours: Mapping[str, Hours], spoken: Callable[[PromptId], str]
) -> InCall:
    """Return the rules; `spoken` tells the file of a prompt."""
    rotas = {name: _rota(one, hours, spoken) for name, one in given.rotas.items()}
    return InCall(
        places={name: _place(target, rotas) for name, target in given.targets.items()},
        keys={code: wish_of(wish) for code, wish in given.keys.items()},
        supervisors=frozenset(given.supervisors),
        breaks=given.breaks,
        ring=given.ring,
        brief_limit=given.brief_limit,
        extension_limit=given.extension_limit,
        cool_down=given.cool_down,
    )


def _rota(
    given: RotaSettings, hours: Mapping[str, Hours], spoken: Callable[[PromptId], str]
) -> Rota:
    people = tuple(
        Expert(one.name, one.number, None if one.quiet is None else hours[one.quiet])
        for one in given.people
    )
    said = spoken(PromptId(given.prompt))
    return Rota(people, said, given.key, given.ring, given.accept_within, given.rounds)


def _place(target: CallTarget, rotas: Mapping[str, Rota]) -> Place:
    agent = None if target.agent is None else AgentId(target.agent)
    rota = None if target.rota is None else rotas[target.rota]
    return Place(target.name, agent, target.uri, target.number, target.context, rota)
