"""A caller on sippy, who holds and comes back: `sippy_caller.py HOST:PORT CLIP HEARD PORT`.

sippy speaks SIP only, so the voice is a socket of ours: CLIP (8 kHz PCM in a WAV) goes out as
PCMA, and what comes in is written to HEARD as raw PCM. Its SIP is on PORT.
"""

import audioop
import json
import struct
import sys
import threading
import time
import wave
from contextlib import suppress
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from typing import Any

from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventTry, CCEventUpdate
from sippy.Core.EventDispatcher import ED2
from sippy.MsgBody import MsgBody
from sippy.SipLogger import SipLogger
from sippy.SipTransactionManager import SipTransactionManager
from sippy.Time.Timeout import Timeout
from sippy.UA import UA

TALK, HELD = 8.0, 1.0  # seconds
PCMA = 8


class Voice:
    """Plays a clip to whom the SDP names, and keeps what it hears."""

    def __init__(self, clip: Path) -> None:
        with wave.open(str(clip)) as file:
            self._said = audioop.lin2alaw(file.readframes(file.getnframes()), 2)
        self._socket = socket(AF_INET, SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.heard = bytearray()

    def talk(self, address: tuple[str, int]) -> None:
        for work in (self._listen, lambda: self._say(address)):
            threading.Thread(target=work, daemon=True).start()

    def _listen(self) -> None:
        while True:
            self.heard += audioop.alaw2lin(self._socket.recv(2048)[12:], 2)

    def _say(self, address: tuple[str, int]) -> None:
        began = time.monotonic()
        for number, at in enumerate(range(0, len(self._said), 160)):
            head = struct.pack("!BBHII", 0x80, PCMA, number, number * 160, 12345)
            time.sleep(max(0.0, began + number * 0.02 - time.monotonic()))  # noqa: TID251 - its clock
            self._socket.sendto(head + self._said[at : at + 160], address)


class Caller:
    """One call, step by step."""

    def __init__(self, engine: str, voice: Voice, port: int) -> None:
        host, _, engine_port = engine.partition(":")
        self._voice, self.steps, self._way = voice, [], "sendrecv"
        config: dict[str, Any] = {
            "_sip_address": "127.0.0.1",
            "_sip_port": port,
            "_sip_logger": SipLogger("caller"),
        }
        config["_sip_tm"] = SipTransactionManager(config, lambda *_: (None, None, None))
        self._ua = UA(config, event_cb=self._happened, nh_address=(host, int(engine_port)))
        self._ua.recvEvent(
            CCEventTry((None, "13800138000", "12345", self._sdp(1, "sendrecv"), None, None))
        )

    def _sdp(self, version: int, way: str) -> MsgBody:
        lines = (
            "v=0", f"o=sippy 1 {version} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            f"m=audio {self._voice.port} RTP/AVP 8", "a=rtpmap:8 PCMA/8000", f"a={way}",
        )  # fmt: skip
        return MsgBody("\r\n".join([*lines, ""]))

    def _happened(self, event: Any, _: Any) -> None:
        if isinstance(event, CCEventConnect):
            body = str(event.getData()[2])
            self.steps.append(next(x for x in body.split() if x[:6] in ("a=send", "a=recv")))
            if len(self.steps) == 1:
                port = int(body.split("m=audio ")[1].split(maxsplit=1)[0])
                self._voice.talk(("127.0.0.1", port))
                Timeout(self._change, TALK, 1, 2, "sendonly")
                Timeout(self._change, TALK + HELD, 1, 3, "sendrecv")
                Timeout(self._hang_up, TALK + 2 * HELD)
        elif isinstance(event, CCEventFail | CCEventDisconnect):
            self.steps.append(type(event).__name__)
            ED2.breakLoop()

    def _change(self, version: int, way: str) -> None:
        self._ua.recvEvent(CCEventUpdate(self._sdp(version, way)))

    def _hang_up(self) -> None:
        self._ua.recvEvent(CCEventDisconnect())
        self.steps.append("BYE")
        Timeout(ED2.breakLoop, 1.0)


def main(engine: str, clip: str, heard: str, port: str) -> None:
    voice = Voice(Path(clip))
    caller = Caller(engine, voice, int(port))
    with suppress(KeyboardInterrupt):
        ED2.loop(timeout=180)
    Path(heard).write_bytes(bytes(voice.heard))
    print(json.dumps(caller.steps), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
