"""What stands around a word of danger and says whether it is so, now: by kind, as people say it."""
# ruff: noqa: E501  # tables of words: a row broken over lines is harder to read and to mend

import re
from collections.abc import Iterator

from workorders.danger_ear import Flag
from workorders.sound import sound_of

CUES = {
    "past": "去年 前年 上个月 上月 上周 上星期 前几天 前阵子 前段时间 以前 曾经 年前 月前 那次 上次 上回 之前 当时 那年 年初 年底 小时候 过去 几年前 早些年 那一回 已经修好 早就",
    "over": "已经扑灭 扑灭了 救出来了 已经救出 没事了 修好了 处理好了 恢复了 已经关掉 已经围起来 解除了 抓到了 搬走了 锯了 结束了 已经好了 送医院回来 出院 脱离危险 误报 虚惊",
    "feared": "担心 怕 万一 会不会 容易 就怕 生怕 害怕 恐怕 以防 防止 预防 避免 小心 险些 差点 如果 要是 假如 早晚 迟早 隐患 风险 有可能 存在安全 不安全 危险得很 随时可能 免得 以免 提防",
    "asked": "请问 想问 问一下 问问 咨询 打听 了解一下 什么时候 怎么办理 怎么预防 怎么报名 怎么赔 怎么处罚 怎么认定 怎么申请 怎么领 怎么补 怎么查 在哪里 哪里可以 多少钱 多少 电话是多少 要什么材料 可以吗 能不能 合不合法 是不是违法 算不算 需要什么 标准是什么 怎么收费 几点 有没有规定 归谁管",
    "advice": "建议 希望 倡议 能不能 要求 加装 增加 增设 加强 开展 整治 设立 安装 普及 多搞 安排 完善 规范 排查 巡查 加固 宣传",
    "practice": "演习 演练 培训 讲座 宣传 教育 知识 课程 预案 电影 电视 电视剧 小说 新闻 视频 网上说 听说 故事 游戏 广告 海报 展览 直播 抖音 朋友圈 谣言 作文 小品 话剧 拍戏 剧组",
    "after": "赔偿 补偿 保险 理赔 报销 医保 责任 定责 鉴定 案子 判决 开庭 起诉 善后 抚恤 工伤认定 丧葬费 销户 许可证 资质 验收 整改 举报奖励 补贴 补助 救济 慰问 说法 赔不赔 后遗症 医药费 住院费 诉讼 调查结果 通报 公告 责任书",
    "praised": "表扬 感谢 谢谢你们 辛苦 锦旗 好人好事 见义勇为 点赞 称赞 英雄",
    "denied": "没有着火 没着火 没有人受伤 没人受伤 没有受伤 没有爆炸 没有自杀 没有伤亡 没砸到人 没有砸到 不是着火 不是煤气 不是燃气 没有打架 没有危险 没有漏气 没有泄漏 没有触电 没掉下去 没有昏迷 没跳 不是要跳 不会跳 假的",
    "figure": "死了 要死 急死 热死 冷死 累死 气死 烦死 吵死 笑死 臭死 饿死 困死 吓死 忙死 跳楼价 火爆 气炸 火大 火锅 炸鸡 烧烤 爆炸头 爆满 逼疯 烦得",
    "matter": "工资 社保 养老金 公积金 户口 身份证 居住证 房产证 物业费 停车 路灯 垃圾 噪音 吵 油烟 异味 广场舞 麻将 遛狗 快递 假货 退款 退钱 押金 退卡 公交 地铁 出租车 摊位 摆摊 占道 违建 拆迁 补课 作业 老师 学费 报名 上学 排队 挂号 医生态度 疫苗 收费 涨价 水费 电费 停水 停电 暖气 供暖 漏水 堵了 下水道 井盖 小广告 绿化 施工 扬尘 低保 残疾证 营业执照 驾照 违章 罚款 公租房 验房 交房 宽带 信号 网费 门禁 电梯坏了 电梯维修 年检 发票 合同 中介 欠薪 拖欠",
    "help": "救命 快来 快点来 快派 赶快 赶紧来 快救 救救 救人 来人 派人来 快不行 来不及 撑不住 马上 报警 消防车 救护车 叫警察 派警察 快一点 怎么办啊 快叫",
    "now": "正在 现在 刚刚 刚才 突然 还在 一直在 越来越 里面还有人 有人 这会儿 眼看 马上就 已经烧 正往",
    "hurt": "流血 出血 受伤 不动 没反应 叫不醒 没动静 哭喊 惨叫 昏 晕 抽搐 喘不上 脸色 满头是血 头破 骨头 疼得 止不住 站不起来 说不出话",
    "death": "不想活 活不下去 想死 去死 自杀 轻生 跳楼 跳河 上吊 割腕 农药 安眠药 遗书 了结 解脱 撑不下去 来世 永别 告别 结束生命 一了百了 活够 寻死 同归于尽 一起死",
}
LEAST = 2
"""Characters of a cue that may be heard by its sound."""
SPACE = "\x1f"


def _sounds(text: str) -> tuple[str, list[int]]:
    """Return the sounds as one text, with the place in it where each character begins."""
    places, whole = [], ""
    for character in text:
        places.append(len(whole))
        whole += SPACE + sound_of(character)
    return whole + SPACE, places


WRITTEN = {kind: re.compile("|".join(words.split())) for kind, words in CUES.items()}
HEARD = {
    kind: re.compile("|".join(_sounds(w)[0] for w in words.split() if len(w) >= LEAST))
    for kind, words in CUES.items()
}


def cues_of(text: str) -> Iterator[Flag]:
    """Yield the kinds of cue that a text has: as written, else by their sound."""
    whole, places = _sounds(text)
    for kind, pattern in WRITTEN.items():
        found = [match.span() for match in pattern.finditer(text)]
        if not found:
            found = [_span(m, places, len(text)) for m in HEARD[kind].finditer(whole)]
        for start, end in found:
            yield Flag(f"!{kind}", start, end)


def _span(match: re.Match[str], places: list[int], length: int) -> tuple[int, int]:
    start = places.index(match.start()) if match.start() in places else 0
    return start, min(length, start + match[0].count(SPACE) - 1)
