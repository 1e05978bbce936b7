"""pjsua2 as a caller and as an agent's phone: reliable ringing, session timers, hold, sound."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from demo.sound import channel, heard_of, read
from tests.helpers.ports import phone_voices
from tests.helpers.serving import ROOT, Serving

PHONES = Path(__file__).parent / "phones"
CLIPS = ROOT / "demo" / "clips"


@pytest.mark.interop
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("peer", ["pjsua2"], indirect=True)
def test_two_phones_on_pjsip_hear_each_other_by_way_of_the_engine(
    peer: str, transport: str, tmp_path: Path
) -> None:
    with Serving(tmp_path / "data") as engine:
        password = engine.passwords()["1001"]
        ran = subprocess.run(
            [
                peer, str(PHONES / "pjsua.py"), engine.engine, transport, password,
                str(tmp_path), str(phone_voices()[0]),
            ],
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
        (call,) = engine.ended(1)
        recorded = channel(engine.recording(call), 0)
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["agent"][:2] == ["INCOMING", "EARLY"] and "CONFIRMED" in told["caller"]
    assert (call.call.record.reason, call.call.record.by) == ("completed", "agent")
    by_caller, by_agent = (read(CLIPS / f"{name}.wav") for name in ("zh_noise", "agent_zh"))
    assert heard_of(by_caller[: 6 * 16000], read(tmp_path / "agent.wav")) > 0.9
    assert heard_of(by_agent[: 6 * 16000], read(tmp_path / "caller.wav")) > 0.9
    assert heard_of(by_caller[: 6 * 16000], recorded) > 0.9
    log = (tmp_path / "pjsua.log").read_text(errors="replace")
    assert log.count("\nPRACK sip:1001@") == 1, "its reliable 180 got a PRACK"
    assert re.search(r"Response msg 200/UPDATE/cseq=\d+ .* rx", log) or "200/UPDATE" in log
    assert log.count("\nSession-Expires: 90;refresher=") >= 2, "both legs have a timer"
    assert "a=sendonly" in log and "a=recvonly" in log, "hold was offered and answered"
