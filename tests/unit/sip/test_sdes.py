"""SRTP in session descriptions (RFC 4568), shared ports (RFC 5761), and how long packets are."""

from base64 import b64encode

import pytest

from sip import sdes, sdp
from sip.sdes import Security

THEIRS, OURS = bytes(range(30)), bytes(range(30, 60))
INLINE = "inline:" + b64encode(THEIRS).decode()
GOOD = f"1 AES_CM_128_HMAC_SHA1_80 {INLINE}"
SECURE = ("m=audio 4000 RTP/SAVP 8", f"a=crypto:{GOOD}")
PLAIN = ("m=audio 4002 RTP/AVP 8",)


def described(*media: str) -> sdp.SessionDescription:
    return sdp.parse("\r\n".join(["v=0", "c=IN IP4 192.0.2.1", *media]).encode())


def answered(offer: sdp.SessionDescription, agreed: sdp.Agreed, address: str = "192.0.2.9") -> str:
    return sdp.answer(offer, agreed, address, 5000, 1, 1).decode()


@pytest.mark.parametrize(
    "value",
    [GOOD, GOOD + "|2^31", GOOD + "|1048576", GOOD + " WSH=128 -FUTURE", f"7{GOOD[1:]}  "],
)
def test_a_key_that_we_can_keep_to_is_taken(value: str) -> None:
    crypto = sdes.parse(value)
    assert crypto is not None and crypto.key == THEIRS and crypto.tag == int(value[0])
    assert "key" not in repr(crypto), "keys must not come into logs"


@pytest.mark.parametrize(
    "value",
    [
        "",
        GOOD.replace("_80", "_32"),
        GOOD.replace("AES_CM", "F8"),
        GOOD + "|2^31|1:4",  # an MKI
        GOOD + "|2^19",
        GOOD + "|soon",
        GOOD + " UNENCRYPTED_SRTP",
        GOOD + " KDR=1",
        GOOD + " FEC_ORDER=FEC_SRTP",
        GOOD + ";" + INLINE,
        GOOD[:-4],
        GOOD.replace("inline:", "uri:"),
        GOOD.replace("inline:", "inline:?"),
    ],
)
def test_a_key_that_we_could_not_keep_to_is_none(value: str) -> None:
    assert sdes.parse(value) is None


@pytest.mark.parametrize(
    ("policy", "media", "secure"),
    [
        ("off", PLAIN, False),
        ("off", SECURE, None),
        ("off", SECURE + PLAIN, False),
        ("optional", PLAIN, False),
        ("optional", SECURE, True),
        ("optional", PLAIN + SECURE, True),
        ("required", PLAIN, None),
        ("required", (*PLAIN, f"a=crypto:{GOOD}"), None),
        ("required", PLAIN + SECURE, True),
        ("required", SECURE[:1], None),
    ],
)
def test_the_policy_says_which_stream_is_taken(
    policy: sdes.Policy, media: tuple[str, ...], secure: bool | None
) -> None:
    offer, wish = described(*media), Security(policy, OURS)
    if secure is None:
        with pytest.raises(sdp.NotAcceptable) as caught:
            sdp.agree(offer, ["PCMA"], wish)
        assert caught.value.code == 304
        return
    agreed = sdp.agree(offer, ["PCMA"], wish)
    assert (agreed.secret is not None, agreed.port) == (secure, 4000 if secure else 4002)
    answer = sdp.parse(answered(offer, agreed).encode())
    ports = {stream.protocol: stream.port for stream in answer.streams}
    taken, other = ("RTP/SAVP", "RTP/AVP") if secure else ("RTP/AVP", "RTP/SAVP")
    assert ports[taken] == 5000 and ports.get(other, 0) == 0
    if secure:
        assert agreed.secret == sdes.Secret(1, THEIRS, OURS)
        assert answer.audio is not None and answer.audio.cryptos == (sdes.Crypto(1, OURS),)


