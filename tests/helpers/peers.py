"""Stacks that we did not write, in an environment of their own (requirements-peers.lock)."""

import os
import subprocess
from pathlib import Path

PEERS = Path(os.environ.get("HOTLINE_PEERS") or Path(__file__).parents[2] / ".venv-peers")


def python_with(package: str) -> Path | None:
    """Return the Python of that environment if it can import a package; None if not."""
    python = PEERS / "bin" / "python"
    if not python.exists():
        return None
    ran = subprocess.run([python, "-c", f"import {package}"], capture_output=True, check=False)
    return None if ran.returncode else python


def without(package: str) -> str:
    """Say that a package is missing, and where it would be."""
    return f"{package} is not in {PEERS.name} (see requirements-peers.lock)"
