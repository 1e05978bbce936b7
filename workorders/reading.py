"""What will be drafted soon, read by one rule after the other, many texts at a time.

Each rule remembers what it found in a text (`lines.REMEMBERED`). One that reads a hundred texts
in a row has its patterns and tables at hand; rules that take turns at every text push each other
out of the processor's cache, and take twice as long.
"""

from collections.abc import Callable, Iterable

from asr.transcript import Utterance
from calls.ids import Language
from workorders.classes import matters_in
from workorders.demand import demands_in
from workorders.drafting import City
from workorders.lines import Line, lines_of
from workorders.titles import things_in
from workorders.types import cues_in
from workorders.when import times_in
from workorders.where import parts_of


def read_ahead(texts: Iterable[tuple[Language, str]], city: City) -> None:
    """Read what citizens say, each text with its language: later drafts find it remembered."""
    said = (Utterance("citizen", language, 0.0, 0.0, text, 1.0) for language, text in texts)
    lines = lines_of(one for one in said if one.language == "zh")  # the others are few and quick
    for rule in _rules(city):
        for line in lines:
            rule(line)


def _rules(city: City) -> tuple[Callable[[Line], object], ...]:
    from workorders.danger import alarms  # noqa: PLC0415  its patterns take half a second to make

    return (
        lambda line: alarms([line]),
        lambda line: city.units.misheard(line.text),
        lambda line: parts_of(line, city.gazetteer),
        lambda line: cues_in(line.said.language, line.text),
        lambda line: times_in(line.text),
        lambda line: matters_in(line.text),
        lambda line: things_in(line.text),
        lambda line: demands_in(line.said.language, line.text),
    )
