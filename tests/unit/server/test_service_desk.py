"""What calls on the service numbers ask for: nothing without a PIN, all of it written down."""

import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import Deferred, succeed

from calls.ids import CallId
from config.faults import SettingsError
from config.plan_board import PlanBoard
from config.publish import Shelf
from config.reader import read
from server.command_line import main
from server.outputs import ServiceAsk
from server.service_desk import Done, Folders, ServiceDesk
from server.service_pins import TRIES, WITHIN, Pins
from storage.audit import AuditEntry
from tests.helpers import sites
from tests.helpers.media_phones import tone

CALL = CallId("c-1")


class Room:
    """A service desk whose threads work at once, and what the calls are answered."""

    def __init__(self, folder: Path) -> None:
        self.site, self.data = sites.copy(folder / "site"), folder / "data"
        self.now = 1_795_363_200.0
        self.answers: list[str] = []
        self.led: list[str] = []
        self.audit: list[AuditEntry] = []
        self.control = self
        self.pin = Pins(self.data / "secrets").make("1001")
        path = self.site / "site.yaml"
        text = path.read_text("utf-8").replace("  prompts: {} ", "  prompts: {101: greeting} ", 1)
        path.write_text(text.replace("  plans: {} ", "  plans: {1: typhoon} ", 1), "utf-8")
        shipped = read(self.site)
        self.desk = ServiceDesk(
            self,  # type: ignore[arg-type]  # takes what the desk answers
            Folders(self.site, self.data),
            lambda: self.now,
            self.in_thread,
            self.audit.append,
            lambda site, version: version,  # type: ignore[arg-type,return-value]  # only its name
            lambda: shipped,
        )

    def in_thread(self, work: Callable[[], Done]) -> "Deferred[Done]":
        return succeed(None).addCallback(lambda _: work())  # type: ignore[arg-type,return-value]

    def do(self, decision: Callable[[float], None]) -> None:
        decision(self.now)

    def looked_up(self, call: CallId, answer: str, found: Any, now: float) -> None:
        self.answers.append(answer)

    def led_into(self, call: CallId, house: Any, flow: Any, now: float) -> None:
        self.led.append(house)

    def ask(self, what: str, call: CallId = CALL, **about: str) -> str:
        before = len(self.answers)
        self.desk(ServiceAsk(call, what, about))
        return self.answers[-1] if len(self.answers) > before else ""

    def let_in(self, pin: str | None = None, call: CallId = CALL, caller: str = "139") -> str:
        return self.ask("pin", call, who="1001", pin=pin or self.pin, caller=caller)

    def noted(self) -> list[tuple[str, str, str]]:
        return [(entry.agent, entry.action, entry.note) for entry in self.audit]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.mark.parametrize("what", ["prompt", "take", "keep", "plan_known", "plan", "draft"])
def test_nothing_is_done_for_a_call_without_a_right_pin(room: Room, what: str) -> None:
    about = {"prompt": "101", "plan": "1", "turn": "on", "raw": "x", "take": "y"}
    assert room.let_in("00000000") == "wrong"
    assert room.ask(what, **about) == "failed"
    assert room.led == []
    assert PlanBoard(Shelf(room.data)).switched() == []


def test_three_wrong_ones_end_a_call_and_five_bar_the_person(room: Room) -> None:
    assert [room.let_in("0" * 8) for _ in range(4)] == ["wrong", "wrong", "locked", "locked"]
    other = CallId("c-2")
    assert [room.let_in("0" * 8, other) for _ in range(2)] == ["wrong", "wrong"]
    assert room.let_in(call=CallId("c-3"), caller="138") == "locked", "even with the right one"
    room.now += WITHIN + 1
    assert room.let_in(call=CallId("c-4")) == "ok"
    refused = [action for _, action, _ in room.noted() if action == "service_refused"]
    assert len(refused) == TRIES


def test_a_number_that_is_no_agents_is_not_repeated_in_the_audit(room: Room) -> None:
    assert room.ask("pin", who=room.pin, pin="1001", caller="139") == "wrong"
    assert room.noted() == [("?", "service_refused", "")]


def test_a_take_is_made_even_and_kept_in_the_draft(room: Room, tmp_path: Path) -> None:
    assert room.let_in() == "ok"
    raw, take = tmp_path / "take.wav", tmp_path / "take.heard.wav"
    stereo(raw, tone(500.0, 2.0, loud=900))
    assert room.ask("take", raw=str(raw), take=str(take)) == "ok"
    assert room.ask("keep", prompt="101", take=str(take)) == "ok"
    kept = room.site / "prompts/zh/greeting.wav"
    with wave.open(str(kept)) as sound:
        form = sound.getnchannels(), sound.getframerate(), sound.getnframes() / 8000
    assert form == (1, 8000, 1.75)
    assert kept.with_name("greeting.wav.old").exists()
    assert ("1001", "service_prompt_kept", "greeting") in room.noted()
    assert room.ask("left", raw=str(raw), take=str(take)) == "left"
    assert not raw.exists() and not take.exists()
    assert room.ask("prompt", prompt="101") == "failed", "the call is over"


def test_a_take_without_a_sound_is_not_kept(room: Room, tmp_path: Path) -> None:
    room.let_in()
    raw = tmp_path / "take.wav"
    stereo(raw, bytes(16_000))
    assert room.ask("take", raw=str(raw), take=str(tmp_path / "no.wav")) == "short"
    stereo(raw, b"")
    assert room.ask("take", raw=str(raw), take=str(tmp_path / "no.wav")) == "short"
    assert room.ask("take", raw=str(tmp_path / "none"), take=str(tmp_path / "no")) == "short"


def test_codes_that_nothing_stands_for_are_refused(room: Room) -> None:
    room.let_in()
    assert [room.ask("prompt", prompt=code) for code in ("101", "999")] == ["ok", "none"]
    assert [room.ask("plan_known", plan=code) for code in ("1", "2")] == ["ok", "none"]


def test_a_plan_is_switched_on_and_off_by_its_code(room: Room) -> None:
    room.let_in()
    assert room.ask("plan", plan="1", turn="on") == "failed", "nothing is published yet"
    folders = ["--config", str(room.site), "--data", str(room.data)]
    assert main(["publish", *folders, "-m", "原有"]) == 0
    assert room.ask("plan", plan="1", turn="on") == "ok"
    board = PlanBoard(Shelf(room.data))
    assert board.on(room.now) == ("typhoon",)
    assert Shelf(room.data).history()[-1].who == "1001"
    assert room.ask("plan", plan="1", turn="off") == "ok"
    assert board.on(room.now) == ()
    assert [action for _, action, _ in room.noted()][-2:] == ["service_plan_on", "service_plan_off"]


def test_the_draft_is_read_as_it_is_now_and_one_with_faults_is_not_tried(room: Room) -> None:
    room.let_in()
    assert room.ask("draft") == ""
    assert room.led[0].startswith("draft-")
    (room.site / "lanes.yaml").write_text("lanes: [", "utf-8")
    with pytest.raises(SettingsError):
        read(room.site)
    assert room.ask("draft") == "faulty"
    assert len(room.led) == 1


def stereo(path: Path, left: bytes) -> None:
    """Write a recording as the media worker does: the citizen left, nobody right."""
    both = b"".join(left[at : at + 2] + b"\0\0" for at in range(0, len(left), 2))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(both)
