"""Recognition by hosts that speak vosk-server's protocol: real sockets, a real model."""

import select
import signal
import socket
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from asr.recogniser import RATE, SAMPLE
from demo.callers import CLIPS
from demo.sound import read
from server import recognition_choice, recognition_farm
from server.listening import Settings
from server.recognition_choice import FarmFirst
from server.recognition_link import RecognitionLink
from tests.helpers.certificates import Authority
from tests.helpers.recognition_room import BLOCK, Room
from tests.helpers.speech import mandarin_model
from tests.helpers.vosk_farm import FarmHost

CLIP = read(CLIPS / "zh_noise_cut.wav")
"""Mandarin that the tiny model knows."""
QUICK = Settings(back_off=(0.1, 0.1), spares=1)


@pytest.fixture
def hosts() -> Iterator[list[FarmHost]]:
    both = [FarmHost(mandarin_model()) for _ in range(2)]
    for host in both:
        host.start()
    yield both
    for host in both:
        host.stop()


@pytest.fixture
def rooms(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Room]]:
    monkeypatch.setattr(recognition_farm, "LOOK", 0.3)
    monkeypatch.setattr(recognition_choice, "LOOK", 0.3)
    made: list[Room] = []
    yield made
    for room in made:
        room.stop()


def room_of(rooms: list[Room], hosts: list[FarmHost], model: Path | None) -> Room:
    """Return a room whose Mandarin is recognised by the farm first."""
    room = Room({}, QUICK, link=FarmFirst({"zh": [host.url for host in hosts]}))
    rooms.append(room)
    room.listening.add("zh", model)
    room.until_state("ready")
    return room


def where(room: Room) -> str:
    return room.listening.figures()["zh"].where


def local_words(rooms: list[Room]) -> list[str]:
    """Return the words that a worker of this machine hears in the clip."""
    room = Room({"zh": mandarin_model()}, QUICK)
    rooms.append(room)
    room.say("here", CLIP)
    room.until_closed("here")
    return texts(room, "here")


def texts(room: Room, stream: str) -> list[str]:
    return [word for word, _ in room.words(stream)]


def test_a_farm_hears_the_same_words_and_when_and_says_uncertain_ones_meanwhile(
    rooms: list[Room], hosts: list[FarmHost]
) -> None:
    room = room_of(rooms, hosts, None)
    room.say("far", CLIP, offset=100.0)
    room.until_closed("far")
    assert room.closed["far"].complete
    assert texts(room, "far") == local_words(rooms)
    assert all(100.0 <= start <= 100.0 + len(CLIP) / 16000 for _, start in room.words("far"))
    assert any(not heard.final for heard in room.heard["far"])
    room.until(lambda: where(room) == "farm 2/2", "both hosts")


def test_several_speak_at_once_and_a_recording_is_read(
    rooms: list[Room], hosts: list[FarmHost], tmp_path: Path
) -> None:
    room = room_of(rooms, hosts, None)
    names = [f"s{number}" for number in range(5)]
    for name in names:
        room.say(name, CLIP)
    wav = tmp_path / "late.wav"
    write_stereo(wav, CLIP)
    room.listening.transcribe("late", wav, 1, "zh")
    room.until_closed(*names, "late")
    assert all(outcome.complete for outcome in room.closed.values())
    first = texts(room, "s0")
    assert first and all(texts(room, name) == first for name in (*names, "late"))


def test_a_hole_in_the_sound_is_a_new_connection_and_loses_no_word(
    rooms: list[Room], hosts: list[FarmHost]
) -> None:
    room = room_of(rooms, hosts, None)
    assert room.listening.open("s", "zh", 0.0)
    ear = room.listening._of["s"]
    pcm = CLIP
    room.listening.hear("s", pcm)
    room.until(lambda: not len(ear.streams["s"].backlog), "the first half")
    room.until(lambda: ear.streams["s"].asked is None, "its answer")
    ear.streams["s"].backlog.add(bytes(30 * RATE * SAMPLE))
    ear.streams["s"].backlog.keep(0.0)
    room.listening.hear("s", pcm)
    room.listening.close("s")
    room.until_closed("s")
    words = local_words(rooms)[:5]
    before = [word for word, start in room.words("s") if start < 30.0]
    after = [word for word, start in room.words("s") if start >= 30.0]
    assert before[:5] == words and after[:5] == words


