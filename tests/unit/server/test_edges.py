"""Small pieces of the edge: passwords, logs, the command line, imported prompts, figures."""

import argparse
import io
import json
import math
import stat
import struct
import wave
from pathlib import Path

import pytest
from prometheus_client import generate_latest

from calls.events import Answered, Arrived, Ended, LegFigures, OfferFailed, Queued
from calls.ids import AgentId, CallId, LaneId
from calls.reasons import Reason
from config.faults import SettingsError
from media.commands import WorkerFigures
from server import passwords, prompt_import
from server.command_line import main as hotline
from server.compose import Overrides
from server.drawing import draw_flow
from server.figures import EngineFigures
from server.log import Unfailing
from tests.helpers import sites

CALL = CallId("c-1")


# --- passwords --------------------------------------------------------------------------


def test_passwords_are_made_once_at_random_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "phones.json"
    made = passwords.read_or_make(file, [AgentId("1001"), AgentId("1002")])
    assert len(set(made.values())) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert passwords.read_or_make(file, [AgentId("1001")]) == made


def test_a_new_agent_gets_a_password_and_the_others_keep_theirs(tmp_path: Path) -> None:
    file = tmp_path / "phones.json"
    file.write_text('{"softphone": "given"}')
    found = passwords.read_or_make(file, [AgentId("1001")])
    assert found["softphone"] == "given"
    assert set(json.loads(file.read_text())) == {"softphone", "1001"}


@pytest.mark.parametrize("text", ["", "[]", '{"1001": 5}', "{"])
def test_a_password_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "phones.json"
    file.write_text(text)
    with pytest.raises(passwords.PasswordsUnreadable):
        passwords.read_or_make(file, [])


# --- logs ---------------------------------------------------------------------------------


class Disk(io.StringIO):
    """A stream whose disk may be full."""

    full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


def test_what_a_full_disk_refuses_is_lost_counted_and_told_of_later() -> None:
    disk = Disk()
    log = Unfailing(disk)
    log.write("before\n")
    disk.full = True
    log.write("lost\n")
    log.write("lost too\n")
    assert log.lost == 2
    disk.full = False
    log.write("after\n")
    lines = disk.getvalue().splitlines()
    assert lines[0] == "before" and lines[-1] == "after"
    assert json.loads(lines[1]) == {"event": "log_lines_lost", "level": "warning", "count": 2}


# --- the command line ------------------------------------------------------------------------


def asked(**values: str | None) -> argparse.Namespace:
    words = {"sip": None, "http": None, "rtp_ports": None, "unpublished": False}
    return argparse.Namespace(**{**words, **values})


def test_the_command_line_stands_in_place_of_the_settings() -> None:
    overrides = Overrides.of(asked(sip="127.0.0.2:5070", rtp_ports="40001-40100"))
    assert (overrides.sip, overrides.http, overrides.rtp) == (
        ("127.0.0.2", 5070),
        None,
        (40002, 40100),
    )


def test_every_bad_address_of_the_command_line_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        Overrides.of(asked(sip="5070", http="here:99999", rtp_ports="9-1"))
    assert [fault.key for fault in raised.value.faults] == ["--http", "--rtp-ports", "--sip"]


def test_help_is_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        hotline(["--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "演示" in said and "the service, in the foreground" in said


def test_an_argument_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SystemExit) as ended:
        hotline(["check", "--confg=x"])
    assert ended.value.code == 2


def test_check_names_faults_and_says_so_by_its_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = sites.copy(tmp_path / "site", whole=True)
    assert hotline(["check", f"--config={site}"]) == 0
    lanes = site / "lanes.yaml"
    lanes.write_text(lanes.read_text("utf-8").replace("needs: [medical]", "needs: []"), "utf-8")
    assert hotline(["check", f"--config={site}"]) == 2
    assert "lanes.yaml:" in capsys.readouterr().err


def test_a_flow_that_is_not_there_cannot_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    def drawn(name: str, form: str) -> int:
        words = {"config": sites.SHIPPED, "name": name, "format": form, "figures": False}
        return draw_flow(argparse.Namespace(**words))

    assert drawn("nowhere", "mermaid") == 2
    assert drawn("main", "mermaid") == 0
    assert "flowchart" in capsys.readouterr().out
    assert drawn("main", "svg") == 0
    assert "<svg" in capsys.readouterr().out


# --- imported prompts --------------------------------------------------------------------------


def recording(path: Path, *, rate: int = 44100, level: float = 0.05) -> Path:
    """Write a second of a tone in stereo."""
    samples = (int(32767 * level * math.sin(n / 20)) for n in range(rate))
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<hh", s, s) for s in samples))
    return path


def imported(tmp_path: Path, file: Path, text: str | None = None) -> int:
    return prompt_import.main(
        argparse.Namespace(config=tmp_path, language="zh", prompt="new", file=file, text=text)
    )


def test_a_recording_comes_in_at_8_khz_mono_and_even_loudness(tmp_path: Path) -> None:
    assert imported(tmp_path, recording(tmp_path / "raw.wav"), text="您好") == 0
    with wave.open(str(tmp_path / "prompts/zh/new.wav")) as file:
        assert file.getparams()[:3] == (1, 2, 8000)
    sound = prompt_import.AudioSegment.from_file(tmp_path / "prompts/zh/new.wav")
    assert sound.dBFS == pytest.approx(prompt_import.LOUDNESS, abs=0.5)
    assert "您好" in (tmp_path / "prompts/zh/texts.yaml").read_text("utf-8")


def test_a_loud_recording_keeps_below_the_ceiling(tmp_path: Path) -> None:
    sound = prompt_import.convert(recording(tmp_path / "raw.wav", level=0.99))
    assert sound.max_dBFS <= prompt_import.CEILING + 0.1


def test_silence_is_no_prompt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported(tmp_path, recording(tmp_path / "raw.wav", level=0.0)) == 2
    assert "静音" in capsys.readouterr().err


def test_what_is_not_there_or_no_audio_is_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert imported(tmp_path, tmp_path / "none.wav") == 2
    (tmp_path / "text.wav").write_text("not audio")
    assert imported(tmp_path, tmp_path / "text.wav") == 2
    said = capsys.readouterr().err
    assert "no such file" in said and "not audio" in said


# --- figures ----------------------------------------------------------------------------------


def test_figures_are_read_from_the_facts() -> None:
    figures = EngineFigures()
    for fact in (
        Arrived(CALL, 0.0, "139", "12345", "127.0.0.1:5070", "x"),
        Queued(CALL, 1.0, LaneId("general")),
        OfferFailed(CALL, 5.0, AgentId("1001"), "busy"),
        Answered(CALL, 13.0, AgentId("1002")),
        LegFigures(CALL, 20.0, "citizen", 100, 100, 3, 0.001, 0.002),
        Ended(CALL, 20.0, "caller", Reason.COMPLETED),
    ):
        figures.fact(fact)
    figures.worker(WorkerFigures(2, 500, 1.5, 3.0, 0, 2.5))
    text = generate_latest(figures.registry).decode()
    assert 'hotline_calls_ended_total{blame="nobody",reason="completed"} 1.0' in text
    assert 'hotline_wait_seconds_bucket{le="15.0"} 1.0' in text
    assert 'hotline_wait_seconds_bucket{le="10.0"} 0.0' in text
    assert "hotline_rtp_packets_lost_total 3.0" in text
    assert "hotline_rtp_late_p99_ms 1.5" in text
