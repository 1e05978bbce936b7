"""pjsua2 as a caller and an agent's phone in one: `pjsua.py ENGINE WAY PASSWORD FOLDER PORT`.

The caller insists on reliable ringing and on a session timer, presses 0 and talks to
agent 1001, who holds the call and comes back. What each heard is left in FOLDER.
A process of its own: pjlib brings its own threads, and ends the process when misused.
"""

import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pjsua2 as pj

ROOT = Path(__file__).parents[3]
CLIPS = ROOT / "demo" / "clips"
STEP = 20  # milliseconds


class Party(pj.Call):
    """One side: plays a clip from when `talk` is called, writes down what it hears."""

    def __init__(self, account: pj.Account, heard: Path, call_id: int = pj.PJSUA_INVALID_ID):
        super().__init__(account, call_id)
        self.states: list[str] = []
        self._recorder = pj.AudioMediaRecorder()
        self._recorder.createRecorder(str(heard))
        self._player = pj.AudioMediaPlayer()

    def onCallState(self, _: Any) -> None:
        self.states.append(self.getInfo().stateText)

    def onCallMediaState(self, _: Any) -> None:
        if self.sound_flows():
            self.getAudioMedia(-1).startTransmit(self._recorder)

    def sound_flows(self) -> bool:
        told = self.getInfo()  # held: its list dies with it
        return any(m.status == pj.PJSUA_CALL_MEDIA_ACTIVE for m in told.media)

    def talk(self, clip: str) -> None:
        self._player.createPlayer(str(CLIPS / clip), pj.PJMEDIA_FILE_NO_LOOP)
        self._player.startTransmit(self.getAudioMedia(-1))

    def up(self) -> bool:
        return "CONFIRMED" in self.states

    def over(self) -> bool:
        return "DISCONNECTED" in self.states or "DISCONNCTD" in self.states


class Desk(pj.Account):
    """The account of the agent: answers what rings."""

    def __init__(self, heard: Path) -> None:
        super().__init__()
        self.party: Party | None = None
        self.registered = 0
        self._heard = heard

    def onRegState(self, told: Any) -> None:
        self.registered = int(told.code)

    def onIncomingCall(self, told: Any) -> None:
        self.party = Party(self, self._heard, told.callId)
        said = pj.CallOpParam()
        said.statusCode = pj.PJSIP_SC_RINGING
        self.party.answer(said)

    def pick_up(self) -> None:
        assert self.party is not None
        said = pj.CallOpParam()
        said.statusCode = pj.PJSIP_SC_OK
        self.party.answer(said)


def account(user: str, engine: str, port: int, password: str = "") -> pj.AccountConfig:
    """Return an account that wants PRACK and session timers; with a password it registers.

    `port`: from where on its voice may have ports.
    """
    config = pj.AccountConfig()
    config.idUri = f"sip:{user}@{engine}"
    if password:
        config.regConfig.registrarUri = f"sip:{engine}"
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", user, 0, password))
    config.callConfig.prackUse = pj.PJSUA_100REL_MANDATORY
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_REQUIRED
    config.callConfig.timerSessExpiresSec = 90
    config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    config.mediaConfig.transportConfig.port = port
    return config


class Room:
    """The endpoint, and a clock of small steps."""

    def __init__(self, transport: str, log: Path) -> None:
        self.endpoint = pj.Endpoint()
        self.endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.logConfig.consoleLevel, config.logConfig.level = 1, 5
        config.logConfig.filename = str(log)
        config.medConfig.clockRate = 8000
        config.medConfig.noVad = True
        config.medConfig.ecTailLen = 0
        self.endpoint.libInit(config)
        bound = pj.TransportConfig()
        bound.boundAddress = "127.0.0.1"
        kind = {"udp": pj.PJSIP_TRANSPORT_UDP, "tcp": pj.PJSIP_TRANSPORT_TCP}[transport]
        self.endpoint.transportCreate(kind, bound)
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()

    def run(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.endpoint.libHandleEvents(STEP)

    def until(self, happened: Callable[[], bool], what: str, limit: float = 60.0) -> None:
        end = time.monotonic() + limit
        while not happened():
            if time.monotonic() > end:
                raise SystemExit(f"not within {limit} s: {what}")
            self.endpoint.libHandleEvents(STEP)


def main(engine: str, transport: str, password: str, folder: Path, port: int) -> None:
    room = Room(transport, folder / "pjsua.log")
    suffix = f";transport={transport}"
    desk = Desk(folder / "agent.wav")
    desk.create(account("1001", engine + suffix, port, password))
    room.until(lambda: desk.registered == 200, "registered")
    street = pj.Account()
    street.create(account("13800138000", engine, port + 20))
    caller = Party(street, folder / "caller.wav")
    caller.makeCall(f"sip:12345@{engine}{suffix}", pj.CallOpParam(True))
    room.until(caller.up, "the hotline answered")
    room.run(2.0)
    caller.dialDtmf("0")
    room.until(lambda: desk.party is not None, "the agent's phone rings", 90.0)
    room.run(1.0)
    agent = desk.party
    assert agent is not None
    desk.pick_up()
    room.until(lambda: agent.up() and agent.sound_flows(), "the agent answered")
    caller.talk("zh_noise.wav")
    agent.talk("agent_zh.wav")
    room.run(7.0)
    agent.setHold(pj.CallOpParam())
    room.until(lambda: not agent.sound_flows(), "held")
    room.run(1.5)
    back = pj.CallOpParam(True)
    back.opt.flag = pj.PJSUA_CALL_UNHOLD
    agent.reinvite(back)
    room.until(agent.sound_flows, "back again")
    caller.update(pj.CallOpParam(True))
    room.run(1.5)
    agent.hangup(pj.CallOpParam(True))
    room.until(caller.over, "the hotline hung up")
    room.endpoint.libDestroy()  # closes the recordings
    print(json.dumps({"caller": caller.states, "agent": agent.states}), flush=True)
    os._exit(0)  # pjlib's own tidying up ends the process when Python's comes before it


if __name__ == "__main__":
    address, way, secret, place, voices = sys.argv[1:]
    try:
        main(address, way, secret, Path(place), int(voices))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
