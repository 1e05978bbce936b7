"""pyVoIP as a caller who presses nothing, and an agent on baresip who takes the call."""

import asyncio
import sys
from pathlib import Path

import pytest

from demo.phone import AgentPhone, runtime
from demo.sound import channel, heard_of, read
from tests.helpers.ports import phone_voices
from tests.helpers.serving import ROOT, Serving

CLIPS = ROOT / "demo" / "clips"
GREETING = ROOT / "config" / "site" / "prompts" / "zh" / "greeting.wav"
CALLER, AGENT = "1010", "1001"
"""An agent who speaks Japanese only is never offered her own call."""
LIMIT = 240.0  # seconds, on a busy machine


async def talk(engine: str, passwords: dict[str, str]) -> tuple[int, bytes, bytes]:
    """Return how pyVoIP ended, what it heard, and what the agent heard."""
    async with runtime(phone_voices()) as phones:
        agent = AgentPhone(phones, AGENT, passwords[AGENT], engine)
        agent.greeting = read(CLIPS / "agent_zh.wav")
        await agent.sign_in()
        elder = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "ignore::DeprecationWarning", "-m", "demo.elder", engine, CALLER,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=ROOT,
        )  # fmt: skip
        try:
            said = f"{passwords[CALLER]}\n".encode()
            heard, _ = await asyncio.wait_for(elder.communicate(said), LIMIT)
        finally:
            if elder.returncode is None:
                elder.kill()
        assert agent.conversations, "the agent's phone was rung"
        await agent.conversations[0].wait_ended(60.0)
        return elder.returncode or 0, heard, bytes(agent.conversations[0].heard)


@pytest.mark.interop
def test_a_caller_on_pyvoip_is_heard_by_an_agent_and_hears_them(tmp_path: Path) -> None:
    with Serving(tmp_path / "data") as engine:
        ended, by_caller, by_agent = asyncio.run(talk(engine.engine, engine.passwords()))
        (call,) = engine.ended(1)
        recorded = channel(engine.recording(call), 0)
    assert ended == 0
    assert (call.call.record.reason, call.call.record.agent) == ("completed", AGENT)
    said = read(CLIPS / "zh_elder.wav")
    assert heard_of(said, by_agent) > 0.8, "eight bits a sample, and a clock of its own"
    assert heard_of(said, recorded) > 0.8
    assert heard_of(read(GREETING)[: 7 * 16000], by_caller) > 0.8
