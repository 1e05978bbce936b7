"""Trunks: where calls may come from, and whom calls of ours go through."""

import re
from ipaddress import ip_address
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from config.values import (
    Distinct,
    Network,
    Number,
    Reading,
    Settings,
    Some,
    between,
    fault,
    in_json,
    shown,
    word,
)
from sip.numbers import FORM, NumberPattern


def _pattern(value: Any) -> NumberPattern:
    try:
        return NumberPattern(value if isinstance(value, str) else "")
    except ValueError:
        raise fault(
            "应写号码样式并加引号，例如 “139xxxxxxxx”（x 是任意一位数字，[2-9] 是其中一位，"
            f"最后的 * 是任意多位），现在是 {shown(value)}",
            "need a pattern of numbers in quotes, such as '139xxxxxxxx' (x: a digit, [2-9]: one "
            f"of these, a last *: any digits more), got {shown(value)}",
        ) from None


def _dialled(value: Any) -> NumberPattern:
    pattern = _pattern(value)
    if pattern.bare:
        raise fault(
            "这等于允许拨打任何号码；至少要写出开头的数字",
            "this lets any number be dialled; write at least the first digits",
        )
    return pattern


_HOST = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|(?=.{1,253}(?::|$))[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?)"
    r"(?::(?P<port>[0-9]{1,5}))?"
)


def _host(value: Any) -> str:
    match = _HOST.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match["port"] or 1) <= 65535 or not _usable(match["host"]):
        raise fault(
            f"应写主机名或 IP 地址，可带端口，例如 sip.carrier.cn 或 10.1.2.3:5060，"
            f"现在是 {shown(value)}",
            "need a host name or an IP address, with a port or without, such as "
            f"sip.carrier.cn or 10.1.2.3:5060, got {shown(value)}",
        )
    return match[0]


def _usable(host: str) -> bool:
    """Tell whether a host is a name, or an address that is one."""
    bare = host.strip("[]")
    if not re.fullmatch(r"[0-9.]+", bare) and ":" not in bare:
        return True
    try:
        address = ip_address(bare)
    except ValueError:
        return False
    return not (address.is_unspecified or address.is_multicast)


_JSON_PATTERN = in_json(FORM)
Numbers = Annotated[NumberPattern, Reading(_pattern, _JSON_PATTERN)]
DialledNumbers = Annotated[NumberPattern, Reading(_dialled, _JSON_PATTERN)]
Host = Annotated[str, Reading(_host, {"type": "string"})]
Prefix = Annotated[
    str,
    word(r"\+?[0-9#]{0,20}", "应写数字，可以 + 开头", "need digits, perhaps after a +"),
]
LoginName = Annotated[
    str, word(r"[A-Za-z0-9.+_-]{1,64}", "应写登录名", "need a name to log in with")
]


Srtp = Literal["off", "optional", "required"]
Codec = Literal["PCMA", "PCMU", "G722"]


class Rewriting(Settings):
    """One rule for numbers; the first that matches counts."""

    match: Numbers
    """Which numbers."""
    strip: Annotated[int, Field(ge=0, le=20)] = 0
    """Characters to take off their beginning; `+` is one."""
    add: Prefix = ""
    """Put before what is left."""


class Normalise(Settings):
    """How numbers of the trunk become ours, and ours the trunk's."""

    called: tuple[Rewriting, ...] = ()
    """Called numbers of calls that come in; before `called` of the trunk and `numbers` look."""
    caller: tuple[Rewriting, ...] = ()
    """Callers' numbers."""
    dialled: tuple[Rewriting, ...] = ()
    """Numbers that we dial; after `dial_out` has allowed them."""


class Trunk(Settings):
    """Where calls may come from, and whom calls of ours go through."""

    id: str
    addresses: Annotated[tuple[Network, ...], Some, Distinct]
    """From where calls come in; of two trunks the one with the smaller network counts."""
    trust_identity: bool = False
    """Believe P-Asserted-Identity of this trunk (RFC 3325) rather than From."""
    inbound_user: LoginName | None = None
    """Who the other side must prove to be, by digest; the password is in `trunks.json`.

    Empty: the address is enough.
    """
    called: Annotated[tuple[Numbers, ...], Distinct] = ()
    """Called numbers that calls may come in for. Empty: all of `numbers`."""
    callers: Annotated[tuple[Numbers, ...], Distinct] = ()
    """Callers' numbers that calls may come from. Empty: any."""
    codecs: Annotated[tuple[Codec, ...], Distinct] = ()
    """In our order of preference. Empty: as `sip.codecs`."""
    dtmf: Literal["auto", "rfc4733", "info", "inband"] = "auto"
    """How keys come: as events, by INFO, as tones in the voice.

    auto: events and INFO, and tones from who offers no events.
    """
    srtp: Srtp = "off"
    """Voice in secret (RFC 4568): refused, taken where it is offered, or asked of every call."""
    max_calls: Annotated[int, Field(ge=1, le=5000)] | None = None
    """At once, both directions together; one more is refused with 503. Empty: no limit."""
    max_rate: Annotated[int, Field(ge=1, le=1000)] | None = None
    """New calls a second; more are refused with 503. Empty: no limit."""
    normalise: Normalise = Normalise()
    hosts: Annotated[tuple[Host, ...], Distinct] = ()
    """Whom we send to: names or addresses, the first one first. Empty: we only take calls."""
    transport: Literal["udp", "tcp", "tls"] | None = None
    """Empty: as DNS says (RFC 3263), udp if it says nothing."""
    domain: Host | None = None
    """What the other side calls itself. Empty: the first of `hosts`."""
    login: LoginName | None = None
    """Our name at the other side; the password is in `trunks.json`."""
    register_: bool = Field(default=False, alias="register")
    """Register there, so that calls find us."""
    expires: Annotated[float, between("1min", "1d")] = 3600.0
    """For how long we ask to be registered; it is renewed in time."""
    keep_alive: Annotated[float, between("5s", "1h")] | None = 30.0
    """Between two OPTIONS, by which we know who of `hosts` is there. Empty: never."""
    shown_number: Number | None = None
    """Our number, as those see it whom we call. Empty: the first of `numbers`."""
    dial_out: Annotated[tuple[DialledNumbers, ...], Distinct] = ()
    """Numbers that may be dialled through this trunk. Empty: none."""

    @model_validator(mode="after")
    def _somewhere_to_go(self) -> "Trunk":
        needing = {"dial_out": self.dial_out, "register": self.register_, "login": self.login}
        for key, wanted in needing.items():
            if wanted and not self.hosts:
                raise fault(
                    f"写了 {key} 时，必须写 hosts（对方的主机）",
                    f"with {key}, hosts must name whom we send to",
                    key,
                )
        return self

    @model_validator(mode="after")
    def _somebody_to_be(self) -> "Trunk":
        if self.register_ and self.login is None:
            raise fault(
                "register: true 时，必须写 login（我方在对方的登录名）",
                "with register: true, login must be our name at the other side",
                "login",
            )
        return self

    @property
    def their_domain(self) -> str:
        """What the other side calls itself, without a port; empty without `hosts`."""
        named = _HOST.fullmatch(self.domain or (self.hosts[0] if self.hosts else ""))
        return "" if named is None else named["host"]

    def places(self) -> list[tuple[str, int | None]]:
        """Return `hosts` as host, without brackets, and port."""
        found = (_HOST.fullmatch(host) for host in self.hosts)
        return [
            (match["host"].strip("[]"), int(match["port"]) if match["port"] else None)
            for match in found
            if match is not None
        ]
