"""An agent calls a citizen from the order's page: real phone, real trunk, each is heard."""

import asyncio
import json
import urllib.request
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import baresip
import pytest

from calls.lane_events import OrderCalled, OrderCallEnded
from demo.phone import AgentPhone, dial
from tests.helpers import sites
from tests.helpers.calling import with_phones
from tests.helpers.media_phones import strength, tone
from tests.helpers.serving import Serving, facts_of, until
from tests.helpers.voice_provider import VoiceHost

pytestmark = pytest.mark.slow
AGENT, CITIZEN = 700, 1000
NUMBER = "13900000001"
TRUNK = """\
trunks:
  carrier:
    addresses: [127.0.0.0/8]
    hosts: ["127.0.0.1:{port}"]
    keep_alive:
    dial_out: ["1[3-9]xxxxxxxxx"]
"""


@pytest.fixture
def citizen() -> Iterator[VoiceHost]:
    host = VoiceHost(CITIZEN)
    yield host
    host.stop()


@pytest.fixture
def site(tmp_path: Path, citizen: VoiceHost) -> Path:
    """Return the shipped site with a trunk to the citizen; 1001 alone serves the general lane."""
    folder = sites.copy(tmp_path / "site", whole=True)
    (folder / "trunks.yaml").write_text(TRUNK.format(port=citizen.port), "utf-8")
    agents = folder / "agents.yaml"
    skills = "{government: 5, general: 3, counselling: 1}"
    assert skills in agents.read_text("utf-8")
    agents.write_text(agents.read_text("utf-8").replace(skills, "{government: 5}"), "utf-8")
    return folder


def press_the_button(engine: Serving, order: str) -> None:
    """Sign in as 1001 and send the form of the order's page."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    base = f"http://127.0.0.1:{engine.http_port}"
    words = json.dumps({"agent": "1001", "password": engine.passwords()["1001"]}).encode()
    with opener.open(f"{base}/api/v1/session", words, timeout=10) as answer:
        csrf = json.load(answer)["csrf"]
    form = urlencode({"csrf": csrf}).encode()
    with opener.open(f"{base}/drafts/{order}/dial", form, timeout=10) as page:
        assert "正在回拨" in page.read().decode()


def test_the_citizen_is_called_on_the_orders_number_and_both_are_heard(
    tmp_path: Path, site: Path, citizen: VoiceHost
) -> None:
    async def play(phones: baresip.Runtime) -> None:
        phone = AgentPhone(phones, "1001", engine.passwords()["1001"], engine.engine)
        phone.greeting = tone(AGENT, 60.0, loud=4000)
        await phone.sign_in()
        caller = await dial(phones, NUMBER, "12345", engine.engine)
        await asyncio.sleep(0.5)
        await caller.press("0")
        for _ in range(150):
            if phone.conversations:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
        await caller.hang_up()
        (first,) = await asyncio.to_thread(engine.ended, 1)
        await asyncio.to_thread(press_the_button, engine, first.call.record.call)
        for _ in range(200):
            await asyncio.sleep(0.1)
            heard = bytes(phone.conversations[-1].heard[-8000:])
            if len(phone.conversations) == 2 and strength(heard, CITIZEN) > 1000:
                break
        assert strength(heard, CITIZEN) > 1000
        await asyncio.sleep(1.0)
        assert strength(bytes(citizen.heard[-8000:]), AGENT) > 1000
        await phone.conversations[-1].hang_up()

    with Serving(tmp_path / "data", config=site) as engine:
        with_phones(play)
        until(lambda: len(engine.ended(2)) == 2, 20, "both calls are over")
        assert citizen.ended.wait(10), "the citizen's phone is hung up, too"
        order, ours = engine.ended(2)

        def told() -> list[OrderCallEnded]:
            return facts_of(engine.calls()[0], OrderCallEnded)

        until(told, 20, "the order's record says what came of it")
        (ended,) = told()
    assert citizen.offered[0].dialled == NUMBER
    (begun,) = facts_of(order, OrderCalled)
    assert (begun.agent, begun.by_call) == ("1001", ours.call.record.call)
    assert (ended.outcome, ours.call.record.sip_call_id) == ("talked", order.call.record.call)
    assert ours.recordings[0].seconds and ours.recordings[0].seconds > 1
