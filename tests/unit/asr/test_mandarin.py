"""Figures where they are sure, characters where they are not, and the way back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asr.mandarin import Change, digits, join, number, tidy


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("幸福 路 十二 号 阳光 小区 三 号 楼 二 单元", "幸福路12号阳光小区3号楼2单元"),
        ("一百二十三 号", "123号"),
        ("二 零 一 室", "201室"),
        ("幺 零 三 室", "103室"),
        ("十 号 线", "10号线"),
        ("十二 路 公交车", "12路公交车"),
        ("一 二 三 四 五", "12345"),
        ("电话 一 三 八 零 零 一 三 八 零 零 零", "电话13800138000"),
        ("晚上 十一点 还 在 施工", "晚上11点还在施工"),
        ("晚上 十一 点 三十 分", "晚上11点30分"),
        ("早上 八 点 零五 分", "早上8点05分"),
        ("晚上 一点 半", "晚上1点半"),
        ("七 点 到 九 点", "7点到9点"),
        ("十一 点 以后", "11点以后"),
        ("二零二四 年 三月 十五 号", "2024年3月15号"),
        ("三月 份", "3月份"),
        ("拖欠 工资 三千五百 元", "拖欠工资3500元"),
        ("交 了 三万 元", "交了3万元"),
        ("十二万五千 元", "125000元"),
        ("两百 块 钱", "200块钱"),
        ("二十三 天 没有 供暖", "23天没有供暖"),
        ("二十四 小时", "24小时"),
        ("六十五 岁", "65岁"),
        ("三 点 五 公里", "3.5公里"),
        ("百分之 三十五", "35%"),
    ],
)
def test_a_figure_is_written_where_the_words_beside_it_prove_it(words: str, written: str) -> None:
    assert tidy(words).text == written


@pytest.mark.parametrize(
    "words",
    [
        "一些 一直 一样 一下 一个 一起 一共 统一 唯一",
        "万一 停电 了",
        "第一时间 给 我 打 电话",
        "十分 满意",
        "快 一点 处理",
        "晚上 一点 都 不 安静",
        "我 有 三 点 意见",
        "一 次 一 天 一 年 一 层 灰",
        "我 是 李四 楼上 漏水",
        "张三 号称",
        "张三 单元",
        "上百 号 人",
        "几十 号 人",
        "十多 块 钱",
        "两三百 块 钱",
        "三五 天",
        "五六十 个 人",
        "三十多 岁",
        "月租 三百五",
        "三 室 两 厅",
        "八一 路 五四 广场",
        "九一八 大街",
        "不管 三七二十一",
        "千万 不要",
        "二三 号 楼",
        "三十二 月",
        "晚上 三十 点",
    ],
)
def test_in_doubt_the_characters_stay(words: str) -> None:
    assert tidy(words).text == words.replace(" ", "")


def test_without_word_borders_a_surname_still_protects_what_follows() -> None:
    assert tidy("我是李四楼上漏水").text == "我是李四楼上漏水"
    assert tidy("我是张三单元的").text == "我是张三单元的"
    assert tidy("幸福路十二号").text == "幸福路12号"


def test_no_figure_is_made_of_the_end_of_a_word() -> None:
    assert tidy("老刘十二 号").text == "老刘十二号"
    assert tidy("门牌 十二 号").text == "门牌12号"


def test_what_was_said_is_found_behind_every_figure() -> None:
    tidied = tidy("阳光 小区 十二 号 楼 一百零五 室 漏水")
    assert tidied.text == "阳光小区12号楼105室漏水"
    assert tidied.original == "阳光小区十二号楼一百零五室漏水"
    assert tidied.changes == (Change(4, 6, "十二"), Change(8, 11, "一百零五"))
    assert tidied.spoken(4, 8) == "十二号楼"
    assert tidied.spoken(8, 12) == "一百零五室"
    assert tidied.spoken(12, 14) == "漏水"
    assert tidied.spoken(0, len(tidied.text)) == tidied.original


def test_half_a_figure_gives_back_the_whole_numeral() -> None:
    tidied = tidy("十二号一百零五室")
    assert tidied.text == "12号105室"
    assert tidied.spoken(1, 3) == "十二号"
    assert tidied.spoken(4, 5) == "一百零五"


def test_words_in_other_scripts_keep_the_space_between_them() -> None:
    assert join(["我", "家", "wi", "fi", "坏", "了"]) == "我家wi fi坏了"
    assert tidy("wi fi 坏 了").text == "wi fi坏了"
    assert tidy("").text == ""


@pytest.mark.parametrize("spoken", ["三百五", "两三百", "一二三", "零五", "百十", "点五"])
def test_a_numeral_that_is_not_well_formed_is_no_number(spoken: str) -> None:
    assert number(spoken) is None


def test_digits_of_a_day_in_history_are_a_name() -> None:
    assert digits("九一八") is None
    assert digits("九一七") == "917"


LIKELY = "一二三四五六七八九十百千万亿两零幺点号楼室元天年月日半多几路晚上a"


@given(st.lists(st.sampled_from(LIKELY), max_size=30))
def test_every_text_can_be_led_back_to_what_was_said(characters: list[str]) -> None:
    tidied = tidy(" ".join(characters))
    assert tidied.original == join(characters)
    assert tidied.spoken(0, len(tidied.text)) == tidied.original
    for change in tidied.changes:
        assert tidied.spoken(change.start, change.end) == change.spoken
    rebuilt, at = "", 0
    for change in tidied.changes:
        rebuilt += tidied.text[at : change.start] + change.spoken
        at = change.end
    assert rebuilt + tidied.text[at:] == tidied.original