def test_a_stream_that_is_put_aside_says_its_words_and_goes_on_by_a_new_connection(
    rooms: list[Room], hosts: list[FarmHost]
) -> None:
    room = room_of(rooms, hosts, None)
    assert room.listening.open("s", "zh", 0.0)
    ear = room.listening._of["s"]
    stream = ear.streams["s"]
    room.listening.hear("s", CLIP)
    room.until(lambda: not len(stream.backlog), "the first half, perhaps with a piece in hand")
    ear._put_aside(stream)
    room.until(lambda: not stream.resting, "the words of the first half")
    before = texts(room, "s")
    room.listening.hear("s", CLIP)
    room.listening.close("s")
    room.until_closed("s")
    words = local_words(rooms)
    assert before == words
    assert texts(room, "s")[len(before) :][:5] == words[:5]
    assert room.closed["s"].complete, "nothing was dropped"


def test_a_host_that_dies_costs_its_own_streams_and_the_other_goes_on(
    rooms: list[Room], hosts: list[FarmHost]
) -> None:
    room = room_of(rooms, hosts, None)
    room.until(lambda: where(room) == "farm 2/2", "both hosts, that each may have one")
    for name in ("a", "b"):
        assert room.listening.open(name, "zh", 0.0)
        room.listening.hear(name, CLIP[: 20 * BLOCK])
    room.until(lambda: {"a", "b"} <= set(room.heard), "words of both")
    hosts[0].stop()
    for name in ("a", "b"):
        room.listening.hear(name, CLIP[20 * BLOCK :])
        room.listening.close(name)
    room.until_closed("a", "b")
    assert sorted(outcome.complete for outcome in room.closed.values()) == [False, True]
    assert where(room) == "farm 1/2"
    room.say("next", CLIP)
    room.until_closed("next")
    assert room.closed["next"].complete
    hosts[0].start()
    room.until(lambda: where(room) == "farm 2/2", "the host again")


def test_without_any_host_this_machine_recognises_and_the_farm_takes_over_again(
    rooms: list[Room], hosts: list[FarmHost]
) -> None:
    for host in hosts:
        host.stop()
    room = room_of(rooms, hosts, mandarin_model())
    assert where(room) == "local"
    room.say("here", CLIP)
    room.until_closed("here")
    assert room.closed["here"].complete
    hosts[1].start()
    room.until(lambda: where(room) == "farm 1/2", "the farm")
    room.say("there", CLIP)
    room.until_closed("there")
    assert room.closed["there"].complete and texts(room, "there") == texts(room, "here")


def test_a_host_that_takes_sound_and_says_nothing_is_left(
    rooms: list[Room], hosts: list[FarmHost], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition_farm, "ANSWER", 4.0)
    hosts[1].stop()
    room = room_of(rooms, hosts, None)
    hosts[0].signal(signal.SIGSTOP)
    room.say("stuck", CLIP)
    room.until_closed("stuck")
    assert not room.closed["stuck"].complete
    room.until(lambda: where(room) == "farm 0/2", "a link to nobody")
    hosts[0].signal(signal.SIGCONT)
    room.until(lambda: where(room) == "farm 1/2", "the next one")
    room.say("next", CLIP)
    room.until_closed("next")
    assert room.words("next")


def test_a_port_where_something_else_answers_is_no_farm(rooms: list[Room]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"ws://127.0.0.1:{other.getsockname()[1]}"
        link = FarmFirst({"zh": [url]}, local=RecognitionLink)
        room = Room({}, QUICK, link=link)
        rooms.append(room)
        room.listening.add("zh", mandarin_model())
        room.until(lambda: bool(select.select([other], [], [], 0)[0]), "the farm's knock")
        taken, _ = other.accept()
        with taken:
            taken.sendall(b"SSH-2.0-not_a_websocket\r\n")
            room.until_state("ready")
        assert where(room) == "local"


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[tuple[FarmHost, Path]]:
    """A host that speaks TLS, and the file of the authority that vouches for it."""
    authority = Authority()
    host = FarmHost(mandarin_model(), authority.write(tmp_path, "host", 7))
    host.start()
    yield host, authority.file(tmp_path)
    host.stop()


def test_over_tls_a_host_whose_authority_is_known_is_heard(
    rooms: list[Room], sealed: tuple[FarmHost, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, authority = sealed
    assert host.url.startswith("wss://")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    room = room_of(rooms, [host], None)
    room.say("far", CLIP)
    room.until_closed("far")
    assert where(room) == "farm 1/1" and room.closed["far"].complete
    assert texts(room, "far") == local_words(rooms)


def test_over_tls_a_host_that_nobody_known_vouches_for_hears_nothing(
    rooms: list[Room], sealed: tuple[FarmHost, Path]
) -> None:
    host, _ = sealed
    room = room_of(rooms, [host], mandarin_model())
    room.say("here", CLIP)
    room.until_closed("here")
    assert where(room) == "local" and room.words("here")


def write_stereo(path: Path, right: bytes) -> None:
    """Write a recording whose right channel speaks."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        frames = (b"\0\0" + right[at : at + 2] for at in range(0, len(right), 2))
        file.writeframes(b"".join(frames))
