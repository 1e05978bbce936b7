"""What the matter is about: a taxonomy of two levels, and the words for a title."""
# ruff: noqa: E501  # tables of words: a row broken over lines is harder to read and to mend

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from workorders.draft import Field
from workorders.glossary import Mention
from workorders.lines import REMEMBERED, Hit, Line, Span, found, spans


@dataclass(frozen=True, slots=True)
class Matter:
    """One kind of matter within a class."""

    first: str
    second: str
    title: str
    """How a title names it."""
    weight: float
    pattern: re.Pattern[str]

    @property
    def category(self) -> str:
        """Return both levels."""
        return f"{self.first}/{self.second}"


CITY, SOCIETY, SERVICE = "城市管理", "社会治理", "公共服务"
ROWS: tuple[tuple[str, str, str, float, str], ...] = (
    (CITY, "噪声扰民", "施工噪音", 3.0, "施工.{0,14}?(?:噪音|噪声|吵|扰民|响|睡)|(?:工地|打桩|打桩机|装修|电钻).{0,14}?(?:吵|噪|响|睡|扰民)|(?:吵|噪音|噪声).{0,10}(?:施工|工地|打桩)"),
    (CITY, "噪声扰民", "广场舞噪音", 3.0, "广场舞|跳舞.{0,8}(?:音响|吵|音乐)"),
    (CITY, "噪声扰民", "噪音扰民", 1.6, "噪音|噪声|扰民|太吵|吵得|吵死|吵闹|很吵|音响.{0,4}(?:大|响)|大喇叭|高音喇叭"),
    (CITY, "环境污染", "油烟扰民", 3.0, "油烟"),
    (CITY, "环境污染", "污水排放", 2.6, "(?:偷排|乱排|排放|直排).{0,6}(?:污水|废水)|(?:污水|废水).{0,8}(?:河|排|直排|流)|河.{0,6}(?:黑|臭)"),
    (CITY, "环境污染", "异味", 1.8, "异味|恶臭|臭味|臭气|很臭|太臭|烧(?:秸秆|垃圾)|冒黑烟|废气"),
    (CITY, "市容环卫", "垃圾清运", 2.2, "垃圾.{0,12}(?:没人|清|堆|臭|倒|桶|满)|(?:乱扔|乱倒|堆(?:满|放)?).{0,4}垃圾|垃圾"),
    (CITY, "占道经营", "占道经营", 3.0, "占道|摆摊|流动摊|摊贩|夜市|烧烤摊|出店经营"),
    (CITY, "违法建设", "违法搭建", 3.0, "违建|违章(?:搭建|建筑)|违法(?:搭建|建筑)|私搭乱建|(?:楼顶|露台|天台|院子).{0,6}(?:加盖|搭|盖)"),
    (CITY, "市政设施", "路灯问题", 3.0, "路灯"),
    (CITY, "市政设施", "井盖问题", 3.0, "井盖"),
    (CITY, "市政设施", "路面破损", 2.4, "(?:路面|道路|马路|人行道).{0,8}(?:坑|破|塌|烂|裂|不平)|坑坑洼洼"),
    (CITY, "市政设施", "排水问题", 2.6, "下水道|排水管|污水管|化粪池|(?:路面|道路|小区)?积水|污水.{0,6}(?:冒|溢|外流)"),
    (CITY, "园林绿化", "绿化树木问题", 2.4, "绿化|树(?:枝|木|倒|挡)|草坪|行道树"),
    (CITY, "停车管理", "车辆违停", 2.6, "违停|乱停|停车(?:位|场|费|难)|占.{0,3}(?:车位|消防通道)|僵尸车|堵.{0,4}(?:门口|通道)"),
    (CITY, "交通设施", "交通信号问题", 2.4, "红绿灯|信号灯|斑马线|交通拥堵|堵车|限行"),
    (SOCIETY, "劳动纠纷", "拖欠工资", 3.2, "(?:拖欠|欠|不发|没发|不给|不结|没结|克扣|讨).{0,10}(?:工资|工钱|薪|血汗钱|加班费)|(?:工资|工钱).{0,10}(?:没|不|拖|欠)|欠薪"),
    (SOCIETY, "劳动纠纷", "劳动纠纷", 1.8, "劳动合同|辞退|裁员|加班|工伤|试用期|押身份证"),
    (SOCIETY, "消费纠纷", "预付卡退费", 3.0, "(?:健身|美容|理发|培训|游泳|充值|会员|预付|储值).{0,16}(?:退|跑路|关门|倒闭)|(?:不退|退不了|退).{0,8}(?:卡|学费|会费|会员)"),
    (SOCIETY, "消费纠纷", "消费纠纷", 1.8, "退(?:款|货|钱|费|押金)|假货|质量(?:有)?问题|缺斤少两|虚假宣传|强制消费|乱收费|宰客|价格|欺诈|网购|团购"),
    (SOCIETY, "食品安全", "食品安全问题", 2.8, "食物中毒|过期(?:食品|牛奶|面包)?|变质|吃(?:坏|出).{0,6}|拉肚子|不卫生|食品|后厨|卫生许可"),
    (SOCIETY, "治安", "治安问题", 2.4, "赌博|打?麻将馆?|打架|偷(?:东西|车|电瓶)|小偷|被偷|诈骗|被骗|传销|吸毒|家暴|黑社会"),
    (SOCIETY, "物业管理", "物业管理问题", 2.4, "物业(?!局)|业委会|维修基金|电梯|门禁|小区.{0,6}(?:保安|管理)"),
    (SOCIETY, "安全生产", "安全隐患", 2.4, "安全隐患|着火|起火|失火|火灾|冒烟|消防通道|灭火器|烟花|危化|飞线充电|电动车.{0,6}(?:充电|上楼)|燃气(?:泄漏|泄露)|煤气味"),
    (SOCIETY, "邻里矛盾", "邻里纠纷", 2.0, "邻居|楼上.{0,8}(?:漏水|吵|脚步)|遛狗|狗(?:叫|咬|粪)|养(?:狗|鸡)|高空抛物"),
    (SERVICE, "供水", "供水问题", 3.0, "停水|断水|没(?:有)?水(?!表)|自来水|水压|水管|水(?:费|表)|水.{0,4}(?:黄|浑|有味)"),
    (SERVICE, "供电", "供电问题", 3.0, "停电|断电|没(?:有)?电(?!梯|话)|跳闸|电压|电费|电表|电线|变压器"),
    (SERVICE, "供气供热", "燃气供暖问题", 2.8, "燃气|煤气|天然气|停气|暖气|供暖|供热|不热"),
    (SERVICE, "公共交通", "公交服务", 2.8, "公交(?:车司机)?|[0-9]+路(?:车|公交)|等.{0,6}车.{0,4}(?:不来|半天)|末班车|地铁"),
    (SERVICE, "客运管理", "出租车网约车服务", 3.0, "出租车|网约车|的士|打车|拒载|绕路|不打表"),
    (SERVICE, "社保医保", "社保医保", 2.8, "社保|医保|养老(?:金|保险)|退休(?:金|工资)|报销|失业金|生育津贴|参保"),
    (SERVICE, "户籍出入境", "户籍与出入境", 2.8, "户口|落户|身份证|居住证|签证|护照|出入境|居留|港澳通行证"),
    (SERVICE, "住房保障", "住房", 2.6, "公租房|廉租房|公积金|房产证|不动产|烂尾|交房|购房|拆迁|危房|租房"),
    (SERVICE, "教育", "教育", 2.6, "学校|入学|上学|幼儿园|老师|学位|学区|补课|小学|中学|高考|孩子.{0,4}读书"),
    (SERVICE, "医疗卫生", "医疗服务", 2.6, "医院|看病|医生|挂号|疫苗|卫生院|急诊|救护车"),
    (SERVICE, "民政救助", "民政救助", 2.6, "低保|残疾|养老院|敬老院|流浪|孤寡|救助|高龄补贴|结婚登记|走失"),
    (SERVICE, "税务", "税务", 2.6, "发票|税务|个税|退税|纳税|报税"),
    (SERVICE, "营商服务", "企业服务", 2.6, "营业执照|开公司|注册公司|开店|办企业|企业.{0,6}(?:补贴|贷款|注册)|招商|个体户|许可证.{0,4}(?:办|申请)"),
    (SERVICE, "人才服务", "人才服务", 2.6, "人才|职称|落户补贴|创业补贴"),
    (SERVICE, "通信", "通信服务", 2.4, "断网|网络.{0,4}(?:断|慢)|宽带|手机信号|没信号|电信诈骗"),
    (SERVICE, "心理援助", "心理援助", 3.0, "不想活|自杀|轻生|抑郁|活不下去|心里.{0,4}难受|焦虑"),
    (SERVICE, "旅游服务", "旅游服务", 2.4, "旅游|导游|景区|景点|酒店|旅行社"),
)  # fmt: skip
PLAIN_WORDS = (
    "停水 停电 停气 断水 断电 断网 爆管 占道经营 违停 欠薪 拖欠工资 违建 拒载 绕路 积水 堵车 油烟 异味 假货"
    " 打架 着火 起火 火灾 诈骗 赌博 虚假宣传 乱收费 退押金 退款 高空抛物 安全隐患"
)
PLAIN_NAMES = frozenset(PLAIN_WORDS.split())
"""Callers' words that are good names of the matter as they are."""
ALSO_CALLED = {
    "没水": "停水", "没有水": "停水", "断水": "停水", "没电": "停电", "没有电": "停电", "断电": "停电",
    "自来水": "供水",
}  # fmt: skip
"""Callers' words with the word that units know them by."""
Spoken = tuple["Matter", float, list[Hit]]
"""A kind of matter, how much was said of it, and where."""
MATTERS = tuple(Matter(a, b, title, w, re.compile(p)) for a, b, title, w, p in ROWS)


