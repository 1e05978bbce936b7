"""The number to call back on: one that was said, or the one that called."""

import re
from collections.abc import Sequence

from workorders.draft import Field
from workorders.lines import Hit, Line, found, search

SPOKEN = {**{c: str(i) for i, c in enumerate("零一二三四五六七八九")}, "〇": "0", "幺": "1"}
ENGLISH = "zero one two three four five six seven eight nine"
WORDS = {
    **{w: str(i) for i, w in enumerate(ENGLISH.split())},
    **{w: str(i) for i, w in enumerate("공일이삼사오육칠팔구")},
    "oh": "0", "영": "0",
}  # fmt: skip
RUN = re.compile(
    r"(?:[0-9零〇幺一二三四五六七八九](?:[ 、，-]?)){3,}"
    r"|\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|[0-9]+)[ -]?){7,}"
    r"|(?:[공영일이삼사오육칠팔구][ ]?){9,}"
)
MOBILE = re.compile(r"1[3-9]\d{9}")
FIXED = re.compile(r"0\d{2,3}[2-8]\d{6,7}|[2-8]\d{6,7}")
ASKED = re.compile("电话|手机|号码|联系|打给|number|phone|call me|전화|번호|연락|電話|番号")
THIS_ONE = re.compile(
    "(?:就|打|用|是)?(?:这个|现在(?:这个)?|本机|来电的?)(?:电话|号码|手机|号)(?!.*(?:不|没|换))"
    r"|\bthis (?:number|phone)\b|이 번호|この番号|この電話"
)
NONE_KNOWN = frozenset({"", "anonymous", "unknown", "restricted", "unavailable"})


def caller_of(caller: str) -> Field[str] | None:
    """Return the number that called, unless it was withheld."""
    if caller.strip().lower() in NONE_KNOWN:
        return None
    return Field(caller, 1.0, "caller_record")


def call_back_of(caller: str, citizen: Sequence[Line]) -> Field[str] | None:
    """Return the number said to be called back on, else the one that called."""
    for hits in _runs(citizen):
        number = "".join(_digits(hit.text) for hit in hits)
        mobile, fixed = MOBILE.fullmatch(number), FIXED.fullmatch(number)
        if mobile or (fixed and ASKED.search(_around(hits[0], citizen))):
            return found(number, 0.95 if mobile else 0.8, hits)
    record = caller_of(caller)
    here = search(THIS_ONE, citizen)
    if here and record is not None:
        return found(record.value, 1.0, here)
    return record


def _runs(citizen: Sequence[Line]) -> list[list[Hit]]:
    """Return runs of digits; one that breaks off at a line's end goes on in the next.

    People say a number in groups, and the recogniser ends an utterance in the pauses.
    """
    runs: list[list[Hit]] = []
    for line, before in zip(citizen, [None, *citizen], strict=False):
        for hit in search(RUN, [line]):
            last = runs[-1][-1] if runs else None
            joins = last is not None and last.line is before and last.end == len(before.text)
            if joins and not line.text[: hit.start].strip("嗯啊呃是 "):
                runs[-1].append(hit)
            else:
                runs.append([hit])
    return runs


def _digits(text: str) -> str:
    for word in re.findall("[a-z]+", text):
        text = text.replace(word, WORDS.get(word, ""), 1)
    return "".join(SPOKEN.get(c, WORDS.get(c, c)) for c in text if c not in " 、，-")


def _around(hit: Hit, citizen: Sequence[Line]) -> str:
    at = citizen.index(hit.line)
    return " ".join(line.text for line in citizen[max(0, at - 1) : at + 1])
