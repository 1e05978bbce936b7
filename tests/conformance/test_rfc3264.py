"""RFC 3264: what our answers and offers are, whatever is offered."""

import re

import pytest

from sip import sdp
from sip.sdp import NotAcceptable

HEAD = "v=0\r\no=alice 7 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
VOICE = "m=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
VIDEO = "m=video 40002 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
IMAGE = "m=image 40004 udptl t38\r\n"
CODECS = ("PCMA", "PCMU")


def answer(text: str, version: int = 1) -> str:
    offer = sdp.parse(text.encode())
    agreed = sdp.agree(offer, CODECS)
    return sdp.answer(offer, agreed, "192.0.2.1", 20000, 55, version).decode()


def streams(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("m=")]


@pytest.mark.parametrize("order", ["A", "AV", "VA", "VAI", "IVA", "VVAII", "AA", "AAV"])
def test_each_stream_offered_has_its_answer_in_its_place(order: str) -> None:
    kinds = {"A": VOICE, "V": VIDEO, "I": IMAGE}
    answered = streams(answer(HEAD + "".join(kinds[one] for one in order)))
    names = {"A": "audio", "V": "video", "I": "image"}
    assert [line[2:7] for line in answered] == [names[one] for one in order]
    first = order.index("A")
    ports = [int(line.split()[1]) for line in answered]
    assert ports == [20000 if place == first else 0 for place in range(len(order))]


def test_a_stream_that_was_offered_with_port_0_has_port_0_in_the_answer() -> None:
    gone = VOICE.replace("40000", "0")
    first, second = streams(answer(HEAD + gone + VOICE))
    assert first.split()[1] == "0" and second.split()[1] == "20000"


def test_an_offer_of_nothing_or_of_nothing_for_us_is_refused_as_a_whole() -> None:
    for offered in ("", VIDEO, VOICE.replace("40000", "0"), IMAGE):
        with pytest.raises(NotAcceptable) as refused:
            answer(HEAD + offered)
        assert refused.value.code == 304


@pytest.mark.parametrize("timing", ["0 0", "3034423619 3042462419"])
def test_the_answer_has_the_times_of_the_offer_and_an_origin_of_its_own(timing: str) -> None:
    said = answer(HEAD.replace("t=0 0", f"t={timing}") + VOICE)
    assert f"t={timing}\r\n" in said
    assert "o=- 55 1 IN IP4 192.0.2.1\r\n" in said


@pytest.mark.parametrize(
    ("offered", "allowed"),
    [
        ("", {"sendrecv"}),
        ("a=sendrecv\r\n", {"sendrecv"}),
        ("a=sendonly\r\n", {"recvonly", "inactive"}),
        ("a=recvonly\r\n", {"sendonly", "inactive"}),
        ("a=inactive\r\n", {"inactive"}),
    ],
)
def test_the_direction_is_the_mirror_of_the_offers(offered: str, allowed: set[str]) -> None:
    said = re.findall(
        r"^a=(sendrecv|sendonly|recvonly|inactive)\r$", answer(HEAD + VOICE + offered), re.M
    )
    assert len(said) == 1 and said[0] in allowed


@pytest.mark.parametrize("offered", ["", "a=sendrecv\r\n", "a=recvonly\r\n"])
def test_an_address_of_zeros_is_a_hold_and_nothing_is_sent_there(offered: str) -> None:
    held = HEAD.replace("c=IN IP4 192.0.2.10", "c=IN IP4 0.0.0.0") + VOICE + offered
    offer = sdp.parse(held.encode())
    assert not sdp.agree(offer, CODECS).sends
    assert "a=recvonly" in answer(held) or "a=inactive" in answer(held)


def test_the_formats_of_the_answer_are_among_those_of_the_offer_by_the_same_numbers() -> None:
    offered = (
        "m=audio 40000 RTP/AVP 97 8 18 120\r\na=rtpmap:97 opus/48000/2\r\n"
        "a=rtpmap:120 telephone-event/8000\r\na=fmtp:120 0-15\r\n"
    )
    said = answer(HEAD + offered)
    assert streams(said) == ["m=audio 20000 RTP/AVP 8 120"]
    assert "a=rtpmap:120 telephone-event/8000" in said


def test_a_dynamic_number_for_a_static_codec_is_kept_and_explained() -> None:
    offered = "m=audio 40000 RTP/AVP 110\r\na=rtpmap:110 PCMA/8000\r\n"
    said = answer(HEAD + offered)
    assert streams(said) == ["m=audio 20000 RTP/AVP 110"]
    assert "a=rtpmap:110 PCMA/8000" in said


def test_the_answer_keeps_the_kind_and_the_protocol_of_each_stream() -> None:
    said = streams(answer(HEAD + IMAGE + VOICE + VIDEO))
    assert [(line.split()[0], line.split()[2]) for line in said] == [
        ("m=image", "udptl"),
        ("m=audio", "RTP/AVP"),
        ("m=video", "RTP/AVP"),
    ]


def test_an_offer_that_repeats_itself_gets_the_same_answer() -> None:
    assert answer(HEAD + VOICE) == answer(HEAD.replace(" 7 1 ", " 7 2 ") + VOICE)


def test_our_offer_stands_for_one_stream_now_and_here() -> None:
    said = sdp.offer("192.0.2.1", 20000, CODECS, 55, 1).decode()
    assert streams(said) == ["m=audio 20000 RTP/AVP 8 0 101"]
    assert "t=0 0\r\n" in said and "c=IN IP4 192.0.2.1\r\n" in said
    assert "m=audio 0 " not in said


@pytest.mark.parametrize(
    "answered", [VOICE.replace("40000", "0"), "", "m=audio 40000 RTP/AVP 18\r\n"]
)
def test_an_answer_that_takes_nothing_of_our_offer_settles_nothing(answered: str) -> None:
    with pytest.raises(NotAcceptable):
        sdp.agreed_by_answer(sdp.parse((HEAD + answered).encode()))


def test_voice_goes_by_the_numbers_that_the_other_side_said() -> None:
    said = HEAD + "m=audio 40000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n"
    agreed = sdp.agreed_by_answer(sdp.parse(said.encode()))
    assert (agreed.codec.payload_type, agreed.event_payload) == (0, 96)
    assert (agreed.address, agreed.port) == ("192.0.2.10", 40000)
