"""Bad days of a served engine: each has an answer, and nothing is lost silently."""

import asyncio
import contextlib
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import wave
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

import baresip
import pytest

from calls.events import RecordingStopped
from demo.phone import dial
from demo.sound import channel, heard_of, read, seconds_of_sound
from tests.helpers import sites
from tests.helpers.calling import speaking, with_phones
from tests.helpers.ports import free_port
from tests.helpers.serving import ROOT, Serving, facts_of, until

VOICE = read(ROOT / "demo" / "clips" / "zh_noise.wav")
FIXTURE = ROOT / "tests" / "fixtures" / "zh_mini" / "model"
pytestmark = pytest.mark.slow


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the shipped site without its long prompts, so that nobody need hear them out."""
    folder = sites.copy(tmp_path / "site", whole=True)
    _edit(
        folder / "flows" / "main.yaml", "prompts: [order_star, say_matter, beep]", "prompts: [beep]"
    )
    _edit(folder / "site.yaml", "languages: [zh, en, ko, ja]", "languages: [zh]")
    return folder


def _edit(file: Path, find: str, put: str) -> None:
    text = file.read_text("utf-8")
    assert find in text, f"{file.name} has no {find}"
    file.write_text(text.replace(find, put), "utf-8")


def models(folder: Path) -> dict[str, str]:
    """Return an environment in which Mandarin is heard by the tiny model of the tests."""
    folder.mkdir()
    (folder / "zh").symlink_to(FIXTURE, target_is_directory=True)
    return {"HOTLINE_MODELS": str(folder)}


def test_killed_in_the_middle_of_five_calls_it_owns_up_to_all_of_them(
    tmp_path: Path, site: Path
) -> None:
    engine = Serving(tmp_path / "data", config=site, environment=models(tmp_path / "models"))

    async def five(phones: baresip.Runtime) -> None:
        starts = [speaking(phones, engine, f"1390000000{n}", VOICE) for n in range(5)]
        calls = await asyncio.gather(*starts)
        while min(len(call.said) for call in calls) < 4 * 16000:
            await asyncio.sleep(0.1)
        engine.kill()

    with engine:
        with_phones(five)
        engine.start()
        calls = engine.ended(5)
        assert [c.call.record.reason for c in calls] == ["interrupted"] * 5
        assert [c.call.record.by for c in calls] == ["nobody"] * 5
        for call in calls:
            said = channel(engine.recording(call), 0)
            assert seconds_of_sound(said) > 2.0, "all but the last second is in the file"
        drafted = until(lambda: _drafted(engine, 5), 30.0, "drafts from the recordings")
        assert all("幸福路" in str(draft["content"]["value"]) for draft in drafted)


def _drafted(engine: Serving, count: int) -> list[dict[str, dict[str, str]]] | None:
    """Return the drafts once each call's transcript was made from its recording."""
    calls = engine.calls()
    done = [c.draft.draft for c in calls if c.call.transcript_state == "done" and c.draft]
    told = [draft for draft in done if draft.get("content")]
    return told if len(told) == count else None  # type: ignore[return-value]  # a draft's JSON


