"""What tests of several files here are given."""

from pathlib import Path

import pytest

from server.models import GRAPHS, NEEDED


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Return the folder of a model that has every file, none of any use."""
    for name in (*NEEDED, *GRAPHS[0]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path
