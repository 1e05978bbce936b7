"""Which key of a menu a caller's words mean; words that mean nothing are told from wrong ones."""

import re
from collections.abc import Mapping, Sequence

Words = Mapping[str, Sequence[str]]
"""Key → what callers say for it, in one language."""

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


def says_something(heard: str) -> bool:
    """Tell whether anything is left of what was heard without its fillers."""
    text = _plain(heard)
    for filler in sorted(FILLERS, key=len, reverse=True):
        text = text.replace(filler, "")
    return bool(text)


def _plain(text: str) -> str:
    return BETWEEN.sub("", text).lower()
