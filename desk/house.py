"""What every page is given: the ports, the settings, who is signed in, and the templates."""

from dataclasses import dataclass

from desk.guessing import Guessing
from desk.live_feed import LiveFeed
from desk.pages import Pages
from desk.ports import DeskPorts, DeskSettings
from desk.push import Push
from desk.sessions import Sessions


@dataclass(frozen=True, slots=True)
class House:
    """The desk's own things."""

    ports: DeskPorts
    settings: DeskSettings
    sessions: Sessions
    guessing: Guessing
    pages: Pages
    feed: LiveFeed
    push: Push
