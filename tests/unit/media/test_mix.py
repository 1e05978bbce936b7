"""Three and more in one talk."""

import math
import struct

import pytest

from calls.ids import LegId
from media import commands as c
from media import g711, mix, rtp
from media.playout import voice
from media.sending import Numbers
from media.session import Session

CITIZEN, AGENT, CHIEF = LegId("citizen"), LegId("agent"), LegId("chief")
ALL = (CITIZEN, AGENT, CHIEF)
TONES = {CITIZEN: 400.0, AGENT: 700.0, CHIEF: 1100.0}  # each whole periods in 20 ms


def tone(hertz: float, loud: int = 6000) -> bytes:
    wave = (int(loud * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(160))
    return struct.pack("<160h", *wave)


def heard_in(payload: bytes, codec: c.CodecName) -> set[LegId]:
    """Tell whose tone is in a frame (Goertzel)."""
    samples = struct.unpack("<160h", g711.decode(payload, codec))
    found = set()
    for leg, hertz in TONES.items():
        turn = 2 * math.pi * hertz / 8000
        real = sum(s * math.cos(turn * n) for n, s in enumerate(samples))
        imaginary = sum(s * math.sin(turn * n) for n, s in enumerate(samples))
        if math.hypot(real, imaginary) / 80 > 4000:
            found.add(leg)
    return found


class Room:
    """Three legs with a peer each, who says a tone of its own for ever."""

    def __init__(self) -> None:
        self.now, self.count = 50.0, 0
        self.codecs: dict[LegId, c.CodecName] = {CITIZEN: "PCMA", AGENT: "PCMU", CHIEF: "PCMA"}
        self.sessions = {leg: Session(leg, Numbers(1, 2, 3), []) for leg in ALL}
        for n, leg in enumerate(ALL):
            terms = c.ConnectLeg(leg, self.codecs[leg], 101, "10.0.0.1", 4000 + n, True, True)
            self.sessions[leg].connect(terms, self.now)

    def arrange(self, hears: c.Hears) -> None:
        for leg, others in hears:
            heard = any(leg in listened for _, listened in hears)
            self.sessions[leg].confer([self.sessions[o] for o in others], heard=heard)

    def talk(self, rounds: int) -> dict[LegId, bytes]:
        """Let everybody talk; return the payload that each hears last."""
        last = {}
        for _ in range(rounds):
            self.now += 0.02
            self.count += 1
            for n, leg in enumerate(ALL):
                codec, session = self.codecs[leg], self.sessions[leg]
                payload = g711.encode(tone(TONES[leg]), codec)
                kind = g711.PAYLOAD_TYPES[codec]
                packet = rtp.Packet(kind, False, self.count, self.count * 160, 9, payload)
                session.receive(bytes(packet), ("10.0.0.1", 4000 + n), self.now)
            for leg in ALL:
                datagram = self.sessions[leg].tick(self.now)
                assert datagram is not None, "a member gets a packet at every tick"
                last[leg] = rtp.parse(datagram).payload
        return last

    def who_hears(self, rounds: int = 20) -> dict[LegId, set[LegId]]:
        last = self.talk(rounds)
        return {leg: heard_in(last[leg], self.codecs[leg]) for leg in ALL}


def test_in_a_conference_each_hears_all_the_others_and_never_itself() -> None:
    room = Room()
    room.arrange(mix.everyone(ALL))
    assert room.who_hears() == {leg: set(ALL) - {leg} for leg in ALL}


@pytest.mark.parametrize(
    ("how", "citizen", "agent"),
    [
        (mix.Supervision.LISTEN, {AGENT}, {CITIZEN}),
        (mix.Supervision.WHISPER, {AGENT}, {CITIZEN, CHIEF}),
        (mix.Supervision.BARGE, {AGENT, CHIEF}, {CITIZEN, CHIEF}),
    ],
)
def test_a_supervisor_hears_both_and_is_heard_as_asked(
    how: mix.Supervision, citizen: set[LegId], agent: set[LegId]
) -> None:
    room = Room()
    room.arrange(mix.supervised(*ALL, mix.Supervision.BARGE))
    room.talk(10)
    room.arrange(mix.supervised(*ALL, how))  # live
    assert room.who_hears() == {CITIZEN: citizen, AGENT: agent, CHIEF: {CITIZEN, AGENT}}


def test_an_announcement_is_heard_by_one_member_and_then_the_others_again() -> None:
    room = Room()
    room.arrange(mix.everyone(ALL))
    room.talk(10)
    room.sessions[AGENT].play(1, voice([[b"\x11" * 160] * 5], loop=False))
    last = room.talk(3)
    assert last[AGENT] == b"\x11" * 160
    assert heard_in(last[CITIZEN], "PCMA") == {AGENT, CHIEF}
    assert room.who_hears(5)[AGENT] == {CITIZEN, CHIEF}


def test_who_leaves_hears_silence_and_is_heard_no_more() -> None:
    room = Room()
    room.arrange(mix.everyone(ALL))
    room.talk(10)
    room.arrange(mix.without(CHIEF, mix.everyone(ALL)))
    room.sessions[CHIEF].confer((), heard=False)
    assert room.who_hears() == {CITIZEN: {AGENT}, AGENT: {CITIZEN}, CHIEF: set()}


def test_a_lone_voice_passes_untouched_and_a_loud_sum_is_clipped() -> None:
    soft = g711.encode(tone(400), "PCMA")
    assert mix.mix([("PCMA", soft), ("PCMU", g711.SILENCE["PCMU"])], "PCMA") == soft
    assert mix.mix([], "PCMU") == g711.SILENCE["PCMU"]
    loud = g711.encode(struct.pack("<160h", *([30000] * 160)), "PCMA")
    summed = g711.decode(mix.mix([("PCMA", loud)] * 3, "PCMA"), "PCMA")
    assert min(struct.unpack("<160h", summed)) > 30000
