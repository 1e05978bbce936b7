"""A newcomer takes the recogniser of the oldest: what engine and worker say to each other."""

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from asr.frames import Unpacker
from asr.recogniser import Heard
from asr.turns import Urgency
from asr.vosk import VoskModel
from calls.events import Word
from server.listening import Outcome, Settings
from server.recognition_pool import Pool
from server.recognition_worker import Worker
from tests.helpers.recognition import SECOND, Desk, ready, said

ONE = Settings(threads=1, late_keeps=1.0)
TENTH = SECOND[:1600]


# --- the engine


def full(model: Path) -> Desk:
    """Return a desk with one speaker, `old`, who takes 0.9 of the worker, and waits."""
    desk = ready(model, ONE)
    desk.listening.open("old", "zh", 0.0)
    for _ in range(400):
        desk.listening.hear("old", SECOND)
        desk.link.answer("fed", stream="old", heard=[], spent=0.9)
    for _ in range(2):
        desk.listening.hear("old", SECOND)
    return desk


def since(desk: Desk, sent: int) -> list[tuple[str, str]]:
    return [(frame["kind"], frame["stream"]) for frame in desk.link.sent[sent:]]


def late(desk: Desk) -> int:
    return desk.listening.figures()["zh"].late


def test_a_newcomer_has_the_oldest_give_its_recogniser_back(model: Path) -> None:
    desk = full(model)
    told: list[str] = []
    desk.listening.on_late = told.append
    sent = len(desk.link.sent)
    desk.listening.open("new", "zh", 0.0)
    desk.listening.hear("new", TENTH)
    assert since(desk, sent) == [("rest", "old"), ("feed", "new")]
    desk.run(1.0)
    assert told == ["old"] and late(desk) == 1
    assert "1 streams" in desk.listening.words("zh")[1], "the page says so"


def test_the_words_of_who_is_put_aside_come_and_nothing_more_is_sent(model: Path) -> None:
    desk = full(model)
    desk.listening.open("new", "zh", 0.0)
    sent = len(desk.link.sent)
    desk.link.answer("rested", stream="old", heard=[_json("停水")])
    for _ in range(5):
        desk.listening.hear("old", SECOND)
        desk.run(1.0)
    assert desk.heard == [("old", "停水")]
    assert since(desk, sent) == []
    assert desk.listening.figures()["zh"].waiting == 1.0, "only the newest of its sound waits"


def test_a_piece_that_was_begun_is_heard_to_its_end_before_the_recogniser_goes(
    model: Path,
) -> None:
    desk = full(model)
    desk.listening.open("new", "zh", 0.0)
    sent = len(desk.link.sent)
    desk.link.fed("old", said("停"))
    assert since(desk, sent) == [], "it was asked to rest, and will say so"
    desk.link.answer("rested", stream="old", heard=[_json("水")])
    assert [text for _, text in desk.heard] == ["停", "水"]
    dropped = desk.listening.figures()["zh"].dropped
    assert dropped == 0.0, "one second was heard, one waits"


def test_a_worker_that_does_not_give_a_recogniser_back_hangs(model: Path) -> None:
    desk = full(model)
    desk.listening.open("new", "zh", 0.0)
    desk.link.fed("old")
    desk.run(21.0)
    assert desk.links[0].killed == "hung"


def test_a_speaker_between_two_pieces_is_asked_for_the_recogniser_too(model: Path) -> None:
    desk = full(model)
    desk.link.fed("old")
    desk.link.fed("old")
    sent = len(desk.link.sent)
    desk.listening.open("new", "zh", 0.0)
    assert since(desk, sent) == [("rest", "old")]


def test_who_was_put_aside_goes_on_when_the_newcomer_has_finished(model: Path) -> None:
    desk = full(model)
    desk.listening.open("new", "zh", 0.0)
    desk.link.answer("rested", stream="old", heard=[])
    desk.listening.close("new")
    sent = len(desk.link.sent)
    desk.listening.hear("old", SECOND)
    desk.link.answer("closed", stream="new", heard=[])
    assert since(desk, sent) == [("feed", "old")]
    assert desk.link.sent[-1]["at"] == 402.0, "what is being said now"
    desk.link.fed("old")
    assert late(desk) == 0
    desk.listening.close("old")
    desk.link.answer("closed", stream="old", heard=[])
    assert not desk.closed["old"].complete, "the hole is filled from the recording"


def test_who_ends_while_put_aside_is_closed_at_once_and_done_from_the_recording(
    model: Path,
) -> None:
    desk = full(model)
    desk.listening.open("new", "zh", 0.0)
    desk.listening.close("old")
    assert desk.link.sent[-1] == {"kind": "rest", "stream": "old", "seconds": 0.0}
    desk.link.answer("rested", stream="old", heard=[])
    assert desk.link.sent[-1] == {"kind": "finish", "stream": "old", "seconds": 0.0}
    desk.link.answer("closed", stream="old", heard=[])
    assert desk.closed == {"old": Outcome(False, "2.0 s of sound dropped", 2.0)}


