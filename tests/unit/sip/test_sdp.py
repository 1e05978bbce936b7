"""Session descriptions (RFC 8866) and answers to offers (RFC 3264)."""

import pytest

from sip import sdp
from sip.grammar import Malformed
from sip.sdp import Audio, Codec, NotAcceptable

PCMA, PCMU = Codec(8, "PCMA", 8000), Codec(0, "PCMU", 8000)
FULL = """v=0
o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1
s=Call to 12345
i=unused
c=IN IP4 198.51.100.1
t=0 0
a=sendrecv
m=audio 49170 RTP/AVP 9 8 0 18 96 101 102 13
a=rtpmap:8 PCMA/8000
a=rtpmap:0 pcmu/8000/1
a=rtpmap:96 opus/48000/2
a=rtpmap:101 telephone-event/8000
a=rtpmap:102 telephone-event/16000
a=fmtp:101 0-15
a=ptime:30
m=video 51372 RTP/AVP 99
c=IN IP4 198.51.100.2
a=rtpmap:99 h263-1998/90000
a=sendonly
"""


def described(text: str) -> sdp.SessionDescription:
    return sdp.parse(text.replace("\n", "\r\n").encode())


def audio(text: str) -> Audio:
    found = described(text).audio
    assert found is not None
    return found


def minimal(
    *, connection: str = "IN IP4 192.0.2.1", media: str = "audio 4000 RTP/AVP 8", more: str = ""
) -> str:
    return f"v=0\nc={connection}\nm={media}\n{more}"


def lines(body: bytes) -> list[str]:
    assert body.endswith(b"\r\n")
    return body.decode().split("\r\n")[:-1]


def test_an_offer_as_phones_send_it() -> None:
    offer = described(FULL)
    assert offer.audio == Audio(
        "198.51.100.1",
        49170,
        (Codec(9, "G722", 8000), PCMA, PCMU, Codec(18, "G729", 8000)),
        101,
        30,
        "sendrecv",
    )
    assert offer.origin == sdp.Origin("jdoe", "3724394400", "3724394405", "198.51.100.1")
    assert [(stream.kind, stream.port) for stream in offer.streams] == [
        ("audio", 49170),
        ("video", 51372),
    ]
    assert offer.chosen == 0


def test_static_payload_types_need_no_rtpmap() -> None:
    assert audio(minimal(media="audio 4000 RTP/AVP 0 8 77")).codecs == (PCMU, PCMA)


def test_missing_optional_lines_and_lf_alone_are_borne() -> None:
    offer = sdp.parse(minimal().encode())
    assert offer.origin is None
    assert offer.audio == Audio("192.0.2.1", 4000, (PCMA,), None, 20, "sendrecv")


def test_a_streams_own_connection_and_direction_go_before_the_sessions() -> None:
    found = audio(
        "v=0\nc=IN IP4 192.0.2.1\na=sendonly\nm=audio 4000 RTP/AVP 8\n"
        "c=IN IP4 192.0.2.2\na=inactive\n"
    )
    assert (found.address, found.direction) == ("192.0.2.2", "inactive")


def test_ipv6() -> None:
    assert audio(minimal(connection="IN IP6 2001:DB8::1")).address == "2001:db8::1"


@pytest.mark.parametrize(
    ("connection", "attribute", "direction", "sends", "receives"),
    [
        ("IN IP4 192.0.2.1", "", "sendrecv", True, True),
        ("IN IP4 192.0.2.1", "a=sendonly\n", "sendonly", False, True),
        ("IN IP4 192.0.2.1", "a=recvonly\n", "recvonly", True, False),
        ("IN IP4 192.0.2.1", "a=inactive\n", "inactive", False, False),
        ("IN IP4 0.0.0.0", "", "sendonly", False, True),
        ("IN IP4 0.0.0.0", "a=sendonly\n", "sendonly", False, True),
        ("IN IP4 0.0.0.0", "a=recvonly\n", "inactive", False, False),
        ("IN IP6 ::", "", "sendonly", False, True),
    ],
)
def test_hold_says_who_may_speak(
    connection: str, attribute: str, direction: str, sends: bool, receives: bool
) -> None:
    offer = described(minimal(connection=connection, more=attribute))
    assert offer.audio is not None
    assert offer.audio.direction == direction
    agreed = sdp.agree(offer, ["PCMA"])
    assert (agreed.sends, agreed.receives) == (sends, receives)


