"""SIPp, a caller that we did not write, completes a call; its echo proves the sound both ways."""

import subprocess
from pathlib import Path
from socket import SOCK_STREAM

import pytest

from demo.sound import channel, heard_of, read
from tests.helpers.ports import free_port, free_voice_port
from tests.helpers.serving import ROOT, Serving, until

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
                "-p", str(free_port()), "-mp", str(free_voice_port()), "-rtp_echo",
                "-m", "1", "-d", "11500", "-nostdin", "-timeout", "100s", "-timeout_error",
            ],
            cwd=tmp_path, capture_output=True, timeout=150, check=False,
        )  # fmt: skip
        assert sipp.returncode == 0, sipp.stdout.decode()[-2000:]
        (call,) = engine.ended(1)
        assert call.call.record.reason == "hung_up_in_menu"
        assert call.call.record.path == ("greeting",)
        echoed = channel(engine.recording(call), 0)
    said = read(GREETING)[: 7 * 16000]
    assert heard_of(said, echoed, window=1.0) > 0.9


@pytest.mark.interop
@pytest.mark.parametrize("program", ["sipp"], indirect=True)
def test_two_calls_joined_by_a_third_party_hear_each_other(program: str, tmp_path: Path) -> None:
    """SIPp's own third-party call control: one call's late offer is the other's (RFC 3725)."""
    between = f"127.0.0.1:{free_port(SOCK_STREAM)}"
    with Serving(tmp_path / "data") as engine:
        sides = []
        for side in ("3pcc-C-B", "3pcc-C-A"):  # B listens before A speaks
            scenario = tmp_path / f"{side}.xml"
            written = subprocess.run([program, "-sd", side], capture_output=True, check=False)
            text = written.stdout.decode()
            scenario.write_text(text.replace('milliseconds="1000"', 'milliseconds="9000"'))
            sides.append(
                subprocess.Popen(
                    [
                        program, "-sf", str(scenario), "-3pcc", between, engine.engine,
                        "-s", "12345", "-i", "127.0.0.1", "-p", str(free_port()), "-m", "1",
                        "-nostdin", "-timeout", "200s", "-timeout_error",
                    ],
                    cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                )
            )  # fmt: skip
            until(lambda: _listening(between), 20.0, "the other side of SIPp")
        assert [side.wait(240) for side in sides] == [0, 0]
        calls = engine.ended(2)
        heard = [channel(engine.recording(call), 0) for call in calls]
    said = read(GREETING)[: 6 * 16000]
    assert all(heard_of(said, each) > 0.9 for each in heard)


def _listening(address: str) -> bool:
    """Tell whether somebody accepts connections there."""
    port = int(address.partition(":")[2])
    return f":{port:04X} " in Path("/proc/net/tcp").read_text()
