"""Each day, once the window is open, some of yesterday's callers are drawn to be asked (回访)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from config.values import CITY_ZONE
from server.engine import Engine
from server.house import SurveyRules
from server.surveys import Survey
from storage import surveys
from storage.surveys import Drawn, Sampling

LOG = structlog.get_logger("surveys")
EVERY = 30.0
"""Seconds between two looks whether it is time to draw."""


class Surveying:
    """Draws from the books, and gives the engine whom to call."""

    def __init__(
        self, engine: Engine, ask: Callable[[Callable[[Session], Any]], "Deferred[Any]"]
    ) -> None:
        self._engine, self._ask = engine, ask
        self._next = 0.0
        self._drawn: date | None = None
        """The last day that was drawn for."""
        self._open = False

    def books_open(self, now: float) -> None:
        """Go on with those of an earlier start."""
        asked = self._ask(lambda session: surveys.still_open(session, now))
        asked.addCallbacks(self._restored, _not_read)

    def _restored(self, planned: list[Drawn]) -> None:
        self._open = True
        control = self._engine.control
        self._engine.do(lambda now: control.surveys.restore(map(_survey, planned), now))
        LOG.info("surveys_restored", count=len(planned))

    def look(self, now: float) -> None:
        """Draw for today, once, when the window is open."""
        rules = self._engine.control.house.surveys
        if rules is None or not self._open or now < self._next or self._engine.control.draining:
            return
        self._next = now + EVERY
        here = datetime.fromtimestamp(now, UTC).astimezone(CITY_ZONE)
        is_open = rules.hours is None or rules.hours.is_open(here)[0]
        if self._drawn == here.date() or not is_open:
            return
        asked = self._ask(lambda session: _draw(session, rules, here))
        asked.addCallback(self._take, here.date()).addErrback(_not_read)

    def _take(self, drawn: list[Drawn] | None, day: date) -> None:
        self._drawn = day
        if drawn is None:
            return  # it was done before the engine was started
        control = self._engine.control
        self._engine.do(lambda now: control.surveys.draw(map(_survey, drawn), now))
        LOG.info("surveys_drawn", count=len(drawn))


def _draw(session: Session, rules: SurveyRules, here: datetime) -> list[Drawn] | None:
    """Draw from the day before; None if it was done today."""
    today = datetime.combine(here.date(), time(), CITY_ZONE)
    if surveys.drawn_since(session, today.timestamp()):
        return None
    since = (today - timedelta(days=1)).timestamp()
    sampling = Sampling(since, today.timestamp(), rules.share, rules.most, rules.not_again)
    return surveys.draw(session, sampling, here.timestamp())


def _survey(one: Drawn) -> Survey:
    return Survey(one.call, one.number, one.language, one.planned, one.at, one.attempt)


def _not_read(failure: Failure) -> None:
    """Tried again at the next look; nobody waits for it."""
    LOG.error("surveys_not_read", error=failure.type.__name__ if failure.type else "")