@pytest.mark.parametrize(
    ("sends", "receives", "direction"),
    [
        (True, True, "sendrecv"),
        (False, True, "recvonly"),
        (True, False, "sendonly"),
        (False, False, "inactive"),
    ],
)
def test_an_answer_mirrors_the_direction(sends: bool, receives: bool, direction: str) -> None:
    offer = described(minimal())
    agreed = sdp.Agreed(PCMA, None, "192.0.2.1", 4000, sends, receives)
    answered = sdp.parse(sdp.answer(offer, agreed, "192.0.2.9", 5000, 1, 1))
    assert answered.audio is not None
    assert answered.audio.direction == direction


@pytest.mark.parametrize(
    ("ptime", "milliseconds"),
    [("20", 20), ("30.0", 30), ("60 ", 60), ("5", 20), ("9999", 20), ("x", 20), ("", 20)],
)
def test_an_unlikely_ptime_is_taken_for_the_usual(ptime: str, milliseconds: int) -> None:
    assert audio(minimal(more=f"a=ptime:{ptime}\n")).ptime == milliseconds


def test_the_peers_preference_decides() -> None:
    offer = described(FULL)
    assert sdp.agree(offer, ["PCMU", "PCMA"]).codec == PCMA
    assert sdp.agree(offer, ["pcmu"]).codec == PCMU
    agreed = sdp.agree(offer, ["PCMA"])
    assert (agreed.event_payload, agreed.address, agreed.port) == (101, "198.51.100.1", 49170)


def test_no_common_codec_says_what_is_ours() -> None:
    with pytest.raises(NotAcceptable) as caught:
        sdp.agree(described(minimal(media="audio 4000 RTP/AVP 18")), ["PCMA", "PCMU"])
    assert caught.value.ours == ("PCMA", "PCMU")
    assert caught.value.warning("hotline") == (
        '305 hotline "Incompatible media format; we speak PCMA, PCMU"'
    )


