"""Reading a day of calls: a whole `Day`, or every fault of its files at once."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from config.day_schema import DayFile, SaidFile
from config.document import Document, KeyPath, read_document
from config.faults import SettingsError
from config.settings import Site
from config.values import Settings
from config.wording import blame, unknown

Model = TypeVar("Model", bound=Settings)


@dataclass(frozen=True, slots=True)
class Day:
    """A day as its file says, with what is said in it."""

    settings: DayFile
    said: SaidFile


def read(path: Path, site: Site) -> Day:
    """Read a day for a site; raise SettingsError with every fault."""
    document = read_document(path.parent, path.name)
    settings = _valid(document, DayFile)
    said, words = None, None
    if settings is not None:
        _check(document, settings, site)
        words = read_document(path.parent, f"said/{settings.said}.yaml")
        said = _valid(words, SaidFile)
    faults = [*document.faults, *(words.faults if words is not None else ())]
    if faults or settings is None or said is None:
        raise SettingsError(faults)
    return Day(settings, said)


def _valid(document: Document, model: type[Model]) -> Model | None:
    if document.value is None:
        return None
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        blame(document, (), model, error)
        return None


def _check(document: Document, day: DayFile, site: Site) -> None:
    """Find what does not fit the site: a number, a skill; a profile without any call."""
    if day.number is not None and day.number not in site.numbers:
        document.blame(("number",), *unknown(day.number, site.numbers), "name-unknown")
    wanted = Counter(skill for lane in site.lanes.values() for skill in lane.needs)
    held = ((name, skill) for name, team in day.teams.items() for skill in team.skills)
    for name, skill in held:
        if skill not in wanted:
            at = "teams", name, "skills", skill
            document.blame(at, *unknown(skill, wanted), "name-unknown")
    for path, profile in _profiles(day):
        if not any(profile.values()):
            document.blame(path, "一天里没有一个电话", "no call in the whole day")


def _profiles(day: DayFile) -> Iterator[tuple[KeyPath, Mapping[int, float]]]:
    yield ("arrivals",), day.arrivals
    for name, callers in day.callers.items():
        if callers.arrivals is not None:
            yield ("callers", name, "arrivals"), callers.arrivals
