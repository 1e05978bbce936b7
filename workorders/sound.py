"""Chinese by its sound: what a recogniser and a speaker with an accent mix up is alike."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain

ALIKE = (
    (re.compile("^([zcs])h"), r"\1"),
    (re.compile("(?<=[aei])ng$"), "n"),
    (re.compile("^l"), "n"),
)
"""zh/z, ch/c, sh/s, ang/an, eng/en, ing/in, l/n: the mergers common in the south."""
PIECE = re.compile("[ -~，。、？！：；]+|[^ -~，。、？！：；]+")


def syllables(text: str) -> list[str]:
    """Return one sound a character, tones and common mergers aside; others as they are."""
    return list(_syllables(text))


@lru_cache(maxsize=1024)  # the lines of a call are read by several rules, and for each new draft
def _syllables(text: str) -> tuple[str, ...]:
    return tuple(chain.from_iterable(map(_of_piece, PIECE.findall(text))))


@lru_cache(maxsize=8192)  # 麻烦派人来看看 is said in many a sentence
def _of_piece(piece: str) -> tuple[str, ...]:
    """Spell what no word reaches beyond: what stands between marks, figures and letters."""
    from pypinyin.seg.simpleseg import seg  # noqa: PLC0415  as in `_spelled`

    return tuple(chain.from_iterable(map(_of_word, seg(piece))))


@lru_cache(maxsize=32768)
def _of_word(word: str) -> tuple[str, ...]:
    """Spell a word of the dictionary, or a run of other characters, one by one."""
    return tuple(alike(syllable) for syllable in _spelled(word))


def _spelled(text: str) -> list[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  its tables take a third of a second to load

    return lazy_pinyin(text, errors=list)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)  # there are some four hundred syllables; the rest are figures
def alike(syllable: str) -> str:
    """Return a syllable as one who makes none of the mergers' distinctions says it."""
    for pattern, plain in ALIKE:
        syllable = pattern.sub(plain, syllable)
    return syllable


def find(part: Sequence[str], whole: Sequence[str]) -> list[int]:
    """Return every place where a run of syllables stands in another."""
    size, first, wanted = len(part), part[0], list(part)
    places = range(len(whole) - size + 1)
    return [at for at in places if whole[at] == first and list(whole[at : at + size]) == wanted]


@lru_cache(maxsize=1024)
def sounds_of(text: str) -> tuple[str, ...]:
    """Return the sound of each character by itself."""
    return tuple(map(sound_of, text))


@lru_cache(maxsize=32768)
def sound_of(character: str) -> str:
    """Return the sound of one character by itself: what stands around it may be misheard."""
    spelled = _spelled(character)
    return alike(spelled[0]) if spelled else character


def sign_of(sound: str) -> str:
    """Return a sound as one sign, so that sounds can be cut and compared like letters."""
    if len(sound) == 1:
        return sound
    return _KNOWN.setdefault(sound, chr(PRIVATE + len(_KNOWN)))


class _Signs(dict[int, str]):
    """By the code of a character the sign of its sound."""

    def __missing__(self, code: int) -> str:
        sign = sign_of(sound_of(chr(code)))
        if len(self) < MOST:
            self[code] = sign
        return sign


PRIVATE = 0xF0000
"""Code points from here on stand for sounds: a pattern of sounds is a pattern like any other."""
MOST = 32768
"""Characters whose signs are remembered."""
_KNOWN: dict[str, str] = {}
"""Signs of sounds of more than one letter: some four hundred."""
_SIGNS = _Signs()


@lru_cache(maxsize=1024)
def as_signs(text: str) -> str:
    """Write the sound of each character as one sign: as long as the text."""
    return text.translate(_SIGNS)
