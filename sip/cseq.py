"""The CSeq header value: the order of requests in a dialog (RFC 3261 §20.16)."""

import re
from dataclasses import dataclass

from sip.grammar import TOKEN_CHARS, Malformed

_CSEQ = re.compile(rf"([0-9]{{1,20}})[ \t]++([{TOKEN_CHARS}]++)[ \t]*+")
TOO_LARGE = 2**31
"""RFC 3261 §8.1.1.5"""


@dataclass(frozen=True, slots=True)
class CSeq:
    """A number that grows, and the method it counts."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> "CSeq":
        """Read the value that follows `CSeq:`; raise Malformed."""
        match = _CSEQ.fullmatch(text)
        if match is None or int(match[1]) >= TOO_LARGE:
            raise Malformed(f"CSeq {text[:60]!r}")
        return cls(int(match[1]), match[2])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"
