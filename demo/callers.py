"""The five callers of the demonstration, and what each of them does on the phone."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import baresip

from demo.phone import Conversation, dial
from demo.sound import read

CLIPS = Path(__file__).parent / "clips"
LIMIT = 75.0  # seconds that one call may take


@dataclass(slots=True)
class CallerStory:
    """What one caller said and heard, for the comparison afterwards."""

    said: bytes = b""
    heard: bytes = b""
    spoken: tuple[str, ...] = ()
    """The clips that were said to their end, or begun, in order."""


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller, and how the call ought to end."""

    number: str
    title: tuple[str, str]
    """In Chinese and in English."""
    reason: str
    """The word that the call's record must end with."""
    agent: bool
    """Whether a person is called for."""
    story: Callable[[baresip.Runtime, str, str, str], Awaitable[CallerStory]]
    """Given the phones, the number, the engine's `host:port` and the phone's password."""
    delay: float = 0.0
    """Seconds after the first caller dials."""
    drafted: bool = True


async def noise(phones: baresip.Runtime, user: str, engine: str, _pw: str) -> CallerStory:
    """Press 1, say the matter after the beep, finish with #; the engine hangs up."""
    call = await dial(phones, user, "12345", engine)
    await asyncio.sleep(2.5)
    await call.press("1")
    await call.until_quiet()
    await call.say(read(CLIPS / "zh_noise.wav"))
    await asyncio.sleep(0.6)
    await call.press("#")
    return await _to_the_end(call, ("zh_noise",))


async def visa(phones: baresip.Runtime, user: str, engine: str, _pw: str) -> CallerStory:
    """Press 9 for Korean, say the matter, wait for the agent, talk, hang up."""
    call = await dial(phones, user, "12345", engine)
    await asyncio.sleep(2.0)
    await call.press("9")
    await call.until_quiet()
    await call.say(read(CLIPS / "ko_visa.wav"))
    await asyncio.sleep(0.6)
    await call.press("#")
    return await _talk(call, "agent_ko", ("ko_visa", "ko_visa"))


async def wrong_keys(phones: baresip.Runtime, user: str, engine: str, _pw: str) -> CallerStory:
    """Press what is not offered, three times; a person answers all the same."""
    call = await dial(phones, user, "12345", engine)
    for _ in range(3):
        await asyncio.sleep(1.5)
        await call.press("#")
        await asyncio.sleep(2.5)
    return await _talk(call, "agent_zh", ("zh_elder",))


async def cut_off(phones: baresip.Runtime, user: str, engine: str, _pw: str) -> CallerStory:
    """Press 1, begin to speak, and hang up in the middle of it."""
    call = await dial(phones, user, "12345", engine)
    await asyncio.sleep(2.5)
    await call.press("1")
    await call.until_quiet()
    call.say_and_go_on(read(CLIPS / "zh_noise_cut.wav"))
    await asyncio.sleep(3.5)
    await call.hang_up()
    return CallerStory(bytes(call.said)[:48000], bytes(call.heard), ("zh_noise_cut",))


async def elder(_: baresip.Runtime, user: str, engine: str, password: str) -> CallerStory:
    """Press nothing, on a phone of another make (pyVoIP, in a process of its own)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore::DeprecationWarning",
        "-m",
        "demo.elder",
        engine,
        user,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=os.environ,
    )
    try:
        out, _err = await asyncio.wait_for(process.communicate(f"{password}\n".encode()), LIMIT)
    finally:
        if process.returncode is None:
            process.kill()
    return CallerStory(read(CLIPS / "zh_elder.wav"), out, ("zh_elder",))


async def _talk(call: Conversation, agent: str, spoken: tuple[str, ...]) -> CallerStory:
    """Wait until the agent has spoken, answer with the last of `spoken`, and hang up."""
    longest = LIMIT / 2 + len(read(CLIPS / f"{agent}.wav")) / 16000
    await call.until_quiet(quiet=1.5, limit=longest)
    await call.say(read(CLIPS / f"{spoken[-1]}.wav"))
    await asyncio.sleep(1.0)
    await call.hang_up()
    return CallerStory(bytes(call.said), bytes(call.heard), spoken)


async def _to_the_end(call: Conversation, spoken: tuple[str, ...]) -> CallerStory:
    """Listen until the engine hangs up."""
    if not await call.wait_ended(LIMIT):
        await call.hang_up()
    return CallerStory(bytes(call.said), bytes(call.heard), spoken)


CALLERS = (
    Caller("13900000001", ("夜间施工噪音", "night-time noise"), "message_left", False, noise),
    Caller("13900000002", ("韩语签证咨询", "a visa, in Korean"), "completed", True, visa, 1.0),
    Caller("elder", ("老人不按键", "an elder, no keys"), "completed", True, elder, 2.0),
    Caller(
        "13900000004",
        ("说到一半挂机", "hangs up while speaking"),
        "hung_up_speaking",
        False,
        cut_off,
        3.0,
    ),
    Caller("13900000005", ("三次按错键", "wrong keys"), "completed", True, wrong_keys, 4.0),
)
