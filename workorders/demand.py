"""What the caller wants done, and whether it is to be kept secret."""
# ruff: noqa: E501  # tables of words: a row broken over lines is harder to read and to mend

import re
from collections.abc import Sequence
from functools import lru_cache

from calls.ids import Language
from workorders.draft import Field
from workorders.lines import REMEMBERED, Hit, Line, Span, found, search, spans

CLAUSE = "[^，。？！,.?!]"
DEMANDS: dict[Language, tuple[str, ...]] = {
    "zh": (
        f"(?:希望|请求|强烈要求|(?<!不)要求|恳请|盼望|(?<!再)请(?:你们|政府|相关部门|有关部门)|麻烦(?:你们|帮)){CLAUSE}{{2,40}}",
        f"(?:(?<!不)能不能|可不可以|赶紧|尽快|帮我|帮忙){CLAUSE}{{2,40}}",
        f"(?:请问|想问|问一?下|咨询|想了解|打听){CLAUSE}{{2,40}}",
        f"(?:建议|应该){CLAUSE}{{3,40}}",
    ),
    "en": (
        rf"\b(?:i want you to|i hope|please(?! hold)|i would like you to|can you (?!hear)|could you (?!hear)){CLAUSE}{{4,90}}",
        rf"\b(?:i (?:want|need|would like) to|how (?:can|do|should) i|what do i need){CLAUSE}{{4,90}}",
    ),
    "ko": (f"{CLAUSE}{{2,40}}(?:해 ?주세요|해 ?주시|바랍니다|주셨으면|싶습니다|싶어요|알려 ?주세요|하나요|인가요|습니까)",),
    "ja": (f"{CLAUSE}{{2,40}}(?:してください|してほしい|お願いします|お願いし|教えてください|たいです|たいのですが|ですか|ますか|でしょうか)",),
}  # fmt: skip
PATTERNS = {
    language: [re.compile(demand) for demand in demands] for language, demands in DEMANDS.items()
}
IDLE = re.compile(
    "请问(?:一下)?$|^(?:请问|问一?下|咨询)(?:一下)?(?:你们?|您)?$|保密|匿名|解决了|感谢|谢谢|听得?到|等一下|稍等"
)
SECRET = re.compile(
    "保密|匿名|(?:不要|别|不想|不能)(?:透露|泄露|公开|让(?:他|她|人|对方)(?:们)?知道)"
    r"|\b(?:confidential|anonymous(?:ly)?|keep (?:it|this|my name) (?:secret|private)|don't tell)\b"
    "|비밀|익명|秘密|匿名|内緒"
)
OPEN = re.compile(
    "(?:不用|不需要|无需|没必要|不必)(?:给我)?$|(?:no need to|not) (?:keep )?(?:it )?$"
)


def demand_of(citizen: Sequence[Line]) -> Field[str] | None:
    """Take the clause that says what is wanted; the plainest kind first, the last said first."""
    for language, patterns in PATTERNS.items():
        spoken = [line for line in citizen if line.said.language == language]
        for rank in range(len(patterns)) if spoken else ():
            where = ((line, demands_in(language, line.text)[rank]) for line in spoken)
            hits = [Hit(line, *span) for line, found_in in where for span in found_in]
            if hits:
                best = max(hits, key=lambda hit: (len(hit.text) > 4, hit.line.said.start))
                return found(best.text.strip("的啊呢吧吗了 "), 0.9 - 0.1 * rank, [best])
    return None


@lru_cache(maxsize=REMEMBERED)
def demands_in(language: Language, text: str) -> tuple[tuple[Span, ...], ...]:
    """Find where a text says what is wanted, the plainest kind first."""
    return tuple(
        tuple(span for span in spans(pattern, text) if IDLE.search(text[slice(*span)]) is None)
        for pattern in PATTERNS[language]
    )


def confidential_of(citizen: Sequence[Line]) -> Field[bool] | None:
    """Tell whether the caller asked for secrecy; None if it was not spoken of."""
    hits = search(SECRET, citizen)
    wanted = [hit for hit in hits if OPEN.search(hit.line.text[: hit.start]) is None]
    if wanted:
        return found(True, 0.95, wanted)
    return found(False, 0.9, hits) if hits else None


def whole(lines: Sequence[Line]) -> list[Hit]:
    """Return each line from end to end."""
    return [Hit(line, 0, len(line.text)) for line in lines]
