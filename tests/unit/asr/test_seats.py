"""Who is heard live while more people speak than can be."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from asr.seats import RETURN, STAY, Claim, Seat, heard

NEW, HEARD, ASIDE = Seat.NEW, Seat.HEARD, Seat.ASIDE


def claims(*seats: Seat, cost: float = 0.2) -> list[Claim]:
    """Return claims a, b, c …, each of better rank than the next."""
    return [Claim(chr(97 + n), (2, n), cost, seat) for n, seat in enumerate(seats)]


def names(found: frozenset[str]) -> str:
    return "".join(sorted(found))


def test_all_are_heard_while_there_is_room() -> None:
    assert names(heard(claims(NEW, HEARD, ASIDE, ASIDE), 1, pressed=True)) == "abcd"


def test_a_newcomer_takes_the_place_of_the_last_by_rank() -> None:
    six = claims(NEW, *[HEARD] * 5)
    assert names(heard(six, 1, pressed=True)) == "abcde"


def test_while_nobody_waits_a_few_more_are_heard() -> None:
    assert names(heard(claims(NEW, *[HEARD] * 9), 1, pressed=False)) == "abcdef"


def test_who_was_put_aside_comes_back_only_when_there_is_room_to_spare() -> None:
    five = claims(*[HEARD] * 4, ASIDE)
    assert names(heard(five, 1, pressed=False)) == "abcd", "1.0 of the worker, not 0.8"
    assert names(heard(five[1:], 1, pressed=False)) == "bcde"


def test_who_is_heard_stays_while_one_of_better_rank_was_too_slow_and_is_aside() -> None:
    assert names(heard(claims(*[HEARD] * 3, ASIDE, HEARD), 1, pressed=True)) == "abcde"
    assert names(heard(claims(*[HEARD] * 4, ASIDE, HEARD), 1, pressed=True)) == "abcdf"


def test_of_those_put_aside_the_first_by_rank_comes_back_first() -> None:
    assert names(heard(claims(*[HEARD] * 3, ASIDE, ASIDE), 1, pressed=False)) == "abcd"


def test_the_first_is_heard_however_slow_the_machine_is() -> None:
    assert names(heard(claims(NEW, HEARD, cost=9.0), 1, pressed=True)) == "a"


def test_a_new_one_of_the_last_rank_finds_no_place_where_another_waits_for_one() -> None:
    assert names(heard(claims(*[HEARD] * 4, ASIDE, NEW), 1, pressed=False)) == "abcd"


def test_a_cheap_claim_takes_little_room() -> None:
    menus = [replace(claim, rank=(1, 0), cost=0.01) for claim in claims(*[NEW] * 20)]
    talks = [Claim("talk", (2, 0), 0.5, HEARD)]
    assert len(heard([*menus, *talks], 1, pressed=True)) == 21


def test_two_threads_hear_twice_as_many() -> None:
    assert len(heard(claims(*[NEW] * 12, cost=0.25), 1, pressed=True)) == 4
    assert len(heard(claims(*[NEW] * 12, cost=0.25), 2, pressed=True)) == 8


def test_nobody_is_heard_of_nobody() -> None:
    assert heard([], 1, pressed=True) == frozenset()


CLAIMS = st.lists(
    st.tuples(st.integers(0, 4), st.floats(0.001, 3.0), st.sampled_from(Seat)), max_size=30
).map(
    lambda found: [
        Claim(str(n), (urgency, -n), cost, seat) for n, (urgency, cost, seat) in enumerate(found)
    ]
)
THREADS = st.integers(1, 8)


@given(CLAIMS, THREADS, st.booleans())
def test_nobody_is_taken_while_one_of_better_rank_is_not_heard(
    given_claims: list[Claim], threads: int, pressed: bool
) -> None:
    found = heard(given_claims, threads, pressed=pressed)
    left_out = [c.rank for c in given_claims if c.name not in found]
    taken = [c.rank for c in given_claims if c.name in found and c.seat is not HEARD]
    assert not left_out or not taken or max(taken) < min(left_out)


@given(CLAIMS, THREADS, st.booleans())
def test_the_first_by_rank_is_always_heard(
    given_claims: list[Claim], threads: int, pressed: bool
) -> None:
    found = heard(given_claims, threads, pressed=pressed)
    assert bool(found) == bool(given_claims)
    assert not given_claims or min(given_claims, key=lambda claim: claim.rank).name in found


@given(CLAIMS, THREADS, st.booleans())
def test_who_loses_a_place_loses_it_to_those_of_better_rank(
    given_claims: list[Claim], threads: int, pressed: bool
) -> None:
    found = heard(given_claims, threads, pressed=pressed)
    stay = [c.rank for c in given_claims if c.seat is HEARD and c.name in found]
    go = [c.rank for c in given_claims if c.seat is HEARD and c.name not in found]
    assert not stay or not go or max(stay) < min(go)


@given(CLAIMS, THREADS)
def test_those_heard_under_pressure_are_no_more_than_can_be(
    given_claims: list[Claim], threads: int
) -> None:
    found = heard(given_claims, threads, pressed=True)
    share = sum(c.cost for c in given_claims if c.name in found) / threads
    assert len(found) <= 1 or share <= STAY + 1e-9


@given(CLAIMS, THREADS)
def test_who_is_heard_under_pressure_is_heard_without(
    given_claims: list[Claim], threads: int
) -> None:
    pressed = heard(given_claims, threads, pressed=True)
    assert pressed <= heard(given_claims, threads, pressed=False)


@given(CLAIMS, THREADS, st.booleans())
def test_asked_again_with_nothing_changed_it_says_the_same(
    given_claims: list[Claim], threads: int, pressed: bool
) -> None:
    found = heard(given_claims, threads, pressed=pressed)
    after = [replace(c, seat=HEARD if c.name in found else ASIDE) for c in given_claims]
    assert heard(after, threads, pressed=pressed) == found


@given(CLAIMS, THREADS, st.booleans())
def test_all_are_heard_where_all_have_room_to_spare(
    given_claims: list[Claim], threads: int, pressed: bool
) -> None:
    share = sum(c.cost for c in given_claims) / threads
    found = heard(given_claims, threads, pressed=pressed)
    assert share > RETURN or len(found) == len(given_claims)
