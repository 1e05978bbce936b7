# mypy: allow-untyped-calls
# (Twisted's testing transport is not annotated.)
"""The desk: recordings, machines, faults, limits and colours."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session
from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from calls.events import (
    RecordingStarted,
    RecordingStopped,
)
from calls.ids import AgentId, CallId
from desk.recordings import Unsatisfiable, inside, span
from desk.web import Refusal
from storage import audit, work_orders
from tests.helpers.desk_city import (
    CALL,
    HOST,
    City,
    story,
)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City(tmp_path)
    city.keep(story())
    yield city
    city.engine.dispose()


# Recordings.


def test_a_recording_is_sent_whole_or_in_the_stretch_that_is_asked_for(city: City) -> None:
    browser = city.browser().signed_in()
    path = f"/recordings/{CALL}"
    whole = browser.get(path)
    assert (whole.status, whole.body) == (200, city.wav)
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["accept-ranges"] == "bytes"
    size = len(city.wav)
    part = browser.get(path + "/0", Range="bytes=100-199")
    assert (part.status, part.body) == (206, city.wav[100:200])
    assert part.headers["content-range"] == f"bytes 100-199/{size}"
    assert browser.get(path, Range="bytes=-50").body == city.wav[-50:]
    assert browser.get(path, Range=f"bytes={size - 10}-").body == city.wav[-10:]
    behind = browser.get(path, Range=f"bytes={size}-")
    assert (behind.status, behind.headers["content-range"]) == (416, f"bytes */{size}")
    head = browser.ask("HEAD", path)
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(size))


@pytest.mark.parametrize(("suffix", "kind"), [(".opus", "audio/ogg"), (".mp3", "audio/mpeg")])
def test_a_converted_recording_is_sent_by_its_old_address_and_noted(
    city: City, suffix: str, kind: str
) -> None:
    browser = city.browser().signed_in()
    (file,) = city.recordings.glob("**/*.wav")
    file.rename(file.with_suffix(suffix))
    whole = browser.get(f"/recordings/{CALL}")
    assert (whole.status, whole.body) == (200, city.wav)
    assert whole.headers["content-type"] == kind
    part = browser.get(f"/recordings/{CALL}/0", Range="bytes=1-9")
    assert (part.status, part.body, part.headers["content-type"]) == (206, city.wav[1:10], kind)
    with Session(city.engine) as session:
        noted = [entry.note for entry in audit.entries(session)]
    assert noted.count("2026/one.wav") == 1


@pytest.mark.parametrize(
    "header, expected",
    [
        (None, None),
        ("bytes=0-0", (0, 0)),
        ("bytes=5-", (5, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-30", (0, 9)),
        ("bytes=3-99", (3, 9)),
        ("bytes=-", None),
        ("bytes=7-3", None),
        ("bytes=0-1,3-4", None),
        ("lines=1-2", None),
        ("bytes=a-b", None),
    ],
)
def test_ranges_are_read_as_rfc_9110_says(
    header: str | None, expected: tuple[int, int] | None
) -> None:
    assert span(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=-0", "bytes=99-100"])
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        span(header, 10)


def test_listening_is_written_down_once_a_sitting_and_never_left_out(city: City) -> None:
    browser = city.browser().signed_in()
    path = f"/recordings/{CALL}"
    for first in (1000, 0, 2000):
        browser.get(path, Range=f"bytes={first}-")
    opened = ("1001", "opened_recording", CALL)
    assert city.audit().count(opened) == 1
    city.now += 601
    browser.get(path)
    city.browser().signed_in().get(path)
    assert city.audit().count(opened) == 3
    with Session(city.engine) as session:
        assert audit.entries(session)[0].note == "2026/one.wav"


def test_no_recording_is_sent_while_nobody_can_write_down_who_listens(city: City) -> None:
    browser = city.browser().signed_in()
    city.books.writes_away = True
    assert browser.get(f"/recordings/{CALL}").status == 503
    assert browser.get(f"/drafts/{CALL}").status == 200, "reading goes on"
    city.books.writes_away = False
    assert browser.get(f"/recordings/{CALL}").status == 200


@pytest.mark.parametrize(
    "name", ["../secret.wav", "/etc/hostname", "..", ".", "2026/../../secret.wav"]
)
def test_nothing_outside_the_recordings_folder_is_ever_sent(city: City, name: str) -> None:
    other = CallId("c-2")
    facts = [
        replace(fact, path=name) if isinstance(fact, RecordingStarted | RecordingStopped) else fact
        for fact in story(other, 2000.0)
    ]
    city.keep(facts)
    assert city.browser().signed_in().get(f"/recordings/{other}").status == 404


def test_a_link_out_of_the_folder_is_not_followed(city: City, tmp_path: Path) -> None:
    (city.recordings / "link.wav").symlink_to(tmp_path / "secret.wav")
    with pytest.raises(Refusal):
        inside(city.recordings, "link.wav")
    assert inside(city.recordings, "2026/one.wav").is_file()


@pytest.mark.parametrize(
    "path",
    [
        f"/recordings/{CALL}/1",
        f"/recordings/{CALL}/-1",
        f"/recordings/{CALL}/²",
        "/recordings/c-nobody",
        f"/recordings/{CALL}/..%2f..%2fsecret.wav",
        "/recordings/..%2f..%2fsecret.wav",
    ],
)
def test_an_address_cannot_reach_another_file(city: City, path: str) -> None:
    path = path.replace("²", "%C2%B2")
    assert city.browser().signed_in().get(path).status == 404


def test_a_recording_whose_file_is_gone_is_said_to_be_gone(city: City) -> None:
    (city.recordings / "2026" / "one.wav").unlink()
    reply = city.browser().signed_in().get(f"/recordings/{CALL}")
    assert (reply.status, "录音文件不在" in reply.text) == (404, True)


# Machines, faults and limits.


def test_health_is_for_everybody_and_says_by_its_status_how_things_are(city: City) -> None:
    well = city.browser().get("/health")
    assert (well.status, well.json()) == (200, {"ok": True, "calls": 0})
    city.health["ok"] = False
    assert city.browser().get("/health").status == 503
    city.health["ok"] = "yes"
    assert city.browser().get("/health").status == 503


def test_metrics_are_for_everybody(city: City) -> None:
    reply = city.browser().get("/metrics")
    assert "hotline_calls_up 3.0" in reply.text
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")


def test_while_the_database_is_away_the_desk_says_so_and_signing_in_works(city: City) -> None:
    city.books.away = True
    browser = city.browser().signed_in()
    for path in ("/drafts", f"/calls/{CALL}"):
        reply = browser.get(path)
        assert reply.status == 503
        assert "稍后再试" in reply.text
        assert "away" not in reply.text
    assert browser.get("/api/v1/calls").json()["error"]["status"] == 503
    city.books.away = False
    assert browser.get("/drafts").status == 200


@pytest.mark.parametrize("path", ["/nowhere", "/static/..%2fsite.py", "/calls/c-nobody", "/api/v2"])
def test_what_is_not_there_is_not_found(city: City, path: str) -> None:
    assert city.browser().signed_in().get(path).status == 404


def test_a_method_that_a_page_does_not_know_is_refused(city: City) -> None:
    assert city.browser().signed_in().ask("DELETE", "/drafts").status == 405
    assert city.browser().ask("POST", "/health").status == 405


def test_large_bodies_are_refused_before_they_are_read(city: City) -> None:
    browser = city.browser()
    head = f"POST /login HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    declared = browser.raw(head + b"Content-Length: 99999999\r\n\r\n")
    assert declared.startswith(b"HTTP/1.1 413 ")
    chunk = b"%x\r\n" % 40_000 + b"x" * 40_000 + b"\r\n"
    chunked = browser.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 2 + b"0\r\n\r\n")
    assert chunked.count(b"HTTP/1.1") == 1
    assert chunked.startswith(b"HTTP/1.1 413 ")


def test_a_form_of_nonsense_is_refused(city: City) -> None:
    browser = city.browser()
    assert browser.ask("POST", "/login", b"\xff\xfe=1").status == 400
    assert browser.ask("POST", "/login", b"a=1&" * 5000).status == 400
    assert browser.ask("POST", "/api/v1/session", b"[" * 20_000).status == 400


def test_files_of_the_desk_are_named_by_their_content_and_may_be_kept(city: City) -> None:
    page = city.browser().get("/login").text
    for path in re.findall(r'(?:src|href)="(/static/[^"]*)"', page):
        reply = city.browser().get(path)
        assert reply.status == 200
        assert "immutable" in reply.headers["cache-control"]
    assert city.browser().signed_in().get("/drafts").headers["cache-control"] == "no-store"


def test_a_browser_that_goes_away_early_is_no_fault(city: City) -> None:
    waiting: Deferred[Any] = Deferred()
    city.ports = replace(city.ports, calls=lambda _: waiting)
    city.open()
    browser = city.browser().signed_in()
    transport = StringTransport()
    protocol = city.site.buildProtocol(transport.getPeer())
    protocol.makeConnection(transport)
    cookie = f"Cookie: hotline_desk={browser.cookie}\r\n"
    protocol.dataReceived(f"GET /calls HTTP/1.1\r\nHost: {HOST}\r\n{cookie}\r\n".encode())
    protocol.connectionLost(Failure(ConnectionError("gone")))
    assert waiting.called, "the question is given up"
    assert transport.value() == b""


def test_no_number_and_no_token_reaches_a_log(
    city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    path = city.site.login_link(AgentId("1001"))
    browser = city.browser()
    browser.get(path)
    browser.get(f"/calls/{CALL}")
    city.books.away = True
    browser.get(f"/calls/{CALL}?caller=13800138000")
    out, err = capsys.readouterr()
    assert "page_failed" in out + err
    assert "13800138000" not in out + err
    assert path.partition("=")[2] not in out + err


# Colours.


def _luminance(colour: str) -> float:
    if len(colour) == 4:
        colour = "#" + "".join(2 * digit for digit in colour[1:])
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


PAIRS = [
    ("ink", "paper"), ("ink", "ground"), ("soft", "paper"), ("soft", "ground"), ("ink", "lit"),
    ("ink", "blue-pale"), ("soft", "blue-pale"), ("blue", "paper"), ("blue", "ground"),
    ("paper", "blue"), ("paper", "deep"), ("red", "red-pale"), ("green", "green-pale"),
    ("amber", "amber-pale"), ("ink", "line"),
]  # fmt: skip


@pytest.mark.parametrize("text, ground", PAIRS)
def test_colours_have_the_contrast_that_wcag_aa_asks_for(
    city: City, text: str, ground: str
) -> None:
    sheet = city.browser().get("/static/desk.css").text
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", sheet))
    light, dark = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_work_orders_of_storage_are_what_the_ports_speak(city: City) -> None:
    correction = work_orders.Correction(CALL, 1, {"title": "x"}, AgentId("1001"), 1.0)
    found: list[Any] = []
    city.ports.correct(correction).addCallback(found.append)
    assert found[0].version == 2
