"""Every constructor call of the house, in one place."""

import argparse
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet.threads import deferToThreadPool

from agents.roster import Rests, Roster
from calls.ids import CallId, Language
from config import reader
from config.faults import Fault, SettingsError
from config.settings import Site
from media.worker_settings import WorkerSettings
from queueing.waiting import WaitingRoom
from server import passwords, sip_side
from server.archive import Archive
from server.call_control import CallControl
from server.changing import Changing
from server.clock import Clock
from server.control_face import SOCKET
from server.converting import Converter
from server.database import Database
from server.desk_ports import DeskNames, desk_site
from server.draft_memory import Memory
from server.drafts import Drafts
from server.engine import Engine
from server.house import House
from server.journal import Journal
from server.late_words import LateWords
from server.late_writer import LateWriter
from server.looking_up import LookingUp
from server.media_links import MediaLinks, shared_out
from server.phone_book import PhoneBook
from server.recognising import Recognition
from server.remembering import Remembering
from server.retention import Purge
from server.service import Service
from server.service_desk import Folders, ServiceDesk
from server.sip_side import SECRETS
from server.site_values import agents_of, house_of, lanes_of, retention_of
from server.standings import CALLERS, CallerList, Standings
from server.tokens import Tokens
from server.trunk_plan import TrunkPlan
from server.trunk_works import trunk_works
from server.upkeep import Upkeep
from server.versions import Versions, first, log_exemptions
from sip.phone_watch import PhoneWatch
from sip.registrar import Registrar, RegistrarLimits
from sip.stack import Stack
from storage.audit import note
from storage.engines import connect

BUSY_TIMEOUT = 2.0
"""Seconds that one statement waits for another program's lock; then the writer backs off."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line puts in place of the settings; None leaves them."""

    sip: tuple[str, int] | None = None
    http: tuple[str, int] | None = None
    rtp: tuple[int, int] | None = None
    unpublished: bool = False
    """Serve the folder itself, also if versions of it were published."""

    @classmethod
    def of(cls, arguments: argparse.Namespace) -> "Overrides":
        """Read `--sip`, `--http` and `--rtp-ports`; raise SettingsError naming each bad one."""
        faults: list[Fault] = []
        sip = _host_port("--sip", arguments.sip, faults)
        http = _host_port("--http", arguments.http, faults)
        rtp = _ports("--rtp-ports", arguments.rtp_ports, faults)
        if faults:
            raise SettingsError(faults)
        return cls(sip, http, rtp, arguments.unpublished)

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


@dataclass(frozen=True, slots=True)
class Ground:
    """What everything stands on."""

    reactor: Any
    site: Site
    data: Path
    clock: Clock


def compose(reactor: Any, folder: Path, data: Path, overrides: Overrides) -> Service:
    """Read the site and put the whole engine together; no socket is opened yet."""
    data = data.absolute()
    data.mkdir(parents=True, exist_ok=True)
    draft = folder
    folder, version = first(data, folder, unpublished=overrides.unpublished)
    site = overrides.applied(reader.read(folder, data / reader.KEPT))
    log_exemptions(site)
    ground = Ground(reactor, site, data, Clock())
    phones = _passwords(data / SECRETS / site.secrets, site)
    registrar = Registrar(
        site.sip.realm, phones, site.sip.digest, RegistrarLimits(), secrets.token_bytes(32)
    )
    plan = TrunkPlan.read(site, data / SECRETS)
    works = trunk_works(plan, reactor, ground.clock, secrets.token_bytes(32))
    neighbours = sip_side.Neighbours.of(site)
    stack = sip_side.make_stack(site, registrar, neighbours)

    def hears(language: Language) -> bool:
        return engine.ears.hears(language)

    house = replace(house_of(site, data, version), hears=hears)
    control = _control(site, stack, registrar, house)
    control.use(works.gate, works.side)
    engine = Engine(control, reactor, ground.clock)
    service = _service(ground, engine, registrar)
    names = DeskNames(site, phones)
    memory = service.remembering.memory
    changing = Changing(
        engine, service.drafts, names, site, overrides.applied, data, works, neighbours, memory
    )
    engine.serve = ServiceDesk(
        engine,
        Folders(draft.absolute(), data),
        ground.clock,
        partial(deferToThreadPool, reactor, reactor.getThreadPool()),
        lambda entry: service.database.note(lambda session: note(session, entry)),
        changing.house,
        changing.site,
    )
    follows = not overrides.unpublished
    service.versions = Versions(reactor, data, version, changing, following=follows)
    service.trunks, works.turn = works, engine.turn
    service.open_ports = _doors(ground, service, names)
    return service


