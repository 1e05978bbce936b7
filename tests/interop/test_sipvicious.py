"""sipvicious against the engine: whoever scans, enumerates or guesses finds nothing."""

import subprocess
from pathlib import Path

import pytest

from tests.helpers.serving import Serving, free_port
from tests.helpers.sites import copy

DISGUISED = Path(__file__).parent / "phones" / "disguised.py"
SIPVICIOUS = pytest.mark.parametrize("peer", ["sipvicious"], indirect=True)
NOT_US = "trunks:\n  carrier:\n    addresses: [192.0.2.0/24]\n    trust_identity: false\n"
REAL = ("1001", "1007", "1012")


def guarded(folder: Path) -> Path:
    """Return a site to which this machine is a stranger."""
    site = copy(folder)
    (site / "trunks.yaml").write_text(NOT_US)
    return site


def scan(command: list[str], folder: Path) -> str:
    """Run a tool to its end; return what it says."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False)
    return (ran.stdout + ran.stderr).decode(errors="replace")


def tool(python: str, name: str, *words: str) -> list[str]:
    """Return the command of a tool as it comes."""
    run = f"import sys; sys.argv[0] = '{name}'; from sipvicious.{name} import main; main()"
    return [python, "-c", run, "-P", str(free_port()), "-b", "127.0.0.1", *words]


def disguised(python: str, name: str, *words: str) -> list[str]:
    """Return the command of a tool that hides its name."""
    where = ["-P", str(free_port()), "-b", "127.0.0.1"]
    return [python, str(DISGUISED), name, *where, *words]


@pytest.mark.interop
@SIPVICIOUS
def test_svmap_finds_no_device_here_and_this_host_is_banned(peer: str, tmp_path: Path) -> None:
    with Serving(tmp_path / "data", config=guarded(tmp_path / "site")) as engine:
        port = str(engine.sip_port)
        assert "found nothing" in scan(tool(peer, "svmap", "-p", port, "127.0.0.1"), tmp_path)
        later = scan(disguised(peer, "svmap", "-p", port, "127.0.0.1"), tmp_path)
        assert "found nothing" in later, "banned by the first scan, whatever it calls itself now"
        assert "scanner" in engine.log.read_text()


@pytest.mark.interop
@SIPVICIOUS
@pytest.mark.parametrize("method", ["REGISTER", "INVITE", "OPTIONS"])
def test_svwar_in_disguise_cannot_tell_agents_from_nobody(
    peer: str, method: str, tmp_path: Path
) -> None:
    with Serving(tmp_path / "data", config=guarded(tmp_path / "site")) as engine:
        words = ("-p", str(engine.sip_port), "-m", method, "-e", "995-1020", "--force", "127.0.0.1")
        said = scan(disguised(peer, "svwar", *words), tmp_path)
    found = [line for line in said.splitlines() if line.startswith("|") and "reqauth" in line]
    named = [extension for extension in REAL if any(extension in line for line in found)]
    others = [line for line in found if "995" in line or "1020" in line]
    assert bool(named) == bool(others), said


@pytest.mark.interop
@SIPVICIOUS
def test_svcrack_in_disguise_is_stopped_before_it_reaches_the_password(
    peer: str, tmp_path: Path
) -> None:
    with Serving(tmp_path / "data", config=guarded(tmp_path / "site")) as engine:
        words = tmp_path / "passwords"
        guesses = [f"guess{number}" for number in range(60)]
        words.write_text("\n".join([*guesses, engine.passwords()["1001"]]) + "\n")
        asked = ("-p", str(engine.sip_port), "-u", "1001", "-d", str(words), "127.0.0.1")
        said = scan(disguised(peer, "svcrack", *asked), tmp_path)
        assert engine.passwords()["1001"] not in said, said
        assert "passwords" in engine.log.read_text()
