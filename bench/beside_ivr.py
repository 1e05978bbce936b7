"""Whole calls beside others: the engine, and a menu on aiosipua and aiortp, with the same callers.

Each stretch dials, lets all talk for a second unmeasured, then measures what it costs to play a
prompt to every caller and to record what each says; then it hangs up. Both servers stay up and
share a core; whoever has no turn waits.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.beside_sip import Server, answering, the_engine
from bench.beside_voice import NICELY, Asked
from bench.call_bench import Dialler
from bench.media_bench import Caller
from bench.turns import Contestants, Processes
from tests.helpers.peers import python_with, without

MENU = Path(__file__).parent / "peers" / "ivr_aiosipua.py"


@contextmanager
def dialled(server: Server, callers: list[Caller]) -> Iterator[Processes]:
    """Let all call, and hang up in the end."""
    dialler = Dialler(("127.0.0.1", server.port), "ivr")
    for caller in callers:
        dialler.dial(caller)
    yield server.processes
    for caller in callers:
        dialler.hang_up(caller)


@contextmanager
def called(asked: Asked) -> Iterator[tuple[Contestants, dict[str, str]]]:
    """Start the servers; yield who takes part, and why others do not."""
    one_leg, absent = asked.single(), {}
    with ExitStack() as kept:
        here = {"ours": kept.enter_context(the_engine(asked.core))}
        python = python_with("aiosipua, aiortp")
        if python is None:
            absent["aiosipua"] = without("aiosipua with aiortp")
        else:
            folder = kept.enter_context(TemporaryDirectory(prefix="beside-ivr-"))
            menu = answering([*NICELY, str(python), "-O", str(MENU), folder], asked.core)
            here["aiosipua + aiortp"] = kept.enter_context(menu)
        yield (
            {
                name: partial(one_leg.carried, partial(dialled, server))
                for name, server in here.items()
            },
            absent,
        )
