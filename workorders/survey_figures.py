"""What machine call-backs (回访) found out, from the facts alone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from calls.events import Fact, Rated
from calls.ids import CallId
from calls.survey_events import SurveyEnded, SurveyPlanned, SurveyTried

WAITING = "waiting"
"""In place of an outcome: still to be called."""


@dataclass(frozen=True, slots=True)
class SurveyStory:
    """One citizen who was drawn."""

    planned: float
    outcome: str
    """As in `SurveyEnded`, or `WAITING`."""
    mark: int | None = None
    """1 is worst, 5 is best."""
    solved: bool | None = None
    """None if the citizen did not say."""


@dataclass(slots=True)
class SurveyFigures:
    """What came of those who were drawn."""

    drawn: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    marks: Counter[int] = field(default_factory=Counter)
    solved: int = 0
    unsolved: int = 0

    def add(self, story: SurveyStory) -> None:
        """Count one."""
        self.drawn += 1
        self.outcomes[story.outcome] += 1
        if story.mark is not None:
            self.marks[story.mark] += 1
        self.solved += story.solved is True
        self.unsolved += story.solved is False

    @property
    def mean(self) -> float | None:
        """The mean mark; None without one."""
        count = self.marks.total()
        return sum(mark * times for mark, times in self.marks.items()) / count if count else None


def story(first: Iterable[Fact], of_surveys: Mapping[CallId, Iterable[Fact]]) -> SurveyStory | None:
    """Return what came of asking whoever made a call; None if nobody was to ask.

    `of_surveys`: the facts of the calls in which it was asked.
    """
    planned, outcome, rated = None, WAITING, None
    for fact in first:
        match fact:
            case SurveyPlanned(at=at):
                planned, outcome, rated = at, WAITING, None
            case SurveyTried(by_call=by_call):
                told = [one for one in of_surveys.get(by_call, ()) if isinstance(one, Rated)]
                rated = told[-1] if told else rated
            case SurveyEnded(outcome=ended, again_at=None):
                outcome = ended
    if planned is None:
        return None
    if rated is None:
        return SurveyStory(planned, outcome)
    return SurveyStory(planned, outcome, rated.mark, rated.solved)


def figures(stories: Iterable[SurveyStory]) -> SurveyFigures:
    """Return what came of all."""
    found = SurveyFigures()
    for each in stories:
        found.add(each)
    return found


def by_day(stories: Iterable[SurveyStory], zone: tzinfo) -> dict[str, SurveyFigures]:
    """Return the figures of each day on which somebody was drawn, the newest first."""
    found: dict[str, SurveyFigures] = {}
    for each in stories:
        day = datetime.fromtimestamp(each.planned, zone).date().isoformat()
        found.setdefault(day, SurveyFigures()).add(each)
    return dict(sorted(found.items(), reverse=True))


def as_json(found: SurveyFigures) -> dict[str, object]:
    """Return figures as JSON values."""
    return {
        "drawn": found.drawn,
        "outcomes": dict(sorted(found.outcomes.items())),
        "marks": {str(mark): count for mark, count in sorted(found.marks.items())},
        "mean": None if found.mean is None else round(found.mean, 3),
        "solved": found.solved,
        "unsolved": found.unsolved,
    }
