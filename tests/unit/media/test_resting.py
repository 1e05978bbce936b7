"""A leg that rests is not ticked, and nothing of what comes out of it is another."""

from calls.ids import LegId
from media import commands as c
from media import rtp
from media.pace import Beat, Pace
from media.recording import Channel
from media.sending import Numbers
from media.session import Session

PEER = ("192.0.2.1", 4000)


class Slot:
    """Two legs of one slot that hear each other; the first is recorded."""

    def __init__(self, *, rests: bool) -> None:
        self.rests, self.pace, self.beat, self.now = rests, Pace(), Beat(), 0.0
        self.beat.turn = 700
        self.left, self.right = (
            Session(LegId(name), Numbers(5, 6, 2**32 - 4000), [], self.pace, self.beat)
            for name in ("left", "right")
        )
        self.legs = (self.left, self.right)
        for leg in self.legs:
            leg.connect(c.ConnectLeg(leg.leg, "PCMA", 101, *PEER, True, True), 0.0)
        self.channel = Channel("PCMA")
        self.left.hearing.record(self.channel)

    def bridge(self, *, on: bool) -> None:
        self.left.bridge(self.right if on else None)
        self.right.bridge(self.left if on else None)

    def pass_time(self, turns: int) -> list[bytes | None]:
        """Let 20 ms pass, several times; return what is sent."""
        sent: list[bytes | None] = []
        for _ in range(turns):
            self.now += 0.02
            self.beat.turn += 1
            for leg in self.legs:
                if not (self.rests and leg.leg in self.pace.resting):
                    sent.append(leg.tick(self.now))
        return [packet for packet in sent if packet is not None]

    def say(self, number: int, ssrc: int = 7) -> bytes | None:
        packet = rtp.Packet(8, False, number, number * 160, ssrc, bytes([number % 251]) * 160)
        if self.left.latch.peer is None:
            return self.left.receive(bytes(packet), PEER, self.now)
        return self.left.receive_known(bytearray(bytes(packet)), self.now)


def life(slot: Slot) -> list[object]:
    """Let a slot live; return all that comes of it."""
    came: list[object] = [slot.pass_time(3)]
    slot.bridge(on=True)
    for n in range(1, 130):
        came += [slot.say(n), slot.pass_time(1)]
    came.append(slot.pass_time(7))
    came += [slot.say(n, ssrc=8) for n in range(400, 403)]  # a new source: a switch
    slot.pass_time(20)
    came.append(slot.right.report(1.0))
    slot.right.play(1, iter([b"a" * 160] * 3))
    came += [slot.pass_time(10), slot.say(403, ssrc=8)]
    for leg in slot.legs:
        leg.skip(6, slot.now)
    slot.beat.turn += 6
    slot.bridge(on=False)
    came += [slot.pass_time(5), slot.left.report(2.0), list(slot.channel.frames)]
    return came


def test_what_comes_of_a_leg_is_the_same_whether_it_rests_or_is_ticked() -> None:
    resting, ticked = Slot(rests=True), Slot(rests=False)
    assert life(resting) == life(ticked)


def test_bridged_legs_rest_until_they_play_or_are_tapped() -> None:
    slot = Slot(rests=True)
    assert not slot.pace.resting, "each sends"
    slot.bridge(on=True)
    assert slot.pace.resting == {"left", "right"}
    slot.left.hearing.tap(True)
    assert slot.pace.resting == {"right"}
    slot.right.play(1, iter([bytes(160)]))
    assert not slot.pace.resting
    slot.pass_time(2)
    assert slot.pace.resting == {"right"}, "the prompt is over"
