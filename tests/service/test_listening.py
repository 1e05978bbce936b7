"""Recognition with real worker processes: a tiny Mandarin model, the Korean package, wrecks."""

import array
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from asr.frames import Unpacker, pack
from asr.recogniser import RATE, SAMPLE
from asr.vosk import VoskModel
from calls.ids import Language
from server.listening import Outcome, Settings
from tests.helpers.recognition_room import BLOCK, PATIENCE, Room, alive
from tests.helpers.speech import ROOT, korean_model, mandarin_model, sound

Rooms = Callable[..., Room]


@pytest.fixture
def rooms() -> Iterator[Rooms]:
    opened: list[Room] = []

    def room(models: Mapping[Language, Path], settings: Settings | None = None) -> Room:
        opened.append(Room(models, settings))
        return opened[-1]

    yield room
    for each in opened:
        each.stop()


@pytest.fixture(scope="module")
def shared() -> Iterator[Room]:
    room = Room({"zh": mandarin_model()})
    yield room
    room.stop()


@pytest.fixture
def zh(shared: Room) -> Room:
    """A worker that the tests share, as calls do, with a clean notebook."""
    shared.heard, shared.closed, shared.order = {}, {}, []
    return shared


def recording(path: Path, left: bytes, right: bytes, rate: int = RATE) -> Path:
    """Write a stereo recording, the citizen left."""
    size = max(len(left), len(right))
    both = array.array("h", bytes(2 * size))
    both[0::2] = array.array("h", left.ljust(size, b"\0"))
    both[1::2] = array.array("h", right.ljust(size, b"\0"))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(SAMPLE)
        file.setframerate(rate)
        file.writeframes(both.tobytes())
    return path


# --- words


def test_words_come_with_their_times_and_the_last_before_the_end(zh: Room) -> None:
    said = sound("en/nobody_here")
    zh.say("near", said)
    zh.say("far", said, offset=100.0)
    zh.until_closed("near", "far")
    assert zh.closed["near"] == Outcome(True, "", 0.0)
    near, far = zh.words("near"), zh.words("far")
    assert near and near[-1][1] > 2.0
    assert [text for text, _ in far] == [text for text, _ in near]
    assert [start for _, start in far] == pytest.approx([start + 100.0 for _, start in near])


def test_many_speakers_at_once_each_get_their_own_words(zh: Room) -> None:
    prompts = ["en/nobody_here", "ja/lane_full", "en/lane_full", "ja/nobody_here"]
    for prompt in prompts:
        zh.say(f"alone {prompt}", sound(prompt))
        zh.until_closed(f"alone {prompt}")
    for prompt in prompts:
        assert zh.listening.open(prompt, "zh", 0.0)
    for begin in range(0, max(len(sound(p)) for p in prompts), BLOCK):
        for prompt in prompts:
            zh.listening.hear(prompt, sound(prompt)[begin : begin + BLOCK])
        zh.reactor.iterate(0)
    for prompt in prompts:
        zh.listening.close(prompt)
    zh.until_closed(*prompts)
    for prompt in prompts:
        assert zh.words(prompt) == zh.words(f"alone {prompt}") != []


def test_the_text_is_chinese_without_spaces_and_the_words_keep_their_own(zh: Room) -> None:
    zh.say("s", sound("en/nobody_here"))
    zh.until_closed("s")
    finals = [h for h in zh.heard["s"] if h.final]
    assert finals
    for heard in finals:
        assert " " not in heard.text
        assert len(heard.words) > 1
        assert 0.0 < heard.confidence <= 1.0


def test_partial_words_come_while_one_speaks(zh: Room) -> None:
    zh.until_state("ready")
    zh.listening.open("s", "zh", 0.0)
    said = sound("en/nobody_here")
    for begin in range(0, len(said), BLOCK):
        zh.listening.hear("s", said[begin : begin + BLOCK])
        zh.reactor.iterate(0.02)
    zh.listening.close("s")
    zh.until_closed("s")
    kinds = [h.final for h in zh.heard["s"]]
    assert kinds[0] is False and kinds[-1] is True


