"""Templates filled in."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from calls.ids import AgentId
from desk import files, views, words
from desk.sessions import SignedIn
from desk.web import Answer
from workorders import private

if TYPE_CHECKING:
    from jinja2 import Environment


class Pages:
    """The templates, with what all of them may call."""

    def __init__(
        self, city: str, zone: str, lanes: Mapping[str, str], supervises: Callable[[AgentId], bool]
    ) -> None:
        """`zone` is the city's own time; `lanes` are their names by id."""
        where = ZoneInfo(zone)
        self._filters: dict[str, Callable[..., Any]] = {
            "clock": views.clock,
            "local": lambda at: views.local(at, where),
            "masked": views.masked,
            "private": private.mask,
            "lane": lambda lane: "—" if lane is None else lanes.get(lane, lane),
            "pieces": views.pieces_of,
            "readable": views.readable_of,
            "segment": lambda text: quote(str(text), safe=""),
        }
        self._known: dict[str, Any] = {
            "city": city,
            "words": words,
            "named": words.named,
            "file": files.address,
            "supervises": supervises,
        }

    @cached_property
    def _environment(self) -> "Environment":
        """Made with the first page: telephones are answered before."""
        from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  as it says

        made = Environment(
            loader=PackageLoader("desk", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters.update(self._filters)
        made.globals.update(self._known)
        return made

    def fill(
        self, template: str, session: SignedIn | None, status: int = 200, **values: Any
    ) -> Answer:
        """Return a page."""
        page = self._environment.get_template(template)
        text = page.render(session=session, **values)
        return Answer(text.encode("utf-8", "replace"), status)
