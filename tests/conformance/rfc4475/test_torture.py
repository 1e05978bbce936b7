"""The torture messages of RFC 4475, each with what becomes of it.

`PARSES`: read whole, and the stack decides; the answer that it owes stands in
the reason. A number: refused by the parser with that status, and what could
be read suffices to send it. `DROPPED`: cannot be answered (a response, or no
way back), so it is only counted.
"""

from pathlib import Path

import pytest

from sip import sdp
from sip.message import REASONS, Malformed, Request, Response, parse, respond

MESSAGES = Path(__file__).parent / "messages"
PARSES, DROPPED = "parses", "dropped"

# fmt: off
EXPECTED: dict[str, tuple[str, str | int, str]] = {
    # file          section      becomes  because
    "wsinv":      ("3.1.1.1",   PARSES,  "folds, spaces and compact names wherever they may be"),
    "intmeth":    ("3.1.1.2",   PARSES,  "the method is a token, if a strange one: 405"),
    "esc01":      ("3.1.1.3",   PARSES,  "escapes in URIs"),
    "escnull":    ("3.1.1.4",   PARSES,  "an escaped NUL is part of the name"),
    "esc02":      ("3.1.1.5",   PARSES,  "escapes mean nothing in methods and header names: 405"),
    "lwsdisp":    ("3.1.1.6",   PARSES,  "no space is needed before <"),
    "longreq":    ("3.1.1.7",   PARSES,  "long values, 34 Vias"),
    "dblreq":     ("3.1.1.8",   PARSES,  "octets after the body are ignored (§18.3)"),
    "semiuri":    ("3.1.1.9",   PARSES,  "semicolons belong to the user part"),
    "transports": ("3.1.1.10",  PARSES,  "transports of other hops need not be known"),
    "mpart01":    ("3.1.1.11",  PARSES,  "a binary body: MESSAGE is not ours, 405"),
    "unreason":   ("3.1.1.12",  PARSES,  "a reason in UTF-8"),
    "noreason":   ("3.1.1.13",  PARSES,  "an empty reason"),
    "badinv01":   ("3.1.2.1",   400,     "parameters without names in Via and Contact"),
    "clerr":      ("3.1.2.2",   400,     "the body is shorter than Content-Length"),
    "ncl":        ("3.1.2.3",   400,     "Content-Length is negative"),
    "scalar02":   ("3.1.2.4",   400,     "CSeq is 2**31 or more"),
    "scalarlg":   ("3.1.2.5",   DROPPED, "CSeq is 2**31 or more, in a response"),
    "quotbal":    ("3.1.2.6",   400,     "the quote of a display name is never closed"),
    "ltgtruri":   ("3.1.2.7",   400,     "the Request-URI is in brackets"),
    "lwsruri":    ("3.1.2.8",   400,     "spaces in the Request-URI"),
    "lwsstart":   ("3.1.2.9",   400,     "more than one space in the request line"),
    "trws":       ("3.1.2.10",  400,     "spaces after the version"),
    "escruri":    ("3.1.2.11",  400,     "a Request-URI with headers"),
    "baddate":    ("3.1.2.12",  PARSES,  "Date is not used, so its zone cannot hurt"),
    "regbadct":   ("3.1.2.13",  400,     "a Contact with ? needs brackets"),
    "badaspec":   ("3.1.2.14",  400,     "spaces within the brackets"),
    "baddn":      ("3.1.2.15",  400,     "a comma in an unquoted display name"),
    "badvers":    ("3.1.2.16",  505,     "SIP/7.0"),
    "mismatch01": ("3.1.2.17",  400,     "CSeq counts another method"),
    "mismatch02": ("3.1.2.18",  400,     "CSeq counts another method, and the method is unknown"),
    "bigcode":    ("3.1.2.19",  DROPPED, "a status beyond 699"),
    "badbranch":  ("3.2.1",     PARSES,  "a bare cookie is no branch: matched as RFC 2543 does"),
    "insuf":      ("3.3.1",     400,     "no From, To, Call-ID"),
    "unkscm":     ("3.3.2",     PARSES,  "an unknown scheme in the Request-URI: 416"),
    "novelsc":    ("3.3.3",     PARSES,  "a scheme that is no address for calls: 416"),
    "unksm2":     ("3.3.4",     PARSES,  "unknown schemes elsewhere: 404 or 400 of the registrar"),
    "bext01":     ("3.3.5",     PARSES,  "Require of what nobody supports: 420"),
    "invut":      ("3.3.6",     PARSES,  "a body of unknown type: 415"),
    "regaut01":   ("3.3.7",     PARSES,  "an unknown authentication scheme: 401"),
    "multi01":    ("3.3.8",     400,     "two of what there must be one of"),
    "mcl01":      ("3.3.9",     400,     "two Content-Lengths that differ"),
    "bcast":      ("3.3.10",    PARSES,  "a second Via, not ours: the stack drops it (§8.1.3.3)"),
    "zeromf":     ("3.3.11",    PARSES,  "no hop is left: 483, or 200 for we are where it goes"),
    "cparam01":   ("3.3.12",    PARSES,  "an unknown parameter of the Contact"),
    "cparam02":   ("3.3.13",    PARSES,  "an unknown parameter of the Contact's URI"),
    "regescrt":   ("3.3.14",    PARSES,  "a Route escaped into a Contact's URI"),
    "sdp01":      ("3.3.15",    PARSES,  "Accept names nothing that we write: 406"),
    "inv2543":    ("3.4.1",     PARSES,  "RFC 2543: no branch, no tag, no Max-Forwards"),
    "test":       ("-",         400,     "neither version nor Via: 400 if anyone knew where to"),
}
# fmt: on

