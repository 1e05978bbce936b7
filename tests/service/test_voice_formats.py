"""A real worker and phones of every codec, packet length and secrecy, listened to by machine."""

import socket
from itertools import combinations_with_replacement, pairwise
from pathlib import Path

import pytest

from media import commands as c
from media import dtmf, wav
from tests.helpers.media_phones import Worker, channels, strength, talk, tone
from tests.helpers.voice_phones import Kind, VoicePhone, ipv6_here, listen

CODECS: tuple[c.CodecName, ...] = ("PCMA", "PCMU", "G722")


def talk_in_pairs(worker: Worker, pairs: list[tuple[Kind, Kind]]) -> None:
    """Let each hear a tone of the other, and judge it."""
    phones = []
    for number, kinds in enumerate(pairs):
        left, right = (
            VoicePhone(worker, f"{number}{side}", kind)
            for side, kind in zip("ab", kinds, strict=True)
        )
        left.connect(), right.connect()
        worker.send(c.Bridge(left.leg, right.leg))
        phones += [left, right]
    pitches = [410 + 130 * n for n in range(len(phones))]
    talk(phones, 0.3)
    for phone, pitch in zip(phones, pitches, strict=True):
        phone.packets.clear()
        phone.say(tone(pitch, 1.0))
    talk(phones, 1.4)
    for number, phone in enumerate(phones):
        pitch = pitches[number ^ 1]
        heard = listen(phone.voice(), pitch)
        what = f"{phones[number ^ 1].kind} heard by {phone.kind}: {heard}"
        assert abs(heard.level) < 1.0, what
        assert heard.purity > 0.95, what
        assert heard.gap <= 20, what
        assert heard.seconds >= 0.95, what


@pytest.mark.parametrize("secrets", [(False, False), (True, True), (False, True)], ids=str)
def test_a_tone_arrives_whole_in_each_pair_of_codecs(
    worker: Worker, secrets: tuple[bool, bool]
) -> None:
    pairs = combinations_with_replacement(CODECS, 2)
    talk_in_pairs(worker, [(Kind(a, secrets[0]), Kind(b, secrets[1])) for a, b in pairs])


def test_a_tone_arrives_whole_between_packets_of_different_lengths(worker: Worker) -> None:
    lengths = [(10, 20), (20, 30), (60, 20), (10, 60), (40, 40)]
    kinds: list[tuple[Kind, Kind]] = [(Kind(ptime=a), Kind(ptime=b)) for a, b in lengths]
    kinds.append((Kind("G722", True, 30), Kind("PCMU", False, 60)))
    talk_in_pairs(worker, kinds)


@pytest.mark.parametrize("ptime", [10, 20, 30, 40, 50, 60])
def test_packets_are_as_long_as_was_agreed_and_evenly_numbered(
    worker: Worker, ptime: int, tmp_path: Path
) -> None:
    prompt = tmp_path / "prompt.wav"
    write_prompt(prompt, tone(440, 0.9))
    phone = VoicePhone(worker, "a", Kind(ptime=ptime)).connect()
    worker.send(c.Play(phone.leg, 1, (str(prompt),), False))
    worker.send(c.StartRecording("rec", str(tmp_path / "rec.wav"), phone.leg))
    phone.say(tone(700, 0.9))
    talk([phone], 1.3)
    worker.send(c.StopRecording("rec"))
    worker.wait(c.RecordingClosed)
    assert {len(packet.payload) for packet in phone.packets} == {8 * ptime}
    # Before it nothing was said, and not all of that is sent (RFC 3551 §4.1).
    begun = max(at for at, packet in enumerate(phone.packets) if packet.marker)
    assert begun <= 1
    steps = {b.timestamp - a.timestamp for a, b in pairwise(phone.packets[begun:])}
    assert steps == {8 * ptime}
    heard = listen(phone.voice(), 440)
    assert abs(heard.level) < 1 and heard.gap == 0 and heard.seconds > 0.85
    said = listen(channels(tmp_path / "rec.wav")[0], 700)
    assert abs(said.level) < 1 and said.gap == 0 and said.seconds > 0.8