def test_a_model_that_comes_later_is_used_for_what_was_said_before(
    tmp_path: Path, site: Path
) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    with Serving(
        tmp_path / "data", config=site, environment={"HOTLINE_MODELS": str(folder)}
    ) as engine:

        async def one(phones: baresip.Runtime) -> None:
            call = await speaking(phones, engine, "13900000001", VOICE)
            await call.say(bytes(16000))  # after all of its words
            await call.hang_up()

        with_phones(one)
        (call,) = engine.ended(1)
        assert call.call.transcript_state == "pending"
        assert call.draft is not None and call.draft.draft["transcript_state"] == "pending"
        (folder / "zh").symlink_to(FIXTURE, target_is_directory=True)
        (draft,) = until(lambda: _drafted(engine, 1), 60.0, "the words, without a restart")
        assert "幸福路" in str(draft["place"]["value"])


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket(AF_INET, SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        ran = subprocess.run(
            [sys.executable, "-m", "server.command_line", "serve", f"--data={tmp_path}",
             f"--sip=127.0.0.1:{taken}", f"--http=127.0.0.1:{free_port()}"],
            cwd=ROOT, capture_output=True, timeout=150, check=False,
        )  # fmt: skip
    assert ran.returncode == 2
    lines = ran.stderr.decode().splitlines()
    assert [line for line in lines if "端口被占用" in line] == lines[-1:]
    assert f"127.0.0.1:{taken}" in lines[-1]


def test_garbage_on_the_port_disturbs_nobody(tmp_path: Path, site: Path) -> None:
    with Serving(tmp_path / "data", config=site) as engine, socket(AF_INET, SOCK_DGRAM) as stranger:

        async def greeted(phones: baresip.Runtime) -> bytes:
            call = await dial(phones, "13900000001", "12345", engine.engine)
            for n in range(400):
                stranger.sendto(os.urandom(n), ("127.0.0.1", engine.sip_port))
                await asyncio.sleep(0.005)
            await asyncio.sleep(3.0)
            await call.hang_up()
            return bytes(call.heard)

        heard = with_phones(greeted)
        greeting = read(ROOT / "config/site/prompts/zh/greeting.wav")
        assert heard_of(greeting[16000 : 4 * 16000], heard, window=1.0) > 0.9
        assert engine.health()["sip"]["malformed"] > 300


def test_a_caller_who_is_never_heard_is_told_so_and_ended(tmp_path: Path, site: Path) -> None:
    """SIPp's caller sends no RTP of its own: the engine says so and hangs up."""
    with Serving(tmp_path / "data", config=site) as engine, socket(AF_INET, SOCK_DGRAM) as caller:
        caller.bind(("127.0.0.1", 0))
        _invite(caller, engine)
        (call,) = engine.ended(1, limit=60.0)
    assert call.call.record.reason == "no_media"
    assert call.call.record.by == "us"


def _invite(caller: socket, engine: Serving) -> None:
    """Call from a bare socket, acknowledge, and say nothing."""
    host, port = caller.getsockname()
    body = (
        f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
        "m=audio 9 RTP/AVP 8\r\n"
    )
    head = (
        "{method} sip:12345@{engine} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{{method}}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:a@{host}>;tag=a\r\nTo: <sip:12345@{host}>{{tag}}\r\nCall-ID: quiet\r\n"
        f"CSeq: 1 {{method}}\r\nContact: <sip:a@{host}:{port}>\r\n{{kind}}"
        "Content-Length: {length}\r\n\r\n"
    )
    address = ("127.0.0.1", engine.sip_port)
    kind = "Content-Type: application/sdp\r\n"
    invite = head.format(method="INVITE", engine=engine.engine, tag="", kind=kind, length=len(body))
    caller.settimeout(60)
    caller.sendto((invite + body).encode(), address)
    answer = b""
    while b"SIP/2.0 200" not in answer:
        answer = caller.recv(4096)
    tag = answer.decode().split("To: ")[1].split("tag=")[1].split("\r\n")[0]
    ack = head.format(method="ACK", engine=engine.engine, tag=f";tag={tag}", kind="", length=0)
    caller.sendto(ack.encode(), address)


async def draining(engine: Serving) -> None:
    """Wait until the engine takes no calls any more, while phones go on."""
    await asyncio.to_thread(until, lambda: engine.health()["draining"], 10.0, "draining")


def test_sigterm_lets_calls_end_and_refuses_new_ones(tmp_path: Path, site: Path) -> None:
    with Serving(tmp_path / "data", config=site) as engine:

        async def play(phones: baresip.Runtime) -> None:
            call = await dial(phones, "13900000001", "12345", engine.engine)
            await asyncio.sleep(1.0)
            assert engine.process is not None
            engine.process.send_signal(signal.SIGTERM)
            await draining(engine)
            with pytest.raises(baresip.CallFailed):
                await dial(phones, "13900000002", "12345", engine.engine)
            assert not call.ended.is_set(), "the call that was up goes on"
            await call.hang_up()

        with_phones(play)
        assert engine.process is not None
        assert engine.process.wait(120) == 0
        first, second = (c.call.record for c in engine.calls())
    assert (first.by, second.reason, second.blame) == ("caller", "draining", "ours")


def test_a_second_sigterm_ends_at_once_and_loses_nothing(tmp_path: Path, site: Path) -> None:
    with Serving(tmp_path / "data", config=site) as engine:

        async def play(phones: baresip.Runtime) -> bool:
            call = await speaking(phones, engine, "13900000001", VOICE)
            await asyncio.sleep(2.0)
            assert engine.process is not None
            engine.process.send_signal(signal.SIGTERM)
            await draining(engine)
            engine.process.send_signal(signal.SIGTERM)
            return await call.wait_ended(60.0)

        assert with_phones(play), "the caller was hung up, not left in silence"
        assert engine.process is not None
        assert engine.process.wait(120) == 0
        (call,) = engine.calls()
        assert call.call.record.reason == "shut_down"
        (stopped,) = facts_of(call, RecordingStopped)
        with wave.open(str(engine.recording(call))) as file:
            assert file.getnframes() / 8000 == pytest.approx(stopped.seconds, abs=0.05)


def test_with_the_database_locked_calls_go_on_and_are_written_down_later(
    tmp_path: Path, site: Path
) -> None:
    with Serving(tmp_path / "data", config=site) as engine:
        lock = sqlite3.connect(tmp_path / "data" / "hotline.sqlite3", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")

        async def play(phones: baresip.Runtime) -> None:
            call = await speaking(phones, engine, "13900000001", VOICE)
            await asyncio.sleep(3.0)
            await call.hang_up()

        with_phones(play)
        assert engine.health()["database"]["behind"] > 0
        lock.execute("ROLLBACK")
        lock.close()
        (call,) = engine.ended(1)
    assert call.call.record.reason == "hung_up_speaking"


def test_on_a_full_disk_calls_go_on_and_their_facts_are_written_when_there_is_room(
    tmp_path: Path, site: Path
) -> None:
    with Serving(tmp_path / "data", config=site) as engine:
        assert engine.process is not None

        async def play(phones: baresip.Runtime) -> None:
            _limit_files(engine, 1024)
            call = await speaking(phones, engine, "13900000001", VOICE)
            await asyncio.sleep(3.0)
            assert not call.ended.is_set(), "the call goes on"
            await call.hang_up()

        with_phones(play)
        assert engine.health()["ok"] is False
        _limit_files(engine, resource.RLIM_INFINITY)
        (call,) = engine.ended(1)
        assert until(lambda: engine.health()["ok"], 15.0, "all is well again")
    assert call.call.record.reason == "hung_up_speaking"
    assert any(stopped.trouble for stopped in facts_of(call, RecordingStopped))


def _limit_files(engine: Serving, octets: int) -> None:
    """Let no file of the engine and its workers grow beyond so many octets: a full disk."""
    assert engine.process is not None
    own = engine.process.pid
    children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
    for pid in (own, *map(int, children)):
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def test_a_model_that_is_damaged_is_told_of_and_calls_go_on(tmp_path: Path, site: Path) -> None:
    damaged = tmp_path / "models" / "zh"
    damaged.mkdir(parents=True)
    for source in FIXTURE.rglob("*"):
        if source.is_file():
            target = damaged / source.relative_to(FIXTURE)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes()[: 100 if source.suffix == ".mdl" else None])
    environment = {"HOTLINE_MODELS": str(tmp_path / "models")}
    with Serving(tmp_path / "data", config=site, environment=environment) as engine:
        state = until(
            lambda: engine.health()["recognition"]["zh"]["state"] == "corrupt", 30.0, "told"
        )
        assert state

        async def play(phones: baresip.Runtime) -> None:
            call = await speaking(phones, engine, "13900000001", VOICE)
            await asyncio.sleep(2.0)
            await call.hang_up()

        with_phones(play)
        (call,) = engine.ended(1)
    assert call.call.transcript_state == "pending"
    assert call.draft is not None
