"""baresip, a phone that we did not write: what it says is recorded, what it hears is ours."""

import subprocess
from pathlib import Path

import pytest

from demo.sound import channel, heard_of, read
from tests.helpers.ports import free_port, phone_voices
from tests.helpers.serving import ROOT, Serving

GREETING = ROOT / "config" / "site" / "prompts" / "zh" / "greeting.wav"
SAID = ROOT / "demo" / "clips" / "zh_noise.wav"
MODULES = ("g711", "aufile", "sndfile")


def phone(folder: Path) -> None:
    """Write a baresip configuration that speaks a file and writes down what it hears."""
    folder.mkdir()
    lines = [
        f"sip_listen 127.0.0.1:{free_port()}",
        "net_interface 127.0.0.1",
        f"audio_source aufile,{SAID}",
        f"audio_player aufile,{folder / 'heard.wav'}",
        "audio_alert aufile,/dev/null",
        "module_path /usr/lib/baresip/modules",
        *(f"module {name}.so" for name in MODULES),
        "module_tmp uuid.so",
        "module_tmp account.so",
        "module_app menu.so",
        "rtp_ports {}-{}".format(*phone_voices()),
        f"snd_path {folder}",
    ]
    (folder / "config").write_text("\n".join(lines) + "\n")
    (folder / "accounts").write_text(
        "<sip:caller@127.0.0.1>;regint=0;audio_codecs=PCMA/8000/1;dtmfmode=rtpevent\n"
    )
    (folder / "contacts").write_text("")


@pytest.mark.interop
@pytest.mark.parametrize("program", ["baresip"], indirect=True)
def test_baresip_and_the_engine_hear_each_other(program: str, tmp_path: Path) -> None:
    folder = tmp_path / "phone"
    phone(folder)
    with Serving(tmp_path / "data") as engine:
        ran = subprocess.run(
            [program, "-f", str(folder), "-e", f"/dial sip:12345@{engine.engine}", "-t", "15"],
            cwd=folder, capture_output=True, timeout=150, check=False,
        )  # fmt: skip
        (call,) = engine.ended(1)
        recorded = channel(engine.recording(call), 0)
    heard = next(folder.glob("dump-*-dec.wav"), None)
    assert heard is not None, ran.stdout.decode()[-2000:]
    assert heard_of(read(GREETING)[: 7 * 16000], read(heard), window=1.0) > 0.9
    assert heard_of(read(SAID)[: 6 * 16000], recorded, window=1.0) > 0.9
