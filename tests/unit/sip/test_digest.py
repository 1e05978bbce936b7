"""Digest (RFC 7616, RFC 8760): their examples, and what must not be accepted."""

import hashlib

import pytest

from sip.digest import (
    Challenge,
    Credentials,
    Login,
    Nonces,
    Proof,
    Realm,
    authorize,
    choose,
    kept_secret,
    parse_fields,
)
from sip.grammar import Malformed

MUFASA = Login("Mufasa", "Circle of Life")
NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
URI = "sip:hotline"


def realm(**accounts: object) -> Realm:
    known = accounts or {"1001": "secret", "1002": {"MD5": kept_secret("1002", "h", "pw", "MD5")}}
    return Realm("h", known, ["SHA-256", "MD5"], Nonces(b"key", lifetime=300.0))  # type: ignore[arg-type]


def claim(challenge: str, *, user: str = "1001", password: str = "secret", count: int = 1) -> str:
    return authorize(
        Challenge.parse(challenge), Login(user, password), "REGISTER", URI, "abc", count
    )


def check(guard: Realm, value: str, now: float = 1000.0) -> tuple[Proof, str | None]:
    return guard.check([value], "REGISTER", now)


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_rfc_7616_section_3_9_1(algorithm: str, response: str) -> None:
    challenge = Challenge.parse(
        f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, '
        f'nonce="{NONCE}", opaque="{OPAQUE}"'
    )
    value = authorize(challenge, MUFASA, "GET", "/dir/index.html", CNONCE, 1)
    fields = parse_fields(value)
    assert fields["response"] == response
    assert (fields["nc"], fields["qop"], fields["opaque"]) == ("00000001", "auth", OPAQUE)


def test_the_example_of_rfc_2069_as_corrected() -> None:
    challenge = Challenge.parse(
        'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    )
    value = authorize(
        challenge, Login("Mufasa", "CircleOfLife"), "GET", "/dir/index.html", "unused", 1
    )
    assert parse_fields(value)["response"] == "1949323746fe6a43ef61f9606e7febea"
    assert "nc" not in parse_fields(value)


def test_challenges_come_in_the_order_of_the_settings_and_are_understood_by_our_client() -> None:
    values = realm().challenges(1000.0, stale=True)
    first, second = map(Challenge.parse, values)
    assert (first.algorithm, second.algorithm) == ("SHA-256", "MD5")
    assert first.stale
    assert first.qop
    assert (
        choose(['Digest realm="x", nonce="y", algorithm=SHA-512-256', "Basic x", *values]) == first
    )
    assert choose(["Basic x"]) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic QWxhZGRpbg==",
        "Digest",
        "Digest realm",
        'Digest realm="x" nonce="y"',
        'Digest realm="x", nonce="open',
        'Digest nonce="y"',
        "Digest " + ",".join(f"a{i}=1" for i in range(40)),
    ],
)
def test_a_broken_challenge_is_malformed(value: str) -> None:
    with pytest.raises(Malformed):
        Challenge.parse(value)


@pytest.mark.parametrize(
    "change",
    [
        ("qop=auth", "qop=auth-int"),
        ("nc=00000001", "nc=1"),
        ('cnonce="abc", ', ""),
        ('username="1001", ', ""),
    ],
)
def test_broken_credentials_prove_nothing(change: tuple[str, str]) -> None:
    guard = realm()
    value = claim(guard.challenges(1000.0)[0]).replace(*change)
    assert value != claim(guard.challenges(1000.0)[0])
    assert check(guard, value) == (Proof.ABSENT, None)


def test_credentials_are_written_as_they_are_read() -> None:
    value = claim(realm().challenges(1000.0)[0], user='o"neil\\')
    assert str(Credentials.parse(value)) == value


@pytest.mark.parametrize("algorithm", [0, 1])
def test_the_right_password_is_good(algorithm: int) -> None:
    guard = realm()
    assert check(guard, claim(guard.challenges(1000.0)[algorithm])) == (Proof.GOOD, "1001")


def test_a_kept_secret_serves_in_place_of_the_password() -> None:
    guard = realm()
    md5, sha = guard.challenges(1000.0)[1], guard.challenges(1000.0)[0]
    assert check(guard, claim(md5, user="1002", password="pw")) == (Proof.GOOD, "1002")
    assert check(guard, claim(sha, user="1002", password="pw")) == (Proof.WRONG, None)


def test_a_name_and_password_may_be_chinese() -> None:
    guard = realm(坐席="口令")
    value = claim(guard.challenges(1000.0)[0], user="坐席", password="口令")
    assert check(guard, value) == (Proof.GOOD, "坐席")


@pytest.mark.parametrize(
    ("user", "password"), [("1001", "wrong"), ("nobody", "secret"), ("nobody", ""), ("1003", "")]
)
def test_a_wrong_password_an_unknown_user_and_an_empty_password_are_wrong(
    user: str, password: str
) -> None:
    guard = realm(**{"1001": "secret", "1003": "", "1004": {}})
    value = claim(guard.challenges(1000.0)[0], user=user, password=password)
    assert check(guard, value) == (Proof.WRONG, None)


