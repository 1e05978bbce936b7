"""The shipped city: whole, within the numbers of the brief, and naming every setting."""

import json
import sys
from datetime import date, datetime
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from calls.ids import LANGUAGES, Language, PromptId
from config.advice import advice
from config.flow_schema import NODES
from config.json_schemas import TOPS, json_schemas
from config.reader import read
from config.schema import SiteFile
from config.settings import Site
from ivr.flow import Enqueue, Menu
from ivr.reading import KINDS, pieces
from ivr.reading_words import WORDS
from tests.helpers import sites

SITE = Path(__file__).parents[3] / "config" / "site"
BENCH = Path(__file__).parents[3] / "bench" / "site"


@pytest.fixture(scope="module")
def site() -> Site:
    return read(SITE)


@pytest.mark.skipif(sys.gettrace() is not None, reason="coverage slows it five times")
def test_it_is_read_and_checked_in_well_under_a_second() -> None:
    began = process_time()
    read(SITE)
    assert process_time() - began < 0.8


def test_it_has_the_lanes_units_and_types_of_a_city(site: Site) -> None:
    assert set(site.lanes) == {
        "general", "medical", "counselling", "ticketing", "business", "talent", "government",
        "english", "korean", "japanese",
    }  # fmt: skip
    assert len(site.units) >= 91
    assert set(site.types) == {"咨询", "求助", "投诉", "举报", "建议", "表扬"}
    assert {"幸福路", "人民路", "中山路"} <= set(site.places)


def test_surveys_are_off_and_the_manuals_flow_is_all_that_they_need(
    site: Site, tmp_path: Path
) -> None:
    assert site.surveys.flow is None, "nobody is called before somebody wants it"
    folder = sites.copy(tmp_path / "site", whole=True)
    manual = (SITE.parents[1] / "docs" / "lanes-and-agents.md").read_text("utf-8")
    _, _, flow = manual.partition("```yaml\n# flows/survey.yaml\n")
    (folder / "flows" / "survey.yaml").write_text(flow.partition("```")[0], "utf-8")
    text = (folder / "site.yaml").read_text("utf-8")
    text = text.replace("  flow:      ", "  flow: survey\n#")
    text = text.replace("  hours:     ", "  hours: extended\n#")
    (folder / "site.yaml").write_text(text, "utf-8")
    asked = read(folder)
    assert (asked.surveys.flow, asked.surveys.hours) == ("survey", "extended")
    assert list(advice(asked, date(2026, 11, 22))) == [], "it tells of each key"


def test_every_lane_has_an_agent_and_general_has_at_least_two(site: Site) -> None:
    for lane in site.lanes.values():
        able = [a for a in site.agents.values() if set(lane.needs) <= set(a.skills)]
        assert len(able) >= (2 if lane.id == "general" else 1)


def test_counselling_is_never_dropped_and_goes_first(site: Site) -> None:
    lane = site.lanes["counselling"]  # type: ignore[index]  # an id as text
    assert lane.never_drop
    assert lane.hours is None
    assert lane.priority == max(other.priority for other in site.lanes.values())


def test_calls_to_12345_get_the_main_flow_and_others_are_refused(site: Site) -> None:
    flow = site.flow_for("12345")
    assert flow is not None
    assert flow.name == "main"
    assert flow.record
    assert site.flow_for("10086") is None


def test_every_key_of_the_greeting_leads_somewhere_of_its_own(site: Site) -> None:
    menu = site.flows["main"].nodes[site.flows["main"].begin]
    assert isinstance(menu, Menu)
    assert sorted(menu.keys) == sorted("0123456789*")
    assert len(set(menu.keys.values())) == 11
    assert menu.timeout == 3.0


def test_only_callers_from_this_machine_are_admitted(site: Site) -> None:
    assert [str(net) for trunk in site.trunks.values() for net in trunk.addresses] == [
        "127.0.0.0/8"
    ]


def test_the_office_keeps_the_national_holidays(site: Site) -> None:
    hours = site.hours_of(site.lanes["business"].id)  # type: ignore[index]
    assert hours is not None
    said = {
        day: hours.is_open(datetime.fromisoformat(f"{day}T10:00+08:00"))[0]
        for day in ("2026-10-01", "2026-10-08", "2026-10-10", "2026-11-21")
    }
    assert list(said.values()) == [False, True, True, False]
    assert site.hours_of(site.lanes["general"].id) is None  # type: ignore[index]


