"""Registration (RFC 3261 §10.3)."""

import pytest

from sip.binding import Contact
from sip.digest import Challenge, Login, authorize
from sip.flow import Flow
from sip.message import Request, Response, parse
from sip.registrar import (
    PhoneGone,
    PhoneRegistered,
    Registrar,
    RegistrarEvent,
    RegistrarLimits,
)
from sip.uri import Uri

SOURCE = ("203.0.113.7", 40123)
PHONE = "sip:1001@10.0.0.5:5060"


def registrar(**limits: int) -> Registrar:
    accounts = {"1001": "secret", "1002": "other"}
    return Registrar("hotline", accounts, ["SHA-256", "MD5"], RegistrarLimits(**limits), b"key")


def register(
    *lines: str, cseq: int = 1, call_id: str = "reg1", to: str = "1001", method: str = "REGISTER"
) -> Request:
    head = (
        f"{method} sip:hotline SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKa;rport",
        "Max-Forwards: 70",
        f"From: <sip:{to}@hotline>;tag=f1",
        f"To: <sip:{to}@hotline>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} {method}",
    )
    message = parse("\r\n".join((*head, *lines, "", "")).encode())
    assert isinstance(message, Request)
    return message


def proven(office: Registrar, request: Request, now: float, *, user: str = "1001") -> Request:
    """Return the request with credentials for a fresh challenge."""
    asked = office.authenticate(register(method=request.method), now)
    assert isinstance(asked, Response)
    challenge = Challenge.parse(asked.headers.all("WWW-Authenticate")[0])
    login = Login(user, {"1001": "secret", "1002": "other"}[user])
    request.headers.add(
        "Authorization", authorize(challenge, login, request.method, request.uri, "c", 1)
    )
    return request


def signed(
    office: Registrar, *lines: str, now: float = 0.0, cseq: int = 1, call_id: str = "reg1"
) -> tuple[Response, list[RegistrarEvent]]:
    """Send a proven REGISTER of user 1001."""
    request = proven(office, register(*lines, cseq=cseq, call_id=call_id), now)
    return office.receive(request, SOURCE, now)


def test_a_stranger_is_asked_to_prove_who_it_is() -> None:
    office = registrar()
    response, events = office.receive(register(f"Contact: <{PHONE}>"), SOURCE, 0.0)
    challenges = [Challenge.parse(v) for v in response.headers.all("WWW-Authenticate")]
    assert (response.status, events) == (401, [])
    assert [challenge.algorithm for challenge in challenges] == ["SHA-256", "MD5"]
    assert not challenges[0].stale
    assert response.headers.to.tag is not None
    assert office.contacts("1001", 0.0) == []
    assert office.counters["challenged"] == 1


def test_a_phone_is_remembered_at_the_address_it_sent_from() -> None:
    office = registrar()
    response, events = signed(office, f"Contact: <{PHONE}>", "Expires: 300", now=100.0)
    assert response.status == 200
    assert response.headers.all("Contact") == [f"<{PHONE}>;expires=300"]
    assert events == [PhoneRegistered("1001", Uri.parse(PHONE), SOURCE, 400.0)]
    assert office.contacts("1001", 399.0) == [
        Contact("1001", Uri.parse(PHONE), SOURCE, 400.0, "reg1", 1)
    ]
    assert office.contacts("1001", 400.0) == []
    assert office.counters["registered"] == 1


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ([f"Contact: <{PHONE}>"], 600),
        ([f"Contact: <{PHONE}>", "Expires: 120"], 120),
        ([f"Contact: <{PHONE}>;expires=90", "Expires: 120"], 90),
        ([f"Contact: <{PHONE}>", "Expires: 999999999999999"], 3600),
        ([f"Contact: <{PHONE}>;expires=soon"], 3600),
    ],
)
def test_how_long_a_phone_is_kept(lines: list[str], seconds: int) -> None:
    office = registrar()
    response, _ = signed(office, *lines)
    assert response.headers.all("Contact") == [f"<{PHONE}>;expires={seconds}"]
    assert office.next_deadline() == float(seconds)


