"""Real phones in a call: holding, consulting, three-way, transferring; each heard by its tone."""

import asyncio
from pathlib import Path

import baresip
import pytest

from calls.talk_events import Joined, NotReached, Reached, Transferred
from demo.phone import AgentPhone, Conversation, dial
from tests.helpers import sites
from tests.helpers.calling import with_phones
from tests.helpers.media_phones import strength, tone
from tests.helpers.serving import Serving, facts_of

pytestmark = pytest.mark.slow
CALLER, AGENT, BOSS = 440, 700, 1000
PERIOD = 8000
"""Octets of half a second: what is listened to."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Return the shipped site, in which one agent alone serves the general lane."""
    folder = sites.copy(tmp_path / "site", whole=True)
    path = folder / "agents.yaml"
    text = path.read_text("utf-8")
    for skills in ("{government: 5, general: 3, counselling: 1}",):
        assert skills in text
        text = text.replace(skills, "{government: 5}")
    path.write_text(text, "utf-8")
    return folder


def hears(phone: Conversation) -> set[int]:
    """Return whose tones a phone heard lately."""
    heard = bytes(phone.heard[-PERIOD:])
    return {hertz for hertz in (CALLER, AGENT, BOSS) if strength(heard, hertz) > 1000}


async def until_hears(phone: Conversation, tones: set[int]) -> None:
    """Wait until a phone hears just these; fail with what it hears instead."""
    for _ in range(600):
        await asyncio.sleep(0.1)
        if len(phone.heard) >= PERIOD and hears(phone) == tones:
            return
    raise AssertionError(f"hears {hears(phone)}, not {tones}")


class Call:
    """A caller, the agent 1001 and the duty leader 1011, each with a tone."""

    def __init__(self, phones: baresip.Runtime, engine: Serving) -> None:
        self._phones, self._engine = phones, engine

    async def begin(self) -> None:
        """Let the agent take the caller's call."""
        passwords = self._engine.passwords()
        for user, hertz in (("1001", AGENT), ("1011", BOSS)):
            phone = AgentPhone(self._phones, user, passwords[user], self._engine.engine)
            phone.greeting = tone(hertz, 1.0, loud=4000) * 300
            await phone.sign_in()
            setattr(self, "agents" if user == "1001" else "bosses", phone)
        self.caller = await dial(self._phones, "13900000001", "12345", self._engine.engine)
        await asyncio.sleep(0.5)
        await self.caller.press("0")
        self.agent = await self._taken(self.agents)  # type: ignore[attr-defined]  # set above
        self.caller.say_and_go_on(tone(CALLER, 1.0, loud=4000) * 300)
        await until_hears(self.caller, {AGENT})
        await until_hears(self.agent, {CALLER})

    async def boss(self) -> Conversation:
        """Wait until the duty leader has answered."""
        return await self._taken(self.bosses)  # type: ignore[attr-defined]  # set in begin

    async def _taken(self, phone: AgentPhone) -> Conversation:
        for _ in range(600):
            if phone.conversations:
                return phone.conversations[-1]
            await asyncio.sleep(0.1)
        raise AssertionError(f"{phone.user} was never rung")


def test_a_consultation_by_keys_becomes_a_three_way_talk_and_a_transfer(
    tmp_path: Path, site: Path
) -> None:
    async def play(phones: baresip.Runtime) -> None:
        call = Call(phones, engine)
        await call.begin()
        await call.agent.press("*0")
        boss = await call.boss()
        await until_hears(boss, {AGENT})
        await until_hears(call.agent, {BOSS})
        await until_hears(call.caller, set())
        await call.agent.press("*3")
        await until_hears(call.caller, {AGENT, BOSS})
        await until_hears(call.agent, {CALLER, BOSS})
        await until_hears(boss, {CALLER, AGENT})
        await call.agent.hang_up()
        await until_hears(call.caller, {BOSS})
        await until_hears(boss, {CALLER})
        await call.caller.hang_up()

    with Serving(tmp_path / "data", config=site) as engine:
        with_phones(play)
        (ended,) = engine.ended(1)
    assert [f.target for f in facts_of(ended, Joined)] == ["duty"]
    assert [f.target for f in facts_of(ended, Transferred)] == ["duty"]


def test_a_phones_own_hold_and_its_own_blind_transfer_are_honoured(
    tmp_path: Path, site: Path
) -> None:
    async def play(phones: baresip.Runtime) -> None:
        call = Call(phones, engine)
        await call.begin()
        await call.agent.call.hold()
        await until_hears(call.caller, set())
        await call.agent.call.resume()
        await until_hears(call.caller, {AGENT})
        await call.agent.call.transfer(f"sip:1011@{engine.engine}")
        boss = await call.boss()
        await until_hears(call.caller, {BOSS})
        await until_hears(boss, {CALLER})
        assert await call.agent.wait_ended(60.0)
        await call.caller.hang_up()

    with Serving(tmp_path / "data", config=site) as engine:
        with_phones(play)
        (ended,) = engine.ended(1)
    assert [f.target for f in facts_of(ended, Reached)] == ["agent:1011"]
    assert facts_of(ended, NotReached) == []
