"""Flows of parts: calls and returns, questions, marks, call-backs, transfers, things looked up."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from calls.ids import NodeId
from config.advice import advice
from config.faults import SettingsError
from config.flow_tests import run_tests
from config.origins import written
from config.reader import read
from config.settings import Site
from ivr.draw import mermaid
from ivr.draw_svg import svg
from tests.helpers import sites

PARTS = Path(__file__).with_name("parts")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = sites.copy(tmp_path_factory.mktemp("parts") / "site")
    sites.only_flow(site, (PARTS / "main.yaml").read_text("utf-8"))
    shutil.copyfile(PARTS / "ask_phone.yaml", site / "flows/ask_phone.yaml")
    (site / "tests").mkdir(exist_ok=True)
    shutil.copyfile(PARTS / "tests.yaml", site / "tests/main.yaml")
    return site


@pytest.fixture
def site(folder: Path) -> Site:
    return read(folder)


def test_every_way_is_walked_by_the_administrators_own_tests(site: Site) -> None:
    verdict = run_tests(site)
    assert "\n".join(map(str, verdict.faults)) == ""
    assert verdict.run == 11


def test_a_part_is_met_only_where_it_is_called(site: Site) -> None:
    assert set(site.flows) == {"main"}
    assert {"ask/number", "ask/right", "ask/given"} <= set(site.flows["main"].nodes)


def test_the_whole_is_drawn_with_the_ways_of_its_parts(site: Site) -> None:
    flow = site.flows["main"]
    assert "n_ask --> n_ask__number" in mermaid(flow)
    assert "坐席挂机后" in svg(flow, site.prompt_seconds)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("main", "flow: ask_phone", "flow: ask_fone", "nodes.ask.flow"),
        ("ask_phone", "on_no: number", "on_no: numbr", "leads to node 'numbr'"),
        ("ask_phone", '{phone:digits}', '{fone:digits}', "no node makes 'fone' known"),
        ("main", "by: phone", "by: fone", "no node makes 'fone' known"),
        ("ask_phone", 'on_key: {"0": nothing}', 'on_key: {}', "must offer key 0"),
        ("ask_phone", "given: {type: return, result: given}",
         "given: {type: call, flow: ask_phone, then: nothing}", "back to its own flow"),
        ("main", "number: \"110\"\n", "number: \"110\"\n    agent: \"1001\"\n",
         "exactly one of agent"),
        ("main", "values: {\"010*\": from_beijing}, ", "", "values and variable"),
        ("main", "{calls:number}", "{calls:words}", "need a prompt's name"),
    ],
)  # fmt: skip
def test_a_fault_stands_where_it_is_written(
    folder: Path, site: Site, file: str, old: str, new: str, said: str
) -> None:
    path = folder / f"flows/{file}.yaml"
    sound = path.read_text("utf-8")
    assert sound.count(old) == 1
    path.write_text(sound.replace(old, new), "utf-8")
    try:
        with pytest.raises(SettingsError) as raised:
            read(folder)
    finally:
        path.write_text(sound, "utf-8")
    fault = next(fault for fault in raised.value.faults if said in str(fault))
    assert fault.file == f"flows/{file}.yaml"
    assert fault.line > 1


def test_a_part_that_nobody_calls_and_a_number_that_leads_to_one_are_faults(
    folder: Path, site: Site
) -> None:
    shutil.copyfile(PARTS / "ask_phone.yaml", folder / "flows/lone.yaml")
    with pytest.raises(SettingsError) as raised:
        read(folder)
    (folder / "flows/lone.yaml").unlink()
    assert [fault.code for fault in raised.value.faults] == ["flow-part-unused"]


def test_a_part_whose_caller_is_faulty_is_not_blamed_for_it(folder: Path, site: Site) -> None:
    path = folder / "flows/main.yaml"
    sound = path.read_text("utf-8")
    try:
        for wrong in (
            sound + "\n\tx: 1\n",
            sound.replace("flow: ask_phone", "flow: ask_phone\n    y: 1"),
        ):
            path.write_text(wrong, "utf-8")
            with pytest.raises(SettingsError) as raised:
                read(folder)
            assert "flow-part-unused" not in {fault.code for fault in raised.value.faults}
    finally:
        path.write_text(sound, "utf-8")


def test_readings_without_recordings_say_how_to_make_them(tmp_path: Path) -> None:
    bare = sites.copy(tmp_path / "site")
    (bare / "prompts/zh/w_month.wav").unlink()
    path = bare / "flows/main.yaml"
    text = path.read_text("utf-8").replace("prompts: [connecting]", 'prompts: ["{caller:date}"]', 1)
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        read(bare)
    assert "prompts/zh/w_month.wav；可运行 ./hotline prompts numbers zh" in str(
        raised.value.faults[0]
    )
    assert {fault.code for fault in raised.value.faults} == {"prompt-unrecorded"}


def test_what_is_advised_of_a_part_stands_in_its_own_file_and_once(folder: Path) -> None:
    path = folder / "flows/main.yaml"
    sound = path.read_text("utf-8")
    part = (folder / "flows/ask_phone.yaml").read_text("utf-8")
    (folder / "flows/choose.yaml").write_text(
        "begin: pick\nnodes:\n  pick:\n    type: menu\n    prompts: [connecting]\n"
        '    keys: {"0": back, "1": back}\n    on_silence: back\n'
        '    words: {zh: {"0": [人工], "1": [仁工]}}\n  back: {type: return}\n',
        "utf-8",
    )
    try:
        path.write_text(
            "begin: by\nnodes:\n"
            "  by: {type: branch, lane: general, free: one, busy: two, nobody: two}\n"
            "  one: {type: call, flow: choose, then: three}\n"
            "  two: {type: call, flow: choose, then: three}\n"
            "  three: {type: enqueue, lane: general, on_full: bye, on_nobody: bye, on_late: bye}\n"
            "  bye: {type: hang_up}\n",
            "utf-8",
        )
        (folder / "flows/ask_phone.yaml").unlink()
        found = [one for one in advice(read(folder), date(2026, 11, 21)) if "flows/" in one.file]
    finally:
        path.write_text(sound, "utf-8")
        (folder / "flows/ask_phone.yaml").write_text(part, "utf-8")
        (folder / "flows/choose.yaml").unlink()
    assert [(one.file, one.line, one.key, one.code) for one in found] == [
        ("flows/choose.yaml", 8, "nodes.pick.words.zh", "words-alike")
    ]


@pytest.mark.parametrize(
    ("node", "file", "place"),
    [("ask/number", "flows/ask_phone.yaml", "number"), ("ask", "flows/main.yaml", "ask")],
)
def test_a_node_is_found_where_it_is_written(
    folder: Path, node: str, file: str, place: str
) -> None:
    document, path = written(folder, "main", NodeId(node))
    assert (document.name, path) == (file, ("nodes", place))
    assert document.place(path)[0] > 1
