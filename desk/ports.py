"""What the desk needs of the house: questions and changes, each answered by a Deferred."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred

from calls.ids import AgentId, CallId
from desk.live_ports import NO_ENGINE, LivePorts
from desk.plan_ports import NO_PLANS, PlanPorts
from storage import audit, call_details, knowledge, rating_tasks, survey_stories, work_orders
from storage.audit import AuditEntry
from storage.call_details import CallFilter, KeptCall, WholeCall
from storage.rating_tasks import RatingTask
from storage.work_orders import Correction, DraftFilter, KeptDraft, ListedDraft
from workorders.knowledge import Entry
from workorders.survey_figures import SurveyStory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeskPorts:
    """Everything that the desk asks for. A Deferred that fails means: try again later (503).

    `correct` may also fail with the exceptions of `storage.work_orders`.
    """

    calls: Callable[[CallFilter], Deferred[tuple[KeptCall, ...]]]
    call: Callable[[CallId], Deferred[WholeCall | None]]
    drafts: Callable[[DraftFilter], Deferred[tuple[ListedDraft, ...]]]
    correct: Callable[[Correction], Deferred[KeptDraft]]
    note: Callable[[AuditEntry], Deferred[None]]
    """Written down for good when the Deferred fires."""
    audit_of: Callable[[CallId | None], Deferred[tuple[AuditEntry, ...]]]
    """The newest entries, of one call or of all."""
    search: Callable[[str, float, int], Deferred[tuple[Entry, ...]]]
    """A question, the moment, and how many at most: what the house knows and holds then."""
    entry: Callable[[str], Deferred[tuple[Entry, ...]]]
    """All versions of an entry, the newest first."""
    learn: Callable[[Entry], Deferred[Entry | None]]
    """Keep an entry as its next version; None if it says nothing new."""
    ratings: Callable[[bool], Deferred[tuple[RatingTask, ...]]]
    """Bad ratings that are open, or were closed."""
    close_rating: Callable[[CallId, AgentId, float, str], Deferred[None]]
    """Which call's, who, when, and what was done; may fail with NoOpenTask."""
    surveys: Callable[[float, float], Deferred[list[SurveyStory]]]
    """Who was drawn to be asked by machine, from one moment to another, and what came of it."""
    check_password: Callable[[str, str], "Deferred[bool] | bool"]
    """Agent id and password; slow checks return a Deferred."""
    health: Callable[[], Mapping[str, object]]
    """At least `ok`: a bool, True while calls are taken and nothing is broken."""
    metrics: Callable[[], bytes]
    """The Prometheus text form."""
    now: Callable[[], float]
    """UTC seconds since the epoch."""
    live: LivePorts = NO_ENGINE
    """The engine."""
    plans: PlanPorts = NO_PLANS


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """What is particular to a city or a machine."""

    recordings: Path
    """The folder that recordings are under; nothing outside it is ever served."""
    city: str = "滨海市"
    zone: str = "Asia/Shanghai"
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    """By field: value and label of what can be chosen, such as the units."""
    lanes: Mapping[str, str] = field(default_factory=dict)
    """By lane: what agents call it."""
    secure_cookie: bool = False
    """True where the desk is reached by HTTPS only."""
    idle_limit: float = 30 * 60
    """Seconds without a request after which an agent signs in again."""
    session_limit: float = 12 * 3600
    """Seconds after which an agent signs in again in any case."""


class Books(Protocol):
    """The database as the desk knows it."""

    def ask(self, question: Callable[[Session], T]) -> Deferred[T]:
        """Read."""

    def change(self, change: Callable[[Session], T]) -> Deferred[T]:
        """Write; durable when the Deferred fires."""


def ports_over(
    books: Books,
    *,
    check_password: Callable[[str, str], "Deferred[bool] | bool"],
    health: Callable[[], Mapping[str, object]],
    metrics: Callable[[], bytes],
    now: Callable[[], float],
    live: LivePorts = NO_ENGINE,
) -> DeskPorts:
    """Make the ports over a database."""
    return DeskPorts(
        calls=lambda wanted: books.ask(lambda s: call_details.listed(s, wanted)),
        call=lambda call: books.ask(lambda s: call_details.whole(s, call)),
        drafts=lambda wanted: books.ask(lambda s: work_orders.listed(s, wanted)),
        correct=lambda correction: books.change(lambda s: work_orders.correct(s, correction)),
        note=lambda entry: books.change(lambda s: audit.note(s, entry)),
        audit_of=lambda call: books.ask(lambda s: audit.entries(s, call=call)),
        search=lambda asked, now, most: books.ask(lambda s: knowledge.search(s, asked, now, most)),
        entry=lambda entry: books.ask(lambda s: knowledge.versions(s, entry)),
        learn=lambda entry: books.change(lambda s: knowledge.keep(s, entry)),
        ratings=lambda closed: books.ask(lambda s: rating_tasks.tasks(s, closed=closed)),
        close_rating=lambda *what: books.change(lambda s: rating_tasks.close(s, *what)),
        surveys=lambda *stretch: books.ask(lambda s: survey_stories.survey_stories(s, *stretch)),
        check_password=check_password,
        health=health,
        metrics=metrics,
        now=now,
        live=live,
    )
