"""What calls on the service numbers ask for, done off the reactor thread, and written down.

Who did what stands in the audit, with the person's number as given with the PIN; neither PINs
nor telephone numbers are in it or in the log.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from calls.ids import AgentId, CallId
from config import reader
from config.faults import SettingsError
from config.plan_board import Switched
from config.publish import NotPublished, digest
from config.settings import Site
from ivr.flow import Flow
from server.engine import Engine
from server.house import House
from server.outputs import ServiceAsk
from server.plans_at_desk import turn
from server.prompt_import import Unusable, bring_in, convert
from server.service_pins import IN_ONE_CALL, Attempts, Pins
from storage.audit import AuditEntry

LOG = structlog.get_logger("service_number")
KEY_TONE = 0.25
"""Seconds at the end of a take that may hold the key which ended it."""
STRANGER = AgentId("?")
"""In the audit, for a number keyed that is no agent's: it may be a PIN in the wrong place."""
DRAFT = "draft-"
"""Begins the version that the record of a call to the draft names."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of something, and what is to be written down of it."""

    answer: str
    action: str | None = None
    """For the audit; None: nothing."""
    text: str = ""
    led: tuple[House, Flow] | None = None
    """The draft that the call is to go on in."""


@dataclass(slots=True)
class Caller:
    """Somebody on a service number."""

    who: str = ""
    """As given with a PIN that was right; empty before."""
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the settings and the data are."""

    draft: Path
    """The folder of settings that administrators edit."""
    data: Path


@dataclass(slots=True)
class ServiceDesk:
    """Does what is asked for; who has not given a right PIN in this call gets nothing.

    `in_thread` runs a function elsewhere; `audit` keeps an entry; `house_of` makes the house
    that calls to a draft live in.
    """

    engine: Engine
    folders: Folders
    clock: Callable[[], float]
    in_thread: Callable[[Callable[[], Done]], "Deferred[Done]"]
    audit: Callable[[AuditEntry], object]
    house_of: Callable[[Site, str], House]
    site: Callable[[], Site]
    """The settings that calls begin on now."""
    attempts: Attempts = field(default_factory=Attempts)
    callers: dict[CallId, Caller] = field(default_factory=dict)

    def __call__(self, asked: ServiceAsk) -> None:
        """Do it; the answer goes to the call, if it still is there."""
        if asked.what == "left":
            self.callers.pop(asked.call, None)
            self._begin(asked, "", lambda: _cleared(asked.about))
        elif asked.what == "pin":
            self._let_in(asked)
        else:
            who = self.callers.get(asked.call, Caller()).who
            works = Works(self.folders, self.site(), who, self.clock(), self.house_of)
            self._begin(asked, who, lambda: works.done(asked) if who else Done("failed"))

    def _let_in(self, asked: ServiceAsk) -> None:
        """Count a try before it is looked at: many at once are no way round the bound."""
        who, pin, now = asked.about["who"], asked.about["pin"], self.clock()
        caller = self.callers.setdefault(asked.call, Caller())
        names = (f"who:{who}", f"from:{asked.about['caller']}")
        if self.attempts.barred(names, now) or caller.missed >= IN_ONE_CALL:
            self._tell(Done("locked", "service_locked"), asked, who)
            return
        caller.missed += 1
        self.attempts.missed(names, now)
        pins = Pins(self.folders.data / "secrets")
        checked = self.in_thread(lambda: Done("ok" if pins.right(who, pin) else "wrong"))
        checked.addCallback(self._judged, asked, who, names)
        checked.addErrback(self._failed, asked)

    def _judged(self, found: Done, asked: ServiceAsk, who: str, names: tuple[str, ...]) -> None:
        caller = self.callers.get(asked.call)
        if caller is None:
            return  # hung up meanwhile
        if found.answer == "ok":
            self.attempts.forgive(names)
            caller.who = who
            self._tell(Done("ok", "service_signed_in"), asked, who)
        else:
            answer = "locked" if caller.missed >= IN_ONE_CALL else "wrong"
            self._tell(Done(answer, "service_refused"), asked, who)

    def _begin(self, asked: ServiceAsk, who: str, work: Callable[[], Done]) -> None:
        doing = self.in_thread(work)
        doing.addCallback(self._tell, asked, who)
        doing.addErrback(self._failed, asked)

    def _tell(self, done: Done, asked: ServiceAsk, who: str) -> None:
        """Write down what was done, and let the call go on."""
        if done.action is not None:
            known = AgentId(who) if AgentId(who) in self.site().agents else STRANGER
            entry = AuditEntry(self.clock(), known, done.action, asked.call, "telephone", done.text)
            self.audit(entry)
        control = self.engine.control
        if done.led is not None:
            house, flow = done.led
            self.engine.do(lambda now: control.led_into(asked.call, house, flow, now))
        else:
            self.engine.do(lambda now: control.looked_up(asked.call, done.answer, {}, now))

    def _failed(self, failure: Failure, asked: ServiceAsk) -> None:
        what, error = asked.what, type(failure.value).__name__
        LOG.error("not_done", call=asked.call, what=what, error=error)
        control = self.engine.control
        self.engine.do(lambda now: control.looked_up(asked.call, "failed", {}, now))


@dataclass(frozen=True, slots=True)
class Works:
    """One thing that somebody let in asks for, done in a thread."""

    folders: Folders
    site: Site
    who: str
    now: float
    house_of: Callable[[Site, str], House]

    def done(self, asked: ServiceAsk) -> Done:
        """Do it."""
        about, service = asked.about, self.site.service
        match asked.what:
            case "prompt":
                return Done("ok" if about["prompt"] in service.prompts else "none")
            case "take":
                return _made_fit(Path(about["raw"]), Path(about["take"]))
            case "keep":
                return self._keep(service.prompts[about["prompt"]], Path(about["take"]))
            case "plan_known":
                return Done("ok" if about["plan"] in service.plans else "none")
            case "plan":
                return self._switch(service.plans[about["plan"]], on=about["turn"] == "on")
            case "draft":
                return self._draft()
            case _:
                return Done("failed")

    def _keep(self, prompt: str, take: Path) -> Done:
        """Put the take into the draft, in place of the recording before."""
        bring_in(take, self.folders.draft / "prompts" / "zh", prompt)
        return Done("ok", "service_prompt_kept", prompt)

    def _switch(self, plan: str, *, on: bool) -> Done:
        """Switch a plan on at once, or off."""
        wanted = Switched(plan, self.now, None) if on else plan
        try:
            turn(self.folders.data, wanted, self.who, "电话 by telephone", self.now)
        except NotPublished:
            return Done("failed")
        return Done("ok", "service_plan_on" if on else "service_plan_off", plan)

    def _draft(self) -> Done:
        """Read the draft."""
        folder = self.folders.draft
        try:
            site = reader.read(folder)
        except SettingsError:
            return Done("faulty")
        flow = site.flow_for(next(iter(site.numbers)))
        if flow is None:
            return Done("faulty")
        house = self.house_of(site, DRAFT + digest(folder))
        return Done("ok", "service_draft_tried", led=(house, flow))


def _made_fit(raw: Path, take: Path) -> Done:
    """Make a recording what a prompt is: even, without the key at its end."""
    try:
        convert(raw, left=True, without_end=KEY_TONE).export(take, format="wav").close()
    except Unusable:
        return Done("short")
    return Done("ok")


def _cleared(about: Mapping[str, str]) -> Done:
    """Let go of what was recorded and not kept."""
    for path in (about["raw"], about["take"]):
        Path(path).unlink(missing_ok=True)
    return Done("left")
