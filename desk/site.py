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

from calls.ids import AgentId
from desk import api, call_pages, draft_pages, figures, files, knowledge_pages, recordings, sign_in
from desk.guessing import Guessing
from desk.house import House
from desk.pages import Pages
from desk.ports import DeskPorts, DeskSettings
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
    Route("GET", "/calls", call_pages.listed),
    Route("GET", "/calls/{call}", call_pages.one),
    Route("GET", "/knowledge", knowledge_pages.found),
    Route("GET", "/knowledge/{entry}", knowledge_pages.one),
    Route("POST", "/knowledge", knowledge_pages.rule),
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
    Route("POST", "/api/knowledge", knowledge_pages.rule_by_program),
    Route("GET", "/health", figures.health, Access.ANYONE),
    Route("GET", "/metrics", figures.metrics, Access.ANYONE),
    Route("GET", "/static/{name}", files.static, Access.ANYONE),
)
"""Every page there is."""


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

    def log(self, request: HttpRequest) -> None:
        """Write no access log: addresses of pages can hold tokens; the audit says who did what."""

    def login_link(self, agent: AgentId) -> str:
        """Return a path that signs `agent` in, once, within a quarter of an hour."""
        house = self._house
        return f"/login?token={house.sessions.link(agent, house.ports.now())}"


def _silent(timestamp: str, request: object) -> str:
    return ""


def make_site(
    ports: DeskPorts, settings: DeskSettings, reactor: IReactorTime | None = None
) -> DeskSite:
    """Make the desk; whoever calls this listens with it, on loopback or behind HTTPS."""
    sessions = Sessions(idle_limit=settings.idle_limit, session_limit=settings.session_limit)
    pages = Pages(settings.city, settings.zone, settings.lanes)
    return DeskSite(House(ports, settings, sessions, Guessing(), pages), reactor)


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
        if route.access is Access.AGENTS:
            if asked.session is None:
                return _sign_in_first(asked)
            if route.method != "GET":
                _own_form(asked)
        return await route.page(self._house, replace(asked, names=names))

    def _refused(self, asked: Asked, refusal: Refusal) -> Answer:
        if asked.for_programs:
            words = {"status": refusal.status, "zh": refusal.zh, "en": refusal.en}
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
