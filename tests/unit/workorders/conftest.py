"""A small made-up city, and calls told to it in a line of text for each utterance."""
# ruff: noqa: E501  # tables of sentences: a row broken over lines is harder to read and to mend

from collections.abc import Callable
from datetime import datetime

import pytest

from asr.transcript import Utterance
from calls.events import Word
from calls.ids import CallId, LaneId, Language, Party, UnitId
from workorders.draft import DraftWorkOrder
from workorders.drafting import CallFacts, City, draft
from workorders.gazetteer import Place
from workorders.units import Unit
from workorders.when import SHANGHAI

ARRIVED = datetime(2026, 3, 18, 15, 30, tzinfo=SHANGHAI)
"""A Wednesday."""
CALLER = "13800000000"
ENGLISH = LaneId("english")


def unit(name: str, full: str, duties: str, keywords: str) -> Unit:
    return Unit(UnitId(name), full, tuple(duties.split()), tuple(keywords.split()))


UNITS = (
    unit("cg", "滨海市城市管理局", "市容环境卫生管理 占道经营查处 建筑施工夜间噪声监督处罚 违法建设查处 生活垃圾清运处置", "占道经营 垃圾 违建 施工噪音 夜间施工 油烟 摊贩"),
    unit("hb", "滨海市生态环境局", "大气水噪声污染防治 工业企业排污许可 环境污染投诉的调查处理", "污染 污水 偷排 废气 异味 噪音"),
    unit("zj", "滨海市住房和城乡建设局", "建筑市场监管 物业服务活动监督管理 工程质量安全监督 商品房预售 公共租赁住房", "工地 物业 开发商 烂尾 公租房 加装电梯"),
    unit("ga", "滨海市公安局", "社会治安管理 户籍和居民身份证管理 外国人签证和出入境管理 社会生活噪声处理", "打架 赌博 签证 护照 身份证 居住证 户口 盗窃 广场舞 诈骗"),
    unit("jj", "滨海市公安局交通警察支队", "道路交通秩序管理 机动车违停查处 信号灯设置", "违停 红绿灯 堵车 驾驶证"),
    unit("rs", "滨海市人力资源和社会保障局", "劳动监察 拖欠工资查处 社会保险经办 劳动争议仲裁 人才引进", "拖欠工资 工资 社保 养老金 失业金 工伤 欠薪"),
    unit("yb", "滨海市医疗保障局", "医疗保险参保缴费和待遇 药品价格 异地就医结算", "医保 报销 异地就医"),
    unit("sc", "滨海市市场监督管理局", "食品安全监管 产品质量监督 消费者权益保护 价格监督检查 营业执照登记", "食品 假货 退款 退费 价格 营业执照 缺斤少两 过期"),
    unit("jt", "滨海市交通运输局", "公共汽车和出租汽车客运管理 公路建设养护 网约车管理", "公交 出租车 网约车 拒载 绕路 客运"),
    unit("sw", "滨海市水务集团", "城市供水 排水管网维护 供水管道抢修", "停水 自来水 水管 水压 下水道 爆管"),
    unit("gd", "国网滨海供电公司", "电网运行 供电抢修 电费收缴", "停电 电费 电表 变压器 电线"),
    unit("rq", "滨海市燃气公司", "燃气供应 燃气设施抢修", "燃气 天然气 煤气 停气"),
    unit("jy", "滨海市教育局", "中小学幼儿园管理 校外培训机构监管 招生入学", "学校 入学 补课 幼儿园 培训班 老师"),
    unit("wj", "滨海市卫生健康委员会", "医疗机构管理 公共卫生 疫苗接种", "医院 医生 挂号 疫苗"),
    unit("sz", "滨海市市政设施管理处", "道路桥梁养护 路灯维护 井盖维护", "路灯 井盖 路面 坑"),
    unit("mz", "滨海市民政局", "最低生活保障 养老服务 婚姻登记 流浪乞讨救助", "低保 养老院 结婚登记 流浪"),
)  # fmt: skip
PLACES = (
    Place("海港区", "district"),
    Place("高新区", "district"),
    Place("幸福路", "road", "海港区"),
    Place("建设大道", "road", "高新区"),
    Place("人民路", "road", "海港区"),
    Place("人民路", "road", "高新区"),
    Place("金色家园", "estate", "高新区"),
    Place("滨海广场", "landmark", "海港区"),
    Place("望海社区", "estate", "海港区", ("望海小区",)),
)
Tell = Callable[..., DraftWorkOrder]


def utterance(
    text: str, start: float, language: Language = "zh", leg: Party = "citizen", sure: float = 0.9
) -> Utterance:
    """Say a text at five characters a second, each word with its time."""
    words, at = [], start
    for word in text.split():
        words.append(Word(word, round(at, 2), round(at + len(word) * 0.2, 2), sure))
        at += len(word) * 0.2
    return Utterance(leg, language, start, round(at, 2), text, sure, tuple(words))


@pytest.fixture(scope="session")
def city() -> City:
    return City(UNITS, PLACES, lane_units={ENGLISH: UnitId("ga")})


@pytest.fixture(scope="session")
def tell(city: City) -> Tell:
    def told(
        *texts: str, language: Language = "zh", lane: LaneId | None = None, caller: str = CALLER,
        sure: float = 0.9,
    ) -> DraftWorkOrder:  # fmt: skip
        utterances, at = [], 0.0
        for text in texts:
            leg: Party = "agent" if text.startswith("坐席:") else "citizen"
            utterances.append(utterance(text.removeprefix("坐席:"), at, language, leg, sure))
            at = utterances[-1].end + 0.5
        call = CallFacts(CallId("c-0000000000000001"), caller, lane, language, ARRIVED.timestamp())
        return draft(call, utterances, city)

    return told