@pytest.mark.parametrize(
    "media",
    ["video 4000 RTP/AVP 31", "audio 0 RTP/AVP 8", "audio 4000 RTP/SAVP 8", "image 4000 udptl t38"],
)
def test_no_stream_that_we_could_take_says_so(media: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        sdp.agree(described(minimal(media=media)), ["PCMA"])
    assert caught.value.code == 304


def test_a_codec_of_the_right_name_and_wrong_rate_or_channels_is_another() -> None:
    wide = minimal(media="audio 4000 RTP/AVP 97", more="a=rtpmap:97 PCMA/16000\n")
    stereo = minimal(media="audio 4000 RTP/AVP 97", more="a=rtpmap:97 PCMA/8000/2\n")
    for text in (wide, stereo):
        with pytest.raises(NotAcceptable):
            sdp.agree(described(text), ["PCMA"])


def test_a_dynamic_payload_type_keeps_its_number_in_the_answer() -> None:
    offer = described(
        minimal(
            media="audio 4000 RTP/AVP 97 110",
            more="a=rtpmap:97 PCMA/8000\na=rtpmap:110 telephone-event/8000\n",
        )
    )
    answer = sdp.answer(offer, sdp.agree(offer, ["PCMA"]), "192.0.2.9", 5000, 1, 2)
    assert lines(answer)[5:] == [
        "m=audio 5000 RTP/AVP 97 110",
        "a=rtpmap:97 PCMA/8000",
        "a=rtpmap:110 telephone-event/8000",
        "a=fmtp:110 0-15",
        "a=ptime:20",
        "a=sendrecv",
    ]


def test_an_answer_refuses_the_other_streams_in_their_places() -> None:
    text = (
        "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\nc=IN IP4 192.0.2.1\nt=2873397496 2873404696\n"
        "m=video 51372 RTP/AVP 31 99\nm=audio 0 RTP/AVP 0\nm=audio 4000 RTP/AVP 8\n"
        "m=audio 4002/2 RTP/AVP 8\nm=application 9 UDP/TLS/X\n"
    )
    offer = described(text)
    answer = sdp.answer(offer, sdp.agree(offer, ["PCMA"]), "2001:db8::9", 5000, 12, 13)
    assert lines(answer) == [
        "v=0",
        "o=- 12 13 IN IP6 2001:db8::9",
        "s=-",
        "c=IN IP6 2001:db8::9",
        "t=2873397496 2873404696",
        "m=video 0 RTP/AVP 31 99",
        "m=audio 0 RTP/AVP 0",
        "m=audio 5000 RTP/AVP 8",
        "a=rtpmap:8 PCMA/8000",
        "a=ptime:20",
        "a=sendrecv",
        "m=audio 0 RTP/AVP 8",
        "m=application 0 UDP/TLS/X 0",
    ]


def test_our_offer_can_be_read_back() -> None:
    offer = sdp.parse(sdp.offer("192.0.2.9", 5000, ["PCMA", "PCMU", "G722"], 1, 1))
    codecs = (PCMA, PCMU, Codec(9, "G722", 8000))
    assert offer.audio == Audio("192.0.2.9", 5000, codecs, 101, 20, "sendrecv", mux=True)


def test_an_answer_to_our_offer_settles_codec_and_keys() -> None:
    agreed = sdp.agreed_by_answer(described(FULL))
    assert (agreed.codec, agreed.event_payload) == (PCMA, 101)
    with pytest.raises(NotAcceptable):
        sdp.agreed_by_answer(described(minimal(media="audio 0 RTP/AVP 8")))
    with pytest.raises(NotAcceptable):
        sdp.agreed_by_answer(described(FULL), ["OPUS"])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 400),
        ("hello", 400),
        ("v=1\n", 400),
        ("v=0\nnonsense\n", 400),
        ("v=0\nm =audio 1 RTP/AVP 0\n", 400),
        (minimal(media="audio x RTP/AVP 8"), 400),
        (minimal(media="audio 65536 RTP/AVP 8"), 400),
        (minimal(media="audio"), 400),
        (minimal(media="au\rdio 4000 RTP/AVP 8"), 400),
        ("v=0\nm=audio 4000 RTP/AVP 8\n", 400),
        (minimal(connection="IN IP4"), 400),
        (minimal(connection="ATM NSAP 47"), 400),
        (minimal(connection="IN IP4 phone.example.com"), 488),
        (minimal(connection="IN IP4 224.2.1.1/127"), 488),
        (minimal(connection="IN IP6 fe80::1%eth0"), 488),
        ("v=0\n" + "m=video 1 RTP/AVP 1\n" * 33, 488),
        ("v=0\n" + "a=x\n" * 600, 413),
        ("v=0\n" + "a=" + "x" * 20000, 413),
    ],
)
def test_a_broken_description_says_what_to_answer(text: str, status: int) -> None:
    with pytest.raises(Malformed) as caught:
        sdp.parse(text.encode())
    assert caught.value.status == status


@pytest.mark.parametrize(
    "line", ["a=rtpmap:x", "a=rtpmap:999 A/8000", "o=x", "t=x", "b=AS:64", "a=", "z=0"]
)
def test_lines_that_say_nothing_we_use_are_passed_over(line: str) -> None:
    assert audio(minimal(more=f"{line}\n")).codecs == (PCMA,)


def test_payload_types_out_of_range_are_passed_over() -> None:
    assert audio(minimal(media="audio 4000 RTP/AVP 128 abc 8 9999")).codecs == (PCMA,)
