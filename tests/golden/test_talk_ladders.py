"""What is signalled, played and written down as agents act; each as `<name>.talk` beside this.

`REWRITE_LADDERS=1 python -m pytest tests/golden` writes them anew, for a person to review.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from media import commands as media
from media.mix import Supervision
from server import asked
from server.asked import How, ToAgent, ToLane, ToPlace
from sip.message import Request, parse
from tests.helpers.switchboard import AGENT, CALLER, sdp
from tests.helpers.talk_room import BOSS, MEDICAL, OTHER, PHONES, TalkRoom, talking

HERE = Path(__file__).parent
REWRITE = bool(os.environ.get("REWRITE_LADDERS"))


class Teller:
    """Tells what came of each step: facts, datagrams, and who hears whom after it."""

    def __init__(self, room: TalkRoom) -> None:
        self.room, self.lines = room, ["caller and agent talk"]
        self._seen = len(room.facts), len(room.sent)

    def step(self, what: str, act: Callable[[], object]) -> None:
        """Do something and tell of it."""
        self.lines.append(f"\n{what}")
        refused = act()
        if isinstance(refused, asked.Refused):
            self.lines.append(f"  refused ({refused.code}): {refused.zh} / {refused.en}")
        facts, sent = self.room.facts[self._seen[0] :], self.room.sent[self._seen[1] :]
        self._seen = len(self.room.facts), len(self.room.sent)
        names = {address: name for name, address in PHONES.items()} | {CALLER: "caller"}
        for datagram, to in sent:
            message = parse(datagram)
            kind = message.method if isinstance(message, Request) else f"{message.status}"
            body = message.body.decode().split("\r\n")[0] if kind == "NOTIFY" else ""
            self.lines.append(f"  → {names[to]} {kind} {body}".rstrip())
        self.lines += [f"  fact {type(fact).__name__}" for fact in facts]
        heard = self.room.hears() if self.room.control.up() else {}
        for name, others in heard.items():
            self.lines.append(f"  {name} hears {', '.join(sorted(others)) or 'nobody'}")


def consultation(room: TalkRoom, tell: Teller) -> None:
    tell.step("agent consults the fire service", lambda: room.reaches(ToPlace("fire"), How.CONSULT))
    tell.step("it rings", lambda: room.says("fire", 180))
    tell.step("agent wants another as well", lambda: room.reaches(ToAgent(OTHER), How.CONSULT))
    tell.step("it answers", lambda: room.says("fire", 200))
    tell.step("agent lets the caller join", lambda: room.asks(asked.ThreeWay()))
    tell.step("agent hangs up", lambda: room.sends(AGENT, "BYE"))
    tell.step("the fire service hangs up", lambda: room.sends("fire", "BYE"))


def refer(room: TalkRoom, tell: Teller) -> None:
    to = "Refer-To: <sip:fire@127.0.0.1>\r\n"
    tell.step(
        "agent's phone holds",
        lambda: room.sends(AGENT, "INVITE", body=sdp(7080, direction="sendonly")),
    )
    tell.step("agent's phone refers us to the fire service", lambda: room.sends(AGENT, "REFER", to))
    tell.step("it is busy", lambda: room.says("fire", 486))
    tell.step("agent's phone resumes", lambda: room.sends(AGENT, "INVITE", body=sdp(7080)))
    tell.step("agent's phone refers us again", lambda: room.sends(AGENT, "REFER", to))
    tell.step("it answers", lambda: room.says("fire", 200))
    tell.step("caller hangs up", room.bye)


def vanishing(room: TalkRoom, tell: Teller) -> None:
    tell.step("agent begins a transfer", lambda: room.reaches(ToPlace("fire"), How.TRANSFER))
    tell.step(
        "agent's phone was heard", lambda: room.say(media.FirstPacket(room.leg(AGENT), room.now))
    )
    tell.step("agent's phone vanishes", lambda: room.say(media.MediaSilent(room.leg(AGENT), 30.0)))
    tell.step("nobody answers the transfer", lambda: room.at(room.now + 30.0))
    tell.step("caller hangs up", room.bye)


def supervision(room: TalkRoom, tell: Teller) -> None:
    tell.step("agent asks for help", lambda: room.asks(asked.AskHelp()))
    tell.step("supervisor listens", lambda: room.listens(Supervision.LISTEN))
    tell.step("supervisor answers", lambda: room.says(BOSS, 200))
    tell.step("supervisor whispers", lambda: room.keys(BOSS, "5"))
    tell.step("supervisor barges in", lambda: room.keys(BOSS, "6"))
    tell.step("supervisor hangs up", lambda: room.sends(BOSS, "BYE"))
    tell.step(
        "agent sends the caller to the medical lane",
        lambda: room.reaches(ToLane(MEDICAL), How.TRANSFER),
    )
    tell.step("its agent answers", lambda: room.says(OTHER, 200))
    tell.step("caller hangs up", room.bye)


@pytest.mark.parametrize("scene", [consultation, refer, vanishing, supervision])
def test_the_talk_goes_as_written(scene: Callable[[TalkRoom, Teller], None]) -> None:
    room = talking()
    tell = Teller(room)
    scene(room, tell)
    told = "\n".join(tell.lines) + "\n"
    path = HERE / f"{scene.__name__}.talk"
    if REWRITE:
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")
