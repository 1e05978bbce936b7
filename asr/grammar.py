"""A menu's answers as the small grammar that a recogniser listens with.

A grammar may only hold words of the model's vocabulary: so a phrase is split into words that
the model has, the fewest that make it up. Whatever else is said is heard as the model's word
for what it does not know: a caller who talks of something else is not forced into one of the
answers. Models spell that word differently, and Vosk only warns when it is missing: then each
cough would be an answer, so there is no grammar without it.
"""

from collections.abc import Callable, Iterable

WAYS_OUT = ("[unk]", "<unk>", "<UNK>", "[UNK]")
TRUSTED = 0.7
"""Confidence below which an utterance heard with a grammar is taken for no answer. Measured:
docs/recognition-measured.md."""


def split(phrase: str, knows: Callable[[str], bool]) -> tuple[str, ...] | None:
    """Return the fewest known words that make a phrase up; None if none do."""
    words: tuple[str, ...] = ()
    for part in phrase.split():
        found = _fewest(part, knows)
        if found is None:
            return None
        words += found
    return words or None


def _fewest(text: str, knows: Callable[[str], bool]) -> tuple[str, ...] | None:
    """Find the split by the ends that can be reached, from the front."""
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(1, len(text) + 1):
        ways = [
            (*best[start], text[start:end])
            for start in range(end)
            if start in best and knows(text[start:end])
        ]
        if ways:
            best[end] = min(ways, key=len)
    return best.get(len(text))


def grammar(phrases: Iterable[str], knows: Callable[[str], bool]) -> list[str]:
    """Return the phrases that can be heard, words with spaces between, and the way out.

    Empty when none can be, or there is no way out: then it is better to listen without a
    grammar.
    """
    out = next((word for word in WAYS_OUT if knows(word)), None)
    if out is None:
        return []
    found = [words for phrase in phrases if (words := split(phrase.lower(), knows))]
    heard = list(dict.fromkeys(" ".join(words) for words in found))
    return [*heard, out] if heard else []