def write_prompt(path: Path, pcm: bytes) -> None:
    path.write_bytes(wav.write(pcm))


def test_a_voice_stays_whole_through_hold_resume_and_conference(
    worker: Worker, tmp_path: Path
) -> None:
    music = tmp_path / "music.wav"
    write_prompt(music, tone(1500, 1.0))
    citizen = VoicePhone(worker, "citizen", Kind("PCMA"))
    agent = VoicePhone(worker, "agent", Kind("G722", secret=True))
    chief = VoicePhone(worker, "chief", Kind("PCMU"))
    phones = [phone.connect() for phone in (citizen, agent, chief)]
    worker.send(c.Bridge(citizen.leg, agent.leg))

    def said_by_the_agent(hertz: int) -> None:
        for phone in phones:
            phone.packets.clear()
        agent.say(tone(hertz, 0.8))
        talk(phones, 1.1)

    def whole(phone: VoicePhone, hertz: int, seconds: float = 0.75) -> None:
        heard = listen(phone.voice(), hertz)
        assert abs(heard.level) < 1 and heard.gap <= 20, (phone.leg, hertz, heard)
        assert heard.purity > 0.95 and heard.seconds >= seconds, (phone.leg, hertz, heard)

    talk(phones, 0.2)
    said_by_the_agent(600)
    whole(citizen, 600)
    worker.send(c.Unbridge(citizen.leg), c.Play(citizen.leg, 1, (str(music),), True))
    talk(phones, 0.3)
    said_by_the_agent(700)
    whole(citizen, 1500, 0.9)
    worker.send(c.Bridge(citizen.leg, agent.leg))
    talk(phones, 0.2)
    said_by_the_agent(800)
    whole(citizen, 800)
    legs = (citizen.leg, agent.leg, chief.leg)
    hears = tuple((leg, tuple(one for one in legs if one != leg)) for leg in legs)
    worker.send(c.Confer("room", hears))
    talk(phones, 0.3)
    said_by_the_agent(900)
    whole(citizen, 900)
    whole(chief, 900)
    for phone in phones:
        phone.packets.clear()
    citizen.say(tone(500, 0.8))
    talk(phones, 1.1)
    whole(agent, 500)


def test_what_is_not_under_the_peers_key_is_dropped_and_never_believed(worker: Worker) -> None:
    phone = VoicePhone(worker, "a", Kind(secret=True)).connect()
    plain = VoicePhone(worker, "b", Kind())  # a second phone, for its words only
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
        thief.bind(("127.0.0.1", 0))
        plain.end.close()
        plain.end, plain.to = thief, phone.to
        plain.say(tone(440, 0.2))
        talk([plain], 0.4)
        assert not plain.packets, "nothing is sent to who has no key"
        assert not worker.found(c.FirstPacket)
        phone.say(tone(440, 0.4))
        talk([phone], 0.6)
        plain.say(tone(440, 0.2))
        talk([plain, phone], 0.4)
        assert not plain.packets
    assert len(worker.wait(c.FirstPacket)) == 1
    assert phone.refused == 0
    worker.send(c.CloseLeg(phone.leg))
    (closed,) = worker.wait(c.LegClosed)
    assert closed.received == 20, "the phone's own packets, and no others"