def test_a_menus_answer_is_heard_beside_a_full_house(model: Path) -> None:
    desk = full(model)
    sent = len(desk.link.sent)
    desk.listening.open("menu", "zh", 0.0, Urgency.MENU, ("是", "否"))
    desk.listening.hear("menu", TENTH)
    desk.run(1.0)
    assert since(desk, sent) == [("feed", "menu")]
    assert late(desk) == 0


def test_a_message_that_nobody_reads_does_not_displace_a_citizen_in_a_talk(model: Path) -> None:
    desk = full(model)
    sent = len(desk.link.sent)
    desk.listening.open("message", "zh", 0.0, Urgency.MESSAGE)
    desk.listening.hear("message", TENTH)
    desk.run(1.0)
    assert since(desk, sent) == []
    assert late(desk) == 1


def test_nobody_is_put_aside_before_anything_was_measured(model: Path) -> None:
    desk = ready(model, ONE)
    for number in range(20):
        desk.listening.open(f"s{number}", "zh", 0.0)
        desk.listening.hear(f"s{number}", SECOND + SECOND)
    desk.run(1.0)
    assert {frame["kind"] for frame in desk.link.sent} == {"feed"}


def test_of_a_farm_nobody_knows_what_it_can_carry_and_none_is_put_aside_for_a_newcomer(
    model: Path,
) -> None:
    desk = Desk(model, ONE)
    desk.link.pid = cast(int, None)
    desk.link.answer("ready")
    for name in ("a", "b", "c"):
        desk.listening.open(name, "zh", 0.0)
        desk.listening.hear(name, SECOND + SECOND + SECOND)
        desk.link.answer("fed", stream=name, heard=[], spent=2.0)
    desk.run(1.0)
    assert late(desk) == 0
    assert {frame["kind"] for frame in desk.link.sent} == {"feed"}


def _json(text: str) -> dict[str, Any]:
    word = {"text": text, "start": 0.0, "end": 1.0, "confidence": 1.0}
    return {
        "text": text, "start": 0.0, "end": 1.0, "confidence": 1.0, "words": [word], "final": True,
    }  # fmt: skip


# --- the worker


class Ear:
    """Stands for a recogniser: gives back the numbers that it was fed."""

    def __init__(self) -> None:
        self.owed = ""
        self.partials, self.small, self.position = True, False, 0.0
        self.seconds = 20.0

    def feed(self, pcm: bytes) -> list[Heard]:
        self.owed += chr(pcm[0])
        self.position += 0.1
        return []

    def flush(self) -> list[Heard]:
        text, self.owed = self.owed, ""
        word = Word(text, 0.0, 1.0, 1.0)
        return [Heard(text, 0.0, 1.0, 1.0, (word,), final=True)] if text else []

    def resume(self, at: float) -> list[Heard]:
        self.position = at
        return self.flush()


def words(heard: Sequence[dict[str, Any]]) -> str:
    return "".join(each["text"] for each in heard)


class Bench:
    """A worker with one recogniser ready, whose threads are the test's own turns."""

    def __init__(self) -> None:
        self.made: list[Ear] = []
        self.ours, self.theirs = socket.socketpair()
        self.worker = Worker(Pool(cast(VoskModel, self), 1 << 40), self.theirs)
        self.ours.setblocking(False)
        self.frames = Unpacker()
        self.worker.pool.prepare()

    def recogniser(self) -> Ear:
        self.made.append(Ear())
        return self.made[-1]

    def for_phrases(self, phrases: Any) -> Ear:
        menu = Ear()
        menu.small = True
        return menu

    def feed(self, stream: str, letter: str, **values: Any) -> None:
        turn = {"urgency": Urgency.LIVE.value, "order": -ord(stream[0]), "room": False}
        header = {"kind": "feed", "stream": stream, "at": 0.0, "phrases": (), **turn, **values}
        self.worker.receive(header, letter.encode() * 1600)

    def tell(self, kind: str, stream: str) -> None:
        self.worker.receive({"kind": kind, "stream": stream}, b"")

    def turns(self, count: int) -> list[tuple[str, str, str]]:
        """Take so many turns; return what was said of it."""
        for _ in range(count):
            assert len(self.worker._turns), "nobody is in line"
            self.worker.turn()
        try:
            answers = self.frames.feed(self.ours.recv(1 << 16))
        except BlockingIOError:
            return []
        return [(a["kind"], a["stream"], words(a.get("heard", ()))) for a, _ in answers]

    @property
    def line(self) -> list[str]:
        """Return what is in line, lessons apart."""
        kinds = [entry[3].header["kind"] for entry in self.worker._turns._heap]
        return [kind for kind in kinds if kind != "lesson"]


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    made.made[0].owed = ""  # of the noise that it was warmed with
    yield made
    made.ours.close()
    made.theirs.close()


