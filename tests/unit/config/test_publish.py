"""Versions on the shelf: immutable, numbered, explained; and differences in words."""

import os
from pathlib import Path

import pytest

from config.difference import differences, files_of
from config.publish import Entry, NotPublished, Shelf, digest
from config.reader import read
from tests.helpers import sites


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return sites.copy(tmp_path / "site")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "data")


def change(site: Path, old: str, new: str, file: str = "lanes.yaml") -> None:
    path = site / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def publish(shelf: Shelf, site: Path, why: str = "试", at: float = 1000.0) -> Entry:
    with shelf.locked(), shelf.copied(site) as copy:
        return shelf.publish(copy, "王", why, at)


def test_nothing_is_current_before_the_first_publication(shelf: Shelf) -> None:
    assert (shelf.current(), shelf.versions(), shelf.history(), shelf.running()) == (
        None,
        [],
        [],
        {},
    )


def test_a_version_is_a_whole_site_named_by_its_hash(shelf: Shelf, site: Path) -> None:
    entry = publish(shelf, site)
    assert entry.version == f"0001-{digest(site)}"
    assert shelf.current() == entry.version
    assert files_of(shelf.path(entry.version)) == files_of(site)
    assert read(shelf.path(entry.version)).flows == read(site).flows
    assert shelf.whole(entry.version)


def test_editing_the_folder_changes_no_version(shelf: Shelf, site: Path) -> None:
    entry = publish(shelf, site)
    change(site, "max_waiting: 50", "max_waiting: 60")
    (site / "prompts/zh/greeting.wav").unlink()
    assert shelf.whole(entry.version)
    assert not os.access(shelf.path(entry.version) / "lanes.yaml", os.W_OK) or os.geteuid() == 0


def test_the_history_says_who_when_why_and_what_differs(shelf: Shelf, site: Path) -> None:
    first = publish(shelf, site, "开通")
    change(site, "max_waiting: 50", "max_waiting: 60")
    second = publish(shelf, site, "排队放宽", 2000.0)
    assert shelf.history() == [first, second]
    assert (second.who, second.why, second.at, second.before) == (
        "王",
        "排队放宽",
        2000.0,
        first.version,
    )
    assert second.changes == ("改 changed: lanes.yaml lanes.general.max_waiting: “50” → “60”",)


def test_publishing_what_is_current_is_refused(shelf: Shelf, site: Path) -> None:
    publish(shelf, site)
    with pytest.raises(NotPublished, match="完全相同"):
        publish(shelf, site)
    assert len(shelf.versions()) == 1


def test_a_file_that_did_not_change_is_kept_once(shelf: Shelf, site: Path) -> None:
    first = publish(shelf, site)
    change(site, "max_waiting: 50", "max_waiting: 60")
    second = publish(shelf, site)
    one, other = (shelf.path(e.version) / "prompts/zh/greeting.wav" for e in (first, second))
    assert one.samefile(other)
    assert not (shelf.path(first.version) / "lanes.yaml").samefile(
        shelf.path(second.version) / "lanes.yaml"
    )


def test_rolling_back_makes_an_earlier_version_current_and_keeps_all(
    shelf: Shelf, site: Path
) -> None:
    first = publish(shelf, site)
    change(site, "max_waiting: 50", "max_waiting: 60")
    second = publish(shelf, site)
    back = shelf.roll_back(first.version, "王", "不对", 3000.0)
    assert shelf.current() == first.version
    assert (back.act, back.before) == ("rollback", second.version)
    assert back.changes == ("改 changed: lanes.yaml lanes.general.max_waiting: “60” → “50”",)
    assert shelf.versions() == [first.version, second.version]
    change(site, "max_waiting: 60", "max_waiting: 70")
    assert publish(shelf, site).version.startswith("0003-")


def test_a_version_that_was_altered_is_not_rolled_back_to(shelf: Shelf, site: Path) -> None:
    first = publish(shelf, site)
    change(site, "max_waiting: 50", "max_waiting: 60")
    publish(shelf, site)
    path = shelf.path(first.version) / "lanes.yaml"
    path.chmod(0o644)
    path.write_text("lanes: {}\n", encoding="utf-8")
    assert not shelf.whole(first.version)
    with pytest.raises(NotPublished, match="altered"):
        shelf.roll_back(first.version, "王", "", 0.0)


