"""A request and an answer as values, so that a page is a function from one to the other."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import parse_qsl

from desk.sessions import SignedIn

if TYPE_CHECKING:
    from desk.house import House

BODY_MOST = 64 * 1024
FIELDS_MOST = 200


class Refusal(Exception):
    """The request cannot be answered as asked; says so in both languages."""

    def __init__(self, status: int, zh: str, en: str, code: str = "") -> None:
        """`status` is HTTP's; `code` is for programs, where the status says too little."""
        super().__init__(en)
        self.status, self.zh, self.en, self.code = status, zh, en, code


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file: what a Range request asks for."""

    path: Path
    start: int
    length: int


class Stream(Protocol):
    """An answer that goes on for as long as the browser listens."""

    def begin(self, request: Any) -> None:
        """Send the head and what is to be told first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back to the browser."""

    body: bytes | Part | Stream
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as far as a page may know it."""

    method: str
    path: tuple[str, ...]
    names: Mapping[str, str]
    """What the route's places in braces stand for."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    address: str
    session: SignedIn | None
    now: float

    @property
    def signed_in(self) -> SignedIn:
        """The session; a route for agents always has one."""
        assert self.session is not None, "a page for agents was opened to everybody"
        return self.session

    @property
    def for_programs(self) -> bool:
        """Whether the answer is for a program rather than a person."""
        return self.path[:1] == ("api",)

    def form(self) -> dict[str, str]:
        """Return the fields of a form."""
        try:
            text = self.body.decode("utf-8")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_MOST)
        except ValueError:
            raise Refusal(400, "表单无法读取", "the form cannot be read") from None
        return dict(pairs)

    def json(self) -> dict[str, Any]:
        """Return the JSON object that was sent."""
        try:
            values = json.loads(self.body)
        except (ValueError, RecursionError):
            raise Refusal(400, "不是有效的 JSON", "the body is not JSON") from None
        if not isinstance(values, dict):
            raise Refusal(400, "需要一个 JSON 对象", "the body must be a JSON object")
        return values


def as_json(values: object, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answer with JSON."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "replace")
    return Answer(body, status, "application/json; charset=utf-8", headers)


def see_other(to: str, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Send the browser to another page of ours."""
    return Answer(b"", 303, headers=(("Location", to), *headers))


class Access(Enum):
    """Whom a route is for."""

    ANYONE = "anyone"
    AGENTS = "agents"
    SUPERVISORS = "supervisors"
    ADMINISTRATORS = "administrators"


Page: TypeAlias = "Callable[[House, Asked], Awaitable[Answer]]"


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the table of pages. `{name}` in the path stands for any one segment."""

    method: str
    path: str
    page: Page
    access: Access = Access.AGENTS

    def match(self, path: tuple[str, ...]) -> dict[str, str] | None:
        """Return what the braces stand for; None if the path is another."""
        places = tuple(self.path.strip("/").split("/")) if self.path != "/" else ()
        if len(places) != len(path):
            return None
        names = {}
        for place, segment in zip(places, path, strict=True):
            if place.startswith("{"):
                names[place[1:-1]] = segment
            elif place != segment:
                return None
        return names