def test_the_newcomer_gets_the_recogniser_that_was_given_back_and_none_of_its_words(
    bench: Bench,
) -> None:
    bench.feed("a", "x")
    assert bench.turns(1) == [("fed", "a", "")]
    bench.tell("rest", "a")
    bench.feed("b", "y")
    assert bench.turns(2) == [("rested", "a", "x"), ("fed", "b", "")]
    bench.tell("finish", "b")
    assert bench.turns(1) == [("closed", "b", "y")]
    assert len(bench.made) == 1


def test_a_piece_that_nobody_has_begun_is_not_heard_any_more(bench: Bench) -> None:
    bench.feed("a", "x")
    bench.turns(1)
    bench.feed("a", "z", at=0.1)
    bench.tell("rest", "a")
    assert bench.turns(1) == [("rested", "a", "x")]
    assert bench.line == []


def while_at_work(bench: Bench, *then: tuple[str, str]) -> None:
    """Have frames come, and a thread take a turn, while the only recogniser is at work."""
    feed = bench.made[0].feed

    def slow(pcm: bytes) -> list[Heard]:
        bench.made[0].feed = feed  # type: ignore[method-assign]
        for kind, stream in then:
            if kind == "feed":
                bench.feed(stream, "y")
                task = bench.worker._next()
                bench.worker._answer(task)
                bench.worker._done(task)
            else:
                bench.tell(kind, stream)
        return feed(pcm)

    bench.made[0].feed = slow  # type: ignore[method-assign]


def test_a_newcomer_waits_for_a_recogniser_that_is_at_its_last_piece(bench: Bench) -> None:
    while_at_work(bench, ("rest", "a"), ("feed", "b"))
    bench.feed("a", "x")
    assert bench.turns(1) == [("fed", "a", "")]
    assert bench.turns(2) == [("rested", "a", "x"), ("fed", "b", "")]
    assert len(bench.made) == 1, "none was made anew"


def test_a_newcomer_who_is_put_aside_while_waiting_is_not_heard(bench: Bench) -> None:
    while_at_work(bench, ("rest", "a"), ("feed", "b"), ("rest", "b"))
    bench.feed("a", "x")
    bench.turns(1)
    assert sorted(bench.turns(2)) == [("rested", "a", "x"), ("rested", "b", "")]
    assert bench.line == [] and not bench.worker.streams


def test_one_put_aside_at_the_very_moment_of_its_turn_is_answered_once(bench: Bench) -> None:
    bench.worker._leaving.add("c")  # another is giving its recogniser back
    bench.worker.pool.lend(partials=True)
    bench.feed("b", "y")
    task = bench.worker._next()
    bench.tell("rest", "b")
    bench.worker._answer(task)
    bench.worker._done(task)
    assert bench.turns(1) == [("rested", "b", "")]
    assert bench.line == []


def test_a_menu_waits_for_no_recogniser_of_others(bench: Bench) -> None:
    while_at_work(bench, ("rest", "a"))
    bench.feed("a", "x")
    bench.turns(1)
    bench.feed("m", "1", phrases=("一",), urgency=Urgency.MENU.value)
    assert bench.turns(2) == [("rested", "a", "x"), ("fed", "m", "")]


def test_a_newcomer_in_a_hurry_keeps_it_while_waiting(bench: Bench) -> None:
    while_at_work(bench, ("rest", "a"), ("feed", "b"), ("hurry", "b"))
    bench.feed("a", "x")
    bench.turns(1)
    bench.feed("z", "z")
    assert bench.turns(3)[:2] == [("rested", "a", "x"), ("fed", "b", "")]


def test_a_recogniser_that_fails_while_it_is_given_back_keeps_nobody_waiting(
    bench: Bench,
) -> None:
    def broken() -> list[Heard]:
        raise RuntimeError("Failed to process waveform")

    bench.feed("a", "x")
    bench.turns(1)
    bench.made[0].flush = broken  # type: ignore[method-assign]
    bench.tell("rest", "a")
    bench.feed("b", "y")
    assert bench.turns(2) == [("failed", "a", ""), ("fed", "b", "")]
    assert len(bench.made) == 2


def test_no_spare_is_made_ready_where_there_is_no_room_for_another(bench: Bench) -> None:
    bench.feed("a", "x")
    bench.turns(1)
    assert bench.line == []
    bench.feed("b", "y", room=True)
    bench.turns(1)
    assert bench.line == ["spare"]
