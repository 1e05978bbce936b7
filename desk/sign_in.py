"""Signing in and out: by password, slowed down for guessers, or by a link that works once."""

from collections.abc import Mapping

from twisted.internet.defer import Deferred

from calls.ids import AgentId
from desk.house import House
from desk.noting import note_if_possible
from desk.serving import COOKIE
from desk.sessions import SignedIn
from desk.web import Answer, Asked, Refusal, as_json, see_other

WRONG = ("工号或密码不对", "The agent id or the password is wrong")


async def form(house: House, asked: Asked) -> Answer:
    """Show the form, or take a link's token."""
    token = asked.query.get("token")
    if token is None or asked.method == "HEAD":
        return house.pages.fill("login.html", None, error=None, next=_next(asked.query))
    agent = house.sessions.redeem(token, asked.now)
    if agent is None:
        error = ("链接已失效", "This link has been used or has expired")
        return house.pages.fill("login.html", None, 403, error=error, next="/drafts")
    session = await _begin(house, asked, agent)
    page = house.pages.fill("welcome.html", session)
    return Answer(page.body, headers=(_cookie(house, session),))


async def sign_in(house: House, asked: Asked) -> Answer:
    """Check what the form says."""
    fields = asked.form()
    try:
        session = await _checked(house, asked, fields.get("agent", ""), fields.get("password", ""))
    except Refusal as refusal:
        error = (refusal.zh, refusal.en)
        return house.pages.fill("login.html", None, refusal.status, error=error, next=_next(fields))
    return see_other(_next(fields), (_cookie(house, session),))


async def sign_in_program(house: House, asked: Asked) -> Answer:
    """Let a program sign in; the answer carries the token that changes need."""
    values = asked.json()
    agent, password = str(values.get("agent", "")), str(values.get("password", ""))
    session = await _checked(house, asked, agent, password)
    return as_json(_described(session), 201, (_cookie(house, session),))


async def present(house: House, asked: Asked) -> Answer:
    """Say who is signed in."""
    return as_json(_described(asked.signed_in))


async def sign_out(house: House, asked: Asked) -> Answer:
    """End the session."""
    house.sessions.sign_out(asked.signed_in)
    await note_if_possible(house, asked, asked.signed_in.agent, "signed_out")
    gone = f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
    return see_other("/login", (("Set-Cookie", gone),))


async def _checked(house: House, asked: Asked, agent: str, password: str) -> SignedIn:
    """Begin a session if the password is right; raise Refusal otherwise."""
    keys = (f"from {asked.address}", f"for {agent}")
    wait = house.guessing.wait(keys, asked.now)
    if wait > 0:
        minutes = int(wait / 60) + 1
        zh, en = f"尝试过多，请 {minutes} 分钟后再试", f"Too many attempts; wait {minutes} min"
        raise Refusal(429, zh, en)
    house.guessing.failed(keys, asked.now)  # counted first, so that a burst cannot slip through
    if not (agent and await _is_right(house, agent, password)):
        await note_if_possible(house, asked, AgentId(agent[:64]), "sign_in_refused")
        raise Refusal(403, *WRONG)
    house.guessing.succeeded(keys)
    return await _begin(house, asked, AgentId(agent))


async def _is_right(house: House, agent: str, password: str) -> bool:
    found = house.ports.check_password(agent, password)
    return await found if isinstance(found, Deferred) else found


async def _begin(house: House, asked: Asked, agent: AgentId) -> SignedIn:
    session = house.sessions.sign_in(agent, asked.now)
    await note_if_possible(house, asked, agent, "signed_in")
    return session


def _described(session: SignedIn) -> dict[str, object]:
    return {"agent": session.agent, "csrf": session.csrf}


def _cookie(house: House, session: SignedIn) -> tuple[str, str]:
    secure = "; Secure" if house.settings.secure_cookie else ""
    kept = f"{COOKIE}={session.token}; Path=/; HttpOnly; SameSite=Strict{secure}"
    return ("Set-Cookie", kept)


def _next(fields: Mapping[str, str]) -> str:
    """Return where to go after signing in: only ever a page of our own."""
    wanted = fields.get("next", "")
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return wanted if plain and wanted.isprintable() else "/drafts"
