"""What every test may use."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import HealthCheck, settings

from tests.helpers.peers import python_with, without
from tests.helpers.slow_time import Pace

SLOWER = (1, 3, 9, 9, 9)
"""How slow time goes at each try, for phones of ours (`tests.helpers.slow_time`)."""
REAL = ("interop", "service")
"""Folders of tests that live in real time: phones that must send every 20 ms, programs that must
answer. Where a busy machine keeps them from that nothing is learned of us: such a test is run
again, and the summary says so."""

NICENESS = os.getpriority(os.PRIO_PROCESS, 0)
NICER = 10
"""By how much tests of real calls come before others: phones must do something every 20 ms."""

# The same examples each time, however slow the machine: a red run is red again. Others are looked
# for with `--hypothesis-profile=explore`.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("same", PATIENT, derandomize=True, database=None)
settings.register_profile("explore", PATIENT, derandomize=False)
settings.load_profile("same")


def pytest_runtest_logstart(location: tuple[str, int | None, str]) -> None:
    """Let tests of real calls, and all that they start, go before what else this machine does."""
    with suppress(PermissionError):  # only root may; for others nothing changes
        os.setpriority(
            os.PRIO_PROCESS, 0, NICENESS - NICER if _real(Path(location[0])) else NICENESS
        )


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test in real time again if it failed; only one that fails each time has failed."""
    if not _real(item.path.relative_to(item.config.rootpath)):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for turn, Pace.slowness in enumerate(SLOWER, start=1):
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failed = [report for report in reports if report.failed]
        if turn == len(SLOWER) or not failed:
            break
        why = str(getattr(failed[0].longrepr, "reprcrash", failed[0].longrepr)).strip()
        item.warn(pytest.PytestWarning(f"{item.nodeid}: try {turn} failed ({why}), run again"))
        item.session._setupstate.teardown_exact(None)  # what several tests share begins anew, too
    Pace.slowness = 1
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _real(path: Path) -> bool:
    """Return whether a test file, from the root, lives in real time."""
    return len(path.parts) > 1 and path.parts[1] in REAL


def missing(what: str) -> None:
    """Skip for want of a peer; where HOTLINE_REQUIRE_INTEROP is set, as in CI, fail."""
    if os.environ.get("HOTLINE_REQUIRE_INTEROP"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> str:
    """Return the Python that can import the peer named with `indirect`; skip without it."""
    name: str = request.param
    python = python_with(name)
    if python is None:
        missing(without(name))
    return str(python)


@pytest.fixture
def program(request: pytest.FixtureRequest) -> str:
    """Return the path of the program that the test names with `indirect`; skip without it."""
    name: str = request.param
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed (Debian: sip-tester, baresip-core, kamailio)")
    return str(found)
