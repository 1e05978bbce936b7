"""`./hotline draft`: a draft for each text of a file, as if a citizen had said it."""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from asr.transcript import Utterance
from calls.events import Word
from calls.ids import LANGUAGES, CallId, Language
from config import reader
from config.faults import SettingsError
from server import text_lines
from server.drafting import DraftWriter, precedents_in
from server.model_folder import BadModel
from workorders.drafting import CallFacts, draft
from workorders.wire import to_json

USAGE = 2
RATE = 4.0
"""Characters a second: times of a text that has none of its own."""


def main(arguments: argparse.Namespace) -> int:
    """Print one draft a line, with the words that each value rests on."""
    try:
        writer = DraftWriter.of(reader.read(arguments.config), precedents_in(arguments.data))
        for number, entry in enumerate(text_lines.read(arguments.texts, ("text",)), 1):
            print(json.dumps(_drafted(writer, number, entry), ensure_ascii=False))
    except SettingsError as error:
        print("\n".join(map(str, error.faults)), file=sys.stderr)
        return USAGE
    except (OSError, text_lines.BadLine, BadModel) as error:
        print(error, file=sys.stderr)
        return USAGE
    return 0


def _drafted(writer: DraftWriter, number: int, entry: Mapping[str, Any]) -> dict[str, object]:
    language = entry.get("lang", "zh")
    if language not in LANGUAGES:
        raise text_lines.BadLine(
            f"第 {number} 条 / text {number}: lang {language!r}, 应为 one of {', '.join(LANGUAGES)}"
        )
    call = CallId(str(entry.get("id", number)))
    facts = CallFacts(call, str(entry.get("caller", "")), None, language, time.time())
    words = _words(number, entry.get("words", ()))
    said = _said(entry["text"], cast(Language, language), words)
    drafted = draft(facts, said, writer.city)
    drafted = replace(drafted, duplicates=writer.memory.open_orders.like(drafted))
    writer.memory.open_orders.remember(drafted)
    return to_json(drafted)


def _words(number: int, given: Sequence[Any]) -> tuple[Word, ...]:
    """Read words as recognisers give them: word (or text), start, end, conf."""
    try:
        return tuple(
            Word(
                str(w["word"] if "word" in w else w["text"]),
                float(w["start"]),
                float(w["end"]),
                float(w.get("conf", w.get("confidence", 1.0))),
            )
            for w in given
        )
    except (TypeError, KeyError, ValueError):
        raise text_lines.BadLine(
            f"第 {number} 条 / text {number}: words 应为 word、start、end、conf / must be those"
        ) from None


def _said(text: str, language: Language, words: tuple[Word, ...]) -> list[Utterance]:
    """Take a text as one utterance; a longer one line by line, when it has no word times."""
    if words:
        sure = sum(word.confidence for word in words) / len(words)
        return [Utterance("citizen", language, words[0].start, words[-1].end, text, sure, words)]
    said, at = [], 0.0
    for line in filter(None, (line.strip() for line in text.splitlines())):
        said.append(Utterance("citizen", language, at, at + len(line) / RATE, line, 1.0, ()))
        at = said[-1].end
    return said
