"""Answers every call with aiosipua and waits for its BYE: for `./hotline bench beside`.

    PYTHON_OF_THE_PEERS bench/peers/answers_aiosipua.py PORT

Says `ready` when it listens. Nothing else is done: no record, no log, no voice.
"""

import asyncio
import sys

from aiosipua import IncomingCall, SipUAS, UdpSipTransport, negotiate_sdp

HOST, VOICE = "127.0.0.1", 39000


def answer(call: IncomingCall) -> None:
    """Take the first codec that both speak."""
    if call.sdp_offer is None:
        call.reject(488, "Not Acceptable Here")
        return
    answered, _ = negotiate_sdp(call.sdp_offer, HOST, VOICE)
    call.accept(answered)


async def main() -> None:
    """Serve until the process is ended."""
    server = SipUAS(UdpSipTransport(local_addr=(HOST, int(sys.argv[1]))))
    server.on_invite = answer
    await server.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