def test_too_short_a_time_is_refused_with_the_least() -> None:
    office = registrar()
    response, events = signed(office, f"Contact: <{PHONE}>;expires=59")
    assert (response.status, events) == (423, [])
    assert response.headers.get("Min-Expires") == "60"
    assert office.contacts("1001", 0.0) == []


def test_no_contact_asks_for_the_list() -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>, <sip:1001@10.0.0.6>;expires=120")
    response, events = signed(office, now=20.0, cseq=2)
    assert response.headers.all("Contact") == [
        "<sip:1001@10.0.0.6>;expires=100",
        f"<{PHONE}>;expires=580",
    ]
    assert events == []


def test_a_refresh_moves_the_expiry_and_comes_first() -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>")
    signed(office, "Contact: <sip:1001@10.0.0.6>", cseq=1, call_id="reg2", now=10.0)
    _, events = signed(office, f"Contact: <{PHONE}>", cseq=2, now=20.0)
    assert events == [PhoneRegistered("1001", Uri.parse(PHONE), SOURCE, 620.0)]
    assert [contact.uri.host for contact in office.contacts("1001", 20.0)] == [
        "10.0.0.5",
        "10.0.0.6",
    ]


def test_expires_0_signs_one_phone_off() -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>, <sip:1001@10.0.0.6>")
    response, events = signed(office, f"Contact: <{PHONE}>;expires=0", cseq=2)
    assert events == [PhoneGone("1001", Uri.parse(PHONE))]
    assert response.headers.all("Contact") == ["<sip:1001@10.0.0.6>;expires=600"]
    assert office.counters["removed"] == 1
    _, events = signed(office, f"Contact: <{PHONE}>;expires=0", cseq=3)
    assert events == []


def test_a_star_signs_all_phones_off() -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>, <sip:1001@10.0.0.6>")
    response, events = signed(office, "Contact: *", "Expires: 0", cseq=2)
    assert (response.status, response.headers.all("Contact")) == (200, [])
    assert {str(event.contact) for event in events} == {PHONE, "sip:1001@10.0.0.6"}
    assert office.contacts("1001", 0.0) == []
    assert office.next_deadline() is None


@pytest.mark.parametrize(
    "lines", [["Contact: *"], ["Contact: *", "Expires: 60"], ["Contact: *", "Expires: x"]]
)
def test_a_star_without_expires_0_is_refused(lines: list[str]) -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>")
    assert signed(office, *lines, cseq=2)[0].status == 400
    assert len(office.contacts("1001", 0.0)) == 1


@pytest.mark.parametrize("lines", [[f"Contact: <{PHONE}>;expires=0"], ["Contact: *", "Expires: 0"]])
@pytest.mark.parametrize(
    ("cseq", "call_id", "status"),
    [(5, "reg1", 500), (4, "reg1", 500), (6, "reg1", 200), (1, "reg2", 200)],
)
def test_what_is_older_than_what_we_know_changes_nothing(
    lines: list[str], cseq: int, call_id: str, status: int
) -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>", cseq=5)
    assert signed(office, *lines, cseq=cseq, call_id=call_id)[0].status == status
    assert len(office.contacts("1001", 0.0)) == (1 if status == 500 else 0)


def test_a_register_changes_all_or_nothing() -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>")
    response, _ = signed(office, f"Contact: <{PHONE}>;expires=0, <sip:1001@b>;expires=5", cseq=2)
    assert response.status == 423
    assert [contact.uri.host for contact in office.contacts("1001", 0.0)] == ["10.0.0.5"]


def test_one_phone_too_many_and_the_one_longest_silent_makes_way() -> None:
    office = registrar(contacts=2)
    signed(office, "Contact: <sip:1001@a>", call_id="a")
    signed(office, "Contact: <sip:1001@b>", call_id="b")
    signed(office, "Contact: <sip:1001@a>", call_id="a", cseq=2)
    _, events = signed(office, "Contact: <sip:1001@c>", call_id="c")
    assert events[1:] == [PhoneGone("1001", Uri.parse("sip:1001@b"))]
    assert [contact.uri.host for contact in office.contacts("1001", 0.0)] == ["c", "a"]


