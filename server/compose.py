"""Every constructor call of the house, in one place."""

import argparse
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from agents.agent import Agent
from agents.roster import Rests, Roster
from asr.recogniser import Heard
from calls.ids import CallId, LaneId, Language, PromptId, Skill
from config import reader
from config.faults import Fault, SettingsError
from config.settings import Site
from media.commands import WorkerSettings
from queueing.lane import Lane
from queueing.ticket import Pick
from queueing.waiting import WaitingRoom
from server import models, passwords
from server.call_control import CallControl
from server.clock import Clock
from server.database import Database
from server.desk_ports import desk_site
from server.drafting import DraftWriter, usable_precedents
from server.drafts import Drafts
from server.engine import Engine
from server.house import House, LaneRules, Limits
from server.journal import Journal
from server.late_words import SUFFIX, LateWords
from server.listening import Listening, Outcome
from server.listening import Settings as ListeningSettings
from server.media_link import MediaLink
from server.service import Service
from server.sip_udp import SipUdp
from sip.registrar import Registrar, RegistrarLimits
from sip.settings import StackSettings
from sip.stack import Stack
from storage.engines import connect

SECRETS = "secrets"
"""Folder in the data folder."""
RESTART_AFTER = 1.0
"""Seconds until a media worker that died is replaced."""
BUSY_TIMEOUT = 2.0
"""Seconds that one statement waits for another program's lock; then the writer backs off."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line puts in place of the settings; None leaves them."""

    sip: tuple[str, int] | None = None
    http: tuple[str, int] | None = None
    rtp: tuple[int, int] | None = None

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "Overrides":
        """Read `--sip`, `--http` and `--rtp-ports`; raise SettingsError naming each bad one."""
        faults: list[Fault] = []
        sip = _host_port("--sip", arguments.sip, faults)
        http = _host_port("--http", arguments.http, faults)
        rtp = _ports("--rtp-ports", arguments.rtp_ports, faults)
        if faults:
            raise SettingsError(faults)
        return cls(sip, http, rtp)

    def applied(self, site: Site) -> Site:
        """Return the site with these values in place of its own."""
        if self.sip is not None:
            host, port = self.sip
            site = replace(site, sip=site.sip.model_copy(update={"address": host, "port": port}))
        if self.http is not None:
            host, port = self.http
            site = replace(site, http=site.http.model_copy(update={"address": host, "port": port}))
        if self.rtp is not None:
            first, last = self.rtp
            site = replace(site, rtp=site.rtp.model_copy(update={"first": first, "last": last}))
        return site


def _host_port(name: str, text: str | None, faults: list[Fault]) -> tuple[str, int] | None:
    if text is None:
        return None
    host, colon, port = text.rpartition(":")
    if host and colon and port.isdecimal() and int(port) <= 65535:
        return host, int(port)
    zh, en = f"应写成 地址:端口，现在是 {text}", f"need HOST:PORT, got {text}"
    faults.append(Fault("command line", 1, 1, name, zh, en))
    return None


def _ports(name: str, text: str | None, faults: list[Fault]) -> tuple[int, int] | None:
    if text is None:
        return None
    first, dash, last = text.partition("-")
    if dash and first.isdecimal() and last.isdecimal() and 1024 <= int(first) < int(last) <= 65535:
        return int(first) + int(first) % 2, int(last)
    zh = f"应写成 起始-结束（1024–65535），现在是 {text}"
    faults.append(Fault("command line", 1, 1, name, zh, f"need FIRST-LAST in 1024–65535: {text}"))
    return None


def compose(reactor: Any, folder: Path, data: Path, overrides: Overrides) -> Service:
    """Read the site and put the whole engine together; no socket is opened yet."""
    site = overrides.applied(reader.read(folder))
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    phones = _passwords(data / SECRETS / site.secrets, site)
    registrar = Registrar(
        site.sip.realm, phones, site.sip.digest, RegistrarLimits(), secrets.token_bytes(32)
    )
    control = _control(site, data, registrar)
    engine = Engine(control, reactor, clock)
    database = _database(reactor, data)
    engine.keep = database.keep
    drafts = Drafts(reactor, DraftWriter.of(site, usable_precedents(data)), engine.drafted)
    engine.drafter = drafts
    recognition = Recognition(reactor, site, data, engine)
    engine.ears = recognition.listening

    def lost(why: str) -> None:
        """End the calls of a media worker that died, and start another."""
        engine.worker_lost(why)
        reactor.callLater(RESTART_AFTER, media.start)

    engine.media = media = MediaLink(
        reactor, _worker_settings(site, clock), engine.media_event, lost
    )

    late = LateWords(
        clock, database.ask, recognition, data / "recordings", database.keep, drafts.make
    )
    late.is_live = control.calls.__contains__
    recognition.late = late
    engine.port = port = SipUdp(control.stack, reactor, clock, engine.turn)
    service = Service(
        reactor=reactor,
        clock=clock,
        engine=engine,
        database=database,
        drafts=drafts,
        late_words=late,
        recognisers=recognition,
        media=media,
        open_ports=lambda: None,
        media_up=lambda: media.up,
        drain_limit=site.limits.drain_limit,
    )
    pages = desk_site(service, recognition, site, phones, data)

    def open_ports() -> None:
        reactor.listenUDP(site.sip.port, port, interface=site.sip.address, maxPacketSize=65535)
        reactor.listenTCP(site.http.port, pages, interface=site.http.address)
        media.start()

    service.open_ports = open_ports
    return service


def _passwords(file: Path, site: Site) -> dict[str, str]:
    try:
        return passwords.read_or_make(file, site.agents)
    except passwords.PasswordsUnreadable as error:
        zh = f"密码文件读不了：{error}"
        raise SettingsError([Fault(str(file), 1, 1, "", zh, f"unreadable: {error}")]) from None


