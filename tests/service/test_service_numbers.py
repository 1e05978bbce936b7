"""The service numbers, dialled by a real telephone: a prompt, a plan, the draft."""

import json
import sqlite3
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.events import Collected, Entered, FlowChosen, KeyPressed
from config.plan_board import PlanBoard
from config.publish import Shelf
from demo.phone import Conversation, dial
from server.command_line import main
from tests.helpers import sites
from tests.helpers.calling import with_phones
from tests.helpers.media_phones import strength, tone
from tests.helpers.serving import Serving, facts_of, until

LINE, TRIAL = "12390", "12391"
SAID = 700.0
"""Hz of what is said into the telephone."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return a site with service numbers, whose prompts are files of its own."""
    site = sites.copy(tmp_path / "site")
    path = site / "site.yaml"
    text = path.read_text("utf-8").replace("languages: [zh, en, ko, ja]", "languages: []")
    for before, after in (
        ("  number:                       # 录", f'  number: "{LINE}" # 录'),
        ("  test_number:                  # 输", f'  test_number: "{TRIAL}" # 输'),
        ("  prompts: {} ", "  prompts: {101: greeting} "),
        ("  plans: {} ", "  plans: {1: typhoon} "),
    ):
        assert text.count(before) == 1
        text = text.replace(before, after)
    path.write_text(text, "utf-8")
    return site


@pytest.fixture
def engine(site: Path, tmp_path: Path) -> Iterator[Serving]:
    data = tmp_path / "data"
    assert main(["publish", "--config", str(site), "--data", str(data), "-m", "原有"]) == 0
    with Serving(data, config=site) as serving:
        yield serving


def pin_of(engine: Serving, site: Path, capsys: pytest.CaptureFixture[str]) -> str:
    arguments = ["--config", str(site), "--data", str(engine.data)]
    assert main(["service", "pin", "1001", *arguments]) == 0
    return capsys.readouterr().out.split()[-1]


async def keyed(call: Conversation, keys: str) -> None:
    """Wait for the question, then answer it."""
    await call.until_quiet(quiet=0.5)
    await call.press(keys)


def audit(engine: Serving) -> list[tuple[str, str, str]]:
    with sqlite3.connect(engine.data / "hotline.sqlite3") as books:
        rows = books.execute("select agent, action, note from audit order by id").fetchall()
    return [(agent, action, note) for agent, action, note in rows]


def everything_written(engine: Serving) -> str:
    """Return all that the engine wrote down: the log, the database, the journal."""
    books = sqlite3.connect(engine.data / "hotline.sqlite3")
    told = "\n".join(books.iterdump())
    books.close()
    journal = "".join(p.read_text("utf-8", "replace") for p in engine.data.glob("journal/*"))
    return engine.log.read_text("utf-8", "replace") + told + journal


@pytest.mark.slow
def test_a_prompt_is_recorded_and_a_plan_switched_by_a_telephone_with_a_pin(
    engine: Serving, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = pin_of(engine, site, capsys)

    async def play(phones) -> bool:  # type: ignore[no-untyped-def]  # baresip has no types
        call = await dial(phones, "admin", LINE, engine.engine)
        await keyed(call, "1001#")
        await keyed(call, f"{pin}#")
        await keyed(call, "1")
        await keyed(call, "101#")
        await call.until_quiet(quiet=0.5)  # the beep is over
        await call.say(tone(SAID, 2.0))
        await call.press("#")
        mark = len(call.heard)
        await keyed(call, "2")  # after the take and the question what to do with it
        heard = bytes(call.heard[mark:])
        await keyed(call, "2")  # kept; in the menu again: a plan
        await keyed(call, "1#")
        await keyed(call, "1")
        await call.until_quiet(quiet=0.5)
        await call.hang_up()
        return strength(heard, SAID) > 3 * strength(heard, 2 * SAID)

    assert with_phones(play)
    kept = site / "prompts/zh/greeting.wav"
    with wave.open(str(kept)) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        pcm = sound.readframes(sound.getnframes())
    assert 1.0 < seconds < 4.0
    assert strength(pcm[8000:16000], SAID) > strength(pcm[8000:16000], 440.0)
    assert kept.with_name("greeting.wav.old").exists()
    assert PlanBoard(Shelf(engine.data)).on(2e9) == ("typhoon",)
    done = [("1001", f"service_{what}", note) for what, note in (
        ("signed_in", ""), ("prompt_kept", "greeting"), ("plan_on", "typhoon"),
    )]  # fmt: skip
    until(lambda: audit(engine) == done, 20.0, "the audit has it all")
    (call,) = engine.ended(1)
    assert [f.value for f in facts_of(call, Collected) if f.name == "service_pin"] == ["•"]
    assert "".join(f.key for f in facts_of(call, KeyPressed)).startswith("1001#•")
    assert not call.recordings
    assert pin not in everything_written(engine)
    assert list((engine.data / "service").glob("*.wav")) == []
    published = Shelf(engine.data).path(Shelf(engine.data).current() or "")
    assert (published / "prompts/zh/greeting.wav").read_bytes() != kept.read_bytes()


@pytest.mark.slow
def test_the_test_number_dials_the_draft_and_the_public_number_does_not(
    engine: Serving, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin = pin_of(engine, site, capsys)
    sites.only_flow(
        site,
        "begin: fresh\nnodes:\n  fresh: {type: say, prompts: [goodbye], then: end}\n"
        "  end: {type: hang_up}\n",
    )

    async def play(phones) -> None:  # type: ignore[no-untyped-def]  # baresip has no types
        call = await dial(phones, "admin", TRIAL, engine.engine)
        await keyed(call, "1001#")
        await keyed(call, f"{pin}#")
        assert await call.wait_ended(120.0)
        public = await dial(phones, "citizen", "12345", engine.engine)
        await public.until_quiet(limit=3.0)
        await public.hang_up()

    with_phones(play)
    tried, public = engine.ended(2)
    assert [fact.node for fact in facts_of(tried, Entered)][-2:] == ["fresh", "end"]
    versions = [fact.version for fact in facts_of(tried, FlowChosen)]
    assert versions[0].startswith("0001-")
    assert versions[1].startswith("draft-")
    assert facts_of(public, Entered)[0].node == "greeting"


@pytest.mark.slow
def test_who_guesses_is_refused_and_nothing_of_it_is_written_down(
    engine: Serving, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pin_of(engine, site, capsys)
    wrong = ("73917391", "73917392", "73917393")

    async def play(phones) -> None:  # type: ignore[no-untyped-def]  # baresip has no types
        call = await dial(phones, "stranger", LINE, engine.engine)
        for guess in wrong:
            await keyed(call, "1001#")
            await keyed(call, f"{guess}#")
        assert await call.wait_ended(120.0)

    with_phones(play)
    (call,) = engine.ended(1)
    assert "menu" not in [fact.node for fact in facts_of(call, Entered)]
    refused = [("1001", "service_refused", "")] * 3
    until(lambda: audit(engine) == refused, 20.0, "every guess is in the audit")
    told = everything_written(engine)
    assert not any(guess in told for guess in wrong)
    assert json.loads((engine.data / "secrets/service-pins.json").read_text())["1001"]["salt"]
