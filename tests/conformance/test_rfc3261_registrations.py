"""RFC 3261 §10: phones that register with us, and we at a provider."""

import pytest

from sip.digest import Challenge, Login, authorize
from sip.enrolment import Enrolment, EnrolmentPlan
from sip.message import Request, Response
from sip.registrar import Registrar, RegistrarLimits
from sip.upstream import Upstream
from tests.helpers.one_stack import OneStack
from tests.helpers.sip_messages import PEER, reply, request

PASSWORDS = {"1001": "geheim", "1002": "other"}
PHONE = "Contact: <sip:1001@192.0.2.10:5060>"


class Office(OneStack):
    """A stack with a registrar, and a phone that can prove to be 1001."""

    def __init__(self) -> None:
        limits = RegistrarLimits()
        self.registrar = Registrar("hotline", PASSWORDS, ["SHA-256"], limits, b"n" * 32)
        super().__init__(self.registrar)
        self.count = 0

    def register(
        self, *lines: str, to: str = "sip:1001@hotline", cseq: int | None = None, **how: object
    ) -> Response:
        """Send a proven REGISTER; return the answer."""
        asked = self._ask(to, cseq, *lines, **how)
        challenge = Challenge.parse(asked.headers.get("www-authenticate") or "")
        login = Login("1001", "geheim")
        proof = authorize(challenge, login, "REGISTER", "sip:hotline", "c", 1)
        return self._ask(to, cseq, f"Authorization: {proof}", *lines, **how)

    def _ask(self, to: str, cseq: int | None, *lines: str, **how: object) -> Response:
        self.count += 1
        values = {"cseq": cseq or self.count, "branch": f"z9hG4bKr{self.count}", **how}
        asked = request("REGISTER", uri="sip:hotline", contact=None, more=lines, **values)  # type: ignore[arg-type]
        self.receive(asked.replace(b"<sip:12345@192.0.2.1>", f"<{to}>".encode()))
        answer = self.last()
        assert isinstance(answer, Response)
        return answer

    def known(self) -> list[str]:
        """Return where 1001 is reached."""
        return [str(contact.uri) for contact in self.registrar.contacts("1001", self.now)]


@pytest.mark.parametrize(
    ("lines", "to", "status"),
    [
        ((PHONE,), "sip:1002@hotline", 403),
        ((PHONE,), "sip:9999@hotline", 404),
        (("Contact: <sip:1001@192.0.2.10>;expires=5",), "sip:1001@hotline", 423),
        (("Contact: *", "Expires: 60"), "sip:1001@hotline", 400),
        (("Contact: *", PHONE, "Expires: 0"), "sip:1001@hotline", 400),
        (("Contact: <tel:1001>",), "sip:1001@hotline", 400),
        ((PHONE, "Require: gruu"), "sip:1001@hotline", 420),
    ],
)
def test_what_a_registrar_refuses_changes_nothing_and_is_never_6xx(
    lines: tuple[str, ...], to: str, status: int
) -> None:
    office = Office()
    assert office.register(PHONE).status == 200
    before = office.known()
    answer = office._ask(to, None, *lines)
    if answer.status == 401:  # others are refused before anybody is asked who they are
        answer = office.register(*lines, to=to)
    assert answer.status == status
    assert answer.headers.all("unsupported") == (["gruu"] if status == 420 else [])
    assert answer.headers.get("min-expires") == ("60" if status == 423 else None)
    assert office.known() == before


def test_the_name_of_a_record_is_compared_without_parameters_and_escapes() -> None:
    office = Office()
    assert office.register(PHONE, to="sip:%31001@hotline;transport=tcp;user=phone").status == 200
    assert office.known() == ["sip:1001@192.0.2.10:5060"]


def test_the_answer_lists_each_phone_with_what_is_left_of_its_time() -> None:
    office = Office()
    office.register("Contact: <sip:1001@192.0.2.10:5060>;expires=600")
    office.now = 100.0
    answer = office.register("Contact: <sip:1001@192.0.2.11>", "Expires: 120", call_id="other")
    listed = {str(c.uri): c.params["expires"] for c in answer.headers.contact}
    assert listed == {"sip:1001@192.0.2.10:5060": "500", "sip:1001@192.0.2.11": "120"}
    assert "record-route" not in answer.headers


@pytest.mark.parametrize(
    ("call_id", "cseq", "status", "left"),
    [("call-1", 49, 500, 1), ("call-1", 50, 500, 1), ("call-1", 51, 200, 0), ("new", 1, 200, 0)],
)
def test_a_phone_is_taken_out_by_a_later_word_of_its_own_or_by_any_of_another_call_id(
    call_id: str, cseq: int, status: int, left: int
) -> None:
    office = Office()
    office.register(PHONE, cseq=50)
    gone = office.register(f"{PHONE};expires=0", call_id=call_id, cseq=cseq)
    assert gone.status == status
    assert len(office.known()) == left


# -- ours, at a provider -----------------------------------------------------------


class AtProvider(OneStack):
    """A stack that registers at PEER."""

    def __init__(self) -> None:
        super().__init__()
        upstream = Upstream("carrier.example", None)
        plan = EnrolmentPlan(Login("us", "geheim"), 600, "urn:uuid:0-0")
        self.enrolment = Enrolment(plan, upstream)
        self.stack.take_on(self.enrolment, 0.0)
        upstream.located([PEER], 0.0)


def test_our_registration_has_every_field_and_a_request_uri_without_a_user() -> None:
    one = AtProvider()
    one.run(0.0)
    asked = one.last()
    assert isinstance(asked, Request) and asked.uri == "sip:carrier.example"
    headers = asked.headers
    assert headers.max_forwards == 70 and headers.via.unique
    assert headers.to.uri.user == headers.from_.uri.user == "us"
    assert headers.from_.tag and headers.to.tag is None
    assert "timer" in headers.all("supported") and "route" not in headers


def test_each_registration_of_ours_counts_one_more_and_leads_by_no_route() -> None:
    one = AtProvider()
    seen = []
    for until in (0.0, 300.0, 600.0):
        one.run(until)
        asked = one.last()
        seen.append((asked.headers.call_id, asked.headers.cseq.number))
        assert "route" not in asked.headers
        more = ("Expires: 600", "Record-Route: <sip:203.0.113.5;lr>")
        one.receive(reply(one.sent[-1][0], 200, contact=None, more=more), at=until)
    call_id = seen[0][0]
    assert seen == [(call_id, 1), (call_id, 2), (call_id, 3)]


def test_while_one_registration_of_ours_waits_no_other_is_sent() -> None:
    one = AtProvider()
    fired = one.run(31.9)
    assert {line for _, line in fired} == {"REGISTER"}
    assert one.stack.transactions() == 1
