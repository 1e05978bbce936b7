"""Health and metrics, for machines; no sign-in, and nothing about any caller."""

from desk.house import House
from desk.web import Answer, Asked, as_json

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus's text form."""


async def health(house: House, asked: Asked) -> Answer:
    """Say whether calls are taken: 200 or 503."""
    found = house.ports.health()
    return as_json(dict(found), 200 if found.get("ok") is True else 503)


async def metrics(house: House, asked: Asked) -> Answer:
    """Give the figures."""
    return Answer(house.ports.metrics(), kind=EXPOSITION)
