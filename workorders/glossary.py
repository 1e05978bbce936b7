"""Words of English, Korean and Japanese callers, with what a Chinese clerk would write.

Units and classes are known by Chinese words; a mention lends them a foreign caller's.
"""
# ruff: noqa: E501  # tables of words: a row broken over lines is harder to read and to mend

import re
from collections.abc import Sequence
from dataclasses import dataclass

from calls.ids import Language
from workorders.lines import Hit, Line, search

WORDS: dict[str, tuple[str, str, str]] = {
    "签证": (r"visas?", "비자", "ビザ|査証"),
    "护照": (r"passports?", "여권", "パスポート|旅券"),
    "居留 出入境": (r"residence permits?|resident permits?", "거류|체류|거주증", "在留|居留"),
    "工作许可": (r"work permits?|working permit", "취업 ?허가|취업 ?비자|워킹", "就労"),
    "拖欠工资": (r"(?:unpaid|owed?|pay my|paid my) (?:wages?|salary)|(?:salary|wages?) (?:not|has not|hasn't)|not (?:been )?paid|pay me", "월급|임금|급여", "給料|賃金|給与"),
    "出租车": (r"taxis?|cabs?|taxi driver", "택시", "タクシー"),
    "拒载 绕路 多收": (r"overcharged?|detour|refused to use the meter|the meter", "바가지|미터기", "ぼったくり|メーター"),
    "公交": (r"bus(?:es)?|bus stop", "버스", "バス"),
    "停电": (r"no (?:power|electricity)|power (?:cut|outage|is out)|blackout", "정전|전기가 (?:안|나)", "停電|電気が"),
    "停水": (r"no water|water (?:cut|outage|is off)", "단수|물이 안|수도", "断水|水が出"),
    "燃气": (r"gas (?:leak|smell)|smell of gas|smell gas", "가스", "ガス"),
    "噪音扰民": (r"nois[ey]|too loud|loud music", "시끄|소음", "うるさ|騒音"),
    "施工 工地": (r"construction(?: site)?|drilling", "공사", "工事"),
    "垃圾": (r"garbage|rubbish|trash", "쓰레기", "ごみ|ゴミ"),
    "医院 看病": (r"hospitals?|doctors?|clinic", "병원|의사|진료", "病院|医者|診察"),
    "医保 社保": (r"(?:social|medical|health) insurance", "보험", "保険"),
    "学校 入学": (r"schools?|kindergarten", "학교|유치원|입학", "学校|幼稚園|入学"),
    "租房 押金": (r"landlord|rent(?:al)?|apartment|deposit", "집주인|월세|전세|보증금", "大家|家賃|敷金"),
    "退款": (r"refunds?", "환불", "返金"),
    "酒店 旅游": (r"hotels?|tour(?:ist|ism)?|tour guide|travel agency", "호텔|관광|여행사|가이드", "ホテル|観光|旅行会社"),
    "营业执照 注册公司": (r"business licen[cs]e|register (?:a|my) company|start a (?:company|business)", "사업자 ?등록|영업 ?허가|회사를 설립|창업", "営業許可|会社を設立|起業"),
    "税务": (r"tax(?:es)?|invoice", "세금|세무|영수증", "税金|税務|領収書"),
    "被偷 治安": (r"stolen|theft|robbed|pickpocket", "도둑|도난|훔쳐", "盗まれ|泥棒|スリ"),
    "失物": (r"lost my|left my", "잃어버|분실|두고 내", "なくし|無くし|失くし|忘れ物|忘れまし"),
    "驾驶证": (r"driv(?:er'?s?|ing) licen[cs]e", "운전면허", "運転免許|免許証"),
    "结婚登记": (r"marriage (?:registration|certificate)|get married", "혼인 ?신고|결혼", "結婚|婚姻届"),
    "路灯": (r"street ?lights?", "가로등", "街灯"),
    "不想活": (r"suicid\w*|kill myself|want to die", "자살|죽고 싶", "自殺|死にたい"),
}  # fmt: skip
"""Chinese words to the pattern in English, Korean and Japanese."""
ORDER: tuple[Language, ...] = ("en", "ko", "ja")
PATTERNS = {
    language: [
        (concept, re.compile(rf"(?i)\b(?:{words[at]})\b" if language == "en" else words[at]))
        for concept, words in WORDS.items()
    ]
    for at, language in enumerate(ORDER)
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A foreign word that stands for Chinese ones."""

    concept: str
    hit: Hit


def mentions_of(citizen: Sequence[Line]) -> list[Mention]:
    """Find the words of other languages that we know."""
    return [
        Mention(concept, hit)
        for language, patterns in PATTERNS.items()
        if (spoken := [line for line in citizen if line.said.language == language])
        for concept, pattern in patterns
        for hit in search(pattern, spoken)
    ]
