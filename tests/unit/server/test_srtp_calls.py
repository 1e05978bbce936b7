"""Calls in secret, from the settings' policy to what the media worker is told."""

from base64 import b64encode
from ipaddress import ip_network

import pytest

from calls.events import Ended
from calls.reasons import Reason
from media import commands as media
from server.srtp_rules import SrtpRules
from server.trunk_rules import TrunkRules
from sip import sdp as descriptions
from sip.sdes import Policy
from tests.helpers.switchboard import AGENT, Switchboard, house, sdp

THEIRS = b64encode(bytes(range(30))).decode()


def secret(body: str, key: str = THEIRS) -> str:
    """Turn a plain description into a secret one."""
    crypto = f"a=crypto:4 AES_CM_128_HMAC_SHA1_80 inline:{key}\r\n"
    return body.replace("RTP/AVP", "RTP/SAVP") + crypto


def board(trunk: Policy = "off", phone: Policy = "off") -> Switchboard:
    networks = (ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8"))
    trunks = (
        TrunkRules("carrier", networks[:1], srtp=trunk),
        TrunkRules("other", networks[1:], srtp="required"),
    )
    return Switchboard(house=house(trunks=trunks, srtp=SrtpRules({AGENT: phone})))


def told(switchboard: Switchboard) -> media.ConnectLeg:
    command = switchboard.told(media.ConnectLeg)[-1]
    assert isinstance(command, media.ConnectLeg)
    return command


@pytest.mark.parametrize(
    ("policy", "offered_secret", "status"),
    [
        ("off", False, 200), ("off", True, 488),
        ("optional", False, 200), ("optional", True, 200),
        ("required", False, 488), ("required", True, 200),
    ],
)  # fmt: skip
def test_a_trunks_calls_are_as_secret_as_its_policy_says(
    policy: Policy, offered_secret: bool, status: int
) -> None:
    switchboard = board(policy)
    answer = switchboard.invite(body=secret(sdp()) if offered_secret else sdp())
    assert answer.status == status
    if status == 488:
        assert "304" in (answer.headers.get("Warning") or "")
        ended = switchboard.fact("Ended")
        assert isinstance(ended, Ended) and ended.reason is Reason.BAD_OFFER
        return
    command = told(switchboard)
    assert (command.key_in == THEIRS) == offered_secret
    agreed = descriptions.parse(answer.body).audio
    assert agreed is not None
    if offered_secret:
        assert [one.tag for one in agreed.cryptos] == [4]
        assert command.key_out == b64encode(agreed.cryptos[0].key).decode() != THEIRS
    else:
        assert (agreed.secure, command.key_out) == (False, None)


def test_no_two_calls_have_the_same_key() -> None:
    switchboard = board("required")
    keys = set()
    for call in ("one", "two", "three"):
        assert switchboard.invite(body=secret(sdp()), call_id=call).status == 200
        keys.add(told(switchboard).key_out)
    assert len(keys) == 3


def test_hold_and_resume_keep_our_key() -> None:
    switchboard = board("optional")
    switchboard.invite(body=secret(sdp()))
    switchboard.ack()
    before = told(switchboard)
    assert switchboard.reinvite(secret(sdp(direction="sendonly"))).status == 200
    after = told(switchboard)
    assert (after.key_in, after.key_out) == (before.key_in, before.key_out)
    assert after.sends is False


def test_a_phone_that_must_be_secret_is_offered_a_key_and_bound_by_it() -> None:
    switchboard = board(phone="required")
    switchboard.sign_in()
    switchboard.invite()
    switchboard.ack()
    switchboard.press("0")
    assert "RTP/SAVP" in switchboard.rung() and "a=crypto:1 " in switchboard.rung()
    switchboard.phone_says(200, secret(sdp(7100)))
    command = told(switchboard)
    assert command.leg != switchboard.caller_leg and command.key_in == THEIRS
    assert f"inline:{command.key_out}" in switchboard.rung()
    assert switchboard.told(media.Bridge)


def test_a_phone_that_answers_plainly_to_a_secret_offer_is_not_talked_to() -> None:
    switchboard = board(phone="required")
    switchboard.sign_in()
    switchboard.invite()
    switchboard.ack()
    switchboard.press("0")
    switchboard.phone_says(200, sdp(7100))
    assert switchboard.fact("OfferFailed").why == "phone_fault"  # type: ignore[union-attr]
    assert not switchboard.told(media.Bridge)
