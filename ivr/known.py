"""What a walk knows of its caller, and when what the caller does counts."""

from collections.abc import Iterable, Mapping

from calls.ids import Language, NodeId
from ivr.commands import Command, HearWords, WatchSpeech
from ivr.dues import WORDS_PAUSE
from ivr.flow import Barge, Branch, Exit, Menu, Node, exits
from ivr.words import phrases


def fitting(value: str, patterns: Iterable[str]) -> str | None:
    """Return the first pattern that a value fits; `010*` fits all that begins so."""
    for pattern in patterns:
        if value == pattern or (pattern.endswith("*") and value.startswith(pattern[:-1])):
            return pattern
    return None


def gathered(about: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return what a request is about: `=110` stands for itself, `order` for what is known so."""
    return {
        name: source[1:] if source.startswith("=") else known.get(source, "")
        for name, source in about.items()
    }


def chosen_by(node: Branch, known: Mapping[str, str]) -> tuple[str, str, NodeId]:
    """Choose a way by something known: the answer, the rule for the record, and the way.

    The rule names the pattern and not the value, which may be somebody's number.
    """
    variable = node.variable or ""
    answer = fitting(known.get(variable, ""), node.ways)
    to = node.otherwise if answer is None else node.ways[answer]
    return answer or "otherwise", f"{variable}: {answer or '-'}", to


def exits_in(node: Node, language: Language) -> list[Exit]:
    """Return the ways out of a node that a caller of this language may take."""
    if not isinstance(node, Branch) or node.variable != "language":
        return exits(node)
    answer = fitting(language, node.ways)
    if answer is None:
        return [(("otherwise",), node.otherwise)]
    return [(("values", answer), node.ways[answer])]


def counts_now(mode: Barge, *, offered: bool) -> bool:
    """Tell whether what comes while prompts are being said takes effect at once."""
    return mode == "at_once" or (mode == "if_valid" and offered)


def ears(node: Node, language: Language, *, on: bool) -> list[Command]:
    """Have the caller's words heard in a menu that has words, or no longer."""
    if not isinstance(node, Menu) or language not in node.words:
        return []
    wanted = phrases(node.words[language], node.keys, language) if on else ()
    return [WatchSpeech(WORDS_PAUSE if on else None), HearWords(on, wanted)]
