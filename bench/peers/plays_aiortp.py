"""Plays to every peer and hears it, with aiortp: for `./hotline bench beside play`.

    PYTHON_OF_THE_PEERS bench/peers/plays_aiortp.py PORT PORT …

Prints the ports that it has for the peers, as JSON. One task paces all streams with frames that
are encoded already; what comes is ordered and decoded by the library, as it does unasked.
"""

import asyncio
import json
import signal
import sys
import time

from aiortp import RTPSession

HOST, FIRST_PORT, PTIME = "127.0.0.1", 29600, 0.02
LIMIT, FRAME = 300, bytes([0xD5]) * 160


def heard(pcm: bytes, timestamp: int) -> None:
    """Take what the library made of a packet."""


async def main(peers: list[int]) -> None:
    """Open a session for each peer, say where they are, and send until the process is ended."""
    sessions = [
        await RTPSession.create((HOST, FIRST_PORT + 2 * number), (HOST, port), payload_type=8)
        for number, port in enumerate(peers)
    ]
    for session in sessions:
        session.on_audio = heard
    print(json.dumps([FIRST_PORT + 2 * number for number in range(len(peers))]), flush=True)
    due, timestamp = time.monotonic(), 0
    while True:
        due, timestamp = due + PTIME, timestamp + 160
        for session in sessions:
            session.send_audio(FRAME, timestamp)
        await asyncio.sleep(due - time.monotonic())


signal.alarm(LIMIT)
asyncio.run(main([int(port) for port in sys.argv[1:]]))
