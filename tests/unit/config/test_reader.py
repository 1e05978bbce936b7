"""Reading: every fault at once, and never a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from config.document import read_document
from config.faults import Fault, SettingsError
from config.reader import FILES, read
from tests.helpers import sites


def faults_of(site: Path) -> list[Fault]:
    with pytest.raises(SettingsError) as raised:
        read(site)
    return raised.value.faults


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return sites.copy(tmp_path / "site")


def replace(site: Path, file: str, old: str, new: str) -> None:
    path = site / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_faults_of_all_files_are_told_at_once_in_the_order_of_files_and_lines(site: Path) -> None:
    replace(site, "lanes.yaml", "wrap_up: 1min", "wrap_up: 9000s")
    replace(site, "lanes.yaml", "hours: extended", "hours: extendid")
    replace(site, "agents.yaml", "medical: 5", "medical: 50")
    replace(site, "trunks.yaml", "[127.0.0.0/8]", "[127.0.0.0/8")
    replace(site, "flows/main.yaml", '"5": business', '"5": busines')
    replace(site, "flows/main.yaml", "timeout: 3s", "timeout: 3")
    (site / "types.yaml").unlink()
    assert [(fault.file, fault.key) for fault in faults_of(site)] == [
        ("agents.yaml", "agents.1003.skills.medical"),
        ("flows/main.yaml", "nodes.greeting.timeout"),
        ("lanes.yaml", "lanes.medical.hours"),
        ("lanes.yaml", "lanes.business.wrap_up"),
        ("trunks.yaml", ""),
        ("types.yaml", ""),
    ]


def test_a_faulty_node_hides_no_other_fault_of_the_flow(site: Path) -> None:
    replace(site, "flows/main.yaml", "then: general_at_once", "then: general_at_one")
    replace(site, "flows/main.yaml", "lane: ticketing", "lane: tickets")
    replace(site, "flows/main.yaml", "language: ko", "language: kr")
    assert [fault.key for fault in faults_of(site)] == [
        "nodes.closed.then",
        "nodes.ticketing.lane",
        "nodes.to_korean.language",
    ]


def test_a_faulty_lane_is_not_reported_as_missing_where_it_is_used(site: Path) -> None:
    replace(site, "lanes.yaml", "needs: [korean]", "needs: korean")
    assert [fault.key for fault in faults_of(site)] == ["lanes.korean.needs"]


def test_a_lanes_file_that_cannot_be_read_is_the_only_thing_blamed(site: Path) -> None:
    (site / "lanes.yaml").write_bytes(b"lanes: [")
    assert [fault.file for fault in faults_of(site)] == ["lanes.yaml"]


def test_a_fault_is_printed_as_place_key_and_both_languages() -> None:
    fault = Fault("lanes.yaml", 12, 5, "lanes.medical.wrap_up", "太长", "too long")
    assert str(fault) == "lanes.yaml:12:5 lanes.medical.wrap_up: 太长 / too long"
    assert str(SettingsError([fault])) == str(fault)


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    [fault] = faults_of(tmp_path / "nowhere")
    assert fault.file.endswith("nowhere")


def test_an_empty_folder_names_every_file_that_is_missing(tmp_path: Path) -> None:
    assert {fault.file for fault in faults_of(tmp_path)} == set(FILES)


def test_a_file_with_a_byte_order_mark_is_read(site: Path) -> None:
    path = site / "trunks.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(site).trunks.keys() == {"loopback"}


def test_windows_line_ends_are_read(site: Path) -> None:
    path = site / "lanes.yaml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(read(site).lanes) == 10


def test_a_folder_in_place_of_a_file_is_a_fault(site: Path) -> None:
    (site / "types.yaml").unlink()
    (site / "types.yaml").mkdir()
    assert [fault.file for fault in faults_of(site)] == ["types.yaml"]


@pytest.mark.parametrize(
    "octets",
    [
        b"\x00", b"a: \x07", b"a: &x [*x]", b"a: !!python/object:os.system x", b"? [a, b]\n: c",
        b"--- a\n--- b", b"%YAML 9.9\n---\na: 1", b'a: "\\UFFFFFFFF"', b"a: @b", b"[" * 3000,
        b"{a: " * 40, b"- " * 500, b": :", b"!", b"\xff\xfe", b"a: .inf", b"a: 0x1G", b"<<: *q",
        b"a: 9999999999999999999999999", b"a: 1e999", b"? a", b"'", b"a:\n\t- b", b"!!set {a, b}",
        b"!!binary aGVsbG8", b"a: 2026-13-45", b"&a a: *a", b"a: |2\n b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("file", ["site.yaml", "lanes.yaml", "flows/main.yaml"])
def test_strange_files_are_faults_and_no_tracebacks(
    tmp_path: Path, file: str, octets: bytes
) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / file).write_bytes(octets)
    mine = [fault for fault in faults_of(tmp_path) if fault.file == file]
    assert mine
    assert all(fault.line >= 1 and fault.column >= 1 for fault in mine)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(b"#" * 2_000_001)
    assert len(read_document(tmp_path, "big.yaml").faults) == 1


# any damage to any file

SNIPPETS = ["", " ", ":", "：", "[", "]", "{", "}", '"', "'", "*", "&x", "- ", "#", "\t", "null",
            "true", "5", "5s", "-1", "1e9", "~", "!!int", "\n", "\n  ", "，", "|", ">", "%", "@",
            "id: x", "[[]]", "{}", "[]", "\x00", "😀"]  # fmt: skip
BREAKABLE = {
    name: (sites.SHIPPED / name).read_text(encoding="utf-8")
    for name in (*(file for file in FILES if file not in sites.LONG), "flows/main.yaml")
}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sites.copy(tmp_path_factory.mktemp("damaged") / "site")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=some.sampled_from(sorted(BREAKABLE)),
    cuts=some.lists(
        some.tuples(some.floats(0, 1), some.integers(0, 12), some.sampled_from(SNIPPETS)),
        min_size=1,
        max_size=3,
    ),
)
def test_any_damage_is_read_or_reported(
    scratch: Path, file: str, cuts: list[tuple[float, int, str]]
) -> None:
    text = BREAKABLE[file]
    for where, length, put in cuts:
        at = int(where * len(text))
        text = text[:at] + put + text[at + length :]
    (scratch / file).write_text(text, encoding="utf-8")
    try:
        read(scratch)
    except SettingsError as error:
        assert error.faults
        lines = text.count("\n") + 1
        assert all(1 <= fault.line <= lines + 1 for fault in error.faults if fault.file == file)
    finally:
        (scratch / file).write_text(BREAKABLE[file], encoding="utf-8")


@pytest.mark.parametrize("damage", ["hours:\n  x: [\n", None])
def test_what_names_a_file_that_cannot_be_read_is_not_blamed_for_it(
    site: Path, damage: str | None
) -> None:
    path = site / "hours.yaml"
    path.unlink() if damage is None else path.write_text(damage, encoding="utf-8")
    assert [fault.file for fault in faults_of(site)] == ["hours.yaml"]
