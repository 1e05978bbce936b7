"""What rotas of experts at home, and flows that lead to targets, name elsewhere."""

from collections.abc import Iterator
from typing import Any

from config.document import Document
from config.draft import Draft


def check(draft: Draft) -> None:
    """Blame a rota, hours, a prompt or a target that is named and does not exist."""
    site, document = draft.site, draft.documents["site.yaml"]
    if site is None:
        return
    rules = site.in_call
    for name, target in rules.targets.items():
        if target.rota is not None and target.rota not in rules.rotas:
            at = ("in_call", "targets", name, "rota")
            document.blame_missing(at, target.rota, rules.rotas, "in_call.rotas")
    _rotas(draft, document)
    for written, node, wanted in _led_to(draft):
        if wanted not in rules.targets:
            path = ("nodes", node, "target")
            written.blame_missing(path, wanted, rules.targets, "in_call.targets")


def _rotas(draft: Draft, document: Document) -> None:
    assert draft.site is not None
    spoken = {str(prompt) for language, prompt in draft.prompts.files if language == "zh"}
    written = draft.documents["hours.yaml"].value
    hours = written.get("hours") if isinstance(written, dict) else None
    for name, rota in draft.site.in_call.rotas.items():
        if rota.prompt not in spoken:
            at = ("in_call", "rotas", name, "prompt")
            document.blame_missing(at, rota.prompt, spoken, "prompts/zh/")
        for index, person in enumerate(rota.people):
            if person.quiet is not None and isinstance(hours, dict) and person.quiet not in hours:
                place = ("in_call", "rotas", name, "people", index, "quiet")
                document.blame_missing(place, person.quiet, hours, "hours.yaml")


def _led_to(draft: Draft) -> Iterator[tuple[Document, str, str]]:
    """Find every target that a flow transfers to: where it is written, by which node."""
    for name, document in draft.documents.items():
        value: Any = document.value if name.startswith("flows/") else None
        nodes = value.get("nodes") if isinstance(value, dict) else None
        for node, written in nodes.items() if isinstance(nodes, dict) else ():
            if isinstance(written, dict) and isinstance(written.get("target"), str):
                yield document, node, written["target"]
