"""What is written of a call, and when."""

import io
import wave

import pytest

from media import g711, wav
from media.commands import CodecName
from media.recording import BLOCK, Channel, Recording, Write

LOUD, SOFT = b"\x2a" * 160, b"\x55\xd5" * 80


class Disk:
    """A file in memory that takes writes."""

    def __init__(self) -> None:
        self.octets = bytearray()

    def take(self, writes: list[Write]) -> None:
        for write in writes:
            self.octets.extend(bytes(max(0, write.offset - len(self.octets))))
            self.octets[write.offset : write.offset + len(write.octets)] = write.octets

    def channels(self) -> tuple[bytes, bytes]:
        with wave.open(io.BytesIO(bytes(self.octets))) as file:
            assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
            stereo = file.readframes(file.getnframes())
        samples = [stereo[at : at + 2] for at in range(0, len(stereo), 2)]
        return b"".join(samples[0::2]), b"".join(samples[1::2])


def heard(*frames: bytes, codec: CodecName = "PCMA") -> bytes:
    return g711.decode(b"".join(frames), codec)


SILENT = g711.SILENCE["PCMA"]


def test_the_file_is_whole_after_every_block() -> None:
    recording, disk = Recording("PCMA"), Disk()
    disk.take(recording.begin())
    assert disk.channels() == (b"", b"")
    for n in range(1, 4):
        recording.left.frames += [LOUD] * BLOCK
        disk.take(recording.block())
        assert disk.channels()[0] == heard(LOUD) * BLOCK * n
        assert recording.seconds == pytest.approx(0.02 * BLOCK * n)


def test_a_process_killed_between_block_and_header_leaves_a_whole_file() -> None:
    recording, disk = Recording("PCMA"), Disk()
    disk.take(recording.begin())
    recording.left.frames += [LOUD] * BLOCK
    disk.take(recording.block())
    recording.left.frames += [SOFT] * BLOCK
    disk.take(recording.block()[:1])
    assert disk.channels()[0] == heard(LOUD) * BLOCK


def test_the_citizen_is_left_and_the_agent_right_with_silence_before() -> None:
    recording, disk = Recording("PCMA"), Disk()
    disk.take(recording.begin())
    recording.left.frames += [LOUD] * 50
    disk.take(recording.block())
    recording.left.frames += [LOUD] * 10
    right = recording.add_right("PCMU")
    recording.left.frames += [LOUD] * 40
    right.frames += [b"\x2a" * 160] * 40
    disk.take(recording.block())
    left, agent = disk.channels()
    assert left == heard(LOUD) * 100
    assert agent[: len(heard(SILENT)) * 50] == bytes(320) * 50
    silent = heard(g711.SILENCE["PCMU"], codec="PCMU") * 10
    assert agent[320 * 50 :] == silent + heard(b"\x2a" * 160, codec="PCMU") * 40


def test_a_frame_that_the_agent_still_owes_waits_for_the_next_block() -> None:
    recording, disk = Recording("PCMA"), Disk()
    right = recording.add_right("PCMA")
    recording.left.frames += [LOUD] * 10
    right.frames += [SOFT] * 9
    disk.take(recording.block())
    assert recording.frames == 10 and len(recording.left.frames) == 1
    right.frames += [SOFT] * 2
    disk.take(recording.finish())
    assert disk.channels() == (heard(LOUD) * 10, heard(SOFT) * 10)


def test_after_the_agent_is_gone_the_right_is_silent_and_another_may_come() -> None:
    recording, disk = Recording("PCMA"), Disk()
    right = recording.add_right("PCMA")
    recording.left.frames += [LOUD] * 5
    right.frames += [SOFT] * 5
    right.ended = True
    recording.left.frames += [LOUD] * 5
    disk.take(recording.block())
    recording.left.frames += [LOUD] * 3
    again = recording.add_right("PCMU")
    recording.left.frames += [LOUD] * 2
    again.frames += [b"\x2a" * 160] * 2
    disk.take(recording.finish())
    agent = disk.channels()[1]
    assert agent[: 320 * 10] == heard(SOFT) * 5 + heard(SILENT) * 5
    assert agent[320 * 13 :] == heard(b"\x2a" * 160, codec="PCMU") * 2


def test_two_on_the_right_who_speak_at_once_are_added_up_and_either_may_go() -> None:
    recording, disk = Recording("PCMA"), Disk()
    agent = recording.add_right("PCMA")
    recording.left.frames += [SILENT] * 2
    agent.frames += [SOFT] * 2
    guest = recording.add_right("PCMA")
    recording.left.frames += [SILENT] * 3
    agent.frames += [SOFT] * 3
    guest.frames += [SOFT] * 3
    guest.ended = True
    recording.left.frames += [SILENT] * 2
    agent.frames += [SOFT] * 2
    disk.take(recording.finish())
    said = disk.channels()[1]
    both = g711.added([heard(SOFT), heard(SOFT)])
    alone = g711.added([heard(SOFT), heard(SILENT)])  # silence in A-law is not quite zero
    assert said == alone * 2 + both * 3 + alone * 2
    assert recording.rights == [agent]


def test_while_it_is_paused_silence_is_written_and_time_goes_on() -> None:
    recording, disk = Recording("PCMA"), Disk()
    disk.take(recording.begin())
    recording.left.add([LOUD] * 3)
    recording.pause(True)
    right = recording.add_right("PCMA")
    recording.left.add([LOUD] * 4)
    right.add([SOFT] * 4)
    recording.pause(False)
    recording.left.add([LOUD] * 2)
    right.add([SOFT] * 2)
    disk.take(recording.finish())
    citizen, agent = disk.channels()
    assert citizen == heard(LOUD) * 3 + heard(SILENT) * 4 + heard(LOUD) * 2
    assert agent == heard(SILENT) * 7 + heard(SOFT) * 2


def test_nothing_said_is_nothing_written() -> None:
    recording = Recording("PCMU")
    assert recording.block() == [] and recording.finish() == []


def test_a_channel_may_change_its_codec() -> None:
    channel = Channel("PCMA")
    channel.frames.append(SILENT)
    channel.change("PCMU")
    channel.change("PCMU")
    assert channel.take(2) == b"\xff" * 320 or set(channel.take(1)) == {0xFF}


def test_the_header_says_its_own_length() -> None:
    assert len(wav.header(0, 2)) == wav.HEADER