def matters(citizen: Sequence[Line], mentions: Sequence[Mention]) -> list[Spoken]:
    """Find every kind of matter spoken of, with how often: a second word adds a little."""
    hits: defaultdict[int, list[Hit]] = defaultdict(list)
    for line in citizen:
        if line.said.language == "zh":
            for number, where in matters_in(line.text):
                hits[number] += (Hit(line, *span) for span in where)
    for mention in mentions:
        for number, _ in matters_in(mention.concept):
            hits[number].append(mention.hit)
    told = ((MATTERS[number], hits[number]) for number in sorted(hits))
    spoken = [(m, m.weight + 0.3 * min(3, len(where) - 1), where) for m, where in told]
    return sorted(spoken, key=lambda entry: -entry[1])


@lru_cache(maxsize=REMEMBERED)
def matters_in(text: str) -> tuple[tuple[int, list[Span]], ...]:
    """Find the kinds of matter that a text speaks of, by their number."""
    each = enumerate(spans(matter.pattern, text) for matter in MATTERS)
    return tuple((number, where) for number, where in each if where)


def category_of(spoken: Sequence[Spoken]) -> Field[str] | None:
    """Choose the class with the heaviest words; None if no word tells."""
    weights: dict[str, float] = {}
    hits: dict[str, list[Hit]] = {}
    for matter, weight, where in spoken:
        weights[matter.category] = weights.get(matter.category, 0.0) + weight
        hits.setdefault(matter.category, []).extend(where)
    if not weights:
        return None
    best = max(weights, key=lambda category: weights[category])
    second = max((w for category, w in weights.items() if category != best), default=0.0)
    certainty = 0.45 + 0.5 * (weights[best] - second) / weights[best]
    return found(best, certainty, hits[best])
