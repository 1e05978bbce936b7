"""Guessing passwords from where a phone of ours is: it ends, and shuts nobody else out."""

import pytest

from sip.digest import Challenge, Login, authorize
from sip.guesses import MOST, Guesses
from sip.message import Request, Response
from sip.registrar import Registrar, RegistrarLimits
from tests.unit.sip.test_registrar import SOURCE, register

HERE, THERE = "10.0.0.5", "10.0.0.6"
PASSWORDS = {"1001": "secret", "1002": "other"}


def office() -> Registrar:
    limits = RegistrarLimits(wrong_passwords=3, wrong_lasting=60.0)
    return Registrar("hotline", PASSWORDS, ["MD5"], limits, b"key")


def asked(place: str, user: str = "1001") -> Request:
    """Return a REGISTER as its receiver has it: with where it came from in its Via."""
    request = register(to=user)
    (via,) = request.headers.all("Via")
    request.headers.replace("Via", via.replace("10.0.0.5", place))
    return request


def challenge_of(office: Registrar, place: str, now: float) -> Challenge:
    response = office.authenticate(asked(place), now)
    assert isinstance(response, Response)
    return Challenge.parse(response.headers.all("WWW-Authenticate")[0])


def tried(
    office: Registrar,
    password: str,
    now: float,
    *,
    place: str = HERE,
    user: str = "1001",
    challenge: Challenge | None = None,
) -> int:
    """Try a password, for a challenge of our own unless given one; return the status."""
    challenge = challenge or challenge_of(office, place, now)
    request = asked(place, user)
    proof = authorize(challenge, Login(user, password), "REGISTER", request.uri, "c", 1)
    request.headers.add("Authorization", proof)
    return office.receive(request, SOURCE, now)[0].status


def test_after_so_many_wrong_ones_not_even_the_right_one_is_looked_at_for_a_while() -> None:
    one = office()
    assert [tried(one, f"guess{n}", 1.0 * n) for n in range(4)] == [401, 401, 401, 403]
    assert tried(one, "secret", 10.0) == 403
    assert one.counters["guessed"] == 2
    assert tried(one, "secret", 63.0) == 200


def test_the_same_user_elsewhere_and_other_users_here_notice_nothing() -> None:
    one = office()
    for number in range(5):
        tried(one, f"guess{number}", 0.0)
    assert tried(one, "secret", 1.0, place=THERE) == 200
    assert tried(one, "other", 1.0, user="1002") == 200


def test_a_wrong_one_now_and_then_stops_nobody() -> None:
    one = office()
    assert [tried(one, "mistyped", 40.0 * n) for n in range(6)] == [401] * 6
    assert tried(one, "secret", 210.0) == 200


def test_who_only_writes_a_phones_address_on_its_guesses_cannot_shut_the_phone_out() -> None:
    """A challenge goes to the real address: what answers another one proves no place."""
    one = office()
    elsewhere = challenge_of(one, THERE, 0.0)
    for _ in range(5):
        assert tried(one, "guess", 0.0, challenge=elsewhere) == 401
    assert tried(one, "secret", 1.0) == 200, "the phone itself, with a challenge of its own"
    assert tried(one, "secret", 1.0, challenge=elsewhere) == 401, "not even told that it is right"


def test_a_challenge_is_good_only_from_where_it_was_sent() -> None:
    one = office()
    elsewhere = challenge_of(one, THERE, 0.0)
    assert tried(one, "secret", 1.0, challenge=elsewhere) == 401
    assert one.counters["stale"] == 1


@pytest.mark.parametrize("real", [True, False])
def test_as_many_names_as_there_are_take_no_more_room_than_allowed(real: bool) -> None:
    guesses = Guesses(3, 60.0)
    for number in range(MOST + 10):
        guesses.wrong((str(number), HERE, real), 0.0)
    assert len(guesses) == MOST
