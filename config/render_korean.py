"""Korean into phonemes, so that a voice trained on other languages can say it.

Kokoro has no Korean voice. This spells Hangul in sounds which it learnt from Mandarin, Japanese
and English, after the standard pronunciation (표준발음법): final consonants moved to a following
vowel, nasals, ㄹ, aspiration by ㅎ, tense consonants after a stop. What it does not know: the tense
consonants inside compounds and after the ending -(으)ㄹ. Give such a prompt a ``say`` as it sounds.
"""

from __future__ import annotations

import re
from itertools import pairwise

ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]

# A final cluster: what stays, and what moves to a following vowel.
CLUSTERS = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
CLOSED = dict(zip("ㄲㅋㅅㅆㅈㅊㅌㅎㅍ", "ㄱㄱㄷㄷㄷㄷㄷㄷㅂ", strict=True))  # how a final sounds
ASPIRATED = dict(zip("ㄱㄷㅂㅈ", "ㅋㅌㅍㅊ", strict=True))
TENSE = dict(zip("ㄱㄷㅂㅅㅈ", "ㄲㄸㅃㅆㅉ", strict=True))
NASAL = dict(zip("ㄱㄷㅂ", "ㅇㄴㅁ", strict=True))

SOUNDS = {
    "ㄱ": "k", "ㄲ": "k", "ㅋ": "kʰ", "ㄴ": "n", "ㄷ": "t", "ㄸ": "t", "ㅌ": "tʰ", "ㄹ": "ɾ",
    "ㅁ": "m", "ㅂ": "p", "ㅃ": "p", "ㅍ": "pʰ", "ㅅ": "s", "ㅆ": "s", "ㅇ": "", "ㅈ": "ʨ",
    "ㅉ": "ʨ", "ㅊ": "ʨʰ", "ㅎ": "h", "ㅏ": "a", "ㅐ": "ɛ", "ㅑ": "ja", "ㅒ": "jɛ", "ㅓ": "ɔ",
    "ㅔ": "e", "ㅕ": "jɔ", "ㅖ": "je", "ㅗ": "o", "ㅘ": "wa", "ㅙ": "wɛ", "ㅚ": "we", "ㅛ": "jo",
    "ㅜ": "u", "ㅝ": "wɔ", "ㅞ": "we", "ㅟ": "wi", "ㅠ": "ju", "ㅡ": "ɯ", "ㅢ": "ɯi", "ㅣ": "i",
}  # fmt: skip
VOICED = {"ㄱ": "ɡ", "ㄷ": "d", "ㅂ": "b", "ㅈ": "ʥ"}  # between sounds that ring
FINALS = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ŋ"}

Syllable = list[str]  # onset, vowel, coda


def korean(text: str) -> str:
    """Spell Korean in Kokoro's phonemes; marks and spaces stay."""
    return re.sub(r"[가-힣 ]+", lambda phrase: _phrase(phrase[0]), text)


def _phrase(phrase: str) -> str:
    """Spell what is said in one breath: a first stop rings when a ringing sound is before it."""
    out, before = [], ""
    for word in phrase.split(" "):
        spelled, before = _spelled(_sounded(_taken_apart(word)), before)
        out.append(spelled)
    return " ".join(out)


def _taken_apart(word: str) -> list[Syllable]:
    """Split each syllable block into onset, vowel and coda (Unicode §3.12)."""
    codes = [ord(block) - 0xAC00 for block in word]
    return [[ONSETS[c // 588], VOWELS[c % 588 // 28], CODAS[c % 28]] for c in codes]


def _sounded(word: list[Syllable]) -> list[Syllable]:
    """Let neighbouring consonants act on each other."""
    for this, following in pairwise(word):
        this[2], following[0] = _met(this[2], following[0], following[1])
    if word:
        word[-1][2] = _at_rest(word[-1][2])
    return word


def _at_rest(coda: str) -> str:
    """Say how a final sounds when nothing follows."""
    if coda in ("ㄺ", "ㄻ", "ㄿ"):
        coda = CLUSTERS[coda][1]
    coda = CLUSTERS.get(coda, coda)[:1]
    return CLOSED.get(coda, coda)


def _pair(coda: str) -> tuple[str, str]:
    """Split a final into what stays and what may move."""
    both = CLUSTERS.get(coda)
    return (both[0], both[1]) if both else ("", coda)


def _met(coda: str, onset: str, vowel: str) -> tuple[str, str]:
    """Say how a final and the onset after it sound together."""
    if not coda or (coda == "ㅇ" and onset != "ㄹ"):
        return coda, onset
    if onset == "ㅇ":
        return _moved(coda, vowel)
    stays, last = _pair(coda)
    if last == "ㅎ" and onset in ASPIRATED:
        return stays, ASPIRATED[onset]
    if last == "ㅎ" and onset == "ㅅ":
        return stays, "ㅆ"
    if onset == "ㅎ" and CLOSED.get(last, last) in ASPIRATED:
        return stays, ASPIRATED["ㅈ" if last == "ㅈ" else CLOSED.get(last, last)]
    return _touching(_at_rest(coda), onset)


def _moved(coda: str, vowel: str) -> tuple[str, str]:
    """Move a final to the vowel that follows it."""
    stays, last = _pair(coda)
    if last == "ㅎ":
        return ("", stays) if stays else ("", "ㅇ")
    if last in "ㄷㅌ" and vowel == "ㅣ":
        return stays, {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}[last]
    return stays, "ㅆ" if stays and last == "ㅅ" else last


def _touching(coda: str, onset: str) -> tuple[str, str]:
    """Nasals, ㄹ, and tense consonants."""
    if onset == "ㄹ" and coda in "ㄱㄷㅂㅁㅇ":
        return NASAL.get(coda, coda), "ㄴ"
    if {coda, onset} == {"ㄴ", "ㄹ"} or coda == onset == "ㄹ":
        return "ㄹ", "ㄹ"
    if onset in "ㄴㅁ":
        return NASAL.get(coda, coda), onset
    return coda, TENSE.get(onset, onset) if coda in NASAL else onset


def _spelled(word: list[Syllable], before: str) -> tuple[str, str]:
    """Write the sounds down, `before` being the last one so far; return the new last one too."""
    out = ""
    for onset, vowel, coda in word:
        rings = before and before not in ("k", "t", "p")
        sound = VOICED[onset] if rings and onset in VOICED else SOUNDS[onset]
        if onset == "ㄹ" and before == "l":
            sound = "l"
        if onset in "ㅅㅆ" and SOUNDS[vowel][0] in "ij":
            sound = "ɕ"
        out += sound + SOUNDS[vowel] + FINALS[coda]
        before = FINALS[coda] or "a"  # an open syllable ends in a vowel
    return out, before
