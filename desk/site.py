# mypy: allow-untyped-calls
# (Twisted's web server is only partly annotated; this file and `serving.py` are where we call it.)
"""The desk as a Twisted site: the table of pages, and what holds for every one of them."""

from dataclasses import replace
from hmac import compare_digest
from traceback import format_tb
from urllib.parse import quote, urlsplit

from structlog import get_logger
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.http import Request as HttpRequest
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from agents.agent import Doing
from calls.ids import AgentId
from desk import (
    agent_api,
    agent_draft,
    api,
    call_pages,
    draft_pages,
    figures,
    files,
    knowledge_pages,
    order_calls,
    plan_pages,
    rating_pages,
    recordings,
    sign_in,
    survey_pages,
    work_pages,
)
from desk.guessing import Guessing
from desk.house import House
from desk.live_feed import LiveFeed
from desk.live_ports import LivePorts, Role
from desk.noting import note_if_possible
from desk.pages import Pages
from desk.ports import DeskPorts, DeskSettings
from desk.push import Push, Rules, Wanted
from desk.serving import SmallRequest, asked_by, send
from desk.sessions import Sessions
from desk.web import Access, Answer, Asked, Refusal, Route, as_json, see_other

LOG = get_logger(__name__)
PATIENCE = 60.0
"""Seconds that a connection may be idle."""


async def _home(house: House, asked: Asked) -> Answer:
    return see_other("/drafts")


ROUTES = (
    Route("GET", "/", _home),
    Route("GET", "/login", sign_in.form, Access.ANYONE),
    Route("POST", "/login", sign_in.sign_in, Access.ANYONE),
    Route("POST", "/logout", sign_in.sign_out),
    Route("GET", "/drafts", draft_pages.listed),
    Route("GET", "/drafts/{call}", draft_pages.one),
    Route("POST", "/drafts/{call}", draft_pages.put_right),
    Route("POST", "/drafts/{call}/dial", order_calls.dial),
    Route("GET", "/ratings", rating_pages.listed, Access.SUPERVISORS),
    Route("POST", "/ratings/{call}", rating_pages.close, Access.SUPERVISORS),
    Route("GET", "/api/v1/ratings", rating_pages.given, Access.SUPERVISORS),
    Route("POST", "/api/v1/ratings/{call}", rating_pages.close_by_program, Access.SUPERVISORS),
    Route("GET", "/surveys", survey_pages.listed, Access.SUPERVISORS),
    Route("GET", "/api/v1/surveys", survey_pages.given, Access.SUPERVISORS),
    Route("GET", "/plans", plan_pages.listed, Access.SUPERVISORS),
    Route("POST", "/plans/{plan}", plan_pages.switch, Access.SUPERVISORS),
    Route("GET", "/api/v1/plans", plan_pages.given, Access.SUPERVISORS),
    Route("POST", "/api/v1/plans/{plan}", plan_pages.switch_by_program, Access.SUPERVISORS),
    Route("GET", "/calls", call_pages.listed),
    Route("GET", "/calls/{call}", call_pages.one),
    Route("GET", "/knowledge", knowledge_pages.found),
    Route("GET", "/knowledge/{entry}", knowledge_pages.one),
    Route("POST", "/knowledge", knowledge_pages.rule, Access.SUPERVISORS),
    Route("GET", "/recordings/{call}", recordings.recording),
    Route("GET", "/recordings/{call}/{place}", recordings.recording),
    Route("GET", "/api/v1/openapi.json", api.document, Access.ANYONE),
    Route("GET", "/api/v1/session", sign_in.present),
    Route("POST", "/api/v1/session", sign_in.sign_in_program, Access.ANYONE),
    Route("GET", "/api/v1/calls", api.calls),
    Route("GET", "/api/v1/calls/{call}", api.call),
    Route("GET", "/api/v1/drafts", api.drafts),
    Route("GET", "/api/v1/drafts/{call}", api.draft),
    Route("PUT", "/api/v1/drafts/{call}", api.put_draft),
    Route("POST", "/api/v1/drafts/{call}/confirm", api.confirm_draft),
    Route("GET", "/api/knowledge", knowledge_pages.search),
    Route("POST", "/api/knowledge", knowledge_pages.rule_by_program, Access.SUPERVISORS),
    Route("GET", "/work", work_pages.work),
    Route("GET", "/board", work_pages.board, Access.SUPERVISORS),
    Route("GET", "/api/v1/agent", agent_api.now),
    Route("GET", "/api/v1/agent/choices", agent_api.choices),
    Route("GET", "/api/v1/agent/events", agent_api.events),
    Route("POST", "/api/v1/agent/actions/{action}", agent_api.act),
    Route("GET", "/api/v1/agent/drafts/{call}", agent_draft.one),
    Route("PUT", "/api/v1/agent/drafts/{call}", agent_draft.put),
    Route("GET", "/api/v1/board", agent_api.board, Access.SUPERVISORS),
    Route("GET", "/api/v1/board/events", agent_api.board_events, Access.SUPERVISORS),
    Route("POST", "/api/v1/board/danger/{call}", agent_api.danger_seen, Access.SUPERVISORS),
    Route("GET", "/api/v1/audit", agent_api.audit, Access.ADMINISTRATORS),
    Route("GET", "/health", figures.health, Access.ANYONE),
    Route("GET", "/metrics", figures.metrics, Access.ANYONE),
    Route("GET", "/static/{name}", files.static, Access.ANYONE),
)
"""Every page there is."""
ROLES = {Access.SUPERVISORS: Role.SUPERVISOR, Access.ADMINISTRATORS: Role.ADMINISTRATOR}
"""The least that somebody must be."""


