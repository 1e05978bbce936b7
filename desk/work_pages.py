"""The page that agents work with, and the supervisors' wallboard: frames that a script fills."""

import json

from desk import words
from desk.house import House
from desk.web import Answer, Asked

FIELDS = ("type", "title", "content", "time", "place", "object", "demand", "caller", "call_back")
MORE = ("confidential", "urgency", "event_level", "unit")
"""Fields of the draft on the page, in the order that agents fill them in."""


async def work(house: House, asked: Asked) -> Answer:
    """Show the page that agents work with."""
    fields = [_field(house, name) for name in (*FIELDS, *MORE)]
    return house.pages.fill(
        "work.html",
        asked.session,
        fields=json.dumps(fields, ensure_ascii=False),
        names=json.dumps(_names(), ensure_ascii=False),
        role=house.ports.live.role(asked.signed_in.agent).name.lower(),
    )


def _field(house: House, name: str) -> dict[str, object]:
    zh, en = words.FIELDS[name]
    choices = house.settings.choices.get(name) or words.CHOICES.get(name) or ()
    return {
        "name": name,
        "zh": zh,
        "en": en,
        "long": name in words.LONG,
        "choices": [list(pair) for pair in choices],
    }


def _names() -> dict[str, dict[str, str]]:
    """Return what the script calls things."""
    return {"languages": {id: " ".join(pair) for id, pair in words.LANGUAGES.items()}}


async def board(house: House, asked: Asked) -> Answer:
    """Show the wallboard."""
    return house.pages.fill("board.html", asked.session)
