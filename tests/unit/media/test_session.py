"""One leg's media: in, out, keys, bridge, figures."""

import struct
from itertools import pairwise

import pytest

from calls.ids import LegId
from media import commands as c
from media import dtmf, g711, playout, rtcp, rtp
from media.latch import MOVED
from media.recording import Channel
from media.sending import Numbers
from media.serial import ahead
from media.session import Session

PEER, NAT, STRANGER = ("10.0.0.1", 4000), ("10.0.0.1", 61000), ("10.6.6.6", 4000)
VOICE = b"\x2a" * 160


class Rig:
    """A session with a clock and a peer."""

    def __init__(self, name: str = "leg", codec: c.CodecName = "PCMA", ssrc: int = 900) -> None:
        self.events: list[c.Event] = []
        self.leg = LegId(name)
        self.session = Session(self.leg, Numbers(ssrc, 65530, 2**32 - 320), self.events)
        self.now, self.count, self.codec = 1000.0, 100, codec
        self.ssrc = 70 + ssrc

    def connect(self, **changes: object) -> "Rig":
        terms: dict[str, object] = {"codec": self.codec, "event_payload": 101}
        terms |= {"address": PEER[0], "port": PEER[1], "sends": True, "receives": True}
        self.session.connect(c.ConnectLeg(self.leg, **{**terms, **changes}), self.now)  # type: ignore[arg-type]
        return self

    def say(
        self, payload: bytes = VOICE, kind: int | None = None, source: tuple[str, int] = PEER
    ) -> bytes | None:
        kind = g711.PAYLOAD_TYPES[self.codec] if kind is None else kind
        self.count += 1
        packet = rtp.Packet(
            kind, False, self.count % 65536, self.count * 160 % 2**32, self.ssrc, payload
        )
        return self.session.receive(bytes(packet), source, self.now)

    def tick(self, times: int = 1) -> list[rtp.Packet | None]:
        sent = []
        for _ in range(times):
            self.now += 0.02
            packet = self.session.tick(self.now)
            sent.append(packet and rtp.parse(packet))
        return sent  # type: ignore[return-value]

    def found(self, kind: type) -> list[c.Event]:
        return [event for event in self.events if isinstance(event, kind)]


def test_before_it_is_connected_a_leg_neither_sends_nor_takes() -> None:
    rig = Rig()
    assert rig.say() is None and rig.tick(3) == [None] * 3
    assert rig.session.dropped == 1 and rig.events == []


def after_a_voice() -> Rig:
    """Return a leg to which one frame has been said, which is out."""
    rig = Rig().connect()
    rig.session.play(1, playout.voice([[VOICE]], loop=False))
    rig.tick()
    return rig


def test_silence_after_a_voice_goes_on_with_its_stream() -> None:
    sent = [p for p in after_a_voice().tick(10) if p]
    assert [p.marker for p in sent] == [False] * 10
    assert {p.payload for p in sent} == {g711.SILENCE["PCMA"]}
    for before, after in pairwise(sent):
        assert ahead(after.sequence, before.sequence) == 1
        assert ahead(after.timestamp, before.timestamp, 2**32) == 160


def test_who_has_heard_nothing_yet_gets_a_packet_at_once_and_then_five_a_second() -> None:
    sent = Rig().connect().tick(50)
    assert [number for number, p in enumerate(sent) if p] == [0, 10, 20, 30, 40]
    assert {p.payload for p in sent if p} == {g711.SILENCE["PCMA"]}


def test_long_silence_costs_few_packets_whose_clock_goes_on() -> None:
    sent = after_a_voice().tick(100)[25:]
    packets = [p for p in sent if p]
    assert [number for number, p in enumerate(sent, start=1) if p] == [10, 20, 30, 40, 50, 60, 70]
    assert all(p.marker for p in packets), "each begins anew for whoever keeps a jitter buffer"
    for before, after in pairwise(packets):
        assert ahead(after.sequence, before.sequence) == 1
        assert ahead(after.timestamp, before.timestamp, 2**32) == 1600


def test_a_prompt_after_long_silence_is_sent_from_its_first_frame() -> None:
    rig = Rig().connect()
    rig.tick(33)
    rig.session.play(1, playout.voice([[VOICE] * 2], loop=False))
    first, second = (p for p in rig.tick(2) if p)
    assert (first.payload, first.marker, second.marker) == (VOICE, True, False)