def test_a_secret_packet_that_is_sent_again_is_not_heard_again(worker: Worker) -> None:
    phone = VoicePhone(worker, "a", Kind(secret=True)).connect()
    sent: list[bytes] = []
    assert phone.shield is not None
    seal = phone.shield.seal

    class Kept:
        open, open_report = phone.shield.open, phone.shield.open_report

        def seal(self, packet: bytes) -> bytes | None:
            sealed = seal(packet)
            sent.append(sealed or b"")
            return sealed

    phone.shield = Kept()  # type: ignore[assignment]
    phone.say(tone(440, 0.2))
    talk([phone], 0.3)
    for datagram in sent:
        phone.end.sendto(datagram, phone.to)
    talk([phone], 0.2)
    worker.send(c.CloseLeg(phone.leg))
    (closed,) = worker.wait(c.LegClosed)
    assert closed.received == len(sent) == 10


@pytest.mark.parametrize("secret", [False, True])
def test_reports_come_on_the_port_of_the_voice_where_it_is_shared(
    worker: Worker, secret: bool
) -> None:
    phone = VoicePhone(worker, "a", Kind(secret=secret, mux=True)).connect()
    phone.say(tone(440, 0.2))
    talk([phone], 0.3)
    worker.send(c.CloseLeg(phone.leg))
    worker.wait(c.LegClosed)
    talk([phone], 0.1)
    assert phone.reports, "at least the goodbye"


@pytest.mark.skipif(not ipv6_here(), reason="this machine has no IPv6")
def test_a_leg_of_ipv6_hears_and_is_heard_and_is_bridged_with_one_of_ipv4(worker: Worker) -> None:
    talk_in_pairs(
        worker,
        [
            (Kind(address="::1"), Kind("PCMU")),
            (Kind("G722", True, address="::1"), Kind(address="::1", mux=True)),
        ],
    )


@pytest.mark.parametrize("bridged", [False, True])
def test_keys_that_we_press_are_heard_once_each_with_three_ends(
    worker: Worker, bridged: bool
) -> None:
    phone = VoicePhone(worker, "a", Kind(secret=bridged)).connect()
    phones = [phone]
    if bridged:
        other = VoicePhone(worker, "b", Kind()).connect()
        worker.send(c.Bridge(phone.leg, other.leg))
        other.say(tone(440, 2.0))
        phones.append(other)
    talk(phones, 0.2)
    phone.packets.clear()
    worker.send(c.SendKeys(phone.leg, "12x#"))
    talk(phones, 1.0)
    events = [packet for packet in phone.packets if packet.payload_type == 101]
    presses = dtmf.KeyPresses()
    heard = []
    for packet in events:
        event = dtmf.parse(packet.payload)
        assert event is not None
        heard.append(presses.hear(packet.timestamp, event))
    assert [key for key in heard if key] == ["1", "2", "#"]
    for at in range(0, len(events), 7):
        press = [dtmf.parse(packet.payload) for packet in events[at : at + 7]]
        assert [e.duration for e in press if e] == [160, 320, 480, 640, 800, 800, 800]
        assert [e.end for e in press if e] == [False] * 4 + [True] * 3
        assert [packet.marker for packet in events[at : at + 7]] == [True] + [False] * 6
        assert len({packet.timestamp for packet in events[at : at + 7]}) == 1
    numbers = [packet.sequence for packet in phone.packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "one stream, no seam"
    if bridged:
        assert strength(phone.voice()[-4000:], 440) > 6000, "then the other is heard again"


def test_a_key_crosses_between_packets_of_different_lengths(worker: Worker) -> None:
    left = VoicePhone(worker, "a", Kind()).connect()
    right = VoicePhone(worker, "b", Kind(ptime=30)).connect()
    worker.send(c.Bridge(left.leg, right.leg))
    talk([left, right], 0.2)
    for duration in (160, 320, 480):
        left.send(dtmf.build("7", duration), 101, 9000)
    left.send(dtmf.build("7", 640, end=True), 101, 9000)
    talk([left, right], 0.5)
    events = [packet for packet in right.packets if packet.payload_type == 101]
    assert {packet.payload[0] for packet in events} == {7}
    assert len({packet.timestamp for packet in events}) == 1
    assert [key.key for key in worker.found(c.KeyHeard)] == ["7"]