def test_korean_is_joined_by_spaces(rooms: Rooms) -> None:
    room = rooms({"ko": korean_model()})
    room.say("s", sound("ko/busy_wait"), language="ko")
    room.until_closed("s")
    assert room.closed["s"].complete
    finals = [h for h in room.heard["s"] if h.final]
    assert finals and all(h.text == " ".join(w.text for w in h.words) for h in finals)


def test_a_stream_that_closes_does_not_wait_for_the_backlog_of_others(rooms: Rooms) -> None:
    zh = rooms({"zh": mandarin_model()}, Settings(threads=1, late_after=600.0))
    zh.until_state("ready")
    busy = [f"busy {number}" for number in range(6)]
    for stream in busy:
        assert zh.listening.open(stream, "zh", 0.0)
        zh.listening.hear(stream, sound("ja/say_matter") * 3)
    zh.say("closing", sound("en/nobody_here"))
    zh.until_closed("closing")
    assert zh.closed["closing"].complete and zh.words("closing")
    figures = zh.listening.figures()["zh"]
    assert figures.streams == len(busy)
    assert figures.waiting > 145.0, "of 172 s; in turns with all others 130 would be left"


# --- recordings


def test_each_channel_of_a_recording_is_read_by_itself(zh: Room, tmp_path: Path) -> None:
    left, right = sound("en/nobody_here"), sound("ja/lane_full")
    wav = recording(tmp_path / "call.wav", left, right)
    zh.say("live left", left)
    zh.say("live right", right)
    zh.listening.transcribe("citizen", wav, 0, "zh")
    zh.listening.transcribe("agent", wav, 1, "zh")
    zh.until_closed("live left", "live right", "citizen", "agent")
    assert zh.closed["citizen"].complete and zh.closed["agent"].complete
    for job, live in (("citizen", "live left"), ("agent", "live right")):
        assert [text for text, _ in zh.words(live)]
        assert zh.words(job)[0] == zh.words(live)[0]
    assert all(h.final for h in zh.heard["citizen"])


def test_a_live_stream_does_not_wait_for_a_long_recording(rooms: Rooms, tmp_path: Path) -> None:
    zh = rooms({"zh": mandarin_model()}, Settings(threads=1))
    long = recording(tmp_path / "long.wav", sound("ja/say_matter") * 8, b"")
    zh.until_state("ready")
    zh.listening.transcribe("job", long, 0, "zh")
    zh.until(lambda: "job" in zh.heard, "the job's first words")
    zh.say("live", sound("en/nobody_here"))
    zh.until_closed("live", "job")
    assert zh.order == ["live", "job"]
    assert zh.closed["job"].complete


@pytest.mark.parametrize("wreck", ["no file", "no wave", "16 kHz", "one channel", "empty"])
def test_a_recording_that_cannot_be_read_is_said_and_costs_nothing_else(
    zh: Room, tmp_path: Path, wreck: str
) -> None:
    wav, channel = tmp_path / "call.wav", 0
    match wreck:
        case "no wave":
            wav.write_bytes(b"no wave at all")
        case "empty":
            wav.write_bytes(b"")
        case "16 kHz":
            recording(wav, bytes(BLOCK), bytes(BLOCK), rate=16000)
        case "one channel":
            recording(wav, bytes(BLOCK), bytes(BLOCK))
            channel = 2
    zh.listening.transcribe("job", wav, channel, "zh")
    zh.say("live", sound("en/nobody_here"))
    zh.until_closed("job", "live")
    assert not zh.closed["job"].complete and zh.closed["job"].why
    assert zh.closed["live"].complete and zh.listening.state("zh") == "ready"


