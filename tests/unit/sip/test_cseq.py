"""CSeq (RFC 3261 §20.16)."""

import pytest

from sip.cseq import CSeq
from sip.grammar import Malformed


def test_a_number_and_a_method() -> None:
    assert CSeq.parse("0009   INVITE") == CSeq(9, "INVITE")
    assert str(CSeq(2147483647, "BYE")) == "2147483647 BYE"
    assert CSeq.parse("2147483647 RE%47IST%45R").method == "RE%47IST%45R"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "INVITE",
        "INVITE 1",
        "-1 INVITE",
        "2147483648 INVITE",
        "9" * 400 + " BYE",
        "1 A B",
        "1 a/b",
    ],
)
def test_anything_else_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        CSeq.parse(text)
