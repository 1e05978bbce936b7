"""The pieces that figures, dates and times are read from: what each recording says, by language."""

from collections.abc import Mapping

from calls.ids import Language


def _listed(texts: str) -> list[str]:
    return texts.split()


EN_ONES = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
EN_TENS = _listed("twenty thirty forty fifty sixty seventy eighty ninety")
EN_MONTHS = _listed(
    "January February March April May June July August September October November December"
)
EN_DAYS = _listed(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
    "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
KO_HOURS = _listed("한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두")
KO_MONTHS = _listed("일 이 삼 사 오 유 칠 팔 구 시 십일 십이")
JA_ONES = _listed("ゼロ いち に さん よん ご ろく なな はち きゅう")
JA_HUNDREDS = _listed(
    "ひゃく にひゃく さんびゃく よんひゃく ごひゃく ろっぴゃく ななひゃく はっぴゃく きゅうひゃく"
)
JA_THOUSANDS = _listed("せん にせん さんぜん よんせん ごせん ろくせん ななせん はっせん きゅうせん")
JA_MONTHS = _listed(
    "いちがつ にがつ さんがつ しがつ ごがつ ろくがつ しちがつ はちがつ くがつ じゅうがつ "
    "じゅういちがつ じゅうにがつ"
)
JA_DAYS = _listed(
    "ついたち ふつか みっか よっか いつか むいか なのか ようか ここのか とおか じゅういちにち "
    "じゅうににち じゅうさんにち じゅうよっか じゅうごにち じゅうろくにち じゅうしちにち "
    "じゅうはちにち じゅうくにち はつか にじゅういちにち にじゅうににち にじゅうさんにち "
    "にじゅうよっか にじゅうごにち にじゅうろくにち にじゅうしちにち にじゅうはちにち "
    "にじゅうくにち さんじゅうにち さんじゅういちにち"
)
JA_MINUTES = _listed(
    "いっぷん にふん さんぷん よんぷん ごふん ろっぷん ななふん はっぷん きゅうふん じゅっぷん"
)
JA_HOURS = _listed(
    "れいじ いちじ にじ さんじ よじ ごじ ろくじ しちじ はちじ くじ じゅうじ じゅういちじ"
)


def _named(prefix: str, texts: list[str], first: int = 0, step: int = 1) -> dict[str, str]:
    return {f"{prefix}_{first + step * place}": text for place, text in enumerate(texts)}


def _day(number: int) -> str:
    """Return an English day of the month as it is said."""
    if number <= 20:
        return EN_DAYS[number - 1]
    return (
        "thirtieth" if number == 30 else f"{EN_TENS[number // 10 - 2]} {EN_DAYS[number % 10 - 1]}"
    )


WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        **_named("n", list("零一二三四五六七八九十")),
        "n_1_phone": "幺",
        "n_2_count": "两",
        **{"n_100": "百", "n_1000": "千", "n_10000": "万", "n_point": "点"},
        **{"w_year": "年", "w_month": "月", "w_day": "日", "w_hour": "点", "w_minute": "分"},
        **{"w_sharp": "整", "w_yuan": "元", "w_jiao": "角", "w_fen": "分"},
    },
    "en": {
        **_named("n", EN_ONES),
        **_named("n", EN_TENS, 20, 10),
        **{"n_100": "hundred", "n_1000": "thousand", "n_1000000": "million", "n_and": "and"},
        **{"n_oh": "oh", "n_point": "point", "w_am": "a.m.", "w_pm": "p.m.", "w_yuan": "yuan"},
        **_named("month", EN_MONTHS, 1),
        **{f"day_{number}": _day(number) for number in range(1, 32)},
    },
    "ko": {
        **_named("n", list("영일이삼사오육칠팔구십")),
        "n_0_phone": "공",
        **{"n_100": "백", "n_1000": "천", "n_10000": "만", "n_point": "점"},
        **{"w_year": "년", "w_day": "일", "w_minute": "분", "w_am": "오전", "w_pm": "오후"},
        "w_yuan": "위안",
        **_named("month", [f"{month}월" for month in KO_MONTHS], 1),
        **_named("hour", [f"{hour} 시" for hour in KO_HOURS], 1),
    },
    "ja": {
        **_named("n", [*JA_ONES, "じゅう"]),
        "n_4_year": "よ",
        **_named("n", JA_HUNDREDS, 100, 100),
        **_named("n", JA_THOUSANDS, 1000, 1000),
        **{"n_10000": "まん", "n_point": "てん", "w_year": "ねん", "w_yuan": "げん"},
        **{"w_am": "ごぜん", "w_pm": "ごご"},
        **_named("month", JA_MONTHS, 1),
        **_named("day", JA_DAYS, 1),
        **_named("hour", JA_HOURS),
        **_named("minute", JA_MINUTES, 1),
    },
}
"""Language → piece → what it says; the piece is a prompt's id."""
