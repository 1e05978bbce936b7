"""A minute of talk is drafted well within the time in which nobody notices.

Processor time is measured, so that a busy machine does not fail the test.
"""

import time
from collections.abc import Callable

from workorders.draft import DraftWorkOrder

Tell = Callable[..., DraftWorkOrder]
MINUTE = (
    "喂 你好 我 要 投诉 一下 就是 我们 小区 旁边 那个 工地",
    "坐席:您好请问在什么位置",
    "就 在 高新区 建设大道 八十八号 金色家园 小区 北门 对面",
    "天天 晚上 十点 以后 还在 打桩 昨天晚上 一直 干 到 凌晨 两点 吵得 我们 根本 没法 睡觉",
    "坐席:是建设大道八十八号对吗",
    "对 对 我 家里 还有 老人 和 上学 的 孩子 孩子 第二天 还要 上课",
    "我们 找 过 物业 物业 说 他们 管不了 打 过 一次 电话 来 了 人 停 了 一天 又 开始 了",
    "施工 单位 好像 叫 滨海 宏达 建筑 工程 公司 我 看 牌子 上 写 的",
    "另外 那个 渣土车 把 路面 压 得 坑坑洼洼 灰尘 也 特别 大 垃圾 也 没人 清",
    "希望 你们 让 他们 晚上 十点 以后 不要 施工 了 赶紧 派人 来 看 一 看",
    "坐席:好的请问您的联系电话是这个号码吗",
    "我 电话 幺三八 零零幺二 三四五六 请 帮我 保密 不要 让 他们 知道",
)


def test_drafting_a_minute_of_talk_takes_less_than_fifty_milliseconds(tell: Tell) -> None:
    tell(*MINUTE)
    best = min(_seconds(tell) for _ in range(5))
    print(f"{best * 1000:.1f} ms")
    assert best < 0.05


def test_the_minute_is_drafted_whole(tell: Tell) -> None:
    draft = tell(*MINUTE)
    assert draft.place is not None and draft.object is not None and draft.call_back is not None
    assert draft.place.value.standard == "高新区建设大道88号金色家园北门对面"
    assert draft.object.value == "滨海宏达建筑工程公司"
    assert draft.call_back.value == "13800123456"
    assert draft.confidential is not None and draft.confidential.value
    assert draft.missing == ()
    assert draft.unit is not None and draft.unit.confidence < 0.5
    assert {ranked.unit for ranked in draft.candidates[:2]} == {"cg", "zj"}


def _seconds(tell: Tell) -> float:
    began = time.process_time()
    tell(*MINUTE)
    return time.process_time() - began