ANSWERED = sorted(name for name, row in EXPECTED.items() if isinstance(row[1], int))
READ = sorted(name for name, row in EXPECTED.items() if row[1] == PARSES)
LOST = sorted(name for name, row in EXPECTED.items() if row[1] == DROPPED)


def octets(name: str) -> bytes:
    return (MESSAGES / f"{name}.dat").read_bytes()


def request(name: str) -> Request:
    message = parse(octets(name))
    assert isinstance(message, Request)
    return message


def response(name: str) -> Response:
    message = parse(octets(name))
    assert isinstance(message, Response)
    return message


def test_each_message_has_its_row_and_each_row_its_message() -> None:
    assert sorted(EXPECTED) == sorted(file.stem for file in MESSAGES.glob("*.dat"))
    assert len(EXPECTED) == 50


@pytest.mark.parametrize("name", READ)
def test_this_one_is_read_and_written_alike(name: str) -> None:
    message = parse(octets(name))
    assert parse(bytes(message)) == message


@pytest.mark.parametrize("name", READ)
def test_this_one_could_be_answered(name: str) -> None:
    message = parse(octets(name))
    if isinstance(message, Request):
        answer = parse(bytes(respond(message, 500, to_tag="t")))
        assert answer.headers.all("Via") == message.headers.all("Via")
        assert answer.headers.cseq == message.headers.cseq


