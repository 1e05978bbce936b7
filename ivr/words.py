"""Which key of a menu a caller's words mean; words that mean nothing are told from wrong ones."""

import re
from collections.abc import Iterable, Mapping, Sequence

from calls.ids import Language

Words = Mapping[str, Sequence[str]]
"""Key → what callers say for it, in one language."""

FIGURES: Mapping[Language, Mapping[str, tuple[str, ...]]] = {
    "zh": {
        **{str(n): (c,) for n, c in enumerate("零一二三四五六七八九")},
        "0": ("零", "〇"), "1": ("一", "幺"), "2": ("二", "两"),
    },
    "en": {
        str(n): (word,)
        for n, word in enumerate(
            ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
        )
    },
    "ko": {
        "0": ("영", "공"), "1": ("일", "하나"), "2": ("이", "둘"), "3": ("삼", "셋"),
        "4": ("사", "넷"), "5": ("오", "다섯"), "6": ("육", "여섯"), "7": ("칠", "일곱"),
        "8": ("팔", "여덟"), "9": ("구", "아홉"),
    },
    "ja": {
        "0": ("ゼロ", "零"), "1": ("一", "いち"), "2": ("二", "に"), "3": ("三", "さん"),
        "4": ("四", "よん"), "5": ("五", "ご"), "6": ("六", "ろく"), "7": ("七", "なな"),
        "8": ("八", "はち"), "9": ("九", "きゅう"),
    },
}  # fmt: skip
"""What callers say who read out the key itself. Short as they are, they count only alone."""
ALARMS: Mapping[Language, tuple[str, ...]] = {
    "zh": ("救命", "着火", "起火", "煤气", "自杀", "被困"),
    "en": ("help", "fire", "gas", "trapped"),
    "ko": ("살려주세요", "불이", "가스", "자살"),
    "ja": ("助けて", "火事", "ガス", "自殺"),
}
"""No answers to any menu, but a caller who says them in one must be heard all the same."""
FILLERS = (
    *("嗯", "啊", "呃", "额", "哦", "喂", "你好", "您好", "那个", "这个", "就是", "请问"),
    *("um", "uh", "er", "hello", "well"),
    *("어", "음", "저기", "여보세요"),
    *("えっと", "あの", "もしもし"),
)
"""What people say before they say something. They never count as an answer, nor as a wrong one."""
BETWEEN = re.compile(r"[\s，。！？、,.!?…~～]+")


def meant(heard: str, words: Words) -> str | None:
    """Return the key that is meant; None if none is, or more than one.

    Of two words that are both heard the one within the other does not count:
    who says 医疗保险 does not say 医疗, if the menu has both.
    """
    text = _plain(heard)
    found = [(_plain(word), key) for key, said in words.items() for word in said]
    present = [(word, key) for word, key in found if word and word in text]
    longest = {
        key
        for word, key in present
        if not any(word != other and word in other for other, _ in present)
    }
    return longest.pop() if len(longest) == 1 else None


def phrases(words: Words, keys: Iterable[str], language: Language) -> tuple[str, ...]:
    """Return all that a menu with these words and keys listens for, in order."""
    own = [word for said in words.values() for word in said]
    figures = [word for key in sorted(keys) for word in FIGURES[language].get(key, ())]
    return tuple(dict.fromkeys((*own, *figures, *ALARMS[language])))


def read_out(heard: str, keys: Iterable[str], language: Language) -> str | None:
    """Return the key that a caller read out, as its figure or in words; None if none.

    The figure counts because recognised numbers may be written so.
    """
    text = _plain(heard).removesuffix("号")
    for key in keys:
        if text == key or text in FIGURES[language].get(key, ()):
            return key
    return None


def says_something(heard: str) -> bool:
    """Tell whether anything is left of what was heard without its fillers."""
    text = _plain(heard)
    for filler in sorted(FILLERS, key=len, reverse=True):
        text = text.replace(filler, "")
    return bool(text)


def _plain(text: str) -> str:
    return BETWEEN.sub("", text).lower()