def test_keys_pressed_in_long_silence_are_whole() -> None:
    rig = Rig().connect()
    rig.tick(30)
    rig.session.send_keys("5")
    events = [p for p in rig.tick(40) if p and p.payload_type == 101]
    keys = dtmf.KeyPresses()
    heard = [keys.hear(p.timestamp, event) for p in events if (event := dtmf.parse(p.payload))]
    assert [key for key in heard if key] == ["5"]
    assert len(events) > 5


def test_a_prompt_plays_from_the_next_tick_and_its_end_is_told_when_it_was_heard() -> None:
    rig = Rig().connect()
    rig.tick(2)
    rig.session.play(7, playout.voice([[b"a" * 160, b"b" * 160]], loop=False))
    sent = rig.tick(2)
    assert [p and p.payload[:1] for p in sent] == [b"a", b"b"]
    assert rig.found(c.PlaybackFinished) == []
    (after,) = rig.tick()
    assert after and after.payload == g711.SILENCE["PCMA"] and not after.marker
    assert rig.found(c.PlaybackFinished) == [c.PlaybackFinished(rig.leg, 7)]


def test_a_prompt_asked_for_before_the_peer_agreed_plays_from_its_beginning() -> None:
    rig = Rig()
    rig.session.play(7, playout.voice([[b"a" * 160]], loop=False))
    rig.tick(3)
    (packet,) = rig.connect().tick()
    assert packet and packet.payload == b"a" * 160 and packet.marker
    assert rig.session.codec == "PCMA"


def test_stopping_takes_effect_at_the_next_frame_and_tells_of_no_end() -> None:
    rig = Rig().connect()
    rig.session.play(7, playout.voice([[b"a" * 160]], loop=True))
    rig.tick(3)
    rig.session.stop_playing()
    (packet,) = rig.tick()
    assert packet and packet.payload == g711.SILENCE["PCMA"]
    assert rig.found(c.PlaybackFinished) == []


def test_a_leg_on_hold_sends_nothing_and_its_clock_goes_on() -> None:
    rig = after_a_voice()
    (first,) = rig.tick()
    rig.connect(sends=False)
    assert rig.tick(49) == [None] * 49
    (again,) = rig.connect().tick()
    assert first and again and again.marker
    assert ahead(again.sequence, first.sequence) == 1
    assert ahead(again.timestamp, first.timestamp, 2**32) == 50 * 160


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_the_old_way_to_say_hold_is_understood(address: str) -> None:
    assert Rig().connect(address=address).tick() == [None]


def test_frames_that_could_not_be_sent_in_time_are_a_gap_with_a_marker() -> None:
    rig = after_a_voice()
    (before,) = rig.tick()
    rig.session.skip(10, rig.now)
    (after,) = rig.tick()
    assert before and after and after.marker
    assert ahead(after.timestamp, before.timestamp, 2**32) == 11 * 160
    assert ahead(after.sequence, before.sequence) == 1


# --- where packets come from ---------------------------------------------------------------


def test_the_first_packet_is_told_once_and_we_answer_to_where_it_came_from() -> None:
    rig = Rig().connect()
    assert rig.session.latch.to == PEER
    rig.say(source=NAT)
    rig.say(source=NAT)
    assert rig.session.latch.to == NAT
    assert rig.found(c.FirstPacket) == [c.FirstPacket(rig.leg, 1000.0)]


def test_packets_of_strangers_are_dropped_and_change_nothing() -> None:
    rig = Rig().connect()
    rig.say(source=STRANGER)
    rig.say(source=PEER)
    rig.say(source=STRANGER)
    assert (rig.session.dropped, rig.session.reception.received) == (2, 1)
    assert rig.session.latch.to == PEER


def test_another_port_is_believed_only_after_the_first_fell_silent() -> None:
    rig = Rig().connect()
    rig.say(source=PEER)
    rig.say(source=NAT)
    assert rig.session.latch.to == PEER and rig.session.dropped == 1
    rig.now += MOVED
    rig.say(source=NAT)
    assert rig.session.latch.to == NAT


def test_a_new_address_in_a_re_invite_is_waited_for_anew() -> None:
    rig = Rig().connect()
    rig.say(source=NAT)
    rig.connect()
    assert rig.session.latch.to == NAT, "the same address was said again"
    rig.connect(address=STRANGER[0])
    assert rig.session.latch.to == STRANGER
    rig.say(source=NAT)
    assert rig.session.dropped == 1
    rig.say(source=STRANGER)
    assert rig.session.dropped == 1


