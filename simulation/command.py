"""`./hotline simulate`: a day of calls in a minute."""

import argparse
import gc
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

from calls.events import Ended, Fact
from calls.ids import CallId
from config import days, reader
from config.faults import SettingsError
from config.values import CITY_ZONE
from simulation.keeping import Keeping
from simulation.report import page
from simulation.result import Result
from simulation.run import Simulation
from simulation.staff import BadWhatIf, what_if
from workorders.call_story import READ, CallStory, story

LITTER = 500_000, 20, 20
"""New objects until garbage is looked for, and looks until older ones are looked at too."""
DATABASE = "hotline.sqlite3"
"""Called as the engine's, so that `./hotline figures --data` reads it."""
USAGE = 2
BROKEN = 1
"""Exit status of a day on which a promise was broken."""


class Stories:
    """Folds each call's facts as they come; only stories are kept."""

    def __init__(self) -> None:
        self.found: list[CallStory] = []
        self._open: dict[CallId, list[Fact]] = {}

    def fact(self, fact: Fact) -> None:
        """Take a fact."""
        if isinstance(fact, READ):
            facts = self._open.setdefault(fact.call, [])
            facts.append(fact)
            if isinstance(fact, Ended):
                whole = story(self._open.pop(fact.call))
                if whole is not None:
                    self.found.append(whole)

    def all(self) -> list[CallStory]:
        """Return every call in the order of arrival, those that never ended too."""
        rest = (story(facts) for facts in self._open.values())
        return sorted([*self.found, *filter(None, rest)], key=lambda s: (s.arrived, s.call))


def main(arguments: argparse.Namespace) -> int:
    """Run a day; 0 if every promise was kept, 1 if not, 2 if it could not begin."""
    try:
        site = reader.read(arguments.config)
        day = days.read(arguments.day, site)
        changes = [what_if(text, day.settings) for text in arguments.what_if]
    except SettingsError as error:
        print("\n".join(map(str, error.faults)), file=sys.stderr)
        return USAGE
    except BadWhatIf as error:
        print(error, file=sys.stderr)
        return USAGE
    seed = day.settings.seed if arguments.seed is None else arguments.seed
    simulation = Simulation(site, day, seed, changes)
    try:
        place = _folder(arguments.keep)
    except OSError as error:
        print(f"数据库目录用不了 / the folder cannot be used: {error}", file=sys.stderr)
        return USAGE
    with place as folder, _seldom_tidied():
        result = lived(simulation, Path(folder) / DATABASE, _progress)
    return _tell(result, arguments)


@contextmanager
def _seldom_tidied() -> Iterator[None]:
    """Search what is there now, which stays, for garbage no more, and what comes seldom."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*LITTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _folder(kept: Path | None) -> AbstractContextManager[str]:
    """Return where the day's database is: a new folder, and never one that has a database."""
    if kept is None:
        return tempfile.TemporaryDirectory(prefix="hotline-day-")
    kept.mkdir(parents=True, exist_ok=True)
    if (kept / DATABASE).exists():
        raise FileExistsError(f"已有数据库 there is a database already: {kept / DATABASE}")
    return nullcontext(str(kept))


def _tell(result: Result, arguments: argparse.Namespace) -> int:
    """Write what the day came to."""
    if arguments.report is not None:
        try:
            arguments.report.write_text(page(result), encoding="utf-8")
        except OSError as error:
            print(f"报告写不了 / the report cannot be written: {error}", file=sys.stderr)
            return USAGE
    if arguments.json:
        print(json.dumps(result.as_json(), ensure_ascii=False, indent=1))
    else:
        print("\n".join(result.as_text()))
    return BROKEN if result.broken or result.accounted != len(result.stories) else 0


def lived(
    simulation: Simulation, file: Path, progress: Callable[[Simulation], None] = lambda _: None
) -> Result:
    """Let a day pass and be kept in a new database; return what it came to."""
    keeping, stories = Keeping.open(file, f"day-{simulation.seed}"), Stories()
    simulation.told += [keeping.fact, stories.fact]
    for _ in simulation.world.run(simulation.people):
        progress(simulation)
    simulation.watch.at_the_end(simulation.world.now)
    missing = keeping.missing()
    keeping.close()
    return Result(simulation, stories.all(), missing, keeping.kept)


def _progress(simulation: Simulation) -> None:
    """Show where the day has come to, where somebody looks."""
    if sys.stderr.isatty():
        at = datetime.fromtimestamp(simulation.world.now, CITY_ZONE)
        watch = simulation.watch
        words = f"{at:%H:%M} · 来电 {watch.calls} · 结束 {watch.outcomes.total()}"
        print(f"\r{words} · 排队 waiting {watch.waiting}   ", end="", file=sys.stderr)
