"""The page that agents work with, in a real browser: a real engine, real phones, real sound."""

import asyncio
import json
import os
from pathlib import Path

import baresip
import pytest

from calls.talk_events import Held, HelpAsked, KeysSent, Resumed, Supervised, Transferred
from demo.phone import AgentPhone, Conversation, dial
from demo.sound import read
from tests.helpers import sites
from tests.helpers.calling import with_phones
from tests.helpers.chromium import Browser, Page, pages
from tests.helpers.media_phones import tone
from tests.helpers.serving import ROOT, Serving, facts_of

pytestmark = pytest.mark.slow
VOICE = read(ROOT / "demo" / "clips" / "zh_noise.wav")
FIXTURE = ROOT / "tests" / "fixtures" / "zh_mini" / "model"

WATCH_PARTIALS = """
  window.partials = [];
  new MutationObserver(() => window.partials.push(document.querySelector('#partials').innerText))
    .observe(document.querySelector('#partials'), { childList: true });
  true"""
"""Uncertain words are on the page for a moment only."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the shipped site, in which 1001 alone serves the general lane."""
    folder = sites.copy(tmp_path / "site", whole=True)
    for name, old, new in (
        ("agents.yaml", "{government: 5, general: 3, counselling: 1}", "{government: 5}"),
        ("site.yaml", "languages: [zh, en, ko, ja]", "languages: [zh]"),
    ):
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which Mandarin is heard by the tiny model of the tests."""
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "zh").symlink_to(FIXTURE, target_is_directory=True)
    return {"HOTLINE_MODELS": str(folder)}


class Desk:
    """A served engine, its phones, and pages of a browser."""

    def __init__(self, engine: Serving, phones: baresip.Runtime, browser: Browser) -> None:
        self.engine, self._phones, self._browser = engine, phones, browser
        self._passwords = engine.passwords()

    async def phone(self, user: str, hertz: float) -> AgentPhone:
        """Sign a phone in that answers by itself and hums."""
        phone = AgentPhone(self._phones, user, self._passwords[user], self.engine.engine)
        phone.greeting = tone(hertz, 1.0, loud=1500) * 300
        await phone.sign_in()
        return phone

    async def page(self, user: str, path: str) -> Page:
        """Sign in by the form, as a person does."""
        page = await self._browser.page()
        await page.open(f"http://127.0.0.1:{self.engine.http_port}/login?next={path}")
        await page.write("#agent", user)
        await page.write("#password", self._passwords[user])
        await page.press("button.main")
        await page.until(f"location.pathname === {json.dumps(path)}")
        await page.shows("#wire", "已连接")
        return page

    async def call(self) -> Conversation:
        """Dial as a citizen and ask for a person."""
        caller = await dial(self._phones, "13900000001", "12345", self.engine.engine)
        await asyncio.sleep(0.5)
        await caller.press("0")
        return caller


async def picture(page: Page, name: str) -> None:
    """Keep what a page looks like where `PAGE_PICTURES` names a folder."""
    folder = os.environ.get("PAGE_PICTURES")
    if folder:
        await page.picture(Path(folder) / f"{name}.png")


async def works_on_a_call(desk: Desk) -> None:
    """A call comes, is transcribed, held, corrected, handed over, wrapped up, confirmed."""
    await desk.phone("1001", 700)
    boss = await desk.phone("1011", 1000)
    page, board = await desk.page("1001", "/work"), await desk.page("1011", "/board")
    await page.shows("#state", "待机")
    caller = await desk.call()
    await page.shows("#phase", "通话中")
    await page.shows("#caller", "13900000001")
    await page.shows("#lane", "综合")
    await page.eval(WATCH_PARTIALS)
    caller.say_and_go_on(VOICE)
    await page.until("window.partials.length > 0")
    await page.shows("#lines", "幸福路")
    await page.press("[data-action=hold]")
    await page.shows("#company", "保持")
    await page.press("[data-action=resume]")
    await page.until("!document.querySelector('#company').innerText.includes('保持')")
    await presses_keys(page)
    await page.press("[data-action=ask_help]")
    await board.shows("#alerts", "求助")
    await board.shows("#lanes", "综合")
    await picture(board, "board")
    await supervised(board, page)
    await page.write("#f-caller", "王女士")
    await page.shows("#draft-state", "已保存")
    await picture(page, "talking")
    await page.press("#open-reach")
    await page.until("document.querySelector('#target option[value=duty]')")
    await page.eval("document.querySelector('#target').value = 'duty'")
    await picture(page, "reach")
    await page.press("[data-how=transfer]")
    await page.shows("#state", "话后处理")
    assert boss.conversations
    await caller.hang_up()
    await wraps_up(page)
    assert (page.errors, board.errors) == ([], [])


async def presses_keys(page: Page) -> None:
    """The pad opens and closes, and each key goes to the caller."""
    await page.press("#open-keys")
    await page.until("document.querySelector('#keys').open")
    await picture(page, "keys")
    for key in "5#":
        await page.press(f"[data-key='{key}']")
    await page.press("#keys [value=close]")
    await page.until("!document.querySelector('#keys').open")


async def wraps_up(page: Page) -> None:
    """What was typed is still there; it is confirmed, and the agent goes on."""
    await page.until("document.querySelector('#f-caller').value === '王女士'")
    await page.press("#confirm")
    await page.shows("#draft-state", "1001 确认")
    assert await page.eval("document.querySelector('#f-caller').value") == "王女士"
    await picture(page, "confirmed")
    await page.press("[data-action=finish_wrap_up]")
    await page.shows("#state", "待机")
    await page.press("[data-values*=rest]")
    await page.shows("#state", "小休")
    await page.press("[data-action=back_to_work]")
    await page.shows("#state", "待机")


async def supervised(board: Page, page: Page) -> None:
    """The supervisor listens, and stops; the agent's page does not tell."""
    await board.press("#alerts .help button")
    await board.until("document.querySelectorAll('#agents [data-state=talking]').length === 2")
    assert "监听" not in await page.eval("document.querySelector('#company').innerText")
    await board.press("#agents [data-leave]")
    await board.until("document.querySelectorAll('#agents [data-state=talking]').length === 1")


def test_an_agent_works_on_a_call_from_the_first_ring_to_the_confirmed_order(
    tmp_path: Path, site: Path, models: dict[str, str]
) -> None:
    async def play(phones: baresip.Runtime) -> None:
        async with pages(tmp_path / "browser") as browser:
            await works_on_a_call(Desk(engine, phones, browser))

    with Serving(tmp_path / "data", config=site, environment=models) as engine:
        with_phones(play)
        (ended,) = engine.ended(1)
    for kind in (Held, Resumed, HelpAsked):
        assert [fact.by for fact in facts_of(ended, kind)] == ["1001"], kind
    assert [fact.target for fact in facts_of(ended, Transferred)] == ["duty"]
    assert [fact.how for fact in facts_of(ended, Supervised)] == ["listen"]
    assert [(fact.target, fact.count) for fact in facts_of(ended, KeysSent)] == [("citizen", 1)] * 2
    assert ended.draft is not None and ended.draft.confirmed_by == "1001"
    assert ended.draft.draft["caller"]["value"] == "王女士"
