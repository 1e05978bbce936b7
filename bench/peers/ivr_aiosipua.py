"""A call as a menu takes it, on aiosipua and aiortp: for `./hotline bench beside ivr`.

    PYTHON_OF_THE_PEERS bench/peers/ivr_aiosipua.py FOLDER PORT

Answers, plays a tone from the first packet on, records the caller as WAV in FOLDER (written a
second at a time), hears keys, and waits for the BYE. Says `ready` when it listens. One task
paces all prompts with frames that are encoded already.
"""

import asyncio
import sys
import time
import wave
from collections.abc import Coroutine
from itertools import cycle
from pathlib import Path
from typing import Any

from aiosipua import CallSession, IncomingCall, SipRequest, SipUAS, UdpSipTransport

HOST, PTIME, FRAME, SECOND = "127.0.0.1", 0.02, bytes([0xD5]) * 160, 16000
PORTS = cycle(range(31000, 32700, 2))


class Talk:
    """One call's voice: what it is told, and what is kept of it."""

    def __init__(self, call: IncomingCall, folder: Path) -> None:
        assert call.sdp_offer is not None, "the bench's callers offer"
        self.session = CallSession(HOST, next(PORTS), call.sdp_offer, supported_codecs=[8])
        self.session.on_audio = self._heard
        self.session.on_dtmf = lambda key, length: self.keys.append(key)
        self.keys: list[str] = []
        self._waiting = bytearray()
        self._file = wave.open(str(folder / f"{call.call_id}.wav"), "wb")  # noqa: SIM115 - `end` closes it
        self._file.setparams((1, 2, 8000, 0, "NONE", ""))

    def _heard(self, pcm: bytes, timestamp: int) -> None:
        self._waiting += pcm
        if len(self._waiting) >= SECOND:
            self._file.writeframes(self._waiting)
            self._waiting.clear()

    async def end(self) -> None:
        """Close the voice and the file."""
        await self.session.close()
        self._file.writeframes(self._waiting)
        self._file.close()


class House:
    """All calls, by their names."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._talks: dict[str, Talk] = {}
        self._chores: set[asyncio.Task[None]] = set()

    def invited(self, call: IncomingCall) -> None:
        """Answer."""
        self._later(self._answer(call))

    def over(self, call: IncomingCall, request: SipRequest) -> None:
        """The caller hung up."""
        self._later(self._talks.pop(call.call_id).end())

    def _later(self, what: Coroutine[Any, Any, None]) -> None:
        chore = asyncio.create_task(what)
        self._chores.add(chore)
        chore.add_done_callback(self._chores.discard)

    async def _answer(self, call: IncomingCall) -> None:
        talk = Talk(call, self._folder)
        await talk.session.start()
        call.accept(talk.session.sdp_answer)
        self._talks[call.call_id] = talk

    async def play(self) -> None:
        """Send to all that are up, every 20 ms, until the process is ended."""
        due, timestamp = time.monotonic(), 0
        while True:
            due, timestamp = due + PTIME, timestamp + 160
            for talk in self._talks.values():
                talk.session.send_audio(FRAME, timestamp)
            await asyncio.sleep(due - time.monotonic())


async def main(folder: Path, port: int) -> None:
    """Serve until the process is ended."""
    house, server = House(folder), SipUAS(UdpSipTransport(local_addr=(HOST, port)))
    server.on_invite, server.on_bye = house.invited, house.over
    await server.start()
    print("ready", flush=True)
    await house.play()


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
