"""What machine call-backs (回访) found out, day by day, for supervisors."""

from zoneinfo import ZoneInfo

from desk.house import House
from desk.web import Answer, Asked, as_json
from workorders import survey_figures

DAYS = 30
"""Days that are shown."""
DAY = 86_400.0


async def listed(house: House, asked: Asked) -> Answer:
    """Show the last days."""
    stories = await house.ports.surveys(asked.now - DAYS * DAY, asked.now)
    days = survey_figures.by_day(stories, ZoneInfo(house.settings.zone))
    whole = survey_figures.figures(stories)
    return house.pages.fill("surveys.html", asked.session, days=days, whole=whole)


async def given(house: House, asked: Asked) -> Answer:
    """Give the same to a program."""
    stories = await house.ports.surveys(asked.now - DAYS * DAY, asked.now)
    days = survey_figures.by_day(stories, ZoneInfo(house.settings.zone))
    return as_json({"days": {day: survey_figures.as_json(found) for day, found in days.items()}})
