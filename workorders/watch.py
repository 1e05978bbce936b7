"""Danger while the caller is still speaking: a judgement on words, final or not yet."""

from dataclasses import dataclass

from workorders.lines import Hit, Line, Said

HELP = {
    "gas": "119",
    "fire": "119",
    "trapped": "119",
    "water": "119",
    "electric": "119",
    "collapse": "119",
    "violence": "110",
    "medical": "120",
    "suicide": "110",
}
"""Whom to call for help, by the kind of danger."""
LAST = 60
"""Characters of an utterance that are judged: what was said before has been judged before."""


@dataclass(frozen=True, slots=True)
class Danger:
    """Somebody is in danger, and the words that say so."""

    words: str
    kind: str | None
    """None if it only sounded so."""
    help: str | None
    """The number to connect."""


def danger_in(said: Said) -> Danger | None:
    """Judge what is known of an utterance so far; None unless somebody is in danger now."""
    from workorders.danger import alarms  # noqa: PLC0415  its patterns take half a second to make

    line = Line.of(said)
    cut = max(0, len(line.text) - LAST)
    real = [alarm.hit for alarm in alarms([line]) if not alarm.feared and alarm.hit.end > cut]
    if not real:
        return None
    kind = next(filter(None, map(_kind, real)), None)
    words = "…".join(hit.evidence.words for hit in real[:3])
    return Danger(words, kind, HELP.get(kind) if kind else None)


def _kind(hit: Hit) -> str | None:
    from workorders.danger import KINDS  # noqa: PLC0415  as above

    return next((kind for kind, known in KINDS.items() if known.search(hit.text)), None)
