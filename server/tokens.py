"""Random text for tags, branches and names of calls."""

import secrets

OCTETS = 8
"""Of one token: RFC 3261 §19.3 asks for 4 at least, and a call has a dozen."""
AT_ONCE = 512
"""Tokens that the system is asked for together: each asking costs as much as parsing a header."""


class Tokens:
    """Gives 16 hexadecimal digits that nobody can guess, and never the same twice."""

    def __init__(self) -> None:
        self._text, self._at = "", 0

    def __call__(self) -> str:
        """Return the next."""
        if self._at >= len(self._text):
            self._text, self._at = secrets.token_hex(OCTETS * AT_ONCE), 0
        self._at += 2 * OCTETS
        return self._text[self._at - 2 * OCTETS : self._at]
