"""Single values that settings are made of: with units, strict, and with faults in plain words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Annotated, Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
)
from pydantic_core import PydanticCustomError, core_schema

from calls.ids import AgentId, LaneId, NodeId, PromptId, Skill, UnitId
from ivr.hours import DAY, Window

JsonSchema = dict[str, Any]


class Settings(BaseModel):
    """Frozen and strict; a setting that we do not know is a fault."""

    # Built when first read with: most kinds of nodes are in no flow of a site.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


def fault(zh: str, en: str, key: str | int | None = None) -> PydanticCustomError:
    """Make a fault; `key` names the setting within the value, if it is one of several."""
    return PydanticCustomError("settings", "{en}", {"zh": zh, "en": en, "key": key})


@dataclass(frozen=True, eq=False)
class Reading:
    """How pydantic gets a value from the text in the file: a function and its JSON Schema."""

    read: Callable[[Any], Any]
    json: Mapping[str, Any]

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Have `read` decide alone."""
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        """Return what editors are told."""
        return dict(self.json)


# durations

UNITS = {
    "ms": 0.001,
    "毫秒": 0.001,
    "s": 1.0,
    "秒": 1.0,
    "min": 60.0,
    "分": 60.0,
    "分钟": 60.0,
    "h": 3600.0,
    "小时": 3600.0,
    "d": 86400.0,
    "天": 86400.0,
}
DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?(" + "|".join(UNITS) + ")")


def seconds(text: str) -> float:
    """Return how many seconds `5s`, `2min`, `1h`, `90分钟` are; raise ValueError."""
    match = DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return round(float(match[1]) * UNITS[match[2]], 3)


def between(least: str, most: str) -> Reading:
    """Read a duration within bounds, themselves included, as seconds."""

    def read(value: Any) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            raise fault(
                f"时长要带单位，例如 {value}s（秒）或 {value}min（分钟）",
                f"a duration needs its unit, such as {value}s or {value}min",
            )
        try:
            duration = seconds(value)
        except (TypeError, ValueError):
            raise fault(
                f"应写时长，例如 5s、2min、1h，现在是 {shown(value)}",
                f"need a duration such as 5s, 2min or 1h, got {shown(value)}",
            ) from None
        if not seconds(least) <= duration <= seconds(most):
            raise fault(
                f"{value} 超出范围，应在 {least} 到 {most} 之间",
                f"{value} is not within {least} to {most}",
            )
        return duration

    return Reading(read, in_json(DURATION.pattern))


def days(value: Any) -> int:
    """Read a number of whole days, `180d`."""
    try:
        whole, rest = divmod(seconds(value), seconds("1d"))
    except (TypeError, ValueError):
        whole, rest = 0.0, 0.0
    if whole < 1 or rest or whole > 36500:
        raise fault(
            f"应写天数，例如 180d，现在是 {shown(value)}",
            f"need whole days such as 180d, got {shown(value)}",
        )
    return int(whole)


# words


NAMED_GROUP = re.compile(r"\(\?P<\w+>")


