"""SIPp with scenarios of ours against a real engine: each ends as SIPp expects, or SIPp fails."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from calls.talk_events import Reached
from tests.helpers import sites
from tests.helpers.ports import free_port, free_voice_port
from tests.helpers.serving import Serving, facts_of, until

SCENARIOS = Path(__file__).parent / "sipp"
SIPP = pytest.mark.parametrize("program", ["sipp"], indirect=True)
WAYS = pytest.mark.parametrize("transport", ["u1", "t1"])


def play(program: str, scenario: str, engine: Serving, folder: Path, *more: str) -> None:
    """Play a scenario once; fail with what SIPp says."""
    ran = subprocess.run(
        [
            program, "-sf", str(SCENARIOS / f"{scenario}.xml"), engine.engine, "-i", "127.0.0.1",
            "-p", str(free_port()), "-mp", str(free_voice_port()), "-m", "1", "-nostdin",
            "-timeout", "100s", "-timeout_error", "-trace_err", *more,
        ],
        cwd=folder, capture_output=True, timeout=150, check=False,
    )  # fmt: skip
    errors = "".join(path.read_text()[-2000:] for path in folder.glob("*_errors.log"))
    assert ran.returncode == 0, errors or ran.stdout.decode()[-2000:]


@contextmanager
def waiting(
    program: str, scenario: str, port: int, engine: Serving, folder: Path
) -> Iterator[None]:
    """Let SIPp wait at a port for what we shall ask of it; fail if it does not end well."""
    ran = subprocess.Popen(
        [
            program, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1", "-p", str(port),
            "-mp", str(free_voice_port()), "-m", "1", "-nostdin", "-timeout", "200s",
            "-timeout_error", "-trace_err", "-key", "engine", engine.engine,
        ],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
        errors = "".join(path.read_text()[-2000:] for path in folder.glob("*_errors.log"))
        assert ran.wait(240) == 0, f"{scenario}: {errors}"
    finally:
        ran.kill()
        ran.wait(60)


def phone(user: str, password: str) -> tuple[str, ...]:
    """Return what makes SIPp this phone."""
    return "-s", user, "-au", user, "-ap", password


def there(engine: Serving) -> int:
    """Return how many agents are ready."""
    return int(engine.health()["agents"].get("ready", 0))


@pytest.mark.interop
@SIPP
def test_a_phone_registers_and_is_known_after_a_power_cut(program: str, tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as engine:
        user, password = next(
            (user, password) for user, password in engine.passwords().items() if user.isdigit()
        )
        who = phone(user, password)
        play(program, "register", engine, tmp_path, *who)
        assert there(engine) == 1
        until(lambda: "phone kept" if kept(engine) else None, 10.0, "registration written down")
        engine.kill()
        engine.start()
        until(lambda: there(engine) == 1, 10.0, "the phone known again")


@pytest.mark.interop
@SIPP
def test_a_phone_that_only_its_connection_leads_to_goes_with_it(
    program: str, tmp_path: Path
) -> None:
    """SIPp's Contact is the port that it called from; nobody can connect to that."""
    with Serving(tmp_path / "data") as engine:
        user, password = next(iter(engine.passwords().items()))
        play(program, "register", engine, tmp_path, "-t", "t1", *phone(user, password))
        until(lambda: there(engine) == 0, 10.0, "the phone gone with its connection")
        assert kept(engine) == 0


def kept(engine: Serving) -> int:
    """Return how many registrations are in the tables."""
    database = create_engine(f"sqlite:///{engine.data / 'hotline.sqlite3'}")
    try:
        with database.connect() as connection:
            found: int = connection.execute(text("select count(*) from registrations")).scalar_one()
            return found
    finally:
        database.dispose()


@pytest.mark.interop
@SIPP
def test_a_phone_with_a_wrong_password_does_not_register(program: str, tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as engine:
        user = next(iter(engine.passwords()))
        with pytest.raises(AssertionError, match="401"):
            play(program, "register", engine, tmp_path, *phone(user, "wrong"))
        assert there(engine) == 0


@pytest.mark.interop
@SIPP
@WAYS
def test_a_caller_puts_us_on_hold_and_comes_back(
    program: str, transport: str, tmp_path: Path
) -> None:
    with Serving(tmp_path / "data") as engine:
        play(program, "hold", engine, tmp_path, "-s", "12345", "-t", transport)
        (call,) = engine.ended(1)
        assert call.call.record.reason == "hung_up_in_menu"


@pytest.mark.interop
@SIPP
@WAYS
def test_a_caller_gets_what_may_be_asked_for_and_a_word_for_what_may_not(
    program: str, transport: str, tmp_path: Path
) -> None:
    """One engine for all of it: late offers, REFER, UPDATE, and what we do not speak."""
    to = ("-s", "12345", "-t", transport)
    with Serving(tmp_path / "data") as engine:
        with engine.mute():  # before its first call: without a port our 200 must wait
            play(program, "cancel_in_time", engine, tmp_path, "-m", "20", "-r", "10", *to)
        for number, scenario in enumerate(("late_offer", "refer", "update"), start=21):
            play(program, scenario, engine, tmp_path, *to)
            assert engine.ended(number)[-1].call.record.reason == "hung_up_in_menu", scenario
        play(program, "not_spoken", engine, tmp_path, *to)
        play(program, "cancel_too_late", engine, tmp_path, *to)
        ended = Counter(call.call.record.by for call in engine.ended(20 + 3 + 1 + 1))
        assert ended == {"caller": 24, "us": 1}, "the one whose codec we do not speak"


STRAIGHT = """language: zh
record: false
begin: general
nodes:
  general: {type: enqueue, lane: general, on_full: end, on_nobody: end, on_late: end}
  end: {type: hang_up}
"""
"""A flow that leads to an agent at once."""


def straight(folder: Path) -> Path:
    """Write a site where whoever dials 12345 gets an agent without a menu."""
    site = sites.copy(folder)
    (site / "flows" / "straight.yaml").write_text(STRAIGHT)
    text = (site / "site.yaml").read_text("utf-8")
    assert "12345: main" in text
    (site / "site.yaml").write_text(text.replace("12345: main", "12345: straight"), "utf-8")
    return site


@pytest.mark.interop
@SIPP
def test_an_agents_phone_rings_reliably_and_transfers_the_caller_to_another(
    program: str, tmp_path: Path
) -> None:
    """PRACK and REFER carried out: 202, NOTIFY 100 and 200, BYE; the caller stays on the line."""
    one, other = free_port(), free_port()
    with Serving(tmp_path / "data", config=straight(tmp_path / "site")) as engine:
        for user, port in (("1001", one), ("1006", other)):
            who = phone(user, engine.passwords()[user])
            play(program, "register", engine, tmp_path, "-p", str(port), *who)
        with (
            waiting(program, "agent_refers", one, engine, tmp_path),
            waiting(program, "agent_takes", other, engine, tmp_path),
        ):
            play(program, "caller_stays", engine, tmp_path, "-s", "12345")
        (call,) = engine.ended(1)
    assert [fact.target for fact in facts_of(call, Reached)] == ["agent:1006"]
    assert call.call.record.reason == "completed"
