"""What every test may use."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PEERS = Path(os.environ.get("HOTLINE_PEERS") or Path(__file__).parents[1] / ".venv-peers")
"""An environment of their own for SIP stacks that we did not write (requirements-peers.lock)."""


def missing(what: str) -> None:
    """Skip for want of a peer; where HOTLINE_REQUIRE_INTEROP is set, as in CI, fail."""
    if os.environ.get("HOTLINE_REQUIRE_INTEROP"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture
def peer(request: pytest.FixtureRequest) -> str:
    """Return the Python that can import the peer named with `indirect`; skip without it."""
    name: str = request.param
    python = PEERS / "bin" / "python"
    found = (
        python.exists()
        and not subprocess.run(
            [python, "-c", f"import {name}"], capture_output=True, check=False
        ).returncode
    )
    if not found:
        missing(f"{name} is not in {PEERS.name} (see requirements-peers.lock)")
    return str(python)


@pytest.fixture
def program(request: pytest.FixtureRequest) -> str:
    """Return the path of the program that the test names with `indirect`; skip without it."""
    name: str = request.param
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is not installed (Debian: sip-tester, baresip-core, kamailio)")
    return str(found)