@pytest.mark.parametrize(
    "datagram",
    [b"", b"\x80\x08", b"\x00" * 200, b"\x80\xc8" + bytes(30), b"\x80\x60" + bytes(170)],
)
def test_garbage_is_counted_and_dropped(datagram: bytes) -> None:
    rig = Rig().connect()
    rig.say()
    assert rig.session.receive(datagram, PEER, rig.now) is None
    assert (rig.session.dropped, rig.session.reception.received) == (1, 1)


# --- keys ------------------------------------------------------------------------------------


def key(rig: Rig, key: str, kind: int = 101) -> None:
    timestamp = rig.count * 160
    for duration in (160, 320, 480, 480, 480):
        rig.count += 1
        payload = dtmf.build(key, duration, end=duration == 480)
        packet = rtp.Packet(kind, False, rig.count, timestamp, rig.ssrc, payload)
        rig.session.receive(bytes(packet), PEER, rig.now)


def test_a_key_is_heard_once_and_only_in_the_payload_type_agreed() -> None:
    rig = Rig().connect()
    key(rig, "5")
    key(rig, "6", kind=96)
    key(rig, "#")
    assert rig.found(c.KeyHeard) == [
        c.KeyHeard(rig.leg, "5", 1000.0),
        c.KeyHeard(rig.leg, "#", 1000.0),
    ]
    assert rig.session.dropped == 5


def test_a_new_source_on_the_same_leg_is_heard_from_its_beginning() -> None:
    rig = Rig().connect()
    rig.count = 50_000
    key(rig, "5")
    rig.ssrc, rig.count = 4711, 0
    rig.say()
    key(rig, "6")
    assert [e.key for e in rig.events if isinstance(e, c.KeyHeard)] == ["5", "6"]
    assert rig.session.reception.lost == 0


def test_without_an_agreed_payload_type_there_are_no_keys() -> None:
    rig = Rig().connect(event_payload=None)
    key(rig, "5")
    assert rig.found(c.KeyHeard) == []


def test_what_is_no_key_and_comfort_noise_are_signs_of_life_only() -> None:
    rig = Rig().connect()
    rig.say(b"\x10\x0a\x00\xa0", kind=101)
    rig.say(b"\x40", kind=13)
    assert rig.session.reception.received == 2 and rig.session.dropped == 0
    assert rig.found(c.KeyHeard) == []


# --- bridge ------------------------------------------------------------------------------------


def bridged(left: Rig, right: Rig) -> None:
    left.session.bridge(right.session)
    right.session.bridge(left.session)


