"""Words of menus that the recogniser of their language can never hear, if its model is there."""

from collections.abc import Iterator
from pathlib import Path

from asr.grammar import split
from calls.ids import Language, NodeId
from config.faults import Fault
from config.origins import written
from config.settings import Site
from ivr.flow import Menu
from server import models

Spoken = tuple[str, str, str]
"""A flow's name, a node's, and a word that callers may say there."""


def unheard(site: Site, data: Path) -> list[Fault]:
    """Warn of each word that is not made of words of the vocabulary.

    Models are loaded only for languages that some menu has words in: most sites have none,
    and loading takes a second or more.
    """
    wanted = _words(site)
    there = models.usable(models.find(models.places(data))) if wanted else {}
    faults: list[Fault] = []
    for language, words in wanted.items():
        if language in there and not models.faults(there[language]):
            faults += _missing(site, language, words, there[language])
    return sorted(set(faults))


def _words(site: Site) -> dict[Language, list[Spoken]]:
    found: dict[Language, list[Spoken]] = {}
    for name, flow in site.flows.items():
        for at, node in flow.nodes.items():
            if isinstance(node, Menu) and node.is_choice:
                for language, keys in node.words.items():
                    spoken = [(name, str(at), word) for said in keys.values() for word in said]
                    found.setdefault(language, []).extend(spoken)
    return found


def _missing(site: Site, language: Language, words: list[Spoken], folder: Path) -> Iterator[Fault]:
    from asr.vosk import Unloadable, VoskModel  # noqa: PLC0415  `check` stays quick without

    try:
        model = VoskModel(folder, language)
    except Unloadable:
        return  # `./hotline models` says what is wrong with it
    for name, at, word in words:
        if split(word, model.knows) is not None:
            continue
        document, path = written(site.folder, name, NodeId(at))
        zh = f"语音模型（{language}）不认识“{word}”，来电者说了也听不懂；请换一个常用的说法"
        en = f"the {language} model does not know {word!r}: it will never be heard; use another"
        code = "word-unheard"
        document.blame((*path, "words", language), zh, en, code, "warning")
        yield document.faults[-1]