def test_the_first_key_that_can_be_kept_to_is_answered_by_its_tag() -> None:
    bad, good = GOOD.replace("_80", "_32"), f"2{GOOD[1:]}"
    offer = described("m=audio 4000 RTP/SAVP 8", f"a=crypto:{bad}", f"a=crypto:{good}")
    agreed = sdp.agree(offer, ["PCMA"], Security("required", OURS))
    assert "\r\na=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:" in answered(offer, agreed)


def test_our_secure_offer_is_answered_securely_or_not_at_all() -> None:
    required, optional = Security("required", OURS), Security("optional", OURS)
    offer = sdp.parse(sdp.offer("192.0.2.9", 5000, ["PCMA"], 1, 1, required))
    assert [stream.protocol for stream in offer.streams] == ["RTP/SAVP"]
    assert offer.audio is not None and offer.audio.cryptos == (sdes.Crypto(1, OURS),)
    agreed = sdp.agreed_by_answer(described(*SECURE), ["PCMA"], required)
    assert agreed.secret == sdes.Secret(1, THEIRS, OURS)
    with pytest.raises(sdp.NotAcceptable):
        sdp.agreed_by_answer(described(*PLAIN), ["PCMA"], required)
    plain = sdp.parse(sdp.offer("192.0.2.9", 5000, ["PCMA"], 1, 1, optional))
    assert [stream.protocol for stream in plain.streams] == ["RTP/AVP"]
    with pytest.raises(sdp.NotAcceptable):
        sdp.agreed_by_answer(described(*SECURE), ["PCMA"], optional)


@pytest.mark.parametrize(
    ("lines", "sent"),
    [
        ((), 20),
        (("a=ptime:10",), 10),
        (("a=ptime:30",), 30),
        (("a=ptime:60",), 60),
        (("a=ptime:100",), 60),
        (("a=ptime:25",), 20),
        (("a=ptime:40", "a=maxptime:30"), 30),
    ],
)
def test_packets_are_as_long_as_the_peer_wishes(lines: tuple[str, ...], sent: int) -> None:
    offer = described(*PLAIN, *lines)
    agreed = sdp.agree(offer, ["PCMA"])
    assert agreed.ptime == sent
    assert f"a=ptime:{sent}\r\n" in answered(offer, agreed)


def test_a_shared_port_is_agreed_to_and_a_port_of_its_own_is_kept() -> None:
    shared = described(*PLAIN, "a=rtcp-mux")
    agreed = sdp.agree(shared, ["PCMA"])
    assert agreed.mux and "a=rtcp-mux\r\n" in answered(shared, agreed)
    apart = sdp.agree(described(*PLAIN, "a=rtcp:4100"), ["PCMA"])
    assert (apart.mux, apart.rtcp_port) == (False, 4100)
    assert "rtcp-mux" not in answered(shared, apart)
    for strange in ("4100 IN IP4 192.0.2.77", "x", "0", "70000"):
        assert sdp.agree(described(*PLAIN, f"a=rtcp:{strange}"), ["PCMA"]).rtcp_port is None


def test_g722_goes_by_its_historic_clock() -> None:
    offer = described("m=audio 4000 RTP/AVP 9 8")
    assert sdp.agree(offer, ["PCMA", "G722"]).codec == sdp.Codec(9, "G722", 8000)
    assert "a=rtpmap:9 G722/8000\r\n" in answered(offer, sdp.agree(offer, ["G722"]))
    wrong = described("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 G722/16000")
    with pytest.raises(sdp.NotAcceptable):
        sdp.agree(wrong, ["G722"])


def test_video_is_refused_and_the_voice_taken() -> None:
    offer = described("m=video 6000 RTP/SAVP 96", f"a=crypto:{GOOD}", *SECURE)
    agreed = sdp.agree(offer, ["PCMA"], Security("optional", OURS))
    answer = answered(offer, agreed, "2001:db8::9").split("\r\n")
    assert "m=video 0 RTP/SAVP 96" in answer and "m=audio 5000 RTP/SAVP 8" in answer
    assert "c=IN IP6 2001:db8::9" in answer
