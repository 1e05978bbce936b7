"""ABNF rules (RFC 3261 §25)."""

import time

import pytest

from sip.grammar import (
    PARAMETERS_LIMIT,
    Malformed,
    first_of_list,
    format_parameters,
    parse_number,
    parse_parameters,
    parse_port,
    quote,
    split_list,
    unquote,
)


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ("", []),
        ("a", ["a"]),
        ("a, b ,c", ["a", "b", "c"]),
        ("a,, b,", ["a", "b"]),
        ('"x, y" <sip:a@b>, <sip:c,d@e>', ['"x, y" <sip:a@b>', "<sip:c,d@e>"]),
        (r'"say \", no", b', [r'"say \", no"', "b"]),
        ('a, "never closed, b', ["a", '"never closed, b']),
        ("a, <never closed, b", ["a", "<never closed, b"]),
    ],
)
def test_commas_part_a_list_unless_quoted_or_bracketed(value: str, members: list[str]) -> None:
    assert split_list(value) == members


@pytest.mark.parametrize(
    ("value", "first", "rest"),
    [
        ("a", "a", ""),
        ("a , b, c", "a", "b, c"),
        ('"a, b" <x>;y, c', '"a, b" <x>;y', "c"),
        ('"a, b" <x>;y', '"a, b" <x>;y', ""),
    ],
)
def test_the_first_of_a_list_comes_apart_from_the_rest(value: str, first: str, rest: str) -> None:
    assert first_of_list(value) == (first, rest)


def test_parameters_bear_spaces_quotes_and_missing_values() -> None:
    text = r' ; Tag = 98 ;lr;note="a;b \"c\"" ;addr=[2001:db8::1]'
    assert parse_parameters(text) == {
        "tag": "98",
        "lr": None,
        "note": 'a;b "c"',
        "addr": "[2001:db8::1]",
    }


def test_of_a_parameter_given_twice_the_first_counts() -> None:
    assert parse_parameters(";tag=1;TAG=2") == {"tag": "1"}


@pytest.mark.parametrize("text", [";;", ";", " x", ";a=", ";a b", ';a="open', ";a=1,b"])
def test_broken_parameters_are_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        parse_parameters(text)


def test_too_many_parameters_are_malformed() -> None:
    parse_parameters("".join(f";p{i}" for i in range(PARAMETERS_LIMIT)))
    with pytest.raises(Malformed):
        parse_parameters("".join(f";p{i}" for i in range(PARAMETERS_LIMIT + 1)))


def test_parameters_are_written_as_they_are_read() -> None:
    parameters = {"tag": "1", "lr": None, "note": 'a;b "c"\\', "empty": ""}
    assert parse_parameters(format_parameters(parameters)) == parameters


@pytest.mark.parametrize("text", ["", "a", 'a "b"', "\\", "市民"])
def test_what_is_quoted_can_be_unquoted(text: str) -> None:
    assert unquote(quote(text)) == text


def test_a_port_is_a_number_from_1_to_65535() -> None:
    assert (parse_port("1"), parse_port("65535")) == (1, 65535)
    for text in ("0", "65536", "", "-1", "５", "000001", "9" * 5000):
        with pytest.raises(Malformed):
            parse_port(text)


def test_a_number_has_a_bound() -> None:
    assert parse_number("0068", "hops", 256) == 68
    for text in ("256", "", "-1", "1.5", "٣", "9" * 5000):
        with pytest.raises(Malformed):
            parse_number(text, "hops", 256)


@pytest.mark.parametrize(
    "hostile", ['"' + r"\"" * 30000, "<" * 60000, '"\\' * 30000, ", " * 30000, '",<' * 20000]
)
def test_hostile_lists_are_read_in_linear_time(hostile: str) -> None:
    began = time.process_time()
    split_list("a," + hostile)
    first_of_list(hostile)
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "hostile", [';a="' + "\\x" * 30000, ";a" + " " * 60000 + "x", ";a=" * 9999]
)
def test_hostile_parameters_are_refused_in_linear_time(hostile: str) -> None:
    began = time.process_time()
    with pytest.raises(Malformed):
        parse_parameters(hostile)
    assert time.process_time() - began < 0.5