def test_music_comes_from_the_lane(site: Site) -> None:
    lanes = [n for n in site.flows["main"].nodes.values() if isinstance(n, Enqueue)]
    assert {node.music for node in lanes} == {"music"}


@pytest.mark.parametrize(
    ("words", "unit"),
    [("visa", "exit_entry"), ("비자", "exit_entry"), ("ビザ", "exit_entry"),
     ("路灯不亮", "urban_management"), ("停水", "water_company")],
)  # fmt: skip
def test_what_callers_ask_for_stands_with_the_unit_that_does_it(
    site: Site, words: str, unit: str
) -> None:
    assert [u.id for u in site.units.values() if words in u.keywords] == [unit]


def test_every_spoken_prompt_has_its_words(site: Site) -> None:
    tones = {prompt for _, prompt in site.prompts} & {"beep", "music", "ring_back", "w_pause"}
    spoken = {key for key in site.prompts if key[1] not in tones}
    assert spoken == set(site.prompt_texts)
    assert all(site.prompt_seconds[key] > 0 for key in site.prompts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_a_flow_may_read_out_is_recorded_in_each_language(
    site: Site, kind: str, language: Language
) -> None:
    assert [one for one in pieces(kind, language) if (language, one) not in site.prompts] == []


def test_a_recording_of_a_piece_says_what_the_reading_takes_it_for(site: Site) -> None:
    for language in LANGUAGES:
        for piece, said in WORDS[language].items():
            assert site.prompt_texts[language, PromptId(piece)].text == said


def test_a_site_is_frozen(site: Site) -> None:
    with pytest.raises(AttributeError):
        site.secrets = "x"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        site.limits.max_calls = 1  # type: ignore[misc]


# every setting is shown


def values_of(name: str) -> Any:
    return YAML(typ="safe", pure=True).load(SITE / name)


def shown(values: Any, model: type[BaseModel], skip: tuple[str, ...] = ()) -> set[str]:
    names = {field.alias or name for name, field in model.model_fields.items()}
    return names - set(values) - {"id", *skip}


def test_the_shipped_site_names_every_setting() -> None:
    values = values_of("site.yaml")
    assert shown(values, SiteFile) == set()
    for name, field in SiteFile.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            assert shown(values[name], field.annotation) == set()


@pytest.mark.parametrize("file", sorted(TOPS))
def test_each_file_shows_every_setting_of_its_entries(file: str) -> None:
    values = values_of(file)
    for key, model in TOPS[file].items():
        named = {setting for entry in values[key].values() for setting in entry}
        assert shown(named, model, skip=("contact",) if file == "agents.yaml" else ()) == set()


def test_each_file_has_a_json_schema_that_knows_its_settings() -> None:
    schemas = json_schemas()
    assert set(schemas) == {
        *TOPS, "site.yaml", "flows/*.yaml", "tests/*.yaml", "prompts/*/texts.yaml",
        "plans.yaml", "days/*.yaml", "days/said/*.yaml",
    }  # fmt: skip
    lane = schemas["lanes.yaml"]["$defs"]["Lane"]
    assert "wrap_up" in lane["properties"]
    assert "id" not in lane["properties"]
    assert lane["additionalProperties"] is False
    assert "description" in lane["properties"]["ring_time"]
    trunk = schemas["trunks.yaml"]["$defs"]["Trunk"]["properties"]
    assert "description" in trunk["register"], "a setting with a name of its own in the file"
    nodes = json.dumps(schemas["flows/*.yaml"])
    assert all(f'"{kind}"' in nodes for kind in NODES)


class TestTheSiteForLoadRuns:
    def test_answers_every_user_of_the_kit(self) -> None:
        bench = read(BENCH)
        assert set(bench.numbers) == {"ivr", "ivrnr", "sig", "moh", "bridge", "bridgerec"}

    def test_records_what_is_to_be_recorded(self) -> None:
        flows = read(BENCH).flows
        assert {name for name, flow in flows.items() if flow.record} == {"ivr", "bridgerec"}

    def test_rings_one_phone_as_many_agents(self) -> None:
        agents = read(BENCH).agents.values()
        assert {agent.contact for agent in agents} == {"sip:agent@127.0.0.1:5080"}
        assert len(agents) == 500