class DeskSite(Site):
    """The desk, listening. `login_link` lets somebody in without a password, once."""

    displayTracebacks = False
    noisy = False

    def __init__(self, house: House, reactor: IReactorTime | None = None) -> None:
        """`house` is what every page is given."""
        super().__init__(
            DeskResource(house),
            requestFactory=SmallRequest,
            timeout=PATIENCE,
            parsePOSTFormSubmission=False,
            reactor=reactor,
            logFormatter=_silent,
        )
        self._house = house
        self.feed, self.push = house.feed, house.push

    def log(self, request: HttpRequest) -> None:
        """Write no access log: addresses of pages can hold tokens; the audit says who did what."""

    def login_link(self, agent: AgentId) -> str:
        """Return a path that signs `agent` in, once, within a quarter of an hour."""
        house = self._house
        return f"/login?token={house.sessions.link(agent, house.ports.now())}"


def _silent(timestamp: str, request: object) -> str:
    return ""


def make_site(ports: DeskPorts, settings: DeskSettings, reactor: IReactorTime) -> DeskSite:
    """Make the desk; whoever calls this listens with it, on loopback or behind HTTPS."""
    sessions = Sessions(idle_limit=settings.idle_limit, session_limit=settings.session_limit)
    pages = Pages(
        settings.city,
        settings.zone,
        settings.lanes,
        lambda agent: ports.live.role(agent) >= Role.SUPERVISOR,
    )
    feed = LiveFeed(ports.live, settings.lanes, settings.zone, ports.now())
    rules = Rules(lambda wanted, now: _may_listen(ports.live, sessions, wanted, now), ports.now)
    push = Push(feed, rules, reactor)
    return DeskSite(House(ports, settings, sessions, Guessing(), pages, feed, push), reactor)


def _may_listen(live: LivePorts, sessions: Sessions, wanted: Wanted, now: float) -> bool:
    """Tell whether a session is still good for what it listens to.

    Who is at work, or watches the board, idles not though no key is pressed.
    """
    if wanted.board and live.role(wanted.agent) < Role.SUPERVISOR:
        return False
    doing = next((each.doing for each in live.staff() if each.id == wanted.agent), Doing.OFF)
    at_work = wanted.board or doing not in (Doing.OFF, Doing.PAUSED)
    return sessions.holds(wanted.session, now, at_work=at_work)


