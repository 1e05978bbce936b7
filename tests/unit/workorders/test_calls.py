"""Whole calls, made up by us in the manner of citizens and of recognisers: what is drafted.

Spaces are where a recogniser puts them. Wrong characters are meant: 性服路 for 幸福路.
"""
# ruff: noqa: E501  # tables of sentences: a row broken over lines is harder to read and to mend

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from calls.ids import Language
from workorders.draft import FIELDS, DraftWorkOrder
from workorders.wire import from_json, to_json

Tell = Callable[..., DraftWorkOrder]


class Call(NamedTuple):
    name: str
    said: tuple[str, ...]
    expected: dict[str, Any]
    """Field to value; a callable judges, None means absent, `a` in `place.a` an attribute."""
    words: Mapping[str, str] = MappingProxyType({})
    """Field to words that must be among its evidence, as recognised."""
    language: Language = "zh"


def begins(day: int, hour: int = 0, minute: int = 0, month: int = 3) -> Callable[[Any], bool]:
    def judge(when: Any) -> bool:
        at = when.begins
        return at is not None and (at.month, at.day, at.hour, at.minute) == (
            month, day, hour, minute,
        )  # fmt: skip

    return judge


CALLS = (
    Call(
        "night work",
        ("喂 你好 我 要 投诉", "幸福 路 十二 号 那个 工地 晚上 施工",
         "天天 晚上 十点 以后 还在 打桩 吵得 我们 睡不着", "希望 你们 来 管 一 管"),
        {"type": "投诉", "category": "城市管理/噪声扰民", "title": "海港区幸福路12号工地夜间施工噪音",
         "place.standard": "海港区幸福路12号", "place.said": "幸福路12号", "time.every": "天天",
         "time.clock": ("22:00", None), "time.begins": None, "object": "工地",
         "demand": "希望你们来管一管", "unit": "cg", "urgency": "normal", "confidential": None},
        {"type": "投诉", "place": "十二号", "time": "天天晚上十点以后", "object": "工地", "unit": "施工"},
    ),
    Call(
        "a road misheard",
        ("你好 我想 反映 一下 性服路 二十三号 旁边 那家 烧烤店 油烟 特别大",
         "昨天晚上 八点多 呛得 不行", "希望 城管 去 查一查"),
        {"type": "投诉", "place.said": "性服路23号旁边", "place.standard": "海港区幸福路23号旁边",
         "place.by_sound": True, "time": begins(17, 20), "object": "烧烤店", "unit": "cg"},
        {"place": "性服路", "time": "昨天晚上八点多"},
    ),
    Call(
        "medical insurance",
        ("请问一下 医保 异地 报销 需要 什么 材料", "我 爸爸 在 外地 住院"),
        {"type": "咨询", "category": "公共服务/社保医保", "title": "咨询医保问题", "unit": "yb",
         "place": None, "time": None, "demand": "请问一下医保异地报销需要什么材料"},
        {"unit": "报销", "type": "请问"},
    ),
    Call(
        "no water for three days",
        ("我们 小区 停水 已经 三天了", "金色家园 三栋 二 单元 五零一", "你们 赶紧 派人 来修"),
        {"type": "求助", "category": "公共服务/供水", "title": "高新区金色家园3栋2单元501停水",
         "place.standard": "高新区金色家园3栋2单元501", "time": begins(15), "urgency": "urgent",
         "demand": "赶紧派人来修", "unit": "sw"},
        {"place": "五零一", "urgency": "停水", "time": "三天"},
    ),
    Call(
        "a fire on a road that two districts have",
        ("喂 有人 吗 我们 楼下 着火 了", "在 人民路 五十六号"),
        {"type": "求助", "urgency": "danger", "place.standard": "人民路56号",
         "place.choices": ("海港区", "高新区"), "place.district": None, "title": "人民路56号着火"},
        {"urgency": "着火"},
    ),
    Call(
        "wages owed, in secret, 举报 misheard",
        ("我要 居报 我们 老板 拖欠 工资 三个月 了", "公司 叫 滨海 宏达 建筑 公司", "请你们 帮我 保密"),
        {"type": "举报", "category": "社会治理/劳动纠纷", "object": "滨海宏达建筑公司",
         "title": "滨海宏达建筑公司拖欠工资", "confidential": True, "unit": "rs",
         "time": begins(18, month=12), "demand": None},
        {"type": "我要居报", "confidential": "保密", "unit": "拖欠工资"},
    ),
    Call(
        "praise for a driver",
        ("我想 表扬 一下 一路 公交车 的 司机", "上周五 他 拾金不昧 把 我的 钱包 还给 我了"),
        {"type": "表扬", "object": "1路公交车", "title": "表扬1路公交车", "time": begins(13), "unit": "jt"},
        {"type": "拾金不昧", "title": "一路公交车"},
    ),
    Call(
        "a traffic light at a crossing",
        ("建设大道 和 人民路 交叉口 的 红绿灯 坏了", "今天 早上 七点半 就 坏了 到现在 没人 修"),
        {"category": "城市管理/交通设施", "place.district": "高新区", "unit": "jj",
         "place.standard": "高新区建设大道人民路交叉口", "time": begins(18, 7, 30),
         "title": "高新区建设大道人民路交叉口红绿灯问题"},
        {"time": "今天早上七点半", "place": "交叉口"},
    ),
    Call(
        "a wish for a bus stop",
        ("我想 建议 能不能 在 望海社区 增加 一个 公交站",),
        {"type": "建议", "title": "建议在望海社区增加一个公交站", "unit": "jt", "time": None,
         "place.standard": "海港区望海社区"},
        {"demand": "能不能在望海社区增加一个公交站"},
    ),
    Call(
        "mah-jong at night",
        ("楼上 邻居 每天 半夜 两点 还 打麻将", "我住 高新区 建设大道 八十八号"),
        {"type": "投诉", "object": "楼上邻居", "time.clock": ("02:00", "02:00"), "unit": "ga",
         "place.standard": "高新区建设大道88号"},
        {"time": "每天半夜两点"},
    ),
    Call(
        "square dancing",
        ("你好 我要 投诉 滨海 广场 附近 那个 广场舞", "每天晚上 七点 到 九点半 声音 特别大", "希望 你们 管管 音量"),
        {"type": "投诉", "category": "城市管理/噪声扰民", "object": "广场舞", "unit": "ga",
         "place.standard": "海港区滨海广场附近", "time.clock": ("19:00", "21:30"),
         "demand": "希望你们管管音量"},
        {"place": "滨海广场", "unit": "广场舞"},
    ),
    Call(
        "咨询 misheard",
        ("喂 我想 资询 一下 我 孩子 今年 九月份 上 小学 需要 准备 什么 材料",),
        {"type": "咨询", "category": "公共服务/教育", "unit": "jy", "place": None,
         "time": begins(1, month=9)},
        {"type": "资询一下"},
    ),
    Call(
        "a shed on a roof",
        ("我 要 举报 建设大道 六十六号 楼上 有人 在 楼顶 私搭乱建", "不要 让 他们 知道 是 我 举报 的"),
        {"type": "举报", "category": "城市管理/违法建设", "confidential": True, "unit": "cg",
         "place.standard": "高新区建设大道66号"},
        {"confidential": "不要让他们知道", "place": "六十六号"},
    ),
    Call(
        "a gym that ran away",
        ("你好 我在 一家 叫 力美 健身房 办的卡 现在 关门 跑路 了 不给退钱", "三千 多 块钱"),
        {"type": "投诉", "category": "社会治理/消费纠纷", "object": "力美健身房", "unit": "sc", "place": None,
         "title": "力美健身房预付卡退费"},
        {"object": "力美健身房"},
    ),
    Call(
        "a date that looks like a house number",
        ("上个月 十五号 我在 人民路 的 永辉 超市 买到 过期 牛奶", "海港区 的 那个 人民路"),
        {"place.standard": "海港区人民路", "time": begins(15, month=2), "object": "永辉超市", "unit": "sc",
         "category": "社会治理/食品安全"},
        {"time": "上个月十五号", "unit": "过期"},
    ),
    Call(
        "a manhole",
        ("那个 井盖 没了 在 望海社区 门口 老人 差点 摔 倒", "今天早上 看到的"),
        {"category": "城市管理/市政设施", "urgency": "urgent", "unit": "sz", "object": "井盖",
         "place.standard": "海港区望海社区门口", "time": begins(18, 6)},
        {"urgency": "井盖没"},
    ),
    Call(
        "a taxi by its plate",
        ("出租车 司机 拒载", "车牌 琼 A T 一二三四", "就 昨天 下午 三点 在 机场"),
        {"type": "投诉", "object": "琼AT1234", "unit": "jt", "time": begins(17, 15), "place.said": "机场",
         "place.standard": None},
        {"object": "琼A T一二三四"},
    ),
    Call(
        "no power since last night",
        ("我 家 没有 电 了 从 昨晚 十点 到 现在", "高新区 创业路 九号 院"),
        {"type": "求助", "category": "公共服务/供电", "urgency": "urgent", "unit": "gd", "time": begins(17, 22),
         "place.standard": "高新区创业路9号院", "place.district": "高新区"},
        {"place": "创业路", "time": "昨晚十点"},
    ),
    Call(
        "not a complaint",
        ("我 不是 投诉 我 就 问一下 公租房 怎么 申请",),
        {"type": "咨询", "category": "公共服务/住房保障", "unit": "zj", "demand": "问一下公租房怎么申请"},
    ),
    Call(
        "a lost parent",
        ("有 老人 走失 了 穿 红 衣服 在 火车站 附近", "半个小时 前"),
        {"type": "求助", "urgency": "urgent", "place.said": "火车站附近", "time": begins(18, 15)},
        {"time": "半个小时前"},
    ),
    Call(
        "fillers",
        ("嗯 那个 我 想 问 啊 就是说 居住证 在哪里 办",),
        {"type": "咨询", "object": "居住证", "unit": "ga", "title": "咨询居住证问题"},
    ),
    Call(
        "distress",
        ("我 不想活 了",),
        {"type": "求助", "urgency": "danger", "category": "公共服务/心理援助"},
        {"urgency": "不想活"},
    ),
    Call(
        "a knife",
        ("这边 有人 打架 拿刀 了 快 来 人", "海港区 滨海广场 北门"),
        {"urgency": "danger", "unit": "ga", "place.standard": "海港区滨海广场北门"},
        {"urgency": "拿刀"},
    ),
    Call(
        "danger only feared",
        ("小区 里 电动车 飞线充电 我 担心 着火", "望海社区"),
        {"urgency": "urgent", "category": "社会治理/安全生产"},
    ),
    Call(
        "a bus that does not come",
        ("前天 下午 三点 左右 我 在 公交站 等 八路 车 等 了 一 个 小时 都 不来",),
        {"type": "投诉", "category": "公共服务/公共交通", "unit": "jt", "time": begins(16, 14, 30), "object": "8路"},
    ),
    Call(
        "a mother of few words",
        ("你好", "我想 问 问题"),
        {"place": None, "time": None, "unit": None, "category": None},
    ),
    Call(
        "a taxi, in English",
        ("hello i want to complain about a taxi driver",
         "he refused to use the meter last night near the railway station",
         "i hope you can get my money back"),
        {"type": "投诉", "unit": "jt", "category": "公共服务/客运管理", "place.said": "railway station",
         "time": begins(17, 22), "demand": "i hope you can get my money back",
         "title": lambda title: title.startswith("[英语] hello i want"),
         "content": lambda content: "taxi driver" in content},
        {"unit": "taxi", "time": "last night", "type": "complain"},
        "en",
    ),
    Call(
        "a visa, in English",
        ("i want to ask how to renew my visa", "what documents do i need"),
        {"type": "咨询", "unit": "ga", "object": "visa", "category": "公共服务/户籍出入境"},
        {"unit": "visa"},
        "en",
    ),
    Call(
        "a visa, in Korean",
        ("비자 연장 하려면 어떻게 해야 하나요", "여권은 있습니다"),
        {"type": "咨询", "unit": "ga", "title": lambda title: title.startswith("[韩语] 비자"),
         "content": lambda content: "여권은 있습니다" in content},
        {"unit": "비자"},
        "ko",
    ),
    Call(
        "a dear taxi, in Korean",
        ("택시 기사가 어제 밤에 바가지를 씌웠어요", "환불 받고 싶어요"),
        {"type": "投诉", "unit": "jt", "time": begins(17, 22), "demand": "환불 받고 싶어요"},
        {"unit": "택시"},
        "ko",
    ),
    Call(
        "a purse in a taxi, in Japanese",
        ("財布 を タクシー に 忘れました", "昨日 の 夜 駅 から 乗りました"),
        {"type": "求助", "unit": "jt", "object": "タクシー", "time": begins(17, 22),
         "title": lambda title: title.startswith("[日语] 財布を")},
        {"unit": "タクシー"},
        "ja",
    ),
    Call(
        "building work, in Japanese",
        ("隣 の 工事 が うるさい です", "毎晩 十時 まで やっています", "早く 止めて ほしい です"),
        {"type": "投诉", "category": "城市管理/噪声扰民", "time.every": "毎晩", "object": "工事"},
        {},
        "ja",
    ),
)  # fmt: skip


