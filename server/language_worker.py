"""The process that tells what language is spoken: `python -m server.language_worker`.

It holds one model and answers one look after another (frames as in asr/frames.py) on a socket
that it inherits: `look` (stream; PCM) is answered by `told` (stream, likely, spent). It keeps
nothing; whatever ends it costs the looks that were not answered, and no call anything.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

from asr.frames import Unpacker, pack
from asr.whisper import LanguageModel, Unusable
from server.recognition_pool import resident


def main() -> None:
    """Load the model, say so, and answer until the engine closes the socket."""
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.SIG_IGN)  # meant for the engine, which closes us
    connection = socket.socket(fileno=int(sys.argv[1]))
    settings = json.loads(sys.argv[2])
    os.nice(settings["niceness"])
    try:
        model = LanguageModel(Path(settings["model"]))
        model.tell(b"")  # the first look is slower than those after it
    except Unusable as error:
        connection.sendall(pack({"kind": "unloadable", "why": str(error)}))
        return
    connection.sendall(pack({"kind": "ready", "resident": resident()}))
    unpacker = Unpacker()
    while received := connection.recv(1 << 18):
        for header, pcm in unpacker.feed(received):
            began = time.process_time()
            likely = dict(model.tell(pcm))
            answer = {"kind": "told", "stream": header["stream"], "likely": likely}
            spent = time.process_time() - began
            connection.sendall(pack({**answer, "spent": spent, "resident": resident()}))


if __name__ == "__main__":
    main()
