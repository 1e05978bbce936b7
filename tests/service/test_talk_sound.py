"""What each party of a talk hears, listened to: a real media worker, phones with a tone each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.ids import CallId
from media import commands as c
from media.mix import Supervision
from server.parties import SILENCE, Aside, Party, Role, orders, sound
from tests.helpers.media_phones import Phone, Worker, channels, strength, talk, tone
from tests.helpers.serving import ROOT

CALL = CallId("c-1")
MUSIC = Aside((str(ROOT / "config" / "site" / "prompts" / "tones" / "music.wav"),))
TONES = {"citizen": 440, "agent": 700, "guest": 1000, "boss": 1300}
ROLES = {
    "citizen": Role.CITIZEN,
    "agent": Role.AGENT,
    "guest": Role.GUEST,
    "boss": Role.SUPERVISOR,
}
LOUD, NEXT_TO_NOTHING = 1800, 250
SECOND = 16000  # octets


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker()
    yield one
    one.end()


class Room:
    """Phones with a tone each, in a talk that changes."""

    def __init__(self, worker: Worker) -> None:
        self.worker, self.sound, self.turn = worker, SILENCE, 0
        self.phones = {name: Phone(worker, name).connect() for name in TONES}
        for name, phone in self.phones.items():
            phone.say(tone(TONES[name], 30.0, loud=3000))

    def becomes(self, **how: Party | None) -> dict[str, set[str]]:
        """Let the talk change; say whom each phone hears after it, by their tones."""
        parties = [party for party in how.values() if party is not None]
        after = sound(parties)
        self.turn += 1
        self.worker.send(*orders(CALL, self.sound, after, self.turn))
        self.sound = after
        talk(list(self.phones.values()), 0.9)
        return {name: self._hears(phone) for name, phone in self.phones.items()}

    def _hears(self, phone: Phone) -> set[str]:
        heard = phone.heard()[-SECOND // 3 :]
        return {name for name, hertz in TONES.items() if strength(heard, hertz) > LOUD}

    def music(self, name: str) -> bool:
        """Tell whether a phone hears something that is nobody's tone."""
        heard = self.phones[name].heard()[-SECOND // 3 :]
        return any(heard) and not self._hears(self.phones[name])


def party(name: str, aside: Aside | None = None, how: Supervision | None = None) -> Party:
    return Party(c.LegId(name), ROLES[name], aside, how=how)


def test_hold_consultation_three_way_listening_whisper_and_barge_sound_as_they_must(
    worker: Worker, tmp_path: Path
) -> None:
    path = tmp_path / "call.wav"
    room = Room(worker)
    worker.send(c.StartRecording(CALL, str(path), c.LegId("citizen")))
    citizen, agent, guest = party("citizen"), party("agent"), party("guest")
    nobody: set[str] = set()

    heard = room.becomes(citizen=citizen, agent=agent)
    assert (heard["citizen"], heard["agent"]) == ({"agent"}, {"citizen"})

    heard = room.becomes(citizen=party("citizen", MUSIC), agent=agent)
    assert heard["agent"] == heard["citizen"] == nobody
    assert room.music("citizen")

    heard = room.becomes(citizen=party("citizen", MUSIC), agent=agent, guest=guest)
    assert (heard["agent"], heard["guest"], heard["citizen"]) == ({"guest"}, {"agent"}, nobody)
    assert room.music("citizen")

    heard = room.becomes(citizen=citizen, agent=agent, guest=guest)
    assert heard["citizen"] == {"agent", "guest"}
    assert (heard["agent"], heard["guest"]) == ({"citizen", "guest"}, {"citizen", "agent"})

    heard = room.becomes(citizen=citizen, agent=agent)
    assert (heard["citizen"], heard["agent"], heard["guest"]) == ({"agent"}, {"citizen"}, nobody)

    hears_boss = {
        Supervision.LISTEN: (False, False),
        Supervision.WHISPER: (False, True),
        Supervision.BARGE: (True, True),
    }
    for how, (by_citizen, by_agent) in hears_boss.items():
        heard = room.becomes(citizen=citizen, agent=agent, boss=party("boss", how=how))
        assert heard["boss"] == {"citizen", "agent"}
        assert ("boss" in heard["citizen"], "boss" in heard["agent"]) == (by_citizen, by_agent)
        assert "agent" in heard["citizen"] and "citizen" in heard["agent"]

    worker.send(c.StopRecording(CALL))
    worker.wait(c.RecordingClosed)
    left, right = channels(path)
    late = slice(-SECOND, -SECOND // 2)
    assert strength(left[late], TONES["citizen"]) > LOUD
    assert all(strength(left, TONES[name]) < NEXT_TO_NOTHING for name in ("agent", "guest", "boss"))
    assert strength(right, TONES["citizen"]) < NEXT_TO_NOTHING
    before_barge, barged = right[: -SECOND * 3 // 2], right[late]
    assert strength(right, TONES["guest"]) > NEXT_TO_NOTHING
    assert strength(before_barge, TONES["boss"]) < NEXT_TO_NOTHING
    assert strength(barged, TONES["boss"]) > LOUD and strength(barged, TONES["agent"]) > LOUD
