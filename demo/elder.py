"""A caller on pyVoIP: registers, dials, presses nothing, talks, hangs up.

`python -m demo.elder HOST:PORT USER`, the password on standard input; what was
heard goes to standard output as 16-bit PCM. A process of its own, because pyVoIP
runs in threads, is GPL-3, and shares nothing with the rest.
"""

import audioop
import sys
import time
from collections.abc import Callable
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket

from pyVoIP.VoIP import CallState, PhoneStatus, VoIPCall, VoIPPhone

from demo.sound import read, seconds_of_sound

FRAME = 160  # samples of 20 ms; pyVoIP's own sound is 8-bit unsigned
VOICE = Path(__file__).parent / "clips" / "zh_elder.wav"
RING_LIMIT = 10.0  # seconds
TALK_LIMIT = 60.0
QUIET = 600  # RMS; 8 bits a sample know nothing quieter than 256


def main() -> int:
    """Make the call; 0 if we hung up, 3 if the other side did, 1 if it never came up."""
    engine, user = sys.argv[1:3]
    host, _, port = engine.partition(":")
    password = sys.stdin.readline().strip()
    phone = VoIPPhone(
        host,
        int(port),
        user,
        password,
        myIP=host,
        sipPort=_free_port(),
        rtpPortLow=41000,
        rtpPortHigh=41999,
    )
    phone.start()
    try:
        return _call(phone)
    finally:
        phone.stop()


def _free_port() -> int:
    with socket(AF_INET, SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _call(phone: VoIPPhone) -> int:
    _wait(lambda: phone.get_status() is PhoneStatus.REGISTERED)
    call = phone.call("12345")
    if not _wait(lambda: call.state is CallState.ANSWERED):
        return 1
    heard = bytearray()
    said = _listen_and_talk(call, heard)
    sys.stdout.buffer.write(bytes(heard))
    if call.state is not CallState.ANSWERED:
        return 3
    call.hangup()
    return 0 if said else 1


def _listen_and_talk(call: VoIPCall, heard: bytearray) -> bool:
    """Hear the greeting and the agent out, then speak; tell whether it came to that.

    Reading does not block: blocking, pyVoIP returns no silence at all, and the end of
    somebody's speech would never be noticed.
    """
    voice = audioop.bias(audioop.lin2lin(read(VOICE), 2, 1), 1, 128)
    began, ticks, quiet, speaks_until = time.monotonic(), 0, 0, 0.0
    while call.state is CallState.ANSWERED and time.monotonic() - began < TALK_LIMIT:
        ticks += 1
        time.sleep(max(0.0, began + ticks * 0.02 - time.monotonic()))  # noqa: TID251 - a phone's own clock
        eight = call.read_audio(FRAME, blocking=False)
        pcm = audioop.lin2lin(audioop.bias(eight, 1, 128), 1, 2)
        heard += pcm
        if speaks_until:
            if time.monotonic() > speaks_until:
                return True
            continue
        quiet = quiet + 1 if seconds_of_sound(pcm, QUIET) == 0 else 0
        if quiet * 0.02 > 1.5 and seconds_of_sound(bytes(heard), QUIET) > 10:
            call.write_audio(voice)
            speaks_until = time.monotonic() + len(voice) / 8000 + 1.0
    return False


def _wait(happened: Callable[[], bool], limit: float = RING_LIMIT) -> bool:
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > limit:
            return False
        time.sleep(0.02)  # noqa: TID251 - a phone in a process of its own, not the engine
    return True


if __name__ == "__main__":
    sys.exit(main())