def test_more_phones_at_once_than_a_user_may_have_are_refused() -> None:
    office = registrar(contacts=2)
    assert signed(office, *[f"Contact: <sip:1001@{host}>" for host in "abc"])[0].status == 403


@pytest.mark.parametrize("contact", ["<tel:+8610>", "<name:John_Smith>", "<http://x.example>"])
def test_a_phone_that_is_no_sip_phone_is_refused(contact: str) -> None:
    assert signed(registrar(), f"Contact: {contact}")[0].status == 400


def test_header_fields_in_a_contact_are_dropped() -> None:
    office = registrar()
    for cseq in (1, 2):
        response, _ = signed(office, f"Contact: <{PHONE}?Route=%3Csip:x%3E>", cseq=cseq)
        assert response.headers.all("Contact") == [f"<{PHONE}>;expires=600"]


def test_a_contact_that_cannot_be_read_is_refused() -> None:
    office = registrar()
    request = register("Expires: 60")
    request.headers.add("Contact", "<sip:1001@>")
    response, _ = office.receive(proven(office, request, 0.0), SOURCE, 0.0)
    assert response.status == 400
    assert office.counters["refused"] == 1


@pytest.mark.parametrize(("owner", "status"), [("1002", 403), ("1009", 404)])
def test_nobody_registers_for_another(owner: str, status: int) -> None:
    office = registrar()
    request = proven(office, register(f"Contact: <{PHONE}>", to=owner), 0.0)
    response, events = office.receive(request, SOURCE, 0.0)
    assert (response.status, events) == (status, [])
    assert office.contacts(owner, 0.0) == []


def test_an_old_nonce_is_told_from_a_wrong_password() -> None:
    office = registrar()
    request = proven(office, register(f"Contact: <{PHONE}>"), 0.0)
    response, _ = office.receive(request, SOURCE, 301.0)
    assert response.status == 401
    assert Challenge.parse(response.headers.all("WWW-Authenticate")[0]).stale
    wrong = register(f"Contact: <{PHONE}>", to="1002")
    wrong.headers.add(
        "Authorization", request.headers.all("Authorization")[0].replace("1001", "1002")
    )
    response, _ = office.receive(wrong, SOURCE, 0.0)
    assert response.status == 401
    assert not Challenge.parse(response.headers.all("WWW-Authenticate")[0]).stale
    assert (office.counters["stale"], office.counters["wrong"]) == (1, 1)


def test_a_replayed_register_is_not_taken() -> None:
    office = registrar()
    request = proven(office, register(f"Contact: <{PHONE}>"), 0.0)
    assert office.receive(request, SOURCE, 0.0)[0].status == 200
    assert office.receive(request, ("198.51.100.66", 5060), 1.0)[0].status == 401
    assert office.contacts("1001", 1.0)[0].source == SOURCE


def test_a_phone_that_falls_silent_is_gone_when_its_time_is_over() -> None:
    office = registrar()
    signed(office, f"Contact: <{PHONE}>;expires=60, <sip:1001@b>;expires=120")
    assert office.next_deadline() == 60.0
    assert office.tick(59.9) == []
    assert office.tick(60.0) == [PhoneGone("1001", Uri.parse(PHONE))]
    assert office.next_deadline() == 120.0
    _, events = signed(office, now=200.0, cseq=2)
    assert events == [PhoneGone("1001", Uri.parse("sip:1001@b"))]
    assert office.counters["expired"] == 2
    assert office.tick(300.0) == []


def test_phones_are_kept_over_a_restart_but_not_those_of_users_gone() -> None:
    before, after = registrar(), registrar()
    signed(before, f"Contact: <{PHONE}>")
    kept = before.everybody()
    after.restore([*kept, Contact("1999", Uri.parse("sip:1999@b"), SOURCE, 600.0, "x", 1)])
    assert after.contacts("1001", 0.0) == kept
    assert after.everybody() == kept
    assert after.next_deadline() == 600.0


