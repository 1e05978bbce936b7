"""What typed figures may be checked for, beyond their count and pattern."""

import re
from collections.abc import Callable, Mapping

from calls.order_number import SHORTEST, is_order_number

PHONE = re.compile(
    r"1[3-9][0-9]{9}"  # a mobile
    r"|0[1-9][0-9]{1,2}[2-9][0-9]{6,7}"  # with the code of its place
    r"|[2-9][0-9]{6,7}"  # of this city
)


def is_phone(typed: str) -> bool:
    """Tell whether figures can be a telephone number in China."""
    return PHONE.fullmatch(typed) is not None


CHECKS: Mapping[str, Callable[[str], bool]] = {"order": is_order_number, "phone": is_phone}
BOUNDS: Mapping[str, tuple[int, int]] = {"order": (SHORTEST, SHORTEST), "phone": (7, 12)}
"""Fewest and most figures of each, unless a node says otherwise.

Nobody waits after the twelfth figure of an order; where a day has more than 99 999 orders,
`most: 13` lets the thirteenth be typed.
"""