def _meant(value: Any, form: re.Pattern[str]) -> tuple[str, str]:
    """Guess what was meant by a value that has not the form that it should have."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "；数字请加引号", "; put figures in quotes"
    half = normalize("NFKC", value) if isinstance(value, str) else ""
    if half != value and form.fullmatch(half) is not None:
        return f"；请用半角，写成 {half}", f"; use half-width signs: {half}"
    return "", ""


def in_json(pattern: str) -> dict[str, Any]:
    """Return what text of a form is in a JSON Schema; ECMA-262 names groups otherwise than we."""
    return {"type": "string", "pattern": f"^(?:{NAMED_GROUP.sub('(', pattern)})$"}


def word(pattern: str, zh: str, en: str) -> Reading:
    """Read text of a given form."""
    form = re.compile(pattern)

    def read(value: Any) -> str:
        if not isinstance(value, str) or form.fullmatch(value) is None:
            hint = _meant(value, form)
            raise fault(
                f"{zh}，现在是 {shown(value)}{hint[0]}", f"{en}, got {shown(value)}{hint[1]}"
            )
        return value

    return Reading(read, in_json(pattern))


PROMPT_NAME = re.compile("[a-z][a-z0-9_]{0,39}")
NAME = word(
    PROMPT_NAME.pattern,
    "名称只能用小写字母、数字和下划线，并以字母开头",
    "a name has lower-case letters, digits and _, and begins with a letter",
)
NUMBER = word("[0-9A-Za-z.+_-]{1,40}", "应写电话号码或用户名", "need a number or user name")
KEY = word("[0-9*#]", "按键只能是 0 到 9、*、#", "a key is one of 0 to 9, *, #")
KEYS = word("[0-9*#]{0,12}", "按键只能是 0 到 9、*、#", "keys are 0 to 9, *, #")
TEXT = word(r"[\s\S]*\S[\s\S]*", "应写文字", "need text")
SIP_URI = word(
    r"sip:[A-Za-z0-9._+-]+@[A-Za-z0-9.\[\]:-]+",
    "应写 SIP 地址，例如 sip:agent@127.0.0.1:5080",
    "need a SIP address such as sip:agent@127.0.0.1:5080",
)
NAME_SERVER = word(
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:]+\]:[0-9]{1,5}",
    "应写域名服务器的地址，可带端口，例如 10.0.0.53 或 [2001:db8::53]:53",
    "need a name server's address, perhaps a port, such as 10.0.0.53 or [2001:db8::53]:53",
)
FARM_HOST = word(
    r"wss?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}/?",
    "应写 vosk-server 的地址，例如 ws://10.0.0.5:2700 或 wss://asr.example.gov:2700",
    "need the address of a vosk-server, such as ws://10.0.0.5:2700 or wss://asr.example.gov:2700",
)
FILE = word(
    r"[A-Za-z0-9_-][A-Za-z0-9_.-]*",
    "应写文件名，不带路径",
    "need a file name without a folder",
)

# network


def _address(value: Any) -> str:
    try:
        return str(ip_address(value if isinstance(value, str) else ""))
    except ValueError:
        raise fault(
            f"应写 IP 地址，例如 127.0.0.1，现在是 {shown(value)}",
            f"need an IP address such as 127.0.0.1, got {shown(value)}",
        ) from None


def _network(value: Any) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(value if isinstance(value, str) else "")
    except ValueError:
        raise fault(
            f"应写 IP 地址段，例如 10.1.2.0/24（/ 前面是段内第一个地址），现在是 {shown(value)}",
            f"need a network such as 10.1.2.0/24, its first address first, got {shown(value)}",
        ) from None
    if network.prefixlen == 0:
        raise fault(
            "这等于允许任何人呼入；请写运营商给出的地址段",
            "this lets anybody call in; give the carrier's addresses",
        )
    return network


# time


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value if isinstance(value, str) else "")
    except (OSError, ValueError, LookupError):  # ZoneInfoNotFoundError is a KeyError
        raise fault(
            f"应写时区名称，例如 Asia/Shanghai，现在是 {shown(value)}",
            f"need a time zone such as Asia/Shanghai, got {shown(value)}",
        ) from None


SPAN = re.compile(r"([0-9]{2}):([0-9]{2}) ?- ?([0-9]{2}):([0-9]{2})")


CLOCK_OF_ONE = re.compile(r"(?<![0-9])([0-9]):")
"""An hour of one figure, as in 9:00."""
DASHES = dict.fromkeys(map(ord, "—–~到至"), "-")
"""What people write for the - between two times."""


def _window(value: Any) -> Window:
    match = SPAN.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        hour, minute, end_hour, end_minute = (int(part) for part in match.groups())
        begin, end = hour * 60 + minute, end_hour * 60 + end_minute
        if max(minute, end_minute) < 60 and begin < DAY and end <= DAY:
            return Window(begin, end)
    meant = CLOCK_OF_ONE.sub(r"0\1:", normalize("NFKC", str(value)).translate(DASHES))
    better = meant != value and SPAN.fullmatch(meant) is not None
    guess = (f"；请写成 {meant}", f"; write {meant}") if better else ("", "")
    raise fault(
        f"应写起止时间，例如 08:30-12:00，现在是 {shown(value)}{guess[0]}",
        f"need a stretch of time such as 08:30-12:00, got {shown(value)}{guess[1]}",
    )


ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: Any) -> date:
    try:
        if isinstance(value, str) and ISO_DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # the fault below says it
    raise fault(
        f"应写日期，例如 2026-10-01，现在是 {shown(value)}",
        f"need a day such as 2026-10-01, got {shown(value)}",
    )


CITY_ZONE = ZoneInfo("Asia/Shanghai")
MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2})(:[0-9]{2})?")


def moment(text: str) -> datetime:
    """Read `2026-02-17 03:00`, in the city's own time; raise ValueError."""
    found = MOMENT.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ''}").replace(
        tzinfo=CITY_ZONE
    )


def shown(value: Any) -> str:
    """Show a value in a fault as it would stand in the file, not too much of it."""
    match value:
        case None:
            return "空 (empty)"
        case bool():
            return str(value).lower()
        case dict() | tuple():
            return "一组设置 (settings)" if isinstance(value, dict) else "列表 (a list)"
        case _:
            text = f"“{value}”"
            return text if len(text) <= 62 else f"{text[:60]}…”"


LaneName = Annotated[LaneId, NAME]
SkillName = Annotated[Skill, NAME]
NodeName = Annotated[NodeId, NAME]
PromptName = Annotated[PromptId, NAME]
UnitName = Annotated[UnitId, NAME]
HoursName = Annotated[str, NAME]
FlowName = Annotated[str, NAME]
AgentName = Annotated[AgentId, NUMBER]
Number = Annotated[str, NUMBER]
Key = Annotated[str, KEY]
Keys = Annotated[str, KEYS]
Text = Annotated[str, TEXT]
SipUri = Annotated[str, SIP_URI]
NameServer = Annotated[str, NAME_SERVER]
FarmHost = Annotated[str, FARM_HOST]
FileName = Annotated[str, FILE]
Days = Annotated[int, Reading(days, in_json("[0-9]+ ?(d|天)"))]
Address = Annotated[str, Reading(_address, {"type": "string"})]
Network = Annotated[IPv4Network | IPv6Network, Reading(_network, {"type": "string"})]
Port = Annotated[int, Field(ge=1, le=65535)]
Zone = Annotated[ZoneInfo, Reading(_zone, {"type": "string"})]
Span = Annotated[Window, Reading(_window, in_json(SPAN.pattern))]
Day = Annotated[date, Reading(_day, {"type": "string", "format": "date"})]


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    if not value:
        raise fault("列表不能为空", "the list must not be empty")
    return value


def _distinct(value: tuple[Any, ...]) -> tuple[Any, ...]:
    for index, item in enumerate(value):
        if item in value[:index]:
            raise fault(f"“{item}”在列表里重复了", f"{item!s} stands twice in the list", index)
    return value


Some = AfterValidator(_some)
"""A list with at least one item."""
Distinct = AfterValidator(_distinct)
"""A list in which nothing stands twice."""


class Names(Settings):
    """What people call a thing."""

    zh: Text
    en: Text
