"""What of a sound site probably is not meant: warnings, which keep nothing from going live."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from calls.ids import Language, PromptId
from config.document import Document, KeyPath, read_document
from config.faults import Fault
from config.origins import written
from config.prompt_advice import recordings
from config.settings import Site
from config.staffing import gaps
from config.trunk_references import lets_abroad
from ivr.alike import confusable
from ivr.check import languages
from ivr.flow import Menu
from ivr.hours import WEEKDAYS, Hours
from sip.numbers import covered

SHORT_GAP = 30
"""Minutes between two stretches of a day; a shorter break is more likely a slip of the pen."""
SPOKEN_KEYS = {
    "*": ("*", "星", "별", "star"),
    "#": ("#", "井", "우물", "シャープ", "pound", "hash"),
}
"""What a prompt may call the keys that are no figures."""
KEYS_FROM_TO = re.compile("([0-9])(?: ?[到至~-] ?| to |から|부터 ?)([0-9])")
"""Keys that a prompt tells by the first and the last."""


def advice(site: Site, today: date) -> list[Fault]:
    """Return every warning, in the order of files."""
    found = [*recordings(site), *_keys(site), *_alike(site), *_hours(site, today), *_trunks(site)]
    # a part that is called twice is told of once
    return sorted({*found, *_staff(site), *_experts(site)})


def _warn(document: Document, path: KeyPath, code: str, zh: str, en: str) -> Fault:
    document.blame(path, zh, en, code, "warning")
    return document.faults[-1]


# trunks


def _trunks(site: Site) -> Iterator[Fault]:
    document = read_document(site.folder, "trunks.yaml")
    for name, trunk in site.trunks.items():
        for index, pattern in enumerate(trunk.dial_out):
            if lets_abroad(pattern):
                zh = f"样式“{pattern.text}”允许拨打国际长途；不需要时请写得更窄，例如 0[1-9]*"
                en = (
                    f"pattern {pattern.text!r} lets calls abroad be dialled; unless that is "
                    "meant, write a narrower one such as 0[1-9]*"
                )
                path = ("trunks", name, "dial_out", index)
                yield _warn(document, path, "dial-abroad", zh, en)


def _experts(site: Site) -> Iterator[Fault]:
    """Find people of rotas whom no trunk may dial."""
    document = read_document(site.folder, "site.yaml")
    may = [pattern for trunk in site.trunks.values() for pattern in trunk.dial_out]
    for name, rota in site.in_call.rotas.items():
        for index, person in enumerate(rota.people):
            if not covered(person.number, may):
                path = ("in_call", "rotas", name, "people", index, "number")
                zh = f"trunks.yaml 里没有线路的 dial_out 包括“{person.name}”的号码，永远拨不出去"
                en = f"no trunk's dial_out covers the number of {person.name}: it is never dialled"
                yield _warn(document, path, "dial-nowhere", zh, en)


# staff


def _staff(site: Site) -> Iterator[Fault]:
    """Find hours in which a lane is open and nobody is there."""
    document = read_document(site.folder, "lanes.yaml")
    for lane in site.lanes:
        for gap in gaps(site, lane):
            zh, en = gap.words()
            yield _warn(
                document,
                ("lanes", lane),
                "lane-unstaffed-hours",
                f"{zh} 开放，但按 agents.yaml 的 hours 没有人值班",
                f"is open {en}, and by the hours in agents.yaml nobody is on duty",
            )


# keys


def _keys(site: Site) -> Iterator[Fault]:
    for name, flow in site.flows.items():
        heard = languages(flow)
        for at, node in flow.nodes.items():
            untold = _untold(site, node, heard.get(at, set())) if isinstance(node, Menu) else ()
            for language, key in untold:
                zh = f"提示音（{language}）没有说到 {key} 键，来电者不会知道它"
                en = f"the prompt ({language}) does not tell of key {key}"
                document, path = written(site.folder, name, at)
                yield _warn(document, (*path, "keys", key), "key-not-told", zh, en)


def _alike(site: Site) -> Iterator[Fault]:
    """Find words of one menu that mean different keys and sound the same."""
    for name, flow in site.flows.items():
        for at, node in flow.nodes.items():
            words = node.words.get("zh", {}) if isinstance(node, Menu) and node.is_choice else {}
            for first, second in _sounding_alike(words) if words else ():
                zh = f"“{first}”和“{second}”听起来太像，却是不同的键；请换一个说法"
                en = f"{first!r} and {second!r} sound alike and mean different keys; use another"
                document, path = written(site.folder, name, at)
                yield _warn(document, (*path, "words", "zh"), "words-alike", zh, en)


def _sounding_alike(words: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  its tables take a while to load

    return confusable(words, lazy_pinyin)


def _untold(site: Site, menu: Menu, heard: set[Language]) -> Iterator[tuple[Language, str]]:
    """Find keys that the words of a menu's prompts do not tell."""
    for language in sorted(heard):
        words = _words(site, language, menu.prompts)
        for key in menu.keys if words is not None else ():
            if not _tells(words or "", key):
                yield language, key


def _tells(words: str, key: str) -> bool:
    """Tell whether words name a key, or keys of which it is between."""
    if any(sign in words for sign in SPOKEN_KEYS.get(key, (key,))):
        return True
    return key.isdigit() and any(a < key < b for a, b in KEYS_FROM_TO.findall(words))


def _words(site: Site, language: Language, prompts: tuple[PromptId, ...]) -> str | None:
    """Return what a menu says; None if the words of a recording are not known."""
    texts = [site.prompt_texts.get((language, prompt)) for prompt in prompts]
    return None if None in texts else " ".join(text.text for text in texts if text is not None)


# hours


def _hours(site: Site, today: date) -> Iterator[Fault]:
    document = read_document(site.folder, "hours.yaml")
    for name, hours in site.hours.items():
        yield from _stretches(document, name, hours)
        last = max((one.last for one in hours.holidays), default=None)
        if last is not None and last.year < today.year:
            zh = f"日历只写到 {last.year} 年，请补上 {today.year} 年的节假日和调休"
            en = f"the calendar ends with {last.year}; add the holidays of {today.year}"
            yield _warn(document, ("hours", name, "calendar"), "calendar-old", zh, en)


def _stretches(document: Document, name: str, hours: Hours) -> Iterator[Fault]:
    """Look at each weekday's stretches; the same stretches on several days are told once."""
    told = set()
    for weekday, windows in enumerate(hours.week):
        day = sorted(windows, key=lambda window: window.begin)
        for first, second in pairwise(day):
            pause = second.begin - (first.begin + first.minutes)
            if pause >= SHORT_GAP or (first, second) in told:
                continue
            told.add((first, second))
            code = "hours-overlap" if pause < 0 else "hours-gap"
            zh = f"{WEEKDAYS[weekday]}的 {first} 和 {second} " + (
                "重叠了" if pause < 0 else f"之间只隔 {pause} 分钟，是不是写错了？"
            )
            en = f"{first} and {second} " + (
                "overlap" if pause < 0 else f"are only {pause} minutes apart; is this meant?"
            )
            yield _warn(document, ("hours", name, "week"), code, zh, en)
