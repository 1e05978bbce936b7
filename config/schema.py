"""Every setting as a frozen value, with its unit, its default and its meaning.

Durations are read with a unit (`5s`, `2min`) and are seconds from then on.
Flows are in `flow_schema`. What stands under a name, such as a lane or an agent,
has that name as `id`.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from calls.ids import LANGUAGES, Language
from config.emergency_schema import Emergency
from config.in_call_schema import InCallSettings
from config.service_schema import Service
from config.sip_schema import ABOVE, Defence, SipPort, Tls
from config.survey_schema import Surveys
from config.trunk_schema import Codec
from config.values import (
    Address,
    Days,
    Distinct,
    FarmHost,
    FileName,
    FlowName,
    HoursName,
    Names,
    NameServer,
    Number,
    Port,
    PromptName,
    Settings,
    Some,
    Text,
    UnitName,
    between,
    fault,
)

REFUSE = "refuse"


# site.yaml


class Sip(Settings):
    """Signalling: one UDP port for trunks and agents' phones, and what is listened on besides."""

    address: Address
    port: Port = 5060
    public_address: Address | None = None
    """What others are told to reach us at; needed when `address` is 0.0.0.0."""
    also: tuple[SipPort, ...] = (SipPort(transport="tcp"),)
    """RFC 3261 §18 wants TCP beside UDP: large messages go by it."""
    nameservers: Annotated[tuple[NameServer, ...], Distinct] = ()
    """Who is asked where trunks' hosts are; empty: as the system has it."""
    tls: Tls | None = None
    defence: Defence = Defence()
    realm: Text = "hotline"
    """For the passwords of agents' phones (RFC 8760)."""
    qualify: Annotated[float, between("5s", "1h")] | None = None
    """Between two OPTIONS to a registered phone; keeps its way through a NAT open. Empty: never."""
    digest: Annotated[tuple[Literal["SHA-256", "MD5"], ...], Some, Distinct] = ("SHA-256",)
    """How agents' phones prove their passwords, as offered to them, in this order."""
    codecs: Annotated[tuple[Codec, ...], Some, Distinct] = ("PCMA", "PCMU")
    """In our order of preference."""

    @property
    def advertised(self) -> str:
        """The address that stands in Contact and SDP."""
        return self.public_address or self.address

    @model_validator(mode="after")
    def _reachable(self) -> "Sip":
        if self.advertised in ("0.0.0.0", "::"):
            raise fault(
                "address 是 0.0.0.0 时，必须写 public_address（话机和运营商能访问到的地址）",
                "with address 0.0.0.0, public_address must name one that phones can reach",
                "address",
            )
        return self

    @model_validator(mode="after")
    def _certified(self) -> "Sip":
        if self.tls is None and any(ours.transport in ("tls", "wss") for ours in self.also):
            raise fault(
                "监听 tls 或 wss 时，必须写 tls 里的 certificate 和 key",
                "to listen on tls or wss, tls must name a certificate and a key",
                "tls",
            )
        return self

    @model_validator(mode="after")
    def _apart(self) -> "Sip":
        places = [("udp", self.address, self.port)]
        for index, ours in enumerate(self.also):
            kind = "udp" if ours.transport == "udp" else "stream"
            place = (kind, ours.address or self.address, self.port_of(ours))
            if place in places:
                raise fault(
                    f"also 第 {index + 1} 项和前面的监听地址重复",
                    f"item {index + 1} of also is listened on already",
                    "also",
                )
            places.append(place)
        return self

    def servers(self) -> list[tuple[str, int]]:
        """Return `nameservers` as address and port."""
        parted = (text.rpartition(":") for text in self.nameservers)
        return [(host.strip("[]") or port, int(port) if host else 53) for host, _, port in parted]

    def port_of(self, ours: SipPort) -> int:
        """Return the port of one of `also`."""
        return ours.port or self.port + ABOVE.get(ours.transport, 0)


class Rtp(Settings):
    """UDP ports for voice: two for each leg; and how many processes look after them."""

    first: Annotated[int, Field(ge=1024, le=65534)]
    last: Annotated[int, Field(ge=1025, le=65535)]
    workers: Annotated[int, Field(ge=1, le=16)] = 1
    """One carries some 800 legs; more, each with its part of the ports, at most one a core."""

    @model_validator(mode="after")
    def _ordered(self) -> "Rtp":
        if self.first % 2 or self.last <= self.first:
            raise fault(
                "first 应是偶数，并且小于 last",
                "first must be even and smaller than last",
                "first",
            )
        return self


class Http(Settings):
    """The desk's pages and the API."""

    address: Address
    port: Port = 8080
    session: Annotated[float, between("10min", "7d")] = 8 * 3600.0
    """After which agents log in anew."""


class Limits(Settings):
    """Bounds of the engine."""

    max_calls: Annotated[int, Field(ge=1, le=5000)] = 100
    """At once; one more is refused with 503."""
    retry_after: Annotated[float, between("1s", "1h")] = 10.0
    """That a refused caller is asked to wait."""
    drain_limit: Annotated[float, between("0s", "2h")] = 600.0
    """After SIGTERM, until calls still up are ended."""
    no_media_after: Annotated[float, between("2s", "2min")] = 10.0
    """After picking up, until `cannot_hear` is said to a caller of whom no RTP came."""
    media_lost_after: Annotated[float, between("5s", "10min")] = 30.0
    """Without RTP in mid-call, until the call is ended."""
    transcript_within: Annotated[float, between("1s", "1h")] = 30.0
    """After a call, until its transcript is declared late."""


