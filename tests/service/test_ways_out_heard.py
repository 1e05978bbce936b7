"""A real engine dials out through trunks; a provider of our own stack is heard, and hears."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import baresip
import pytest

from calls.events import TransferAsked
from calls.talk_events import Joined, Reached
from demo.phone import AgentPhone, Conversation, dial
from tests.helpers import sites
from tests.helpers.calling import with_phones
from tests.helpers.media_phones import strength, tone
from tests.helpers.serving import Serving, facts_of
from tests.helpers.voice_provider import VoiceHost

pytestmark = pytest.mark.slow
CALLER, AGENT, POLICE = 440, 700, 1000
TRUNKS = """\
trunks:
  {name}:
    addresses: [{network}]
    hosts: ["127.0.0.1:{port}"]
    keep_alive:
    dial_out: ["110"]
"""
ON_NINE = """\
  police:
    type: transfer
    number: "110"
    context: true
    prompts: [connecting]
    on_busy: general
    on_no_answer: general
    on_failed: general

  # 综合坐席 a person
"""


@pytest.fixture
def hosts() -> Iterator[tuple[VoiceHost, VoiceHost]]:
    made = VoiceHost(status=503), VoiceHost(POLICE)
    yield made
    for host in made:
        host.stop()


@pytest.fixture
def site(tmp_path: Path, hosts: tuple[VoiceHost, VoiceHost]) -> Path:
    """Return the shipped site with two trunks that dial 110, and key # that sends callers there."""
    folder = sites.copy(tmp_path / "site", whole=True)
    first = TRUNKS.format(name="broken", network="127.0.0.0/8", port=hosts[0].port)
    second = TRUNKS.format(name="good", network="127.0.0.0/16", port=hosts[1].port)
    (folder / "trunks.yaml").write_text(first + second.partition("\n")[2], "utf-8")
    flow = folder / "flows" / "main.yaml"
    text = flow.read_text("utf-8")
    text = text.replace("  # 综合坐席 a person\n", ON_NINE, 1).replace(
        '"9": to_korean', '"9": to_korean\n      "#": police'
    )
    flow.write_text(text, "utf-8")
    agents = folder / "agents.yaml"
    skills = "{government: 5, general: 3, counselling: 1}"
    assert skills in agents.read_text("utf-8")
    agents.write_text(agents.read_text("utf-8").replace(skills, "{government: 5}"), "utf-8")
    return folder


def hears(heard: bytes | bytearray) -> set[int]:
    """Return whose tones were heard in the last half second."""
    recent = bytes(heard[-8000:])
    return {hertz for hertz in (CALLER, AGENT, POLICE) if strength(recent, hertz) > 1000}


async def until_hears(who: Conversation | VoiceHost, tones: set[int]) -> None:
    """Wait until somebody hears just these; fail with what is heard instead."""
    for _ in range(600):
        await asyncio.sleep(0.1)
        if len(who.heard) >= 8000 and hears(who.heard) == tones:
            return
    raise AssertionError(f"hears {hears(who.heard)}, not {tones}")


def test_a_flow_sends_a_caller_to_110_by_the_second_trunk_and_both_hear_each_other(
    tmp_path: Path, site: Path, hosts: tuple[VoiceHost, VoiceHost]
) -> None:
    broken, good = hosts

    async def play(phones: baresip.Runtime) -> None:
        caller = await dial(phones, "13900000001", "12345", engine.engine)
        await asyncio.sleep(0.5)
        await caller.press("#")
        caller.say_and_go_on(tone(CALLER, 1.0, loud=4000) * 300)
        await until_hears(caller, {POLICE})
        await until_hears(good, {CALLER})
        await caller.hang_up()

    with Serving(tmp_path / "data", config=site) as engine:
        with_phones(play)
        (ended,) = engine.ended(1)
        assert good.ended.wait(60), "the provider's call is ended, too"
    assert (len(broken.offered), len(good.offered)) == (1, 1)
    assert (good.offered[0].dialled, good.offered[0].caller.uri.user) == ("110", "12345")
    assert "caller=13900000001" in good.told()
    assert [f.outcome for f in facts_of(ended, TransferAsked)] == ["begun"]
    assert [f.target for f in facts_of(ended, Reached)] == ["number:110"]


def test_one_key_code_brings_110_into_the_talk_and_all_three_hear_each_other(
    tmp_path: Path, site: Path, hosts: tuple[VoiceHost, VoiceHost]
) -> None:
    _, good = hosts

    async def play(phones: baresip.Runtime) -> None:
        phone = AgentPhone(phones, "1001", engine.passwords()["1001"], engine.engine)
        phone.greeting = tone(AGENT, 1.0, loud=4000) * 300
        await phone.sign_in()
        caller = await dial(phones, "13900000001", "12345", engine.engine)
        await asyncio.sleep(0.5)
        await caller.press("0")
        caller.say_and_go_on(tone(CALLER, 1.0, loud=4000) * 300)
        await until_hears(caller, {AGENT})
        await phone.conversations[-1].press("*90")
        await until_hears(caller, {AGENT, POLICE})
        await until_hears(phone.conversations[-1], {CALLER, POLICE})
        await until_hears(good, {CALLER, AGENT})
        await caller.hang_up()

    with Serving(tmp_path / "data", config=site) as engine:
        with_phones(play)
        (ended,) = engine.ended(1)
        assert good.ended.wait(60)
    assert [f.target for f in facts_of(ended, Joined)] == ["police"]
    assert "lane=general" in good.told()