def test_bridged_legs_hear_each_other_in_one_stream_without_seam() -> None:
    left, right = Rig("l").connect(), Rig("r", ssrc=500).connect()
    left.say(), right.say()
    (before,) = right.tick()
    bridged(left, right)
    relayed = []
    for n in range(5):
        left.tick()
        assert right.tick() == [None]
        packet = left.say(bytes([n]) * 160)
        assert packet is not None
        relayed.append(rtp.parse(packet))
    assert before is not None
    assert [p.marker for p in relayed] == [True] + [False] * 4
    assert {p.ssrc for p in relayed} == {500}
    assert [p.payload[0] for p in relayed] == list(range(5))
    assert [ahead(p.sequence, before.sequence) for p in relayed] == [1, 2, 3, 4, 5]
    steps = [ahead(p.timestamp, before.timestamp, 2**32) // 160 for p in relayed]
    assert steps == [2, 3, 4, 5, 6]
    right.session.bridge(None)
    (after,) = right.tick()
    assert after and after.marker and after.ssrc == 500
    assert ahead(after.sequence, relayed[-1].sequence) == 1
    assert ahead(after.timestamp, relayed[-1].timestamp, 2**32) == 160


def test_between_the_laws_each_sample_is_translated() -> None:
    left, right = Rig("l").connect(), Rig("r", codec="PCMU").connect()
    left.say(), right.say()
    bridged(left, right)
    there, back = left.say(VOICE), right.say(VOICE)
    assert there and back
    assert rtp.parse(there).payload_type == 0 and rtp.parse(back).payload_type == 8
    assert rtp.parse(there).payload == VOICE.translate(g711.TRANSLATE["PCMA", "PCMU"])
    assert rtp.parse(back).payload == VOICE.translate(g711.TRANSLATE["PCMU", "PCMA"])


def test_the_first_packet_of_a_leg_and_packets_of_other_lengths_are_relayed_too() -> None:
    left, right = Rig("l").connect(), Rig("r", codec="PCMU").connect()
    bridged(left, right)
    packet = left.say(VOICE[:80])
    assert packet and len(rtp.parse(packet).payload) == 80
    assert rtp.parse(packet).payload_type == 0


def test_loss_and_disorder_stay_visible_to_the_far_end() -> None:
    left, right = Rig("l").connect(), Rig("r").connect()
    left.say()
    bridged(left, right)
    sent = []
    for n in (101, 102, 104, 103, 107):
        left.count = n
        packet = left.say()
        assert packet
        sent.append(rtp.parse(packet).sequence)
    assert [ahead(s, sent[0]) for s in sent] == [0, 1, 3, 2, 6]


def test_a_packet_from_before_the_switch_is_not_relayed() -> None:
    left, right = Rig("l").connect(), Rig("r").connect()
    left.say()
    bridged(left, right)
    left.count = 200
    assert left.say() is not None
    left.count = 150
    assert left.say() is None


def test_relaying_goes_on_across_the_wrap_of_sequence_numbers() -> None:
    left, right = Rig("l").connect(), Rig("r").connect()
    left.count = 60000
    left.say()
    bridged(left, right)
    sent = [rtp.parse(p).sequence for _ in range(20000) if (p := left.say())]
    assert len(sent) == 20000
    assert all((b - a) % 65536 == 1 for a, b in pairwise(sent))


def test_keys_are_heard_in_a_bridge_and_passed_on_in_the_partners_payload_type() -> None:
    left, right = Rig("l").connect(), Rig("r").connect(event_payload=96)
    bridged(left, right)
    packet = left.say(dtmf.build("5", 160), kind=101)
    assert packet and rtp.parse(packet).payload_type == 96
    assert [e.key for e in left.events if isinstance(e, c.KeyHeard)] == ["5"]
    right.connect(event_payload=None)
    assert left.say(dtmf.build("6", 160), kind=101) is None
    assert len(left.found(c.KeyHeard)) == 2


def test_a_prompt_on_a_bridged_leg_is_heard_in_place_of_the_partner_until_it_ends() -> None:
    left, right = Rig("l").connect(), Rig("r").connect()
    left.say()
    bridged(left, right)
    right.session.play(3, playout.voice([[b"a" * 160]], loop=False))
    assert left.say() is None
    assert [p and p.payload[:1] for p in right.tick(2)] == [b"a", None]
    assert right.found(c.PlaybackFinished) == [c.PlaybackFinished(right.leg, 3)]
    packet = left.say()
    assert packet and rtp.parse(packet).marker


def test_a_bridge_ends_what_plays_and_a_held_partner_gets_nothing() -> None:
    left, right = Rig("l").connect(), Rig("r").connect()
    right.session.play(3, playout.voice([[b"a" * 160]], loop=True))
    bridged(left, right)
    assert right.session.playback is None and right.tick() == [None]
    right.connect(sends=False)
    assert left.say() is None


def test_a_change_of_codec_goes_through_prompt_recording_and_bridge() -> None:
    rig = Rig().connect()
    channel = Channel("PCMA")
    rig.session.hearing.record(channel)
    rig.session.play(1, playout.voice([[VOICE]], loop=True))
    rig.tick()
    rig.codec = "PCMU"
    (packet,) = rig.connect().tick()
    assert packet and packet.payload_type == 0 and packet.marker
    assert packet.payload == VOICE.translate(g711.TRANSLATE["PCMA", "PCMU"])
    assert channel.law == "PCMU"


# --- listening ----------------------------------------------------------------------------------


def test_a_recorded_leg_gives_a_frame_a_tick_whatever_comes() -> None:
    rig, channel = Rig().connect(), Channel("PCMA")
    rig.session.hearing.record(channel)
    for n in range(100):
        if n % 7:
            rig.say()
        rig.tick()
    rig.session.skip(20, rig.now)
    rig.session.catch_up()
    assert len(channel.frames) == 120
    assert VOICE in channel.frames
    rig.session.hearing.record(None)
    rig.tick()
    assert len(channel.frames) == 120


def test_a_phone_behind_nat_is_heard_from_where_its_signalling_came() -> None:
    rig = Rig().connect(address="10.0.0.9", also="192.0.2.7")
    rig.say(source=("192.0.2.7", 40000))
    assert rig.session.latch.peer == ("192.0.2.7", 40000)
    assert rig.session.latch.to == ("192.0.2.7", 40000)


def test_a_tap_gives_a_hundred_milliseconds_at_a_time_and_an_empty_one_at_its_end() -> None:
    rig = Rig().connect()
    rig.session.hearing.tap(True)
    rig.tick(12)
    rig.session.hearing.tap(False)
    rig.tick(10)
    blocks = [e for e in rig.events if isinstance(e, c.TapAudio)]
    assert [b.start for b in blocks] == pytest.approx([0.0, 0.1, 0.2, 0.24])
    assert [len(b.pcm) for b in blocks] == [1600, 1600, 640, 0]


def test_the_times_of_a_tap_are_those_of_the_recording() -> None:
    rig = Rig().connect()
    rig.session.hearing.tap(True)
    rig.tick(7)
    rig.session.hearing.record(Channel("PCMA"), clock=50)
    rig.tick(5)
    rig.session.hearing.tap(True)
    rig.tick(5)
    starts = [e.start for e in rig.events if isinstance(e, c.TapAudio)]
    assert starts == pytest.approx([0.0, 0.1, 1.0, 1.1])


def test_speech_is_told_when_it_starts_and_stops() -> None:
    rig = Rig().connect()
    rig.session.hearing.watch_speech(0.5)
    loud = g711.encode(struct.pack("<160h", *([9000, -9000] * 80)), "PCMA")
    for n in range(150):
        rig.say(loud if 50 <= n < 100 else g711.SILENCE["PCMA"])
        rig.tick()
    (started,) = rig.found(c.SpeechStarted)
    (stopped,) = rig.found(c.SpeechStopped)
    assert isinstance(started, c.SpeechStarted) and isinstance(stopped, c.SpeechStopped)
    assert started.at == pytest.approx(1001.06, abs=0.05)
    assert stopped.at == pytest.approx(1002.56, abs=0.05)
    rig.session.hearing.watch_speech(None)
    assert not rig.session.hearing.listening


# --- silence and figures -------------------------------------------------------------------


def silences(rig: Rig, upto: float) -> list[float]:
    while rig.now < upto:
        rig.now += 1.0
        rig.session.check_silence(rig.now, 20.0, 5.0)
    return [e.seconds for e in rig.events if isinstance(e, c.MediaSilent)]


def test_a_leg_that_never_sends_is_told_of_once() -> None:
    assert silences(Rig().connect(), 1100.0) == [20.0]


def test_each_silence_is_told_of_once() -> None:
    rig = Rig().connect()
    rig.say()
    assert silences(rig, 1020.0) == [5.0]
    rig.say()
    assert silences(rig, 1022.0) == [5.0]
    assert silences(rig, 1060.0) == [5.0, 5.0]


def test_the_silence_of_a_leg_that_will_not_send_is_no_fault() -> None:
    rig = Rig().connect(receives=False)
    assert silences(rig, 1100.0) == []
    rig.connect()
    assert silences(rig, 1119.0) == []
    assert silences(rig, 1121.0) == [20.0]


def test_a_report_says_what_came_and_what_was_sent() -> None:
    rig = Rig().connect()
    assert rtcp.parse(rig.session.report(1000.0)) == [rtcp.Report(900, None, ())]
    for _ in range(3):
        rig.say()
    rig.count += 1
    rig.say()
    rig.tick(11)
    theirs = rtcp.Report(rig.ssrc, rtcp.Sent(1000.0, 0, 1, 160), ())
    rig.session.receive_report(rtcp.build(theirs, "peer"), PEER, 1001.0)
    report, bye = rtcp.parse(rig.session.report(1003.0, bye=True))
    assert isinstance(report, rtcp.Report) and report.sent and bye == rtcp.Goodbye(900)
    assert (report.sent.packets, report.sent.octets) == (2, 320)
    (block,) = report.blocks
    assert (block.ssrc, block.lost, block.fraction_lost) == (rig.ssrc, 1, 256 // 5)
    assert (block.last_report, block.delay) == (rtcp.middle(1000.0), 2 * 65536)


def test_reports_of_strangers_and_garbage_are_counted() -> None:
    rig = Rig().connect()
    rig.session.receive_report(b"garbage", PEER, 1.0)
    rig.session.receive_report(rtcp.build(rtcp.Report(1, None, ()), "x"), STRANGER, 1.0)
    rig.session.receive_report(rtcp.build(rtcp.Report(1, None, ()), "x", bye=True), PEER, 1.0)
    assert rig.session.dropped == 2
