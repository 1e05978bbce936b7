"""Identity cards, bank cards and telephones: found and masked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workorders.private import checked_card, checked_identity, find, mask, mask_all

IDENTITY = "11010519491231002X"
CARD = "6222020000000000003"


@pytest.mark.parametrize(
    ("text", "kind", "figures"),
    [
        (f"身份证号是{IDENTITY}", "identity", IDENTITY),
        ("一一零一零五 一九四九 一二三一 零零二叉", "identity", IDENTITY),
        ("1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 x 对", "identity", IDENTITY),
        ("我电话幺三八零零幺三八零零零", "phone", "13800138000"),
        ("打 138 0013 8000 就行", "phone", "13800138000"),
        ("八六一三八零零一三八零零零", "phone", "13800138000"),
        ("固话是010-62345678", "phone", "01062345678"),
        ("卡号6222 0200 0000 0000 003", "card", CARD),
    ],
)
def test_personal_data_is_found_however_it_is_written(text: str, kind: str, figures: str) -> None:
    (found,) = find(text)
    assert (found.kind, found.figures) == (kind, figures)


@pytest.mark.parametrize(
    "text", ["人民路三百二十号", "欠了12000块", "2024年10月1日", "拨打12345", "二零二四年十二月"]
)  # fmt: skip
def test_other_figures_are_left_alone(text: str) -> None:
    assert find(text) == [] and mask(text) == text


def test_an_identity_number_with_one_figure_misheard_is_masked_but_not_certain() -> None:
    (found,) = find("身份证110105194912310021")
    assert found.kind == "identity" and not found.certain
    assert checked_identity(IDENTITY) and not checked_identity("110105194912310021")


def test_a_bank_card_is_certain_when_luhn_agrees() -> None:
    assert find(f"卡{CARD}")[0].certain is checked_card(CARD)
    assert checked_card("4111111111111111") and not checked_card("4111111111111112")


def test_two_numbers_in_one_breath_are_both_found() -> None:
    kinds = [found.kind for found in find(f"{IDENTITY}13800138000")]
    assert kinds == ["identity", "phone"]


def test_what_is_masked_keeps_its_length_and_place() -> None:
    assert mask("电话 138 0013 8000 谢谢") == "电话 138 **** **00 谢谢"
    assert mask_all({"text": [IDENTITY], "n": 7}) == {"text": ["****************2X"], "n": 7}


@given(st.text(alphabet="0123456789一二三幺X叉 -,嗯号", max_size=60))
def test_no_text_is_too_odd_to_mask(text: str) -> None:
    masked = mask(text)
    assert len(masked) == len(text)
    assert all(found.figures.isalnum() for found in find(text))
