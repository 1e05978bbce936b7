"""The knowledge base: versions, validity, and what is found."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from storage import knowledge
from workorders.knowledge import Entry

PERMIT = Entry(
    "permit", "answer", "居住证怎么办理", "带身份证和租房合同到派出所，十五个工作日领证。", "ga"
)
PENSION = Entry("pension", "answer", "养老金什么时候发", "每月十五日前发放到社保卡。", "rs")
GAS = Entry("gas", "duty", "燃气表更换", "燃气公司负责居民户内燃气表的更换。", "rq")


@pytest.fixture
def shelf(session: Session) -> Session:
    for entry in (PERMIT, PENSION, GAS):
        assert knowledge.keep(session, entry) == entry
    return session


def found(session: Session, asked: str, now: float = 100.0) -> list[str]:
    return [entry.id for entry in knowledge.search(session, asked, now)]


def test_an_entry_is_found_by_its_question_and_by_its_answer(shelf: Session) -> None:
    assert found(shelf, "我想问一下居住证要怎么办")[0] == "permit"
    assert found(shelf, "社保卡")[0] == "pension"


def test_an_entry_is_found_though_other_characters_of_the_same_sound_were_written(
    shelf: Session,
) -> None:
    assert found(shelf, "居主正")[0] == "permit"


@pytest.mark.parametrize("asked", ["", "?", "\"' OR *", "证", "NEAR(", "zzz qqq", "🙂", "a" * 5000])
def test_a_question_without_known_words_finds_nothing_and_breaks_nothing(
    shelf: Session, asked: str
) -> None:
    assert found(shelf, asked) == []


def test_a_change_is_a_new_version_and_the_same_again_is_none(shelf: Session) -> None:
    later = replace(PERMIT, text="带身份证到政务大厅办理。", by="1001", at=50.0)
    kept = knowledge.keep(shelf, later)
    assert kept is not None and kept.version == 2
    assert knowledge.keep(shelf, replace(later, by="1002", at=60.0)) is None
    assert [entry.version for entry in knowledge.versions(shelf, "permit")] == [2, 1]
    assert found(shelf, "政务大厅") == ["permit"]
    assert found(shelf, "租房合同") == [], "the words of an older version find nothing"


def test_only_what_holds_now_is_found(shelf: Session) -> None:
    knowledge.keep(shelf, replace(PERMIT, valid_from=50.0, valid_until=60.0))
    assert found(shelf, "居住证", 49.0) == []
    assert found(shelf, "居住证", 50.0) == ["permit"]
    assert found(shelf, "居住证", 60.0) == []


def test_a_retired_entry_is_gone_and_its_versions_stay(shelf: Session) -> None:
    before = knowledge.mark(shelf)
    knowledge.keep(shelf, replace(GAS, retired=True))
    assert found(shelf, "燃气表更换") == []
    assert "gas" not in [entry.id for entry in knowledge.current(shelf)]
    assert len(knowledge.versions(shelf, "gas")) == 2
    assert knowledge.mark(shelf) != before
