"""Which numbers a pattern means, and what a rule makes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.numbers import NumberPattern, Rewrite, covered, rewritten


@pytest.mark.parametrize(
    ("pattern", "meant", "not_meant"),
    [
        ("12345", ["12345"], ["123456", "1234", "+12345"]),
        ("139xxxxxxxx", ["13900001111"], ["1390000111", "139000011112", "139xxxxxxxx"]),
        ("1[3-9]xxxxxxxxx", ["15800001111"], ["12800001111"]),
        ("1[358]", ["13", "15", "18"], ["14", "1"]),
        ("0[1-9]*", ["01", "057788889999"], ["0", "0044123", "01a"]),
        ("+86*", ["+86", "+8613900001111"], ["8613900001111", "+85"]),
        ("*", ["", "1", "99999999"], ["+1", "1;x", "1@evil", "１"]),
    ],
)
def test_a_pattern_means_these_numbers_and_no_others(
    pattern: str, meant: list[str], not_meant: list[str]
) -> None:
    one = NumberPattern(pattern)
    assert [number for number in meant if not one.covers(number)] == []
    assert [number for number in not_meant if one.covers(number)] == []


@pytest.mark.parametrize("text", ["", ".*", "1*2", "[9-1]", "[", "139y", "1 2", "(", "１"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        NumberPattern(text)


def test_the_first_rule_that_means_a_number_rewrites_it() -> None:
    rules = [
        Rewrite(NumberPattern("+86*"), strip=3),
        Rewrite(NumberPattern("0086*"), strip=4),
        Rewrite(NumberPattern("1xxxxxxxxxx"), add="0"),
    ]
    assert rewritten("+8613900001111", rules) == "13900001111"
    assert rewritten("008613900001111", rules) == "13900001111"
    assert rewritten("13900001111", rules) == "013900001111"
    assert rewritten("anonymous", rules) == "anonymous"


@given(st.text(max_size=30))
def test_only_digits_plus_and_hash_are_ever_covered(number: str) -> None:
    everything = [NumberPattern(text) for text in ("*", "+*", "#*", "x*", "[0-9]*")]
    if covered(number, everything):
        assert set(number) <= set("0123456789+#")
