"""Kamailio in front of an engine, as `deploy/kamailio` ships it."""

import subprocess
from pathlib import Path

from tests.helpers.ports import free_port
from tests.helpers.serving import ROOT, until

CONFIG = ROOT / "deploy" / "kamailio" / "kamailio.cfg"


class Kamailio:
    """A proxy on a free port of loopback that passes calls on to an engine."""

    def __init__(self, program: str, engine_port: int, folder: Path) -> None:
        self.port = free_port()
        self._program, self._engine_port, self._folder = program, engine_port, folder
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "kamailio.log"

    @property
    def address(self) -> str:
        """Where to dial: `host:port`."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> "Kamailio":
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    self._program, "-f", str(CONFIG), "-DD", "-E", "-Y", str(self._folder),
                    "-A", f"LISTEN_PORT={self.port}", "-A", f"ENGINE_PORT={self._engine_port}",
                ],
                cwd=self._folder, stdout=log, stderr=log,
            )  # fmt: skip
        until(self._up, 20.0, "Kamailio up")
        return self

    def _up(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError(f"Kamailio ended: {self.log.read_text()[-3000:]}")
        listening = f":{self.port:04X} 00000000:0000 0A"
        return listening in Path("/proc/net/tcp").read_text()

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
