"""What every test may use."""

import os
import shutil

import pytest


@pytest.fixture
def program(request: pytest.FixtureRequest) -> str:
    """Return the path of the program that the test names with `indirect`; skip without it.

    Where HOTLINE_REQUIRE_INTEROP is set, as in CI, a missing program fails.
    """
    name: str = request.param
    found = shutil.which(name)
    if found is None:
        if os.environ.get("HOTLINE_REQUIRE_INTEROP"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed (Debian: sip-tester, baresip-core)")
    return found
