"""baresip in secret (SRTP by SDES, of libre's own making) and in G.722, heard both ways."""

import subprocess
from pathlib import Path

import pytest

from demo.sound import channel, heard_of, read
from media import wav
from media.resampling import resampled
from tests.helpers import sites
from tests.helpers.ports import free_port, phone_voices
from tests.helpers.serving import ROOT, Serving

GREETING = ROOT / "config" / "site" / "prompts" / "zh" / "greeting.wav"
SAID = ROOT / "demo" / "clips" / "zh_noise.wav"
MODULES = ("g711", "g722", "srtp", "aufile", "sndfile")


def phone(folder: Path, account: str) -> None:
    """Write a baresip configuration that speaks a file and writes down what it hears."""
    folder.mkdir()
    lines = [
        f"sip_listen 127.0.0.1:{free_port()}",
        "net_interface 127.0.0.1",
        f"audio_source aufile,{SAID}",
        f"audio_player aufile,{folder / 'heard.wav'}",
        "audio_alert aufile,/dev/null",
        "ausrc_srate 8000",
        "auplay_srate 8000",
        "module_path /usr/lib/baresip/modules",
        *(f"module {name}.so" for name in MODULES),
        "module_tmp uuid.so",
        "module_tmp account.so",
        "module_app menu.so",
        "rtp_ports {}-{}".format(*phone_voices()),
        f"snd_path {folder}",
    ]
    (folder / "config").write_text("\n".join(lines) + "\n")
    (folder / "accounts").write_text(f"<sip:caller@127.0.0.1>;regint=0;{account}\n")
    (folder / "contacts").write_text("")


def site(folder: Path, policy: str) -> Path:
    """Write the shipped site with G.722, and with a policy for the trunk of loopback."""
    copy = sites.copy(folder)
    for name, was, shall in (
        ("site.yaml", "codecs: [PCMA, PCMU]", "codecs: [G722, PCMA, PCMU]"),
        ("trunks.yaml", 'srtp: "off"', f'srtp: "{policy}"'),
    ):
        text = (copy / name).read_text()
        assert was in text
        (copy / name).unlink()
        (copy / name).write_text(text.replace(was, shall))
    return copy


def narrow(path: Path) -> bytes:
    """Read what a phone heard, at 8 kHz whatever its own rate."""
    sound = wav.read(path.read_bytes())
    return resampled(sound.pcm, sound.rate, 8000)


def dial(program: str, folder: Path, engine: Serving) -> str:
    ran = subprocess.run(
        [program, "-f", str(folder), "-e", f"/dial sip:12345@{engine.engine}", "-t", "15"],
        cwd=folder, capture_output=True, timeout=150, check=False,
    )  # fmt: skip
    return (ran.stdout + ran.stderr).decode("utf-8", "replace")


@pytest.mark.interop
@pytest.mark.parametrize("program", ["baresip"], indirect=True)
@pytest.mark.parametrize(
    ("codec", "secret"), [("PCMA/8000/1", True), ("G722/16000/1", True), ("G722/16000/1", False)]
)
def test_baresip_is_heard_in_every_form(
    program: str, codec: str, secret: bool, tmp_path: Path
) -> None:
    account = f"audio_codecs={codec}" + (";mediaenc=srtp-mand" if secret else "")
    phone(tmp_path / "phone", account)
    policy = "required" if secret else "optional"
    with Serving(tmp_path / "data", config=site(tmp_path / "site", policy)) as engine:
        said = dial(program, tmp_path / "phone", engine)
        (call,) = engine.ended(1)
        recorded = channel(engine.recording(call), 0)
    heard = next((tmp_path / "phone").glob("dump-*-dec.wav"), None)
    assert heard is not None, said[-2000:]
    assert heard_of(read(GREETING)[: 7 * 16000], narrow(heard), window=1.0) > 0.9
    assert heard_of(read(SAID)[: 6 * 16000], recorded, window=1.0) > 0.9


@pytest.mark.interop
@pytest.mark.parametrize("program", ["baresip"], indirect=True)
def test_baresip_without_keys_is_refused_where_they_are_required(
    program: str, tmp_path: Path
) -> None:
    phone(tmp_path / "phone", "audio_codecs=PCMA/8000/1")
    with Serving(tmp_path / "data", config=site(tmp_path / "site", "required")) as engine:
        said = dial(program, tmp_path / "phone", engine)
    assert "488" in said, said[-2000:]
