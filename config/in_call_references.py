"""What the settings of a call that is talked on name elsewhere: agents, lanes, prompts."""

from collections.abc import Sequence

from config.document import Document
from config.draft import Draft
from config.in_call_schema import target_in

NAMED = ("agents", "lanes")


def check(draft: Draft) -> None:
    """Blame whoever and whatever is named and does not exist."""
    site, document = draft.site, draft.documents["site.yaml"]
    read = all(isinstance(draft.documents[f"{name}.yaml"].value, dict) for name in NAMED)
    if site is None or not read:
        return  # whoever stands in a file that cannot be read would be blamed for it
    rules, agents = site.in_call, _names(draft.documents["agents.yaml"], "agents")
    for name, target in rules.targets.items():
        if target.agent is not None and target.agent not in agents:
            at = ("in_call", "targets", name, "agent")
            document.blame_missing(at, target.agent, agents, "agents.yaml")
    _people(document, "supervisors", rules.supervisors, agents)
    _people(document, "administrators", rules.administrators, agents)
    known = {
        *rules.targets,
        *(f"agent:{agent}" for agent in agents),
        *(f"lane:{lane}" for lane in _names(draft.documents["lanes.yaml"], "lanes")),
    }
    for code, wish in rules.keys.items():
        target_name = target_in(wish)
        if target_name is not None and target_name not in known:
            document.blame_missing(("in_call", "keys", code), target_name, known, "in_call.targets")
    _prompts(draft)


def _people(document: Document, key: str, named: Sequence[str], agents: set[str]) -> None:
    for index, person in enumerate(named):
        if person not in agents:
            document.blame_missing(("in_call", key, index), person, agents, "agents.yaml")


def _names(document: Document, key: str) -> set[str]:
    entries = document.value.get(key) if isinstance(document.value, dict) else None
    return set(entries) if isinstance(entries, dict) else set()


def _prompts(draft: Draft) -> None:
    spoken = {str(prompt) for language, prompt in draft.prompts.files if language == "zh"}
    assert draft.site is not None
    for prompt in draft.site.in_call.waits:
        if prompt not in spoken:
            at = ("in_call", "waits", str(prompt))
            draft.documents["site.yaml"].blame_missing(at, prompt, spoken, "prompts/zh/")
    for name, lane in draft.lanes.items():
        for index, prompt in enumerate(lane.briefing):
            if prompt not in spoken:
                at_item = ("lanes", name, "briefing", index)
                draft.documents["lanes.yaml"].blame_missing(at_item, prompt, spoken, "prompts/zh/")
