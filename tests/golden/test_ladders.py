"""Whole calls as text, to the millisecond; each beside this file as `<name>.ladder`.

`REWRITE_LADDERS=1 python -m pytest tests/golden` writes them anew, for a
person to review.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from calls.ids import LegId
from sip.events import CallOffered, LegReoffered, SipEvent
from tests.helpers.lossy_network import LossyNetwork
from tests.helpers.one_stack import invitation
from tests.helpers.sip_messages import ANSWER, HOLD, OFFER

HERE = Path(__file__).parent
HOTLINE, CALLER, AGENT = ("192.0.2.1", 5060), ("192.0.2.10", 5060), ("192.0.2.20", 5060)
REWRITE = bool(os.environ.get("REWRITE_LADDERS"))


class Scene:
    """A hotline, a caller and an agent's phone, all stacks of ours, on one network."""

    def __init__(self, lost: dict[str, int] | None = None, **settings: object) -> None:
        self.network = LossyNetwork(lost=lost)
        self.hotline = self.network.join("hotline", HOTLINE, **settings)
        self.caller = self.network.join("caller", CALLER, **settings)
        self.agent = self.network.join("agent", AGENT)
        self.legs: dict[str, LegId] = {}
        self.network.on_event = self._note

    def _note(self, name: str, event: SipEvent) -> None:
        detail = [str(getattr(event, key)) for key in ("status", "why") if hasattr(event, key)]
        self.network.note(f"{name}: {' '.join([type(event).__name__, *detail])}")
        if isinstance(event, CallOffered | LegReoffered):
            self.legs[name] = event.leg

    def call(self, name: str, other: str, to: tuple[str, int]) -> None:
        """Let one call another."""
        stack, now = self.network.stacks[name], self.network.now
        wanted = invitation(to_uri=f"sip:{other}@{to[0]}", destination=to, sdp=OFFER)
        self.legs[name] = stack.invite(wanted, now)

    def at(self, second: float, name: str, act: str, **how: object) -> None:
        """Plan a command of somebody's for the leg that they have last heard of."""

        def command() -> None:
            arguments = (ANSWER,) if act == "answer" else (486,) if act == "reject" else ()
            order: Callable[..., None] = getattr(self.network.stacks[name], act)
            self.network.note(f"{name} {act.replace('_', ' ')}s".replace("hang ups", "hangs up"))
            order(self.legs[name], *arguments, self.network.now, **how)

        self.network.at(second, command)

    def ladder(self, end: float) -> str:
        """Run to the end; tell what is left as the last line."""
        self.network.run(end)
        left = [f"{n} {s.legs()}+{s.transactions()}" for n, s in self.network.stacks.items()]
        return "\n".join([*self.network.ladder, f"{end:7.3f}  left over: {', '.join(left)}", ""])


def incoming(lost: dict[str, int] | None = None, **settings: object) -> Scene:
    """A caller calls at 0."""
    scene = Scene(lost, **settings)
    scene.network.at(0.0, lambda: scene.call("caller", "12345", HOTLINE))
    return scene


def outgoing(lost: dict[str, int] | None = None) -> Scene:
    """The hotline calls an agent at 0."""
    scene = Scene(lost)
    scene.network.at(0.0, lambda: scene.call("hotline", "1001", AGENT))
    return scene


def caller_hangs_up() -> Scene:
    """The plain call: rung, answered, and the caller hangs up. RFC 3261 §13, §15."""
    scene = incoming()
    scene.at(0.1, "hotline", "ring")
    scene.at(0.2, "hotline", "answer")
    scene.at(12.4, "caller", "hang_up")
    return scene


def answers_get_lost() -> Scene:
    """Two 200s and one ACK are lost; the call comes up all the same. §13.3.1.4."""
    scene = incoming({"hotline → caller 200 INVITE": 2, "caller → hotline ACK": 1})
    scene.at(0.2, "hotline", "answer")
    scene.at(9.0, "hotline", "hang_up")
    return scene


def no_ack_ever() -> Scene:
    """No ACK comes through: 200 from T1 to T2, and after 64*T1 BYE. §13.3.1.4."""
    scene = incoming({"caller → hotline ACK": 99})
    scene.at(0.1, "hotline", "answer")
    return scene


