"""Facts about asking citizens afterwards, by machine, how it went (回访)."""

from dataclasses import dataclass

from calls.ids import CallId
from calls.lane_events import CALLED_BACK

SURVEYED = "survey"
"""In place of the number dialled, in the records of calls that ask how it went."""

OURS = (CALLED_BACK, SURVEYED)
"""What stands there in the records of calls that we began: no citizen called."""


@dataclass(frozen=True, slots=True)
class SurveyPlanned:
    """The citizen of this call was drawn, and is to be called."""

    call: CallId
    at: float
    number: str
    """Personal data."""


@dataclass(frozen=True, slots=True)
class SurveyTried:
    """We begin to call; the new call's id is `by_call`."""

    call: CallId
    at: float
    attempt: int
    by_call: CallId


@dataclass(frozen=True, slots=True)
class SurveyEnded:
    """An attempt, or the whole, is over."""

    call: CallId
    at: float
    attempt: int
    outcome: str
    """`rated`, `opted_out`, `broken_off`, `no_person` (a machine, or silence), `no_answer`,
    `busy`, `refused`, `no_way_out`, `not_begun` or `expired`."""
    again_at: float | None
    """When it is tried again; None: not any more."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """The citizen does not want to be called by machine any more."""

    call: CallId
    at: float
    number: str
    """Personal data; kept as long as facts are, since the wish holds as long."""


SurveyFact = SurveyPlanned | SurveyTried | SurveyEnded | OptedOut