class DeskResource(Resource):
    """Finds the page, sees to it that whoever asks may have it, and sends what it returns."""

    isLeaf = True

    def __init__(self, house: House) -> None:
        """`house` is what every page is given."""
        super().__init__()
        self._house = house

    def render(self, request: Request) -> int:
        """Answer, now or later."""
        answer = Deferred.fromCoroutine(self._answered(request))
        gone = request.notifyFinish()
        answer.addCallback(lambda found: send(request, found))
        answer.addErrback(_unsent)
        gone.addErrback(lambda _: answer.cancel())
        return NOT_DONE_YET

    async def _answered(self, request: Request) -> Answer:
        """Return the page's answer, or one that says what went wrong."""
        asked = asked_by(request, self._house.sessions, self._house.ports.now())
        try:
            return await self._page(asked)
        except CancelledError:
            raise
        except Refusal as refusal:
            return self._refused(asked, refusal)
        except Exception as error:
            # Neither message nor local values: both can hold what a caller said.
            frames = "".join(format_tb(error.__traceback__))
            LOG.error("page_failed", page=asked.path[:1], error=type(error).__name__, at=frames)
            zh, en = "系统暂时无法完成，请稍后再试", "This cannot be done just now; try again"
            return self._refused(asked, Refusal(503, zh, en))

    async def _page(self, asked: Asked) -> Answer:
        route, names = _route(asked)
        if route.method not in ("GET", "HEAD"):
            _same_origin(asked)
        if route.access is not Access.ANYONE:
            if asked.session is None:
                return _sign_in_first(asked)
            if route.method != "GET":
                _own_form(asked)
            await self._entitled(asked, route.access)
        return await route.page(self._house, replace(asked, names=names))

    async def _entitled(self, asked: Asked, access: Access) -> None:
        """Refuse whoever is not what a page asks for, and write it down."""
        least = ROLES.get(access, Role.AGENT)
        if agent_api.role_of(self._house, asked) < least:
            me = asked.signed_in.agent
            await note_if_possible(self._house, asked, me, "refused_" + access.value)
            zh, en = "您没有这个权限", "you are not entitled to this"
            raise Refusal(403, zh, en, "forbidden")

    def _refused(self, asked: Asked, refusal: Refusal) -> Answer:
        if asked.for_programs:
            words: dict[str, object] = {"status": refusal.status}
            words |= {"code": refusal.code} if refusal.code else {}
            words |= {"zh": refusal.zh, "en": refusal.en}
            return as_json({"error": words}, refusal.status)
        return self._house.pages.fill(
            "refusal.html", asked.session, refusal.status, refusal=refusal
        )


def _route(asked: Asked) -> tuple[Route, dict[str, str]]:
    method = "GET" if asked.method == "HEAD" else asked.method
    found = [(route, names) for route in ROUTES if (names := route.match(asked.path)) is not None]
    if not found:
        raise Refusal(404, "没有这个页面", "no such page")
    for route, names in found:
        if route.method == method:
            return route, names
    raise Refusal(405, "不支持这种请求", "this method is not allowed here")


def _sign_in_first(asked: Asked) -> Answer:
    if asked.for_programs or asked.path[:1] == ("recordings",):
        words = {"status": 401, "zh": "请先登录", "en": "sign in first"}
        return as_json({"error": words}, 401)
    if asked.method not in ("GET", "HEAD"):
        return see_other("/login")
    return see_other("/login?next=" + quote("/" + "/".join(map(_quoted, asked.path)), safe=""))


def _quoted(segment: str) -> str:
    return quote(segment, safe="")


def _same_origin(asked: Asked) -> None:
    """Refuse what another site made a browser send; programs send neither header."""
    refused = Refusal(403, "请求来自其他网站", "the request comes from another site")
    if asked.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise refused
    origin = asked.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != asked.headers.get("host"):
        raise refused


def _own_form(asked: Asked) -> None:
    """Refuse a change that does not carry the session's own token."""
    given = asked.headers.get("x-csrf-token")
    if given is None and not asked.for_programs:
        given = asked.form().get("csrf")
    if not _same(given or "", asked.signed_in.csrf):
        zh, en = "表单已过期，请刷新页面", "the form is out of date; reload the page"
        raise Refusal(403, zh, en)


def _same(given: str, expected: str) -> bool:
    return compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _unsent(failure: Failure) -> None:
    """The browser went away, or an answer could not be sent."""
    if not failure.check(CancelledError):
        LOG.error("answer_not_sent", error=failure.type.__name__ if failure.type else "")
