"""Reading a site's folder: either a whole `Site`, or every fault of all its files at once."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from config import references
from config.document import Document, KeyPath, read_document
from config.draft import FILES, PLANS, Draft
from config.faults import Fault, SettingsError
from config.flow_reader import join, read_script
from config.hours_schema import Calendar, HoursSettings, hours_of
from config.lane_schema import Agent, Lane
from config.plans import Plan
from config.prompt_files import find_prompts, texts
from config.schema import MatterType, Place, SiteFile, SpokenText, Unit
from config.settings import Site
from config.trunk_schema import Trunk
from config.values import Settings
from config.wording import blame_kind, unknown, valid

Model = TypeVar("Model", bound=Settings)


KEPT = "read"
"""The folder in the data folder where what was read of files is kept for the next start."""


def read(folder: Path, kept: Path | None = None) -> Site:
    """Read a site; raise SettingsError with every fault if there is any.

    `kept` is a folder for what was read of sound files: one that is there is not read again.
    """
    folder = folder.absolute()
    if not folder.is_dir():
        zh, en = "找不到这个设置文件夹", "there is no such folder of settings"
        raise SettingsError([Fault(str(folder), 1, 1, "", zh, en)])
    draft = _draft(folder, kept)
    references.check(draft)
    faults = [*draft.faults(), *_strange_files(folder)]
    if faults or draft.site is None:
        raise SettingsError(faults)
    return _site(folder, draft, draft.site)


def _draft(folder: Path, kept: Path | None) -> Draft:
    documents = {name: read_document(folder, name, kept) for name in FILES}
    draft = Draft(documents, find_prompts(folder))
    draft.site = _whole(documents["site.yaml"], SiteFile)
    draft.trunks = _top(documents["trunks.yaml"], "trunks", Trunk)
    draft.lanes = _top(documents["lanes.yaml"], "lanes", Lane)
    draft.hours = _top(documents["hours.yaml"], "hours", HoursSettings, "calendars")
    draft.calendars = _entries(documents["hours.yaml"], "calendars", Calendar)
    draft.agents = _top(documents["agents.yaml"], "agents", Agent)
    draft.units = _top(documents["units.yaml"], "units", Unit)
    draft.types = _top(documents["types.yaml"], "types", MatterType)
    draft.places = _top(documents["gazetteer.yaml"], "places", Place)
    if (folder / PLANS).exists():
        documents[PLANS] = read_document(folder, PLANS, kept)
        draft.plans = _top(documents[PLANS], "plans", Plan)
    for language, document in texts(folder, kept):
        documents[document.name] = document
        for text in _named(document, (), document.value, SpokenText).values():
            draft.spoken[language, text.id] = text
    for path in sorted((folder / "flows").glob("*.yaml")):
        document = read_document(folder, f"flows/{path.name}", kept)
        documents[document.name] = document
        read_script(path.stem, document, draft)
    join(draft)
    return draft


# files


def _strange_files(folder: Path) -> list[Fault]:
    """Find files that look like settings and would never be read."""
    strange = [path.name for path in folder.glob("*.y*ml") if path.name not in (*FILES, PLANS)]
    strange += [f"flows/{path.name}" for path in (folder / "flows").glob("*.yml")]
    strange += [str(path.relative_to(folder)) for path in folder.glob("**/*.yaml.txt")]
    faults = []
    for name in strange:
        close = get_close_matches(name, FILES, 1) or [str(Path(name).with_suffix(".yaml"))]
        if name.endswith(".txt"):
            close = [name.removesuffix(".txt")]
        zh = f"这个文件不会被读取；文件名是不是应为“{close[0]}”？"
        en = f"this file is never read; is {close[0]!r} meant?"
        faults.append(Fault(name, 1, 1, "", zh, en, "file-unread"))
    return faults


def _whole(document: Document, model: type[Model]) -> Model | None:
    """Read a file that is one value."""
    if not isinstance(document.value, dict):
        blame_kind(document, (), document.value)
        return None
    return valid(document, (), document.value, model)


def _top(document: Document, key: str, model: type[Model], *others: str) -> dict[str, Model]:
    """Read a file that holds named entries below one key."""
    value = document.value
    if not isinstance(value, dict):
        blame_kind(document, (), value)
        return {}
    for name in value.keys() - {key, *others}:
        zh, en = unknown(name, (key, *others))
        if isinstance(value[name], dict):
            zh += f"；若是 {key} 里的一条，行首要多空两格"
            en += f"; an entry of {key} is indented by two spaces more"
        document.blame((name,), zh, en, "setting-unknown")
    if key not in value:
        zh, en = "缺少这一项；没有内容时写 {}", "is missing; write {} for none"
        document.blame((key,), zh, en, "setting-missing")
    return _entries(document, key, model)


def _entries(document: Document, key: str, model: type[Model]) -> dict[str, Model]:
    """Read the named entries below a key, if the file has it."""
    if not isinstance(document.value, dict):
        return {}
    return _named(document, (key,), document.value.get(key, {}), model)


def _named(document: Document, at: KeyPath, value: Any, model: type[Model]) -> dict[str, Model]:
    """Read named entries one by one, so that one that is wrong hides no other."""
    if not isinstance(value, dict):
        blame_kind(document, at, value)
        return {}
    found = {}
    for name, entry in value.items():
        if not isinstance(entry, dict):
            blame_kind(document, (*at, name), entry)
            continue
        if "id" in entry:
            document.blame((*at, name, "id"), *unknown("id", [n for n in model.model_fields][1:]))
        sound = valid(document, (*at, name), {**entry, "id": name}, model)
        if sound is not None:
            found[name] = sound
    return found


# the whole


def _site(folder: Path, draft: Draft, site: SiteFile) -> Site:
    refuse = site.default_number not in site.numbers
    return Site(
        folder=folder,
        city=site.city,
        sip=site.sip,
        rtp=site.rtp,
        http=site.http,
        numbers=site.numbers,
        default_number=None if refuse else site.default_number,
        ready_on_register=site.ready_on_register,
        limits=site.limits,
        rests=site.rests,
        priority=site.priority,
        call_backs=site.call_backs,
        surveys=site.surveys,
        recognition=site.recognition,
        recording=site.recording,
        retention=site.retention,
        flow_rules=site.flow_rules,
        in_call=site.in_call,
        emergency=site.emergency,
        service=site.service,
        secrets=site.secrets,
        trunks=draft.trunks,
        lanes={lane.id: lane for lane in draft.lanes.values()},
        agents={agent.id: agent for agent in draft.agents.values()},
        units={unit.id: unit for unit in draft.units.values()},
        types=draft.types,
        places=draft.places,
        hours={name: hours_of(hours, draft.calendars) for name, hours in draft.hours.items()},
        flows={name: whole.flow for name, whole in draft.wholes.items()},
        prompts=draft.prompts.files,
        prompt_seconds=draft.prompts.seconds,
        prompt_texts=draft.spoken,
        plans=draft.plans,
    )
