"""Identity cards, bank cards and telephones in what was said: found, and masked for search.

Figures may be written or spoken (幺三八), and a recogniser puts spaces and short words between.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

PrivateKind = Literal["identity", "card", "phone"]
SPOKEN = {
    **dict(zip("零〇一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)),
    "幺": 1,
    "两": 2,
    "洞": 0,
    "拐": 7,
}
RUN = re.compile(
    "[0-9０-９零〇一二三四五六七八九幺两洞拐]"
    "(?:[ \\-—,，、.·]{0,2}[嗯呃啊]?[ ,，]?[0-9０-９零〇一二三四五六七八九幺两洞拐xXｘＸ叉])+"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
"""GB 11643: the last figure of an identity number, by the weighted sum of the others."""
IDENTITY = 18
CARD = range(15, 20)
MOBILE = re.compile(r"(?<![0-9])(?:0086|86)?(1[3-9][0-9]{9})(?![0-9])")
FIXED = re.compile(r"(?<![0-9])(0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7})(?![0-9])")
KEPT: Mapping[PrivateKind, tuple[int, int]] = {"identity": (0, 2), "card": (0, 4), "phone": (3, 2)}
"""Figures that stay readable at the beginning and the end."""
MASK = "*"


@dataclass(frozen=True, slots=True)
class Private:
    """Personal data in `text[start:end]`; `figures` is what it says."""

    kind: PrivateKind
    start: int
    end: int
    figures: str
    certain: bool = True
    """Whether its check figure is right; a misheard one is masked all the same."""


def find(text: str) -> list[Private]:
    """Find personal data, in the order of the text, none over another."""
    return [found for match in RUN.finditer(text) for found in _within(match)]


def mask(text: str) -> str:
    """Return a text of the same length with the figures of personal data hidden."""
    signs = list(text)
    for found in find(text):
        first, last = KEPT[found.kind]
        places = [at for at in range(found.start, found.end) if _figure(text[at])]
        for at in places[first : len(places) - last]:
            signs[at] = MASK
    return "".join(signs)


def mask_all(value: Any) -> Any:
    """Return JSON values with every text in them masked; other values as they are."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: mask_all(entry) for key, entry in value.items()}
    if isinstance(value, Sequence):
        return [mask_all(entry) for entry in value]
    return value


def checked_identity(number: str) -> bool:
    """Tell whether an identity number of 18 figures has the right check figure."""
    if not re.fullmatch("[0-9]{17}[0-9X]", number):
        return False
    total = sum(weight * int(figure) for weight, figure in zip(WEIGHTS, number, strict=False))
    return CHECKS[total % 11] == number[-1]


def checked_card(number: str) -> bool:
    """Tell whether a bank card's number passes Luhn's test (ISO/IEC 7812-1)."""
    doubled = (int(figure) * (1 + at % 2) for at, figure in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _within(match: re.Match[str]) -> Iterator[Private]:
    """Find what a run of figures holds: identity numbers first, then cards, then telephones."""
    places = [at for at in range(*match.span()) if _figure(match.string[at])]
    figures = "".join(_figure(match.string[at]) for at in places)
    for kind, start, end, certain in _parts(figures):
        yield Private(kind, places[start], places[end - 1] + 1, figures[start:end], certain)


def _parts(figures: str) -> Iterator[tuple[PrivateKind, int, int, bool]]:
    at = 0
    for start in range(len(figures) - IDENTITY + 1):
        number = figures[start : start + IDENTITY]
        alone = len(figures) == IDENTITY
        if start >= at and (checked_identity(number) or alone) and _born(number):
            yield from _rest(figures, at, start)
            yield "identity", start, start + IDENTITY, checked_identity(number)
            at = start + IDENTITY
    yield from _rest(figures, at, len(figures))


def _rest(figures: str, start: int, end: int) -> Iterator[tuple[PrivateKind, int, int, bool]]:
    piece = figures[start:end]
    if len(piece) in CARD and piece.isdigit() and piece[0] in "3456":
        yield "card", start, end, checked_card(piece)
        return
    for pattern in (MOBILE, FIXED):
        for match in pattern.finditer(piece):
            yield "phone", start + match.start(1), start + match.end(1), True


def _born(number: str) -> bool:
    """Tell whether figures 7 to 14 are a day on which somebody alive may have been born."""
    if not number[:14].isdigit() or number[0] not in "12345678" or "X" in number[:-1]:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2099


def _figure(character: str) -> str:
    if character in SPOKEN:
        return str(SPOKEN[character])
    if character in "xXｘＸ叉":
        return "X"
    return str(int(character)) if character.isdigit() else ""