@pytest.mark.parametrize("name", ANSWERED)
def test_this_one_is_refused_with_its_status(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(octets(name))
    status = EXPECTED[name][1]
    broken = caught.value.request
    assert caught.value.status == status
    assert broken is not None
    assert isinstance(status, int)
    written = bytes(respond(broken, status, to_tag="t"))
    assert written.startswith(f"SIP/2.0 {status} {REASONS[status]}\r\n".encode())
    assert (b"\r\nVia: " in written) is (name != "test")


@pytest.mark.parametrize("name", LOST)
def test_this_one_is_dropped(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(octets(name))
    assert caught.value.request is None


def test_wsinv_in_full() -> None:
    message = request("wsinv")
    headers = message.headers
    assert message.uri == "sip:vivekg@chair-dnrc.example.com;unknownparam"
    assert (headers.to.uri.user, headers.to.tag) == ("vivekg", "1918181833n")
    assert (headers.from_.display, headers.from_.tag) == ('J Rosenberg \\"', "98asjd8")
    assert (headers.max_forwards, headers.content_length) == (68, 150)
    assert str(headers.cseq) == "9 INVITE"
    assert headers.get("Subject") == ""
    assert headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert headers.get("UnknownHeaderWithUnusualValue") == ";;,,;;,;"
    assert len(headers.all("Via")) == 3
    assert (headers.via.host, headers.via.branch, headers.via.unique) == (
        "192.0.2.2",
        "390skdjuw",
        False,
    )
    assert headers.routes[0].uri.params["unknownwith"] == "value"
    assert headers.contact[0].display == 'Quoted string ""'
    assert headers.contact[0].params == {"newparam": "newvalue", "secondparam": None, "q": "0.33"}
    assert len(message.body) == 150


def test_intmeth_in_full() -> None:
    message = request("intmeth")
    assert message.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert message.target.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert message.headers.to.display == "BEL: NUL: DEL:"
    assert message.headers.from_.display == "token1~` token2'+_ token3*%!.-"
    assert message.headers.from_.params["fromparam''~+*_!.-%"] == "работающий"
    assert message.headers.max_forwards == 255


def test_escapes_are_resolved_in_uris_and_nowhere_else() -> None:
    headers = request("esc01").headers
    assert headers.to.uri.user == "user"
    assert headers.from_.uri.user_text == "I have spaces"
    assert request("esc01").target.user_text == "sips:user@example.com"
    assert headers.contact[0].uri.params == {"lr": None, "name": "value%2541"}
    esc02 = request("esc02")
    assert esc02.method == "RE%47IST%45R"
    assert esc02.headers.to.display == "%Z%45"
    assert [contact.uri.user for contact in esc02.headers.contact] == ["alias1", "alias3"]


def test_names_with_an_escaped_nul_differ_by_their_number() -> None:
    one, two = request("escnull").headers.contact
    assert one.uri != two.uri
    assert "\x00" not in one.uri.user_text


def test_the_second_request_of_a_datagram_is_ignored() -> None:
    message = request("dblreq")
    assert (message.method, message.body) == ("REGISTER", b"")


def test_semicolons_may_belong_to_the_user() -> None:
    target = request("semiuri").target
    assert (target.user_text, target.host) == ("user;par=u@example.net", "example.com")
    assert target.params == {}
    assert request("semiuri").headers.all("Accept")[-1] == "message/sipfrag"


def test_parameters_of_contact_and_of_its_uri_are_told_apart() -> None:
    assert request("cparam01").headers.contact[0].params == {"unknownparam": None}
    assert request("cparam02").headers.contact[0].uri.params == {"unknownparam": None}
    assert (
        request("regescrt").headers.contact[0].uri.headers["Route"] == "%3Csip:sip.example.com%3E"
    )


def test_what_the_stack_needs_to_refuse_can_be_read() -> None:
    assert request("unkscm").target.scheme == "nobodyknowsthisscheme"
    assert request("novelsc").target.scheme == "soap.beep"
    assert request("unksm2").headers.to.uri.scheme == "isbn"
    assert request("bext01").headers.all("Require") == [
        "nothingSupportsThis",
        "nothingSupportsThisEither",
    ]
    assert request("invut").headers.get("Content-Type") == "application/unknownformat"
    assert request("zeromf").headers.max_forwards == 0
    assert request("sdp01").headers.all("Accept") == ["text/nobodyKnowsThis"]
    assert len(response("bcast").headers.all("Via")) == 2
    assert not request("badbranch").headers.via.unique
    assert not request("inv2543").headers.via.unique
    assert request("transports").headers.via.transport == "UDP"


def test_reasons_may_be_cyrillic_or_missing() -> None:
    assert response("unreason").reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    assert response("noreason").reason == ""


@pytest.mark.parametrize("name", ["wsinv", "esc01", "baddate", "longreq", "inv2543", "sdp01"])
def test_the_offers_within_can_be_answered(name: str) -> None:
    offer = sdp.parse(request(name).body)
    assert sdp.agree(offer, ["PCMA", "PCMU"]).codec.name == "PCMU"