def test_an_account_without_a_secret_for_the_algorithm_is_open_to_nobody() -> None:
    guard = realm(**{"1004": {"MD5": "", "SHA-1": "x"}})
    for challenge in map(Challenge.parse, guard.challenges(1000.0)):
        digest = hashlib.md5 if challenge.algorithm == "MD5" else hashlib.sha256
        claimed = claim(str(challenge), user="1004", password="")
        ha2 = digest(f"REGISTER:{URI}".encode()).hexdigest()
        with_empty_secret = f":{challenge.nonce}:00000001:abc:auth:{ha2}".encode()
        forged = claimed.replace(
            Credentials.parse(claimed).response, digest(with_empty_secret).hexdigest()
        )
        assert forged != claimed
        assert check(guard, forged) == (Proof.WRONG, None)


def test_credentials_are_for_one_method() -> None:
    guard = realm()
    value = claim(guard.challenges(1000.0)[0])
    assert guard.check([value], "INVITE", 1000.0)[0] is Proof.WRONG
    assert guard.check([value], "REGISTER", 1000.0)[0] is Proof.GOOD


def test_the_uri_within_may_be_written_otherwise_but_not_be_changed_afterwards() -> None:
    guard = realm()
    value = claim(guard.challenges(1000.0)[0])
    assert check(guard, value.replace(URI, "sip:other"))[0] is Proof.WRONG
    challenge = Challenge.parse(guard.challenges(1000.0)[0])
    sipps = authorize(challenge, Login("1001", "secret"), "REGISTER", "sip:127.0.0.1:5060", "c", 1)
    assert check(guard, sipps)[0] is Proof.GOOD


def test_credentials_for_another_realm_are_none_of_ours() -> None:
    guard = realm()
    challenge = guard.challenges(1000.0)[0].replace('realm="h"', 'realm="other"')
    assert check(guard, claim(challenge)) == (Proof.ABSENT, None)
    both = [claim(challenge), claim(guard.challenges(1000.0)[0])]
    assert guard.check(both, "REGISTER", 1000.0) == (Proof.GOOD, "1001")


def test_an_algorithm_not_in_the_settings_is_not_accepted() -> None:
    guard = Realm("h", {"1001": "secret"}, ["SHA-256"], Nonces(b"key"))
    challenge = guard.challenges(1000.0)[0].replace("SHA-256", "MD5")
    assert check(guard, claim(challenge)) == (Proof.ABSENT, None)


@pytest.mark.parametrize("algorithms", [[], ["SHA-256", "ROT13"]])
def test_unknown_algorithms_in_the_settings_are_a_fault(algorithms: list[str]) -> None:
    with pytest.raises(ValueError, match="digest algorithms"):
        Realm("h", {}, algorithms, Nonces(b"key"))


def test_a_count_is_taken_once_and_only_upwards() -> None:
    guard = realm()
    challenge = guard.challenges(1000.0)[0]
    proofs = [check(guard, claim(challenge, count=count))[0] for count in (1, 1, 2, 5, 4, 6)]
    assert proofs == [Proof.GOOD, Proof.STALE, Proof.GOOD, Proof.GOOD, Proof.STALE, Proof.GOOD]


def test_without_qop_a_nonce_is_good_once() -> None:
    guard = realm()
    challenge = guard.challenges(1000.0)[0].replace(', qop="auth"', "")
    assert [check(guard, claim(challenge))[0] for _ in range(2)] == [Proof.GOOD, Proof.STALE]


@pytest.mark.parametrize(
    ("later", "proof"), [(0.0, Proof.GOOD), (300.0, Proof.GOOD), (300.5, Proof.STALE)]
)
def test_a_nonce_lasts_its_lifetime(later: float, proof: Proof) -> None:
    guard = realm()
    assert check(guard, claim(guard.challenges(1000.0)[0]), 1000.0 + later)[0] is proof


@pytest.mark.parametrize("nonce", ["", "made up", "3e8-1-" + "0" * 32, "f" * 17 + "-1-" + "0" * 32])
def test_a_nonce_that_is_not_ours_is_stale_with_the_right_password(nonce: str) -> None:
    challenge = str(Challenge("h", "SHA-256", nonce))
    assert check(realm(), claim(challenge))[0] is Proof.STALE


def test_a_nonce_dated_ahead_is_not_taken() -> None:
    guard = realm()
    assert check(guard, claim(guard.challenges(2000.0)[0]), 1000.0)[0] is Proof.STALE


def test_no_nonce_is_issued_twice() -> None:
    nonces = Nonces(b"key")
    assert len({nonces.issue(1000.0) for _ in range(100)}) == 100


def test_counts_remembered_are_bounded_and_what_is_forgotten_is_not_taken_again() -> None:
    nonces = Nonces(b"key", limit=4)
    issued = [nonces.issue(1000.0 + i) for i in range(6)]
    assert all(nonces.spend(nonce, 1, 1010.0) for nonce in issued[:5])
    assert [nonces.spend(nonce, 1, 1010.0) for nonce in issued] == [False] * 5 + [True]
    assert nonces.spend(issued[4], 2, 1010.0)
    assert not nonces.spend(issued[0], 2, 1010.0)