def caller_gives_up() -> Scene:
    """CANCEL while it rings; the 487 is lost once. §9."""
    scene = incoming({"hotline → caller 487 INVITE": 1})
    scene.at(0.1, "hotline", "ring")
    scene.at(4.0, "caller", "hang_up")
    return scene


def cancel_crosses_200() -> Scene:
    """The caller gives up just as we answer: ACK and BYE at once. §15, RFC 5407 §2."""
    scene = incoming()
    scene.at(0.1, "hotline", "ring")
    scene.at(2.0, "hotline", "answer")
    scene.at(2.01, "caller", "hang_up")
    return scene


def agent_is_not_there() -> Scene:
    """The agent's phone says nothing at all: 408 of our own after 64*T1. §17.1.1.2."""
    return outgoing({"hotline → agent INVITE": 99})


def agent_is_rung_too_late() -> Scene:
    """Hung up before the phone said anything: the CANCEL waits for its 100. §9.1."""
    scene = outgoing({"hotline → agent INVITE": 2})
    scene.at(0.2, "hotline", "hang_up")
    return scene


def agent_holds_the_caller() -> Scene:
    """The agent's phone re-INVITEs for hold; our 200 is lost once. §14."""
    scene = outgoing({"hotline → agent 200 INVITE": 1})
    scene.at(1.0, "agent", "answer")
    scene.network.at(5.0, lambda: phone_says(scene, "INVITE", HOLD))
    scene.at(5.03, "hotline", "answer")
    scene.network.at(5.55, lambda: phone_says(scene, "ACK"))
    scene.at(20.0, "agent", "hang_up")
    return scene


def phone_says(scene: Scene, method: str, body: bytes = b"") -> None:
    """Send what a phone sends when hold is pressed; no stack of ours does that by itself."""
    stack = scene.agent
    dialog = stack._legs[scene.legs["agent"]].dialog
    assert dialog is not None
    number = dialog.local_seq if method == "ACK" else None
    request = dialog.request(method, stack._port.via(AGENT), number)
    for name, value in (*stack._port.session_headers(AGENT), ("Content-Type", "application/sdp")):
        request.headers.add(name, value)
    request.body = body
    if method == "ACK":
        stack._transactions.outbox.append((bytes(request), dialog.next_hop()))
    else:
        stack._transactions.send(request, dialog.next_hop(), scene.network.now)


def bye_gets_lost() -> Scene:
    """Our BYE is lost twice and its 200 once. §17.1.2.2."""
    scene = incoming({"hotline → caller BYE": 2, "caller → hotline 200 BYE": 1})
    scene.at(0.1, "hotline", "answer")
    scene.at(5.0, "hotline", "hang_up")
    return scene


def hotline_is_busy() -> Scene:
    """A rejection whose ACK is lost three times. §17.2.1."""
    scene = incoming({"caller → hotline ACK": 3})
    scene.at(0.1, "hotline", "reject")
    return scene


def session_is_refreshed() -> Scene:
    """The caller refreshes at half the interval; one UPDATE is lost. RFC 4028 §10."""
    scene = incoming({"caller → hotline UPDATE": 1}, session_expires=90)
    scene.at(0.1, "hotline", "answer")
    scene.at(60.0, "caller", "hang_up")
    return scene


def caller_vanishes() -> Scene:
    """No refresh comes through any more: 30 s before the interval is over we hang up."""
    gone = {"caller → hotline UPDATE": 99, "hotline → caller BYE": 99}
    scene = incoming(gone, session_expires=90)
    scene.at(0.1, "hotline", "answer")
    return scene


SCENES = (
    caller_hangs_up, answers_get_lost, no_ack_ever, caller_gives_up, cancel_crosses_200,
    agent_is_not_there, agent_is_rung_too_late, agent_holds_the_caller, bye_gets_lost,
    hotline_is_busy, session_is_refreshed, caller_vanishes,
)  # fmt: skip


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_the_ladder_of(scene: Callable[[], Scene]) -> None:
    path = HERE / f"{scene.__name__}.ladder"
    ladder = f"# {scene.__doc__}\n" + scene().ladder(120.0)
    if REWRITE:
        path.write_text(ladder, encoding="utf-8")
    assert ladder == path.read_text(encoding="utf-8")
    assert "left over: hotline 0+0, caller 0+0, agent 0+0" in ladder


def test_every_ladder_is_somebodys() -> None:
    assert {path.stem for path in HERE.glob("*.ladder")} == {s.__name__ for s in SCENES}
