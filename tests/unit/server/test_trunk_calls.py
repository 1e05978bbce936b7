"""What a trunk may bring: each refusal has its own reason, and each call the trunk's rules."""

from ipaddress import ip_network
from itertools import count

from calls.events import Arrived, Ended
from calls.ids import LegId
from calls.reasons import Reason
from media import commands as media
from server.trunk_rules import Gate, TrunkRules, trunk_at
from sip.digest import Challenge, Login, Nonces, Realm, authorize
from sip.numbers import NumberPattern, Rewrite
from tests.helpers.switchboard import Switchboard, house, sdp

LOOPBACK = (ip_network("127.0.0.0/8"),)


def board_with(**rules: object) -> Switchboard:
    trunk = TrunkRules("carrier", LOOPBACK, **rules)  # type: ignore[arg-type]
    return Switchboard(house=house(trunks=(trunk,)))


def reasons(board: Switchboard) -> list[Reason]:
    return [fact.reason for fact in board.facts if isinstance(fact, Ended)]


def patterns(*texts: str) -> tuple[NumberPattern, ...]:
    return tuple(map(NumberPattern, texts))


def test_the_narrower_network_says_whose_call_it_is() -> None:
    wide = TrunkRules("wide", (ip_network("10.0.0.0/8"),))
    narrow = TrunkRules("narrow", (ip_network("10.1.2.3/32"), ip_network("2001:db8::/32")))
    for trunks in ((wide, narrow), (narrow, wide)):
        assert trunk_at("10.1.2.3", trunks) is narrow
        assert trunk_at("10.1.2.4", trunks) is wide
        assert trunk_at("2001:db8::1", trunks) is narrow
        assert trunk_at("192.0.2.1", trunks) is None
        assert trunk_at("not an address", trunks) is None


def test_a_number_that_the_trunk_may_not_bring_is_barred() -> None:
    board = board_with(called=patterns("96xxx"))
    assert board.invite().status == 403
    assert reasons(board) == [Reason.BARRED]


def test_a_caller_that_the_trunk_may_not_bring_is_barred() -> None:
    board = board_with(callers=patterns("0571*"))
    assert board.invite().status == 403
    assert reasons(board) == [Reason.BARRED]


def test_numbers_are_brought_into_our_form_before_anything_is_asked_of_them() -> None:
    board = board_with(
        called=patterns("12345"),
        called_rules=(Rewrite(NumberPattern("057712345"), strip=4),),
        callers=patterns("0*"),
        caller_rules=(Rewrite(NumberPattern("13900000000"), add="0"),),
    )
    assert board.invite("057712345").status == 200
    (arrived,) = [fact for fact in board.facts if isinstance(fact, Arrived)]
    assert (arrived.caller, arrived.dialled) == ("013900000000", "12345")


def test_one_call_more_than_the_trunk_may_have_is_asked_to_come_back() -> None:
    board = board_with(max_calls=1)
    assert board.invite(call_id="one").status == 200
    answer = board.invite(call_id="two")
    assert (answer.status, answer.headers.get("Retry-After")) == (503, "10")
    assert reasons(board) == [Reason.TRUNK_FULL]


def test_calls_that_went_out_by_a_trunk_count_as_its_own() -> None:
    board = board_with(max_calls=1)
    board.control.trunks._placed[LegId("out")] = "carrier"
    board.control.trunks.is_up = lambda leg: leg == "out"
    assert board.invite().status == 503
    assert reasons(board) == [Reason.TRUNK_FULL]


def test_more_calls_a_second_than_the_trunk_may_bring_are_refused_until_the_next() -> None:
    board = board_with(max_rate=2)
    answers = [board.invite(call_id=f"c{n}").status for n in range(3)]
    assert answers == [200, 200, 503]
    assert reasons(board) == [Reason.TRUNK_RATE]
    board.now += 0.5
    assert board.invite(call_id="later").status == 200


def test_the_trunks_codecs_are_offered_and_taken_instead_of_the_sites() -> None:
    board = board_with(codecs=("PCMU",))
    answer = board.invite(body=sdp(formats="8 0 101"))
    assert b"RTP/AVP 0 101" in answer.body
    answer = board.invite(call_id="two", body=sdp(formats="8"))
    assert answer.status == 488
    assert reasons(board) == [Reason.NO_COMMON_CODEC]


def terms(board: Switchboard, formats: str) -> tuple[int | None, bool]:
    board.invite(body=sdp(formats=formats))
    connected = board.told(media.ConnectLeg)[-1]
    return connected.event_payload, connected.tones


def test_keys_come_as_the_trunk_brings_them() -> None:
    assert terms(board_with(), "8 101") == (101, False)
    assert terms(board_with(), "8") == (None, True)
    assert terms(board_with(dtmf="rfc4733"), "8") == (None, False)
    assert terms(board_with(dtmf="inband"), "8 101") == (None, True)
    assert terms(board_with(dtmf="info"), "8 101") == (None, False)


def test_a_trunk_must_prove_who_it_is_where_the_settings_ask_for_it() -> None:
    board = board_with(inbound_user="carrier1")
    realm = Realm("trunks", {"carrier1": "geheim", "other": "x"}, ("SHA-256",), Nonces(b"s" * 32))
    board.control.gate = Gate(realm)
    tries = count()

    def proven(user: str, password: str) -> int:
        asked = board.invite(call_id=f"asked{next(tries)}")
        assert asked.status == 401
        challenge = Challenge.parse(asked.headers.get("WWW-Authenticate") or "")
        login = Login(user, password)
        proof = authorize(challenge, login, "INVITE", "sip:12345@127.0.0.1", "c", 1)
        more = (("Authorization", proof),)
        return board.invite(call_id=f"again{next(tries)}", more=more).status

    assert proven("carrier1", "wrong") == 401
    assert proven("other", "x") == 401
    assert proven("carrier1", "geheim") == 200
    assert reasons(board) == []
    assert board.control.refused[Reason.FORBIDDEN] == 5


def test_without_a_password_nobody_proves_to_be_the_trunk() -> None:
    assert board_with(inbound_user="carrier1").invite().status == 403
