"""Real calls for tests: baresip phones that dial a served engine."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import baresip

from demo.phone import Conversation, dial, runtime
from tests.helpers.ports import phone_voices
from tests.helpers.serving import Serving

T = TypeVar("T")
Play = Callable[[baresip.Runtime], Awaitable[T]]


def with_phones(play: Play[T]) -> T:
    """Run what phones do, on a baresip runtime of its own."""

    async def run() -> T:
        async with runtime(phone_voices()) as phones:
            return await play(phones)

    return asyncio.run(run())


async def speaking(
    phones: baresip.Runtime, engine: Serving, user: str, voice: bytes
) -> Conversation:
    """Dial, press 1, wait for the beep, and begin to speak."""
    call = await dial(phones, user, "12345", engine.engine)
    await asyncio.sleep(0.5)
    await call.press("1")
    await call.until_quiet()
    call.say_and_go_on(voice)
    return call
