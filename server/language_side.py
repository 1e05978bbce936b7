"""Another language heard in a call: written down with the lane where it is spoken."""

from asr.language_fit import Judged
from calls.ids import LaneId, Language
from calls.lane_events import LanguageHeard
from ivr.flow import Enqueue
from server.citizen_call import CitizenCall


def language_heard(call: CitizenCall, what: tuple[Judged, float, Language], now: float) -> None:
    """Write down what language was heard, and let the flow know if it is another.

    Nobody is moved: the agent sees it with the lane, and a flow may ask the caller.
    """
    judged, seconds, listened_for = what
    heard = judged.language
    other = heard if heard != listened_for else None
    lane = lane_of(call, other) if other else None
    share = round(judged.share, 3)
    call.note(LanguageHeard(call.id, now, listened_for, heard, share, round(seconds, 1), lane))
    call.walk.other_language = other


def lane_of(call: CitizenCall, language: Language) -> LaneId | None:
    """Return the first lane that the call's flow leads to and where a language is spoken."""
    lanes = (node.lane for node in call.flow.nodes.values() if isinstance(node, Enqueue))
    rules = call.house.lanes
    return next((lane for lane in lanes if rules[lane].language == language), None)