class Rests(Settings):
    """Pauses of an agent whose phone did not answer."""

    no_answer: Annotated[float, between("0s", "1h")] = 60.0
    rejected: Annotated[float, between("0s", "1h")] = 10.0
    unreachable: Annotated[float, between("0s", "1h")] = 30.0
    most_misses: Annotated[int, Field(ge=1, le=100)] | None = None
    """Misses in a row, after which the pause lasts until the agent ends it; empty: never."""


class Priority(Settings):
    """Who goes before others of the same lane: added to the lane's priority."""

    groups: dict[Text, Annotated[int, Field(ge=0, le=40)]] = Field(default_factory=dict)
    """Group in `callers.csv` of the data folder → how much: `elder: 5`, `disabled: 5`."""
    called_today: Annotated[int, Field(ge=0, le=40)] = 0
    """For one who calls the `times`th time today, and more often."""
    times: Annotated[int, Field(ge=2, le=20)] = 3
    open_orders: Days = 7
    """For how long a caller's last order counts as open, for `known_agent` of the lanes."""


class CallBackSettings(Settings):
    """Calling back those who asked for it."""

    hours: HoursName | None = None
    """In hours.yaml: within which citizens are called. Empty: at any time."""
    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    retry_after: Annotated[float, between("1min", "1d")] = 900.0
    ring: Annotated[float, between("10s", "2min")] = 30.0


class Recognition(Settings):
    """Speech to text."""

    languages: Annotated[tuple[Language, ...], Distinct] = LANGUAGES
    """That are transcribed; empty list: none."""
    backlog: Annotated[float, between("1s", "10min")] = 30.0
    """Audio that may wait to be recognised; more is dropped and done anew from the recording."""
    no_answer_after: Annotated[float, between("5s", "10min")] = 30.0
    """Until a recogniser that says nothing is started anew."""
    recycle_above: Annotated[int, Field(ge=200, le=64000)] = 2000
    """Megabytes that one recognition process may grow by, above its size with the model loaded."""
    farm: dict[Language, Annotated[tuple[FarmHost, ...], Some, Distinct]] = Field(
        default_factory=dict
    )
    """`vosk-server` hosts by language; while none accepts, this machine recognises."""
    language_model: Text | None = None
    """Folder of the model that tells languages apart. Empty: nobody is offered another lane."""


RecordingFormat = Literal["wav", "opus", "mp3"]


class RecordingSettings(Settings):
    """What becomes of recordings once they are closed."""

    format: RecordingFormat = "wav"
    """wav: as they were written; others are made by ffmpeg, once the words are written down."""


class Retention(Settings):
    """How long personal data is kept, in days."""

    recordings: Days = 180
    records: Days = 1095
    """Call records, transcripts and draft work orders."""


class FlowRules(Settings):
    """What every flow must keep to."""

    menu_depth: Annotated[int, Field(ge=1, le=5)] = 1
    greeting: Annotated[float, between("3s", "1min")] = 12.0
    """Longest prompts of a menu."""


class SiteFile(Settings):
    """site.yaml: the engine and its numbers."""

    city: Names
    sip: Sip
    rtp: Rtp
    http: Http
    numbers: dict[Number, FlowName]
    """Called number → flow."""
    default_number: Number = REFUSE
    """One of `numbers`, for calls to any other; `refuse` answers them with 404."""
    ready_on_register: bool = True
    """An agent whose phone registers gets calls at once; false: only after saying so."""
    limits: Limits = Limits()
    rests: Rests = Rests()
    priority: Priority = Priority()
    call_backs: CallBackSettings = CallBackSettings()
    surveys: Surveys = Surveys()
    recognition: Recognition = Recognition()
    recording: RecordingSettings = RecordingSettings()
    retention: Retention = Retention()
    flow_rules: FlowRules = FlowRules()
    in_call: InCallSettings = InCallSettings()
    emergency: Emergency = Emergency()
    service: Service = Service()
    secrets: FileName = "phones.json"
    """File in the data folder that holds the agents' passwords; never in this folder."""


# the other files


Level = Literal["市级部门", "区县", "街道", "国企", "事业单位", "上级直属"]


class Unit(Settings):
    """A department, district or company that works on orders."""

    id: UnitName
    name: Text
    level: Level
    duties: Annotated[tuple[Text, ...], Some, Distinct]
    """具体职责: each a few words."""
    keywords: Annotated[tuple[Text, ...], Distinct] = ()
    """Words that callers use for these duties, in any language."""
    contact: Text
    """Who takes orders."""


class MatterType(Settings):
    """What kind of matter a call is."""

    id: Text
    en: Text
    cues: Annotated[tuple[Text, ...], Some, Distinct]
    """Words that point to it."""


class Place(Settings):
    """A place in the city, as callers say it."""

    id: Text
    kind: Literal["道路", "区县", "街道", "小区", "地标"]
    district: Text | None = None
    also: Annotated[tuple[Text, ...], Distinct] = ()
    """Other names."""


class SpokenText(Settings):
    """The words of a prompt, and how they are rendered."""

    id: PromptName
    text: Text
    voice: Text
    provisional: bool = False
    """A stand-in until a person records it."""
    speed: Annotated[float, Field(ge=0.5, le=2.0)] = 1.0
    say: Text | None = None
    lang: Text | None = None
    parts: tuple[dict[str, Any], ...] = ()
