"""SIPp, a caller that we did not write, completes a call; its echo proves the sound both ways."""

import subprocess
from pathlib import Path

import pytest

from demo.sound import channel, likeness, read
from tests.helpers.serving import ROOT, Serving, free_port

GREETING = ROOT / "config" / "site" / "prompts" / "zh" / "greeting.wav"


@pytest.mark.interop
@pytest.mark.parametrize("transport", ["u1", "t1"])
@pytest.mark.parametrize("program", ["sipp"], indirect=True)
def test_sipps_own_caller_hears_the_greeting_and_its_echo_is_recorded(
    program: str, transport: str, tmp_path: Path
) -> None:
    with Serving(tmp_path / "data") as engine:
        sipp = subprocess.run(
            [
                program, "-sn", "uac", engine.engine, "-s", "12345", "-t", transport,
                "-i", "127.0.0.1",
                "-p", str(free_port()), "-mp", str(free_port() & ~1), "-rtp_echo",
                "-m", "1", "-d", "9000", "-nostdin", "-timeout", "40s", "-timeout_error",
            ],
            cwd=tmp_path, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert sipp.returncode == 0, sipp.stdout.decode()[-2000:]
        (call,) = engine.ended(1)
        assert call.call.record.reason == "hung_up_in_menu"
        assert call.call.record.path == ("greeting",)
        echoed = channel(engine.recording(call), 0)
    said = read(GREETING)[: 7 * 16000]
    assert likeness(said, echoed) > 0.9
