"""A SIP phone for the demonstration and the tests, on baresip (a stack that is not ours).

All phones of one process share one baresip runtime. Sound goes in and out as PCM,
16-bit mono at 8 kHz.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import baresip

from demo.sound import seconds_of_sound

FRAME = 320  # octets of 20 ms
PTIME = 0.02  # seconds
AHEAD = 15  # frames given to the phone in advance, so that a busy machine leaves no gap


@contextlib.asynccontextmanager
async def runtime(voices: tuple[int, int] | None = None) -> AsyncIterator[baresip.Runtime]:
    """Start baresip on loopback, and close it whatever happens.

    `voices`: the first and the last port that its RTP may have; baresip's own range if None.
    """
    phones = baresip.Runtime()
    config = baresip.Config(
        net_interface="127.0.0.1",
        native_log_level="error",
        max_concurrent_calls=None,
        extra_config_text=f"rtp_ports {voices[0]}-{voices[1]}\n" if voices else "",
    )
    await phones.start(config)
    try:
        yield phones
    finally:
        await phones.close()


@dataclass(slots=True)
class Conversation:
    """One call as this phone lives it: what it said, what it heard, how it ended."""

    call: baresip.Call
    heard: bytearray = field(default_factory=bytearray)
    said: bytearray = field(default_factory=bytearray)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    close_reason: str = ""
    _to_say: bytearray = field(default_factory=bytearray)
    _quiet: asyncio.Event = field(default_factory=asyncio.Event)

    def follow(self) -> "asyncio.Task[None]":
        """Begin to carry sound both ways until the call ends."""
        self.call.on(self._happened)
        return asyncio.create_task(self._carry())

    def _happened(self, event: baresip.StackEvent) -> None:
        if event.event is baresip.Event.CALL_CLOSED:
            self.close_reason = event.text or ""
            self.ended.set()

    async def _carry(self) -> None:
        loop = asyncio.get_running_loop()
        began, ticks = loop.time(), 0
        while not self.ended.is_set():
            with contextlib.suppress(baresip.AudioNotActive, baresip.AudioRestarted):
                self._exchange()
            ticks += 1
            await asyncio.sleep(max(0.0, began + ticks * PTIME - loop.time()))
        self._quiet.set()

    def _exchange(self) -> None:
        """Give the phone what is to be said, a little ahead; take what it heard."""
        self.heard += self.call.audio.read(64 * FRAME)
        ahead = AHEAD * FRAME - self.call.audio.info().tx_buffered
        if ahead > 0 and self._to_say:
            taken = self.call.audio.write(bytes(self._to_say[:ahead]))
            self.said += self._to_say[:taken]
            del self._to_say[:taken]
        if not self._to_say:
            self._quiet.set()

    async def say(self, pcm: bytes) -> None:
        """Speak; returns when all is said or the call ended."""
        self._quiet.clear()
        self._to_say += pcm
        await self._quiet.wait()

    def say_and_go_on(self, pcm: bytes) -> None:
        """Speak without waiting for the end of it."""
        self._to_say += pcm

    async def until_quiet(self, quiet: float = 0.8, limit: float = 25.0) -> None:
        """Listen to what is said, until nothing has been said for `quiet` seconds."""
        begin, silent = len(self.heard), 0
        for _ in range(int(limit / 0.1)):
            if self.ended.is_set():
                return
            await asyncio.sleep(0.1)
            recent = bytes(self.heard[-5 * FRAME :])
            spoken = seconds_of_sound(bytes(self.heard[begin:])) > 0.3
            silent = silent + 1 if seconds_of_sound(recent) == 0 else 0
            if spoken and silent * 0.1 >= quiet:
                return

    async def press(self, keys: str) -> None:
        """Press keys one after the other."""
        with contextlib.suppress(baresip.StaleHandleError):
            await self.call.send_dtmf(keys)

    async def hang_up(self) -> None:
        """Hang up; a call that is already over is no error."""
        with contextlib.suppress(baresip.BaresipError):
            await self.call.hangup()
        await self.wait_ended(5.0)

    async def wait_ended(self, limit: float) -> bool:
        """Wait for the end; tell whether it came within `limit` seconds."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.ended.wait(), limit)
        return self.ended.is_set()


async def dial(
    phones: baresip.Runtime, user: str, number: str, engine: str, *, password: str = ""
) -> Conversation:
    """Dial `number` at `engine` (host:port) as `user`; returns once it is answered."""
    account = baresip.Account(
        user=user, domain=engine, password=password, reg_interval=0, audio_codecs=("pcma", "pcmu")
    )
    agent = await baresip.UserAgent.create(phones, account)
    told: list[baresip.StackEvent] = []
    phones.subscribe(told.append)  # an engine beside us answers before the call has its listener
    try:
        call = await agent.dial(f"sip:{number}@{engine}")
    finally:
        phones.unsubscribe(told.append)
    conversation = Conversation(call)
    carrying = conversation.follow()
    conversation_tasks.add(carrying)
    carrying.add_done_callback(conversation_tasks.discard)
    missed = {event.event: event for event in told if event.call == call.handle}
    if (closed := missed.get(baresip.Event.CALL_CLOSED)) is not None:
        conversation.ended.set()
        raise baresip.CallFailed.from_close_reason(closed.text or "")
    if baresip.Event.CALL_ESTABLISHED not in missed:
        await call.wait_established(timeout=60)
    return conversation


conversation_tasks: "set[asyncio.Task[None]]" = set()
"""Keeps the tasks that carry sound from being collected while they run."""


class AgentPhone:
    """An agent's phone: registers, answers by itself, says its piece, and remembers."""

    def __init__(self, phones: baresip.Runtime, user: str, password: str, engine: str) -> None:
        self.user = user
        self.conversations: list[Conversation] = []
        self.greeting = b""
        self._phones, self._password, self._engine = phones, password, engine
        self._answering: set[asyncio.Task[None]] = set()

    async def sign_in(self) -> None:
        """Register with the engine; raises baresip.RegistrationError if refused."""
        account = baresip.Account(
            user=self.user, domain=self._engine, password=self._password, audio_codecs=("pcma",)
        )
        self._agent = await baresip.UserAgent.create(self._phones, account)
        self._agent.on_incoming(self._ring)
        await self._agent.register(timeout=60)

    async def sign_out(self) -> None:
        """Take the registration back."""
        with contextlib.suppress(baresip.BaresipError):
            await self._agent.unregister(timeout=5)

    def _ring(self, call: baresip.Call) -> None:
        task = asyncio.create_task(self._answer(call))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, call: baresip.Call) -> None:
        conversation = Conversation(call)
        carrying = conversation.follow()
        conversation_tasks.add(carrying)
        carrying.add_done_callback(conversation_tasks.discard)
        await asyncio.sleep(1.0)  # a person reaches for the handset
        with contextlib.suppress(baresip.BaresipError):
            await call.answer()
            await call.wait_established(timeout=60)
            self.conversations.append(conversation)
            conversation.say_and_go_on(self.greeting)
