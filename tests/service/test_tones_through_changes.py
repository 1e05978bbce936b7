"""Tones through hold, resume, blind and attended transfer and conference, each listened to.

A real media worker, told what call control tells it (`server.parties`); phones with a tone
each. What a phone hears of another is within 1 dB of what that one says, and never silent
for more than 20 ms, but where it is switched.
"""

import math
from collections.abc import Iterator
from itertools import pairwise, permutations

import pytest

from calls.ids import CallId
from media import commands as c
from server.parties import QUIET, SILENCE, Aside, Party, Role, orders, sound
from tests.helpers.media_phones import Worker, strength, talk, tone
from tests.helpers.serving import ROOT
from tests.helpers.voice_phones import Kind, VoicePhone

Codecs = tuple[c.CodecName, c.CodecName, c.CodecName]
CALL = CallId("c-1")
MUSIC = Aside((str(ROOT / "config" / "site" / "prompts" / "tones" / "music.wav"),))
TONES = {"citizen": 400, "agent": 700, "guest": 1000}
"""Of 100 Hz and its multiples, so that 10 ms tell one from the others."""
ROLES = {"citizen": Role.CITIZEN, "agent": Role.AGENT, "guest": Role.GUEST}
LOUD, STEP = 3000, 160
"""Amplitude of each; octets of 10 ms."""
SECONDS = 1.2


def heard(pcm: bytes, hertz: int) -> tuple[float, int]:
    """Return a tone's level in dB against what was said, and its longest silence in ms.

    From where it begins to where it ends: what came before and after is the switch.
    """
    levels = [strength(pcm[at : at + STEP], hertz) for at in range(0, len(pcm) - STEP, STEP)]
    there = [n for n, level in enumerate(levels) if level > LOUD / 2]
    if not there:
        return -99.0, 0
    first, last = there[0], there[-1]
    silences = [after - before - 1 for before, after in pairwise(there)]
    steady = pcm[(first + 3) * STEP : (last - 2) * STEP]
    return 20 * math.log10(strength(steady, hertz) / LOUD), 10 * max(silences, default=0)


class Line:
    """Three phones whose talk changes."""

    def __init__(self, worker: Worker, codecs: Codecs) -> None:
        self.worker, self.sound, self.turn = worker, SILENCE, 0
        self.phones = {
            name: VoicePhone(worker, name, Kind(codec))
            for name, codec in zip(TONES, codecs, strict=True)
        }
        for name, phone in self.phones.items():
            phone.connect()
            phone.say(tone(TONES[name], 40.0, loud=LOUD))

    def becomes(self, **aside: Aside | None) -> None:
        """Let the talk change to those named, each apart or not; listen to what follows."""
        after = sound([Party(c.LegId(name), ROLES[name], how) for name, how in aside.items()])
        self.turn += 1
        self.worker.send(*orders(CALL, self.sound, after, self.turn))
        self.sound = after
        talk(list(self.phones.values()), 0.2)  # what was on its way
        for phone in self.phones.values():
            phone.packets.clear()
        talk(list(self.phones.values()), SECONDS)

    def hears(self, listener: str, *others: str) -> None:
        """Fail unless a phone hears just these, as they are said."""
        pcm = self.phones[listener].voice() if self.phones[listener].packets else b""
        for name, hertz in TONES.items():
            if name in others:
                level, silence = heard(pcm, hertz)
                assert abs(level) < 1.0, f"{listener} hears {name} at {level:+.1f} dB"
                assert silence <= 20, f"{listener} misses {silence} ms of {name}"
            else:
                assert strength(pcm, hertz) < LOUD / 10, f"{listener} hears {name}"


@pytest.fixture(params=["PCMA", "G722"])
def line(request: pytest.FixtureRequest, worker: Worker) -> Iterator[Line]:
    yield Line(worker, (request.param,) * 3)


@pytest.fixture(params=tuple(permutations(("PCMA", "PCMU", "G722"))), ids="-".join)
def mixed(request: pytest.FixtureRequest, worker: Worker) -> Iterator[Line]:
    """Three phones, none of whose codecs are alike: citizen, agent, guest."""
    yield Line(worker, request.param)


def test_hold_and_resume(line: Line) -> None:
    line.becomes(citizen=None, agent=None)
    line.hears("agent", "citizen")
    line.hears("citizen", "agent")
    line.becomes(citizen=MUSIC, agent=None)
    line.hears("agent")
    line.hears("citizen")
    line.becomes(citizen=None, agent=None)
    line.hears("agent", "citizen")
    line.hears("citizen", "agent")


def test_a_blind_transfer(line: Line) -> None:
    line.becomes(citizen=None, agent=None)
    line.becomes(citizen=MUSIC, agent=MUSIC)
    line.becomes(citizen=None, guest=None)
    line.hears("citizen", "guest")
    line.hears("guest", "citizen")


def test_a_blind_transfer_from_codec_to_codec(mixed: Line) -> None:
    mixed.becomes(citizen=None, agent=None)
    mixed.hears("agent", "citizen")
    mixed.hears("citizen", "agent")
    mixed.becomes(citizen=MUSIC, agent=MUSIC)
    mixed.becomes(citizen=None, guest=None)
    mixed.hears("citizen", "guest")
    mixed.hears("guest", "citizen")


def test_a_consultation_and_an_attended_transfer_from_codec_to_codec(mixed: Line) -> None:
    mixed.becomes(citizen=None, agent=None)
    mixed.becomes(citizen=MUSIC, agent=None, guest=None)
    mixed.hears("agent", "guest")
    mixed.hears("guest", "agent")
    mixed.hears("citizen")
    mixed.becomes(citizen=None, agent=None, guest=None)
    mixed.hears("citizen", "agent", "guest")
    mixed.becomes(citizen=None, guest=None)
    mixed.hears("citizen", "guest")
    mixed.hears("guest", "citizen")


def test_a_consultation_and_an_attended_transfer(line: Line) -> None:
    line.becomes(citizen=None, agent=None)
    line.becomes(citizen=MUSIC, agent=None, guest=None)
    line.hears("agent", "guest")
    line.hears("guest", "agent")
    line.hears("citizen")
    line.becomes(citizen=None, guest=None)
    line.hears("citizen", "guest")
    line.hears("guest", "citizen")


def test_a_conference_and_a_phone_of_it_on_hold(line: Line) -> None:
    line.becomes(citizen=None, agent=None)
    line.becomes(citizen=None, agent=None, guest=None)
    line.hears("citizen", "agent", "guest")
    line.hears("agent", "citizen", "guest")
    line.hears("guest", "citizen", "agent")
    line.becomes(citizen=None, agent=QUIET, guest=None)
    line.hears("citizen", "guest")
    line.hears("guest", "citizen")
    line.becomes(citizen=None, agent=None)
    line.hears("citizen", "agent")
    line.hears("agent", "citizen")