def seen(draft: DraftWorkOrder, name: str) -> Any:
    name, _, attribute = name.partition(".")
    field = getattr(draft, name)
    if field is None:
        return None
    return getattr(field.value, attribute) if attribute else field.value


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_a_call_becomes_this_draft(tell: Tell, call: Call) -> None:
    draft = tell(*call.said, language=call.language)
    for name, expected in call.expected.items():
        value = seen(draft, name)
        if callable(expected):
            assert expected(value), f"{name}: {value}"
        else:
            assert value == expected, f"{name}: {value}"
    for name, words in call.words.items():
        evidence = getattr(draft, name).evidence
        assert words in [entry.words for entry in evidence], f"{name}: {evidence}"


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_every_value_rests_on_words_of_the_call_and_comes_back_from_json(
    tell: Tell, call: Call
) -> None:
    draft = tell(*call.said, language=call.language)
    spoken = "".join(call.said).replace(" ", "")
    for name in FIELDS:
        field = getattr(draft, name)
        if field is None:
            continue
        assert 0 < field.confidence <= 1
        assert field.origin == "rule" or (name in ("caller", "call_back") and not field.evidence)
        for evidence in field.evidence:
            assert evidence.words.replace(" ", "") in spoken
            assert 0 <= evidence.start < evidence.end
    assert from_json(to_json(draft)) == draft
