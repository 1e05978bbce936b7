"""A small server that speaks vosk-server's protocol with a real model, as one of its hosts does.

Run as `python -m tests.helpers.vosk_farm MODEL PORT [CERTIFICATE KEY]`, with the last two over
TLS; prints `listening` once it accepts.
"""

import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.helpers.ports import free_port


def serve(model: Path, port: int, pair: list[str]) -> None:
    """Recognise for every connection, each in a thread of its own, until killed."""
    import vosk  # noqa: PLC0415 - only the server's process needs it
    from websockets.sync.server import ServerConnection  # noqa: PLC0415 - as above
    from websockets.sync.server import serve as listen  # noqa: PLC0415 - as above

    vosk.SetLogLevel(-1)
    loaded = vosk.Model(str(model))

    def speaker(connection: ServerConnection) -> None:
        rate, words, recogniser = 8000.0, False, None
        for message in connection:
            if isinstance(message, str) and "config" in message:
                wanted: dict[str, Any] = json.loads(message)["config"]
                rate, words = float(wanted.get("sample_rate", rate)), bool(wanted.get("words"))
                continue
            if recogniser is None:
                recogniser = vosk.KaldiRecognizer(loaded, rate)
                recogniser.SetWords(words)
            if isinstance(message, str):
                connection.send(recogniser.FinalResult())
                return
            ended = recogniser.AcceptWaveform(bytes(message))
            connection.send(recogniser.Result() if ended else recogniser.PartialResult())

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if pair else None
    if context is not None:
        context.load_cert_chain(*pair)
    with listen(speaker, "127.0.0.1", port, ssl=context) as server:
        print("listening", flush=True)
        server.serve_forever()


class FarmHost:
    """One host in a process of its own, which may be ended and begun again on its port."""

    def __init__(self, model: Path, pair: tuple[Path, Path] | None = None) -> None:
        """`pair`: a certificate and its key, for TLS."""
        self.port = free_port(socket.SOCK_STREAM)
        self._model = model
        self._pair = [str(path) for path in pair or ()]
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"{'wss' if self._pair else 'ws'}://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.helpers.vosk_farm", str(self._model)]
        self._process = subprocess.Popen(
            [*command, str(self.port), *self._pair], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline().strip() == "listening"

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(60)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
