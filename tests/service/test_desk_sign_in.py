"""The desk: who may see what, and how one gets in."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from twisted.internet.defer import Deferred

from calls.ids import AgentId
from desk.site import ROUTES
from tests.helpers.desk_city import (
    CALL,
    HOST,
    Browser,
    City,
    story,
)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    city = City(tmp_path)
    city.keep(story())
    yield city
    city.engine.dispose()


# Who may see what.

PATHS = [
    (
        route,
        route.path.replace("{call}", CALL).replace("{place}", "0").replace("{name}", "desk.css"),
    )
    for route in ROUTES
]


@pytest.mark.parametrize(
    "method, path",
    [(r.method, p) for r, p in PATHS if r.access.value == "agents"],
)
def test_nothing_of_any_call_is_shown_or_changed_without_signing_in(
    city: City, method: str, path: str
) -> None:
    reply = city.browser().ask(method, path)
    assert reply.status in (303, 401)
    if reply.status == 303:
        assert reply.headers["location"].startswith("/login")
    assert b"13800138000" not in reply.body
    assert city.audit() == []


@pytest.mark.parametrize("method, path", [(route.method, path) for route, path in PATHS])
def test_every_answer_forbids_whatever_is_not_ours(city: City, method: str, path: str) -> None:
    headers = city.browser().signed_in().ask(method, path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/drafts", f"/drafts/{CALL}", "/calls", f"/calls/{CALL}"])
def test_pages_hold_no_inline_script_no_inline_style_and_nothing_from_elsewhere(
    city: City, path: str
) -> None:
    page = city.browser().signed_in().get(path).text
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) == 1
    assert re.fullmatch(r'<script src="/static/desk\.js\?[0-9a-f]+" defer>', scripts[0])
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
    assert not re.search(r'(src|href|action)="(https?:)?//', page)


@pytest.mark.parametrize("path", [f"/drafts/{CALL}", f"/calls/{CALL}", "/drafts"])
def test_what_a_caller_said_cannot_become_markup(city: City, path: str) -> None:
    page = city.browser().signed_in().get(path).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_signing_in_by_password_sets_a_strict_cookie_and_goes_where_one_wanted(city: City) -> None:
    browser = city.browser()
    reply = browser.get(f"/drafts/{CALL}")
    assert reply.headers["location"] == f"/login?next=%2Fdrafts%2F{CALL}"
    form = browser.get(reply.headers["location"]).text
    assert f'name="next" value="/drafts/{CALL}"' in form
    reply = browser.post("/login", agent="1001", password="secret", next=f"/drafts/{CALL}")
    assert (reply.status, reply.headers["location"]) == (303, f"/drafts/{CALL}")
    assert "HttpOnly; SameSite=Strict" in reply.headers["set-cookie"]
    assert browser.get("/drafts").status == 200
    assert ("1001", "signed_in", None) in city.audit()


def test_where_only_https_is_used_the_cookie_says_so(city: City) -> None:
    city.settings = replace(city.settings, secure_cookie=True)
    city.open()
    reply = city.browser().post("/login", agent="1001", password="secret")
    assert reply.headers["set-cookie"].endswith("; Secure")


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil", "", "/a\tb"]
)
def test_signing_in_leads_to_no_other_site(city: City, wanted: str) -> None:
    reply = city.browser().post("/login", agent="1001", password="secret", next=wanted)
    assert reply.headers["location"] == "/drafts"


def test_guessing_is_slowed_down_by_address_and_by_agent_and_written_down(city: City) -> None:
    browser = city.browser()
    for _ in range(5):
        assert browser.post("/login", agent="1001", password="wrong").status == 403
    assert browser.post("/login", agent="1001", password="secret").status == 429
    assert browser.post("/login", agent="1002", password="x").status == 429
    assert city.browser(address="10.9.9.9").post("/login", agent="1001", password="x").status == 429
    assert city.audit().count(("1001", "sign_in_refused", None)) == 5
    city.now += 301
    assert browser.post("/login", agent="1001", password="secret").status == 303


def test_a_burst_of_guesses_cannot_slip_through_while_the_first_is_checked(city: City) -> None:
    checks: list[Deferred[bool]] = []

    def slow(agent: str, password: str) -> Deferred[bool]:
        checks.append(Deferred())
        return checks[-1]

    city.ports = replace(city.ports, check_password=slow)
    city.open()
    body = urlencode({"agent": "1001", "password": "x"}).encode()
    head = f"POST /login HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    for _ in range(20):
        city.browser().raw(head + body)
    assert len(checks) == 5
    for check in checks:
        check.callback(False)


def test_a_link_signs_in_once_and_only_for_a_while(city: City) -> None:
    path = city.site.login_link(AgentId("1001"))
    assert city.browser().ask("HEAD", path).status == 200, "a preview does not use it up"
    browser = city.browser()
    page = browser.get(path)
    assert page.status == 200
    assert 'content="0; url=/drafts"' in page.text
    assert browser.get("/drafts").status == 200
    assert city.browser().get(path).status == 403
    late = city.site.login_link(AgentId("1001"))
    city.now += 901
    assert city.browser().get(late).status == 403
    assert city.browser().get("/login?token=guessed").status == 403


def test_sessions_end_when_idle_when_old_and_on_signing_out(city: City) -> None:
    idle = city.browser().signed_in()
    city.now += 1801
    assert idle.get("/drafts").status == 303
    old = city.browser().signed_in()
    for _ in range(12 * 4):
        city.now += 900
        assert old.get("/api/v1/session").status == 200
    city.now += 1
    assert old.get("/drafts").status == 303
    out = city.browser().signed_in()
    csrf, kept = out.csrf(), out.cookie
    assert out.post("/logout", csrf=csrf).headers["location"] == "/login"
    assert out.cookie is None
    assert Browser(city.site, cookie=kept).get("/drafts").status == 303


def test_no_other_site_can_send_a_form_in_an_agents_name(city: City) -> None:
    browser = city.browser().signed_in()
    path = f"/drafts/{CALL}"
    assert browser.post(path, version="1", do="confirm").status == 403
    assert browser.post(path, csrf="x", version="1", do="confirm").status == 403
    csrf = browser.csrf()
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        stranger = Browser(city.site, browser.cookie, headers=header)
        assert stranger.post(path, csrf=csrf, version="1", do="confirm").status == 403
        assert stranger.post("/login", agent="1001", password="secret").status == 403
    assert browser.send("POST", f"/api/v1/drafts/{CALL}/confirm", {"version": 1}).status == 403
    own = Browser(city.site, browser.cookie, headers={"Origin": f"http://{HOST}"})
    assert own.post(path, csrf=csrf, version="1", do="confirm").status == 303
