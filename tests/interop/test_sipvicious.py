"""sipvicious against the engine: whoever scans, enumerates or guesses finds nothing."""

import subprocess
from pathlib import Path

import pytest

from tests.helpers.ports import free_port
from tests.helpers.serving import Serving
from tests.helpers.sites import copy

DISGUISED = Path(__file__).parent / "phones" / "disguised.py"
SIPVICIOUS = pytest.mark.parametrize("peer", ["sipvicious"], indirect=True)
NOT_US = "trunks:\n  carrier:\n    addresses: [192.0.2.0/24]\n    trust_identity: false\n"


def guarded(folder: Path) -> Path:
    """Return a site to which this machine is a stranger."""
    site = copy(folder)
    (site / "trunks.yaml").write_text(NOT_US)
    return site


def scan(command: list[str], folder: Path) -> str:
    """Run a tool to its end; return what it says."""
    ran = subprocess.run(command, cwd=folder, capture_output=True, timeout=240, check=False)
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
        where = ("-p", str(engine.sip_port), "127.0.0.1")
        honest = ("--fromname", "Phone", *where)
        told = scan(disguised(peer, "svmap", *honest), tmp_path)
        assert f"127.0.0.1:{engine.sip_port}" in told, "it can find"
        assert "Hotline" not in told, "and is not told what it has found"
        assert "found nothing" in scan(tool(peer, "svmap", *where), tmp_path)
        later = scan(disguised(peer, "svmap", *honest), tmp_path)
        assert "found nothing" in later, "banned by the scan, whatever it calls itself now"
        assert "scanner" in engine.log.read_text()


@pytest.mark.interop
@SIPVICIOUS
def test_svwar_in_disguise_finds_no_agent(peer: str, tmp_path: Path) -> None:
    with Serving(tmp_path / "data", config=guarded(tmp_path / "site")) as engine:
        for method in ("REGISTER", "INVITE", "OPTIONS"):
            words = ("-m", method, "-e", "995-1020", "--force", "127.0.0.1")
            command = disguised(peer, "svwar", "-p", str(engine.sip_port), *words)
            said = scan(command, tmp_path)
            assert "found nothing" in said, said


@pytest.mark.interop
@SIPVICIOUS
@pytest.mark.parametrize(("wrong", "found"), [(1, True), (60, False)])
def test_svcrack_in_disguise_is_stopped_before_it_reaches_the_password(
    peer: str, wrong: int, found: bool, tmp_path: Path
) -> None:
    """With one wrong guess before it the right one counts: the tool does what it is made for."""
    with Serving(tmp_path / "data", config=guarded(tmp_path / "site")) as engine:
        password, words = engine.passwords()["1001"], tmp_path / "passwords"
        words.write_text("\n".join([*(f"guess{n}" for n in range(wrong)), password]) + "\n")
        asked = ("-p", str(engine.sip_port), "-u", "1001", "-d", str(words), "127.0.0.1")
        assert (password in scan(disguised(peer, "svcrack", *asked), tmp_path)) == found
        assert ("passwords" in engine.log.read_text()) != found
