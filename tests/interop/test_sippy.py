"""sippy as a caller, with a voice of our own: hold, resume, sound both ways."""

import json
import subprocess
from pathlib import Path

import pytest

from demo.sound import channel, heard_of, read
from tests.helpers.ports import free_port
from tests.helpers.serving import ROOT, Serving

PHONE = Path(__file__).parent / "phones" / "sippy_caller.py"
GREETING = ROOT / "config" / "site" / "prompts" / "zh" / "greeting.wav"
SAID = ROOT / "demo" / "clips" / "zh_noise.wav"


@pytest.mark.interop
@pytest.mark.parametrize("peer", ["sippy"], indirect=True)
def test_a_caller_on_sippy_holds_comes_back_and_is_heard(peer: str, tmp_path: Path) -> None:
    heard = tmp_path / "heard.pcm"
    with Serving(tmp_path / "data") as engine:
        ran = subprocess.run(
            [peer, str(PHONE), engine.engine, str(SAID), str(heard), str(free_port())],
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr[-2000:]
        (call,) = engine.ended(1)
        recorded = channel(engine.recording(call), 0)
    assert json.loads(ran.stdout) == ["a=sendrecv", "a=recvonly", "a=sendrecv", "BYE"]
    assert (call.call.record.reason, call.call.record.by) == ("hung_up_in_menu", "caller")
    assert heard_of(read(GREETING)[: 7 * 16000], heard.read_bytes()) > 0.9
    assert heard_of(read(SAID)[: 6 * 16000], recorded) > 0.9
