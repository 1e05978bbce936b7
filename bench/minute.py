"""A minute of talk, and how long its draft takes: one call's, with the shipped city's words."""

import time
from pathlib import Path

from asr.transcript import Utterance
from calls.ids import CallId, Party
from config import reader
from server.drafting import DraftWriter
from workorders.drafting import CallFacts, draft

SITE = Path(__file__).resolve().parent.parent / "config" / "site"
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


def report() -> str:
    """Draft the minute five times with the shipped city's words; say how long the best took."""
    city = DraftWriter.of(reader.read(SITE)).city
    call = CallFacts(CallId("c-0000000000000001"), "13800000000", None, "zh", 1_774_000_000.0)
    said = [_utterance(text, 5.0 * number) for number, text in enumerate(MINUTE)]

    def seconds() -> float:
        began = time.process_time()
        draft(call, said, city)
        return time.process_time() - began

    best = 1000 * min(seconds() for _ in range(5))
    return f"a minute of talk, {len(MINUTE)} utterances: {best:.1f} ms of CPU"


def _utterance(text: str, at: float) -> Utterance:
    party: Party = "agent" if text.startswith("坐席:") else "citizen"
    return Utterance(party, "zh", at, at + 4.5, text.removeprefix("坐席:"), 0.9)
