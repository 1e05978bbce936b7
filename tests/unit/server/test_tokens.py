"""Random text for tags and branches."""

import re

from server.tokens import AT_ONCE, Tokens


def test_tokens_are_sixteen_digits_and_never_the_same() -> None:
    tokens = Tokens()
    given = [tokens() for _ in range(3 * AT_ONCE)]
    assert all(re.fullmatch("[0-9a-f]{16}", token) for token in given)
    assert len(set(given)) == len(given)


def test_two_who_give_tokens_do_not_give_the_same() -> None:
    assert len({Tokens()() for _ in range(50)}) == 50
