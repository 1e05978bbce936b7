"""The engine's end of the media worker, in a process with a real reactor."""

import json
import subprocess
import sys
from pathlib import Path

from tests.helpers.ports import engine_voices

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, os, signal, sys
from twisted.internet import reactor
from media.worker_settings import WorkerSettings
from media import commands as c
from server.media_link import MediaLink

seen, path = [], sys.argv[1]

def on_event(event):
    seen.append(type(event).__name__)
    match event:
        case c.LegOpened(leg="first"):
            link.send(c.StartRecording("rec", path, "first"))
            link.flush()
            raise ValueError("a fault of the listener")
        case c.LegOpened(leg="second"):
            stopping = link.stop()
            stopping.addCallback(lambda _: seen.append(f"stopped, up={link.up}"))
            stopping.addCallback(lambda _: reactor.stop())
        case c.WorkerFigures() if seen.count("WorkerFigures") == 1:
            link.send(c.OpenLeg("first", "127.0.0.1"))
            link.flush()
            reactor.callLater(0.3, os.kill, link._worker._process.pid, signal.SIGKILL)

def on_lost(why):
    seen.append("lost: " + why)
    link.send(c.OpenLeg("nobody", "127.0.0.1"))
    link.start()
    link.send(c.OpenLeg("second", "127.0.0.1"))
    link.flush()

settings = WorkerSettings(int(sys.argv[2]), int(sys.argv[3]), clock_offset=0.0)
link = MediaLink(reactor, settings, on_event, on_lost)
reactor.callWhenRunning(link.start)
reactor.callLater(90, reactor.stop)
reactor.run()
print(json.dumps(seen))
"""


def test_a_worker_that_dies_is_told_of_once_and_another_takes_its_place(tmp_path: Path) -> None:
    ports = map(str, engine_voices())
    program = [sys.executable, "-c", PROGRAM, str(tmp_path / "a.wav"), *ports]
    done = subprocess.run(
        program, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    lost = [what for what in seen if what.startswith("lost")]
    assert len(lost) == 1 and ("signal 9" in lost[0] or "stream closed" in lost[0])
    after = seen[seen.index(lost[0]) + 1 :]
    assert after.count("LegOpened") == 1, "what was sent to nobody is dropped"
    assert "LegClosed" in after, "told to end, the worker closes its legs first"
    assert after[-1] == "stopped, up=False"
