"""Kamailio between the engine and its peers: record-routing, both directions, sound."""

import asyncio
from pathlib import Path

import pytest

from demo.phone import AgentPhone, dial, runtime
from demo.sound import channel, heard_of, read
from tests.helpers.ports import phone_voices
from tests.helpers.proxies import Kamailio
from tests.helpers.serving import ROOT, Serving

SCENARIOS = Path(__file__).parent / "sipp"
CLIPS = ROOT / "demo" / "clips"
SIX_SECONDS = 6 * 16000


async def talk(proxy: str, password: str) -> tuple[bytes, bytes]:
    """Let a caller and an agent talk by way of the proxy; return what each heard."""
    async with runtime(phone_voices()) as phones:
        agent = AgentPhone(phones, "1001", password, proxy)
        agent.greeting = read(CLIPS / "agent_zh.wav")
        await agent.sign_in()
        caller = await dial(phones, "13800138000", "12345", proxy)
        await asyncio.sleep(2.0)
        await caller.press("0")
        for _ in range(900):
            if agent.conversations:
                break
            await asyncio.sleep(0.1)
        await caller.say(read(CLIPS / "zh_noise.wav")[:SIX_SECONDS])
        await asyncio.sleep(1.0)
        await caller.hang_up()
        await agent.conversations[0].wait_ended(60.0)
        return bytes(caller.heard), bytes(agent.conversations[0].heard)


@pytest.mark.interop
@pytest.mark.parametrize("program", ["kamailio"], indirect=True)
def test_a_caller_and_an_agent_talk_through_kamailio(program: str, tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as engine:
        with Kamailio(program, engine.sip_port, tmp_path) as proxy:
            password = engine.passwords()["1001"]
            by_caller, by_agent = asyncio.run(talk(proxy.address, password))
            (call,) = engine.ended(1)
        recorded = channel(engine.recording(call), 0)
    assert (call.call.record.reason, call.call.record.by) == ("completed", "caller")
    said, answered = (read(CLIPS / f"{name}.wav") for name in ("zh_noise", "agent_zh"))
    assert heard_of(said[:SIX_SECONDS], by_agent) > 0.9
    assert heard_of(answered[: 2 * 16000], by_caller) > 0.9
    assert heard_of(said[:SIX_SECONDS], recorded) > 0.9
    arrived = next(f for f in call.facts if type(f).__name__ == "Arrived")
    assert arrived.source == proxy.address