def _service(ground: Ground, engine: Engine, registrar: Registrar) -> Service:
    """Put everything around the engine that it keeps, asks and tells."""
    reactor, site, data, clock = ground.reactor, ground.site, ground.data, ground.clock
    database = _database(reactor, data)
    phone_book = PhoneBook(registrar, database.note)
    engine.keep = database.keep
    engine.look_up = LookingUp(engine, database, clock)
    callers = CallerList(data / CALLERS)
    engine.standings = Standings(engine, database.ask, callers, clock)
    engine.phones = lambda event: phone_book.noted(event, clock())
    memory = Memory()
    writer = LateWriter(site, data, memory)
    drafts = Drafts(reactor, writer, engine.drafted)
    engine.drafter = drafts
    recognition = Recognition(reactor, site, data, engine)
    engine.ears = recognition.ears
    late = recognition.late = LateWords(
        clock, database.ask, recognition, data / "recordings", engine.note, drafts.make
    )
    late.is_live = engine.control.calls.__contains__
    engine.media = media = _media(ground, engine)
    return Service(
        reactor=reactor,
        clock=clock,
        engine=engine,
        database=database,
        drafts=drafts,
        late_words=late,
        phone_book=phone_book,
        recognisers=recognition,
        media=media,
        drain_limit=site.limits.drain_limit,
        remembering=Remembering(memory, drafts, database.ask),
        warm=partial(drafts.do, writer.warm),
        upkeep=Upkeep(engine, database.ask, data / SOCKET),
        purge=Purge(
            clock,
            data / "recordings",
            retention_of(site),
            (database.ask, database.change),
            partial(deferToThreadPool, reactor, reactor.getThreadPool()),
        ),
        archive=_archive(ground, database),
    )


def _archive(ground: Ground, database: Database) -> Archive | None:
    """Make what converts closed recordings, if that is wanted."""
    reactor, form = ground.reactor, ground.site.recording.format
    if form == "wav":
        return None
    return Archive(
        ground.data / "recordings",
        Converter(form),
        ground.site.recognition.languages,
        database.ask,
        partial(deferToThreadPool, reactor, reactor.getThreadPool()),
    )


def _media(ground: Ground, engine: Engine) -> MediaLinks:
    """Make the links to media workers, each replaced when it dies, after its calls ended."""
    settings = shared_out(_worker_settings(ground.site, ground.clock), ground.site.rtp.workers)
    hear, lost = engine.media_event, engine.worker_lost
    return MediaLinks(ground.reactor, settings, hear, lost, engine.together)


def _doors(ground: Ground, service: Service, names: DeskNames) -> Callable[[], None]:
    """Return what opens the ports: signalling, pages, voice."""
    reactor, site, clock, engine = ground.reactor, ground.site, ground.clock, service.engine
    stack = engine.control.stack
    port = sip_side.ports(site, ground.data, stack, reactor, clock, engine.turn)
    engine.port = port
    pages = desk_site(service, names, ground.data)

    def open_ports() -> None:
        port.open()
        reactor.listenTCP(site.http.port, pages, interface=site.http.address)
        service.media.start()
        engine.control.phones.known(engine.control.house.contacts, clock())
        if site.sip.qualify is not None:
            watch = PhoneWatch(engine.control.registrar, site.sip.qualify)
            stack.take_on(watch, clock())
            service.phones = watch.phones_heard
        if service.trunks is not None:
            service.trunks.start(stack)

    return open_ports


def _passwords(file: Path, site: Site) -> dict[str, str]:
    try:
        return passwords.read_or_make(file, site.agents)
    except passwords.PasswordsUnreadable as error:
        zh = f"密码文件读不了：{error}"
        raise SettingsError([Fault(str(file), 1, 1, "", zh, f"unreadable: {error}")]) from None


def _control(site: Site, stack: Stack, registrar: Registrar, house: House) -> CallControl:
    roster = Roster(
        agents_of(site),
        Rests(
            no_answer=site.rests.no_answer,
            rejected=site.rests.rejected,
            unreachable=site.rests.unreachable,
            most_misses=site.rests.most_misses,
        ),
        ready_on_register=site.ready_on_register,
    )
    tokens = Tokens()
    return CallControl(
        house=house,
        stack=stack,
        registrar=registrar,
        waiting=WaitingRoom(lanes_of(site)),
        roster=roster,
        new_call=lambda: CallId(f"c-{tokens()}"),
    )


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
