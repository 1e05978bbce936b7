"""Names put right by their sound."""

import pytest

from workorders.gazetteer import Gazetteer, Place
from workorders.names import Names, cost

ESTATES = Names(
    ["锦绣江南", "阳光花园", "翠竹苑", "学府名苑小区", "滨海国际会展中心", "滨海国际机场"]
)


def meant(said: str) -> str | None:
    found = ESTATES.meant(said)
    return found.name if found else None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("紧秀江南", "锦绣江南"),
        ("阳光划园", "阳光花园"),
        ("脆竹苑", "翠竹苑"),
        ("学府名院小曲", "学府名苑小区"),
        ("学府苑小区", "学府名苑小区"),
        ("宾海国记会展中新", "滨海国际会展中心"),
    ],
)
def test_a_misheard_name_is_put_right(said: str, name: str) -> None:
    assert meant(said) == name


@pytest.mark.parametrize("name", ["锦绣江南", "阳光花园", "翠竹苑"])
def test_a_known_name_is_never_changed(name: str) -> None:
    assert name in ESTATES and meant(name) is None


def test_a_name_made_of_parts_of_names_is_left_as_it_is() -> None:
    assert meant("滨海国际中心") is None


@pytest.mark.parametrize("said", ["", "花", "中医院", "完全不同的名字", "人民广场"])
def test_what_is_far_from_every_name_is_left_as_it_is(said: str) -> None:
    assert meant(said) is None


def test_between_two_names_equally_near_none_is_chosen() -> None:
    assert Names(["金悦花园", "金月花园"]).meant("今约花园") is None


def test_a_name_is_found_within_a_text_with_its_place() -> None:
    text = "我住在学府名院小曲三号楼"
    (found,) = ESTATES.find(text)
    assert (found.name, text[found.start : found.end]) == ("学府名苑小区", "学府名院小曲")


def test_the_more_is_wrong_the_farther_it_is() -> None:
    assert cost("阳光", "阳光") == 0
    assert (
        0 < cost("羊光", "阳光") < cost("汤光", "阳光") < cost("光", "阳光") < cost("石光", "阳光")
    )


def test_a_long_place_with_a_lost_character_is_found_and_says_so() -> None:
    gazetteer = Gazetteer([Place("滨海国际会展中心", "landmark")])
    (sighting,) = gazetteer.find("就在滨海国际会展心门口")
    assert sighting.by_sound and sighting.places[0].name == "滨海国际会展中心"