def test_rolling_back_to_the_current_version_is_refused(shelf: Shelf, site: Path) -> None:
    with pytest.raises(NotPublished, match="就是当前版本"):
        shelf.roll_back(publish(shelf, site).version, "王", "", 0.0)


def test_a_version_is_found_by_its_number(shelf: Shelf, site: Path) -> None:
    version = publish(shelf, site).version
    assert [shelf.named(name) for name in ("1", "0001", version)] == [version] * 3
    with pytest.raises(NotPublished, match="没有版本“7”"):
        shelf.named("7")


def test_two_people_cannot_publish_at_once(shelf: Shelf) -> None:
    with shelf.locked(), pytest.raises(NotPublished, match="另一个人"), shelf.locked():
        pass


def test_a_copy_that_is_not_published_leaves_nothing(shelf: Shelf, site: Path) -> None:
    with shelf.locked(), shelf.copied(site):
        pass
    assert shelf.versions() == []
    assert not (shelf.folder / ".new").exists()


def test_a_line_torn_by_a_power_cut_spoils_no_other(shelf: Shelf, site: Path) -> None:
    first = publish(shelf, site)
    with (shelf.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"act": "publ')
    change(site, "max_waiting: 50", "max_waiting: 60")
    second = publish(shelf, site)
    assert shelf.history() == [first, second]


def test_what_the_engine_says_comes_back(shelf: Shelf) -> None:
    shelf.folder.mkdir(parents=True)
    shelf.note_running({"pid": 1, "version": "0001-abc"})
    assert shelf.running() == {"pid": 1, "version": "0001-abc"}
    (shelf.folder / "running").write_text("[", encoding="utf-8")
    assert shelf.running() == {}


CHANGES = [
    ("lanes.yaml", "  korean:\n",
     "  fund:\n    name: {zh: 公积金, en: Fund}\n    needs: [general]\n  korean:\n",
     ["新增 added: lanes.yaml lanes.fund"]),
    ("lanes.yaml", "    pick: longest_idle          #", "    #",
     ["删除 removed: lanes.yaml lanes.general.pick “longest_idle”"]),
    ("flows/main.yaml", "prompts: [order_star, say_matter, beep]", "prompts: [say_matter]",
     ["改 changed: flows/main.yaml nodes.matter.prompts: "
      "[order_star, say_matter, beep] → [say_matter]"]),
    ("flows/main.yaml", "# 综合坐席 a person", "# 综合坐席",
     ["只改注释或格式 comments or layout only: flows/main.yaml"]),
    ("hours.yaml", '["08:30-12:00", "14:00-17:30"]', '["09:00-17:00"]',
     ["改 changed: hours.yaml hours.office.week.mon-fri: [08:30-12:00, 14:00-17:30]"
      " → [09:00-17:00]"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "said"), CHANGES)
def test_a_difference_is_said_in_words(
    tmp_path: Path, site: Path, file: str, old: str, new: str, said: list[str]
) -> None:
    after = sites.copy(tmp_path / "after")
    change(after, old, new, file)
    assert differences(site, after) == said


def test_files_that_come_go_and_sound_otherwise_are_named(tmp_path: Path, site: Path) -> None:
    after = sites.copy(tmp_path / "after")
    (after / "prompts/zh/recorded.wav").unlink()
    (after / "flows/night.yaml").write_text("begin: a\n", encoding="utf-8")
    spoken = after / "prompts/zh/greeting.wav"
    spoken.unlink()
    spoken.write_bytes((sites.SHIPPED / "prompts/zh/goodbye.wav").read_bytes())
    assert differences(site, after) == [
        "新增 added: flows/night.yaml",
        "换录音 recorded anew: prompts/zh/greeting.wav (11.6 s → 1.6 s)",
        "删除 removed: prompts/zh/recorded.wav",
    ]
