"""The signs of a stretch looked up all at once: two hundred names are neither made nor hashed.

Sounds and characters are numbered, a sign is a whole number made of its kind and theirs, and a
table of open addresses is asked for all of them in a few steps of numpy.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workorders.sound import as_signs, sign_of

SOUND, LETTER, KIND = 9, 13, 27
"""Bits of a sound's number, of a character's, and below that of a sign's kind."""
ALONE, PAIR, THREE, APART, WRITTEN, BOTH = (np.uint32(kind << KIND) for kind in range(1, 7))
SPREAD = np.uint32(2654435769)
"""Times this, numbers close together lie far apart (Knuth's multiplicative hashing)."""
ROOM = 3
"""Places in the table for each sign, at least."""
Numbers = NDArray[np.uint32]


class _Numbering(dict[int, str]):
    """By the code of a character its number as a character; zero if it is in no sign."""

    def __init__(self, characters: Sequence[str], bits: int) -> None:
        if len(characters) >= 1 << bits:
            raise ValueError(f"{len(characters)} are more than {bits} bits can tell apart")
        super().__init__((ord(one), chr(at)) for at, one in enumerate(characters, 1))

    def __missing__(self, code: int) -> str:
        return "\0"

    def of(self, text: str) -> Numbers:
        """Return the number of each character."""
        numbers = np.frombuffer(text.translate(self).encode("utf-16-le"), np.uint16)
        return numbers.astype(np.uint32)


class Index:
    """The rows of signs of sounds and characters, by the names that `signs_of` gives them."""

    def __init__(self, places: Mapping[str, int]) -> None:
        """`places` has the row of each sign; rules' flags among them are passed over."""
        heard: dict[tuple[str, ...], int] = {}
        written: dict[str, int] = {}
        for name, row in places.items():
            if " " in name or name[0] not in "=!@" or len(name) == 1:
                heard[tuple("_" if s == "_" else sign_of(s) for s in name.split(" "))] = row
            elif name[0] == "=":
                written[name[1:]] = row
        self._sounds = _Numbering(sorted({s for sign in heard for s in sign} - {"_"}), SOUND)
        self._letters = _Numbering(sorted(set("".join(written))), LETTER)
        keys = [self._sign_of_sounds(sign) for sign in heard]
        keys += [self._sign_of_letters(text) for text in written]
        self._fill(np.array(keys, np.uint32), [*heard.values(), *written.values()])

    def _sign_of_sounds(self, sign: tuple[str, ...]) -> int:
        kind = APART if len(sign) == 3 and sign[1] == "_" else (ALONE, PAIR, THREE)[len(sign) - 1]
        whole = 0
        for sound in sign:
            if sound != "_":
                whole = whole << SOUND | ord(self._sounds[ord(sound)])
        return whole | int(kind)

    def _sign_of_letters(self, text: str) -> int:
        last = ord(self._letters[ord(text[-1])])
        if len(text) == 1:
            return last | int(WRITTEN)
        return ord(self._letters[ord(text[0])]) << LETTER | last | int(BOTH)

    def _fill(self, keys: Numbers, rows: Sequence[int]) -> None:
        """Let each sign have the first free place from its own on."""
        bits = (ROOM * len(keys)).bit_length()
        self._shift = np.uint32(32 - bits)
        home = self._home(keys)
        order = np.argsort(home, kind="stable")
        ranks = np.arange(len(keys))
        at = np.maximum.accumulate(home[order] - ranks) + ranks
        most = int((at - home[order]).max(initial=0)) + 1
        self._keys = np.zeros((1 << bits) + most + len(keys), np.uint32)
        self._rows = np.zeros(len(self._keys), np.int32)
        self._keys[at], self._rows[at] = keys[order], np.array(rows, np.int32)[order]
        self._near = np.arange(most)

    def _home(self, keys: Numbers) -> NDArray[np.int64]:
        return ((keys * SPREAD) >> self._shift).astype(np.int64)

    def numbers(self, text: str) -> tuple[Numbers, Numbers]:
        """Return the number of each character's sound, and its own."""
        return self._sounds.of(as_signs(text)), self._letters.of(text)

    def known(self, sounds: Numbers, letters: Numbers) -> dict[int, int]:
        """Return the rows of the signs of what stands in a row, and of each the number of the
        last sign that has it: counted as `signs_of` yields them, which `stretch` undoes."""
        keys = np.concatenate((*_of_sounds(sounds), _of_letters(letters)))
        keys |= _kinds(len(sounds))
        home = self._home(keys)
        found = self._keys[home[:, None] + self._near] == keys[:, None]
        signs, further = found.nonzero()
        rows = self._rows[home[signs] + further]
        return dict(zip(rows.tolist(), signs.tolist(), strict=True))


def _of_sounds(sounds: Numbers) -> tuple[NDArray[np.integer], ...]:
    """Return the signs of sounds but for their kinds: alone, two and three in a row, and two with
    any between them."""
    before = sounds << SOUND
    pairs = before[:-1] | sounds[1:]
    return sounds, pairs, pairs[:-1] << SOUND | sounds[2:], before[:-2] | sounds[2:]


def _of_letters(letters: Numbers) -> Numbers:
    """Return the signs of characters but for their kinds: each one, and each but the first with
    the one before."""
    signs = np.empty(max(0, 2 * len(letters) - 1), np.uint32)
    signs[:1] = letters[:1]
    signs[1::2] = letters[1:]
    np.bitwise_or(letters[:-1] << LETTER, letters[1:], out=signs[2::2])
    return signs


@lru_cache(maxsize=64)
def _kinds(size: int) -> Numbers:
    """Return the kinds of the signs of so many characters in a row."""
    counts = size, size - 1, max(0, size - 2), max(0, size - 2)
    of_sounds = np.repeat(np.array((ALONE, PAIR, THREE, APART)), counts)
    of_letters = WRITTEN, *(WRITTEN, BOTH) * (size - 1)
    return np.concatenate((of_sounds, np.array(of_letters)))


def stretch(sign: int, size: int) -> tuple[int, int]:
    """Return the first and the last place of a sign by its number, of so many places."""
    for length, signs in ((1, size), (2, size - 1), (3, size - 2), (3, size - 2)):
        if sign < signs:
            return sign, sign + length - 1
        sign -= max(0, signs)
    last = (sign + 1) // 2
    return last - (sign > 0 and sign % 2 == 0), last