def _control(site: Site, data: Path, registrar: Registrar) -> CallControl:
    stack = Stack(
        StackSettings(
            address=site.sip.advertised,
            port=site.sip.port,
            max_legs=4 * site.limits.max_calls + 100,
            trust_asserted=any(trunk.trust_identity for trunk in site.trunks.values()),
            retry_after=int(site.limits.retry_after),
        ),
        registrar,
        partial(secrets.token_hex, 8),
    )
    roster = Roster(
        (Agent(a.id, a.name, {Skill(s): n for s, n in a.skills.items()}) for a in _agents(site)),
        Rests(
            no_answer=site.rests.no_answer,
            rejected=site.rests.rejected,
            unreachable=site.rests.unreachable,
            most_misses=site.rests.most_misses,
        ),
        ready_on_register=site.ready_on_register,
    )
    return CallControl(
        house=_house(site, data),
        stack=stack,
        registrar=registrar,
        waiting=WaitingRoom(_lane(site, lane) for lane in site.lanes),
        roster=roster,
        new_call=lambda: CallId(f"c-{secrets.token_hex(8)}"),
    )


def _agents(site: Site) -> list[Any]:
    return [site.agents[agent] for agent in sorted(site.agents)]


def _lane(site: Site, name: LaneId) -> Lane:
    lane = site.lanes[name]
    return Lane(
        name,
        frozenset(Skill(need) for need in lane.needs),
        lane.priority,
        Pick(lane.pick),
        lane.max_waiting,
        lane.max_wait,
        lane.never_drop,
        lane.nobody_after,
        announce_every=lane.announce_every,
        handling=lane.handling,
    )


def _house(site: Site, data: Path) -> House:
    lanes = {
        name: LaneRules(
            lane.ring_time, lane.wrap_up, lane.name.zh, lane.language, site.hours_of(name)
        )
        for name, lane in site.lanes.items()
    }
    default = site.default_number
    return House(
        media_address=site.sip.advertised,
        sip_uri=f"sip:{next(iter(site.numbers))}@{site.sip.advertised}:{site.sip.port}",
        numbers={number: site.flows[flow] for number, flow in site.numbers.items()},
        default_flow=None if default is None else site.flows[site.numbers[default]],
        sources=tuple(ip_network(n) for t in site.trunks.values() for n in t.addresses),
        codecs=site.sip.codecs,
        lanes=lanes,
        contacts={a.id: a.contact for a in _agents(site) if a.contact is not None},
        prompt=_prompt_finder(site),
        music=_music(site),
        recordings=data / "recordings",
        limits=Limits(
            site.limits.max_calls, int(site.limits.retry_after), site.limits.transcript_within
        ),
    )


def _prompt_finder(site: Site) -> Callable[[Language, PromptId], str]:
    files = {key: str(path.absolute()) for key, path in site.prompts.items()}
    return lambda language, prompt: files[language, prompt]


def _music(site: Site) -> str:
    """Return the file for callers on hold: the first music that a lane has."""
    named = next((lane.music for lane in site.lanes.values() if lane.music is not None), None)
    found = site.prompts.get(("zh", PromptId(named))) if named else None
    return str(found.absolute()) if found else ""


def _database(reactor: Any, data: Path) -> Database:
    journal = Journal(data / "journal", secrets.token_hex(8))
    url = f"sqlite:///{data / 'hotline.sqlite3'}"
    return Database(reactor, connect(url, busy_timeout=BUSY_TIMEOUT), journal)


def _worker_settings(site: Site, clock: Clock) -> WorkerSettings:
    return WorkerSettings(
        first_port=site.rtp.first,
        last_port=site.rtp.last,
        clock_offset=clock.offset,
        no_media_after=site.limits.no_media_after,
        media_lost_after=site.limits.media_lost_after,
        max_legs=4 * site.limits.max_calls + 100,
    )


class Recognition:
    """All recognisers, for live calls and for late words; routes what they say to either."""

    def __init__(self, reactor: Any, site: Site, data: Path, engine: Engine) -> None:
        self.found = models.find(models.places(data))
        wanted: Mapping[Language, Path] = {
            language: path
            for language, path in models.usable(self.found).items()
            if language in site.recognition.languages
        }
        settings = ListeningSettings(
            backlog=site.recognition.backlog,
            hang_after=site.recognition.no_answer_after,
            growth=site.recognition.recycle_above << 20,
        )
        self._engine = engine
        self.late: LateWords
        self.listening = Listening(reactor, wanted, settings, self._heard, self._closed)

    def ready(self, language: Language) -> bool:
        """Tell whether a recording in this language can be transcribed now."""
        return self.listening.state(language) == "ready"

    def transcribe(self, job: str, wav: Path, channel: int, language: Language) -> None:
        """Have one channel of a recording transcribed."""
        self.listening.transcribe(job, wav, channel, language)

    def health(self, language: Language) -> dict[str, object]:
        """Say how a language's recognition is, for people and programs."""
        zh, en = self.listening.words(language)
        figures = self.listening.figures().get(language)
        waiting = {"streams": figures.streams, "waiting": figures.waiting} if figures else {}
        return {"state": self.listening.state(language), "zh": zh, "en": en, **waiting}

    def stop(self) -> None:
        """End the recognisers."""
        self.listening.stop()

    def _heard(self, stream: str, words: Heard) -> None:
        taker = self.late if stream.endswith(SUFFIX) else self._engine
        taker.heard(stream, words)

    def _closed(self, stream: str, outcome: Outcome) -> None:
        if stream.endswith(SUFFIX):
            self.late.closed(stream, outcome.complete, outcome.why)
        else:
            self._engine.stream_closed(stream, outcome.complete, outcome.why)