def test_other_requests_are_proven_too() -> None:
    office = registrar()
    invite = register(method="INVITE")
    asked = office.authenticate(invite, 0.0)
    assert isinstance(asked, Response)
    assert asked.status == 401
    assert office.authenticate(proven(office, invite, 0.0, user="1002"), 0.0) == "1002"


def test_a_proxys_challenge_has_its_own_names() -> None:
    office = registrar()
    invite = register(method="INVITE")
    asked = office.authenticate(invite, 0.0, proxy=True)
    assert isinstance(asked, Response)
    assert (asked.status, "WWW-Authenticate" in asked.headers) == (407, False)
    challenge = Challenge.parse(asked.headers.all("Proxy-Authenticate")[0])
    value = authorize(challenge, Login("1001", "secret"), "INVITE", invite.uri, "c", 1)
    invite.headers.add("Proxy-Authorization", value)
    assert office.authenticate(invite, 0.0, proxy=True) == "1001"


def test_a_repeated_request_is_answered_with_the_same_tag() -> None:
    office = registrar()
    answers = [office.receive(register(), SOURCE, float(i))[0] for i in range(2)]
    assert answers[0].headers.to.tag == answers[1].headers.to.tag
    other, _ = office.receive(register(call_id="reg9"), SOURCE, 0.0)
    assert other.headers.to.tag != answers[0].headers.to.tag


def over_tcp(office: Registrar, contact: str, connection: int, cseq: int) -> None:
    """Register a phone by a connection from 10.0.0.5, port 41000."""
    source = Flow("10.0.0.5", 41000, "TCP", 1, connection)
    request = proven(office, register(f"Contact: <{contact}>", cseq=cseq), 0.0)
    office.receive(request, source, 0.0)


@pytest.mark.parametrize(
    "contact",
    [
        "sip:1001@192.168.1.7:5060;transport=tcp",  # behind NAT
        "sip:1001@10.0.0.5:41000;transport=tcp",  # the connection's own port
        "sip:1001@10.0.0.5:5060;transport=tcp;ob",  # says so (RFC 5626 §4.1)
    ],
)
def test_a_phone_that_only_its_connection_led_to_is_gone_with_it(contact: str) -> None:
    office = registrar()
    over_tcp(office, contact, 7, 1)
    assert office.disconnected(6) == []
    assert office.disconnected(7) == [PhoneGone("1001", Uri.parse(contact))]
    assert office.contacts("1001", 1.0) == []
    assert (office.next_deadline(), office.reaches("10.0.0.5")) == (None, False)
    assert office.disconnected(7) == []


def test_a_phone_that_listens_where_it_says_outlives_its_connection() -> None:
    office = registrar()
    over_tcp(office, "sip:1001@10.0.0.5:5060;transport=tcp", 7, 1)
    assert office.disconnected(7) == []
    assert len(office.contacts("1001", 1.0)) == 1


def test_a_phone_that_came_back_by_another_connection_stays() -> None:
    office = registrar()
    over_tcp(office, "sip:1001@192.168.1.7:5060;transport=tcp", 7, 1)
    over_tcp(office, "sip:1001@192.168.1.7:5060;transport=tcp", 8, 2)
    assert office.disconnected(7) == []
    assert len(office.contacts("1001", 1.0)) == 1


def test_a_record_route_in_a_register_leads_nowhere() -> None:
    """RFC 3261 §10.3: no dialog comes of it; Path is what leads to a phone."""
    office = registrar()
    route = "Record-Route: <sip:proxy.example;lr>"
    response, _ = signed(office, f"Contact: <{PHONE}>", route)
    assert response.status == 200
    assert response.headers.all("Record-Route") == []
    (contact,) = office.contacts("1001", 1.0)
    assert (contact.path, contact.source) == ((), SOURCE)
    assert office.routes("1001", PHONE, 1.0) == []