def test_a_recording_cut_short_gives_the_words_that_are_there(zh: Room, tmp_path: Path) -> None:
    wav = recording(tmp_path / "call.wav", sound("ja/say_matter"), b"")
    wav.write_bytes(wav.read_bytes()[: wav.stat().st_size // 2 + 1])
    zh.listening.transcribe("job", wav, 0, "zh")
    zh.until_closed("job")
    assert zh.closed["job"].complete and zh.words("job")


# --- wrecks


def test_a_killed_worker_is_replaced_and_its_streams_come_back_incomplete(rooms: Rooms) -> None:
    zh = rooms({"zh": mandarin_model()}, Settings(back_off=(0.1, 0.1)))
    zh.until_state("ready")
    zh.listening.open("cut", "zh", 0.0)
    zh.listening.hear("cut", sound("en/nobody_here"))
    zh.until(lambda: "cut" in zh.heard, "the first words")
    old = zh.pid()
    os.kill(old, signal.SIGKILL)
    zh.until_closed("cut")
    assert zh.closed["cut"].why == "recognition worker killed by SIGKILL"
    assert not zh.closed["cut"].complete
    zh.until_state("ready")
    zh.say("next", sound("en/nobody_here"))
    zh.until_closed("next")
    assert zh.closed["next"].complete and zh.words("next")
    assert zh.pid() != old and not alive(old)


def test_a_worker_that_hangs_is_ended_and_replaced(rooms: Rooms) -> None:
    zh = rooms({"zh": mandarin_model()}, Settings(back_off=(0.1, 0.1), hang_after=1.0))
    zh.until_state("ready")
    old = zh.pid()
    os.kill(old, signal.SIGSTOP)
    zh.say("stuck", sound("en/nobody_here"))
    zh.until_closed("stuck")
    assert zh.closed["stuck"].why == "recognition worker hung"
    zh.until_state("ready")
    assert not alive(old)


def test_a_model_whose_files_are_garbage_is_called_corrupt(rooms: Rooms, tmp_path: Path) -> None:
    wreck = tmp_path / "wreck"
    shutil.copytree(mandarin_model(), wreck, copy_function=shutil.copyfile)
    (wreck / "am/final.mdl").write_bytes(os.urandom(100_000))
    zh = rooms({"zh": wreck}, Settings(back_off=(0.1, 0.1)))
    assert zh.listening.open("s", "zh", 0.0)
    zh.listening.hear("s", sound("en/nobody_here"))
    zh.until_state("corrupt")
    assert not zh.closed["s"].complete
    assert not zh.listening.open("t", "zh", 0.0)
    assert "unusable" in zh.listening.words("zh")[1]


def test_a_model_without_a_file_is_named_and_the_other_language_goes_on(
    rooms: Rooms, tmp_path: Path
) -> None:
    room = rooms({"zh": mandarin_model(), "ko": tmp_path})
    assert room.listening.state("ko") == "corrupt"
    assert "am/final.mdl" in room.listening.words("ko")[0]
    assert room.listening.state("ja") == "missing"
    room.say("s", sound("en/nobody_here"))
    room.until_closed("s")
    assert room.closed["s"].complete


def test_sound_that_came_while_the_model_loaded_is_not_lost(rooms: Rooms) -> None:
    zh = rooms({"zh": mandarin_model()})
    assert zh.listening.state("zh") == "loading"
    zh.say("early", sound("en/nobody_here"))
    zh.until_closed("early")
    assert zh.closed["early"].complete and zh.words("early")


def test_more_sound_than_may_wait_is_dropped_and_the_times_stay_true(rooms: Rooms) -> None:
    said = sound("en/nobody_here")
    seconds = len(said) / (RATE * SAMPLE)
    zh = rooms({"zh": mandarin_model()}, Settings(backlog=seconds))
    zh.say("whole", bytes(RATE * SAMPLE * 10) + said)
    zh.say("alone", said, offset=10.0)
    zh.until_closed("whole", "alone")
    assert not zh.closed["whole"].complete
    assert zh.closed["whole"].dropped_seconds == pytest.approx(10.0)
    assert zh.words("whole") == zh.words("alone") != []


def test_a_worker_that_grew_is_replaced_when_nobody_speaks(rooms: Rooms) -> None:
    zh = rooms({"zh": mandarin_model()}, Settings(growth=1, backlog=120.0))
    zh.until_state("ready")
    first = zh.pid()
    zh.say("s", sound("ja/say_matter") * 9)
    zh.until_closed("s")
    assert zh.closed["s"].complete
    starts = [start for _, start in zh.words("s")]
    assert starts == sorted(starts), "a stream that got another recogniser keeps its times"
    assert starts[-1] > 75.0
    zh.until(lambda: zh.listening.figures()["zh"].pid not in (None, first), "another worker")
    zh.until_state("ready")
    zh.say("again", sound("en/nobody_here"))
    zh.until_closed("again")
    assert zh.words("again")


# --- the worker by itself


@pytest.fixture
def worker() -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    ours, theirs = socket.socketpair()
    settings = {
        "language": "zh", "model": str(mandarin_model()), "threads": 1, "niceness": 0,
        "growth": 1 << 30, "spares": 1,
    }  # fmt: skip
    command = [sys.executable, "-m", "server.recognition_worker"]
    process = subprocess.Popen(
        [*command, str(theirs.fileno()), json.dumps(settings)],
        pass_fds=[theirs.fileno()], cwd=ROOT, stderr=subprocess.PIPE,
    )  # fmt: skip
    theirs.close()
    ours.settimeout(PATIENCE)
    yield process, ours
    ours.close()
    process.kill()
    process.communicate()


def answer(line: socket.socket) -> dict[str, Any]:
    unpacker = Unpacker()
    while octets := line.recv(1 << 16):
        if frames := unpacker.feed(octets):
            return frames[0][0]
    raise AssertionError("the worker is gone")


def test_the_worker_ends_with_the_engine_and_only_then(
    worker: tuple[subprocess.Popen[bytes], socket.socket],
) -> None:
    process, line = worker
    assert answer(line)["kind"] == "ready"
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    header = {
        "kind": "feed",
        "stream": "s",
        "at": 0.0,
        "closing": False,
        "urgency": 0,
        "order": 0,
        "room": True,
        "phrases": [],
    }
    line.sendall(pack(header, bytes(BLOCK)))
    assert answer(line)["kind"] == "fed", "SIGTERM to the whole group is the engine's business"
    line.close()
    assert process.wait(PATIENCE) == 0
    assert process.stderr is not None and process.stderr.read() == b"", "Vosk is silent"


def test_who_takes_the_recogniser_of_another_mid_sentence_is_heard_as_if_it_were_new(
    worker: tuple[subprocess.Popen[bytes], socket.socket],
) -> None:
    _, line = worker
    assert answer(line)["kind"] == "ready"
    first, second = sound("ja/say_matter"), sound("en/nobody_here")
    alone = VoskModel(mandarin_model(), "zh").recogniser()
    expected = [w.text for h in alone.feed(second) + alone.flush() for w in h.words]
    speak(line, "first", first[: len(first) // 2])
    line.sendall(pack({"kind": "rest", "stream": "first"}))
    given_back = answer(line)
    assert given_back["kind"] == "rested" and texts(given_back), "its words are not lost"
    heard = speak(line, "second", second)
    line.sendall(pack({"kind": "finish", "stream": "second"}))
    assert heard + texts(answer(line)) == expected
    assert expected and expected[0] not in texts(given_back)


def speak(line: socket.socket, stream: str, pcm: bytes) -> list[str]:
    """Give a stream's sound piece by piece; return the words that became certain."""
    where = {"kind": "feed", "stream": stream, "phrases": []}
    turn = {"urgency": 2, "order": 0, "room": False}
    found: list[str] = []
    for begin in range(0, len(pcm), BLOCK):
        header = {**where, **turn, "at": begin / (RATE * SAMPLE)}
        line.sendall(pack(header, pcm[begin : begin + BLOCK]))
        found += texts(answer(line))
    return found


def texts(frame: dict[str, Any]) -> list[str]:
    return [word["text"] for heard in frame["heard"] if heard["final"] for word in heard["words"]]


def test_the_worker_answers_what_it_does_not_understand(
    worker: tuple[subprocess.Popen[bytes], socket.socket],
) -> None:
    _, line = worker
    assert answer(line)["kind"] == "ready"
    line.sendall(pack({"kind": "sing", "stream": "s"}))
    failed = answer(line)
    assert failed["kind"] == "failed" and "sing" in str(failed["why"])
