"""Facts of a talk, told in a few words: what agents and supervisors do, and what is spoken."""

from calls.events import Fact
from calls.lane_events import LanguageHeard
from calls.talk_events import (
    AbuseReported,
    GuestLeft,
    Held,
    HelpAsked,
    HelpEnded,
    Joined,
    KeysSent,
    Muted,
    NotReached,
    Reached,
    ReachedFor,
    RecordingPaused,
    Resumed,
    Returned,
    Supervised,
    SupervisionEnded,
    Transferred,
)
from desk import words
from desk.words import named


def of_talk(fact: Fact) -> str | None:
    """Say what is particular to a fact of a talk; None of any other."""
    match fact:
        case ReachedFor(by=by, target=target, how=how):
            return f"{by} → {target}（{how}）"
        case Reached(target=target) | Joined(target=target):
            return target
        case Transferred(by=by, target=target):
            return f"{by} → {target}"
        case NotReached(target=who, why=why) | GuestLeft(target=who, why=why):
            return f"{who}：{why}"
        case Supervised(supervisor=who, how=how) | SupervisionEnded(supervisor=who, why=how):
            return f"{who}：{how}"
        case _:
            return _of_agent(fact)


def _of_agent(fact: Fact) -> str | None:
    match fact:
        case Held(by=by) | Resumed(by=by) | HelpEnded(by=by) | AbuseReported(by=by):
            return str(by)
        case Muted(by=by, on=on) | RecordingPaused(by=by, on=on):
            return f"{by}：{'开 on' if on else '关 off'}"
        case HelpAsked(by=by, text=text):
            return f"{by}：{text}"
        case KeysSent(target=target, count=count):
            return f"{target}：{count}"
        case Returned(lane=lane, why=why):
            return f"{lane}：{why}"
        case LanguageHeard(language=language, share=share):
            spoken = named(words.LANGUAGES, language)[0] if language else "不确定 not sure"
            return f"{spoken}（{share:.0%}）"
        case _:
            return None
