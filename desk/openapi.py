"""The API described for programs and people (OpenAPI 3.1)."""

from typing import Any

from desk import openapi_live


def _answer(text: str, schema: str | None = None) -> dict[str, Any]:
    if schema is None:
        return {"description": text}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": text, "content": content}


def _query(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _body(schema: str) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"required": True, "content": {"application/json": {"schema": reference}}}


TEXT: dict[str, Any] = {"type": "string"}
MAYBE_TEXT: dict[str, Any] = {"type": ["string", "null"]}
SECONDS: dict[str, Any] = {"type": ["number", "null"], "description": "UTC seconds since 1970"}
LENGTH: dict[str, Any] = {"type": ["number", "null"], "description": "seconds"}
CALL = {"name": "call", "in": "path", "required": True, "schema": TEXT}
BEFORE = _query("before", "the `before` of the page before: only what is older")
TOKEN = {
    "name": "X-CSRF-Token",
    "in": "header",
    "required": True,
    "description": "`csrf` of /api/v1/session",
    "schema": TEXT,
}
CHANGED = {
    "200": _answer("The draft as it stands now", "Draft"),
    "400": _answer("No such field, or a value is not one", "Refusal"),
    "404": _answer("No draft came of that call", "Refusal"),
    "409": _answer("The draft has changed since it was read; read it again", "Refusal"),
}

ENTRY = _object(
    id=TEXT,
    version={"type": "integer"},
    kind={"enum": ["answer", "duty", "precedent"]},
    title=TEXT,
    text=TEXT,
    owner=TEXT,
    valid_from=SECONDS,
    valid_until=SECONDS,
    call=MAYBE_TEXT,
)
CALL_SCHEMA = _object(
    call=TEXT,
    caller=TEXT,
    dialled=TEXT,
    sip_call_id=TEXT,
    language={"enum": ["zh", "en", "ko", "ja"]},
    arrived=SECONDS,
    picked_up=SECONDS,
    ended=SECONDS,
    path={"type": "array", "items": TEXT},
    lane=MAYBE_TEXT,
    agent=MAYBE_TEXT,
    offers={"type": "integer"},
    waited=LENGTH,
    talked=LENGTH,
    abandoned={"type": "boolean"},
    recording={"type": ["string", "null"], "description": "address of the audio"},
    by=MAYBE_TEXT,
    reason=MAYBE_TEXT,
    blame=MAYBE_TEXT,
    transcript_state=MAYBE_TEXT,
    transcript_why=MAYBE_TEXT,
    drafted={"type": "boolean"},
    confirmed_by=MAYBE_TEXT,
)
UTTERANCE = _object(
    leg={"enum": ["citizen", "agent"]},
    language=TEXT,
    start={"type": "number", "description": "seconds from the start of the recording"},
    end={"type": "number"},
    text=TEXT,
    confidence={"type": "number"},
    words={"type": "array", "items": {"type": "object"}},
)
FIELD = _object(
    value={},
    confidence={"type": "number"},
    origin={"enum": ["rule", "caller_record", "agent"]},
    evidence={
        "type": "array",
        "items": _object(leg=TEXT, start={"type": "number"}, end={"type": "number"}, words=TEXT),
    },
    suggested={"description": "what the engine had, where an agent put something else"},
)
DRAFT = _object(
    call=TEXT,
    number={"type": ["string", "null"], "description": "that citizens know the order by"},
    version={"type": "integer", "description": "goes up with every change"},
    drafted_at=SECONDS,
    updated_at=SECONDS,
    confirmed_by=MAYBE_TEXT,
    confirmed_at=SECONDS,
    newer={"type": "boolean", "description": "the engine drafted anew after the confirmation"},
    faults={
        "type": "array",
        "items": {"type": "object"},
        "description": "what to look at before dispatch: code, field, weight (stop, warn), zh, en, "
        "and the words that were said",
    },
    draft={
        "type": "object",
        "additionalProperties": {"$ref": "#/components/schemas/Field"},
        "description": "fields by name; null for what nobody said; some plain entries",
    },
)
CORRECTION = {
    **_object(
        version={"type": "integer", "description": "the version that was read"},
        values={"type": "object", "description": "by field: what it should be"},
    ),
    "required": ["version"],
}

PATHS: dict[str, Any] = {
    "/api/v1/session": {
        "get": {
            "summary": "Who is signed in",
            "responses": {"200": _answer("The session", "Session")},
        },
        "post": {
            "summary": "Sign in; sets the cookie",
            "security": [],
            "requestBody": _body("SignIn"),
            "responses": {
                "201": _answer("Signed in", "Session"),
                "403": _answer("Wrong agent id or password", "Refusal"),
                "429": _answer("Too many attempts", "Refusal"),
            },
        },
    },
    "/api/v1/calls": {
        "get": {
            "summary": "Calls, newest first",
            "parameters": [
                *(_query(name, "only these") for name in ("lane", "agent", "language", "reason")),
                _query("since", "arrived at or after, UTC seconds"),
                BEFORE,
            ],
            "responses": {"200": _answer("Up to 50 calls", "Calls")},
        }
    },
    "/api/v1/calls/{call}": {
        "get": {
            "summary": "One call with its transcript; audited",
            "parameters": [CALL],
            "responses": {"200": _answer("The call", "WholeCall"), "404": _answer("No such call")},
        }
    },
    "/api/v1/drafts": {
        "get": {
            "summary": "Draft work orders, newest calls first",
            "parameters": [
                _query("state", "`open` (the default), `confirmed` or `all`"),
                _query("mine", "`1`: only of calls that I answered"),
                BEFORE,
            ],
            "responses": {"200": _answer("Up to 50 drafts", "Drafts")},
        }
    },
    "/api/v1/drafts/{call}": {
        "get": {
            "summary": "One draft; audited",
            "parameters": [CALL],
            "responses": {"200": _answer("The draft", "Draft"), "404": _answer("No such draft")},
        },
        "put": {
            "summary": "Put fields right; no later draft undoes it",
            "parameters": [CALL, TOKEN],
            "requestBody": _body("Correction"),
            "responses": CHANGED,
        },
    },
    "/api/v1/drafts/{call}/confirm": {
        "post": {
            "summary": "Put fields right, if any, and confirm",
            "parameters": [CALL, TOKEN],
            "requestBody": _body("Correction"),
            "responses": CHANGED,
        }
    },
    "/recordings/{call}": {
        "get": {
            "summary": "The recording: WAV, Opus or MP3, citizen left, agent right; Range; audited",
            "parameters": [CALL],
            "responses": {
                "200": _answer("All of it"),
                "206": _answer("The stretch that was asked for"),
                "404": _answer("No recording"),
                "416": _answer("The range begins behind its end"),
            },
        }
    },
    **openapi_live.PATHS,
    "/health": {
        "get": {
            "summary": "Whether calls are taken",
            "security": [],
            "responses": {"200": _answer("Well"), "503": _answer("Not well; the body says why")},
        }
    },
    "/api/knowledge": {
        "get": {
            "summary": "What the house knows about a question, best first",
            "parameters": [
                _query("q", "the question, or what the caller said"),
                _query("most", "how many at most, 1 to 20"),
            ],
            "responses": {"200": _answer("What holds now", "Knowledge")},
        },
        "post": {
            "summary": "Keep a duty leader's ruling; of one call, the next version of it",
            "parameters": [TOKEN],
            "requestBody": _body("Ruling"),
            "responses": {
                "200": _answer("What was kept; null if it said nothing new"),
                "400": _answer("A part is missing, or there is no such unit or call", "Refusal"),
                "403": _answer("Who asks is no supervisor; that is noted", "Refusal"),
            },
        },
    },
    "/metrics": {
        "get": {
            "summary": "Figures for Prometheus",
            "security": [],
            "responses": {"200": _answer("Figures")},
        }
    },
}
"""Every path that a program may use."""


def _listing(name: str, schema: str) -> dict[str, Any]:
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}
    return _object(**{name: items, "before": MAYBE_TEXT})


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Hotline 12345 desk", "version": "1"},
    "security": [{"cookie": []}],
    "paths": PATHS,
    "components": {
        "parameters": {"Token": TOKEN},
        "securitySchemes": {"cookie": {"type": "apiKey", "in": "cookie", "name": "hotline_desk"}},
        "schemas": {
            "Call": CALL_SCHEMA,
            "Calls": _listing("calls", "Call"),
            "WholeCall": {
                "allOf": [
                    {"$ref": "#/components/schemas/Call"},
                    _object(
                        transcript={
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/Utterance"},
                        },
                        recordings={"type": "array", "items": {"type": "object"}},
                    ),
                ]
            },
            "Utterance": UTTERANCE,
            "Field": FIELD,
            "Draft": DRAFT,
            "Drafts": _listing("drafts", "Draft"),
            "Correction": CORRECTION,
            "Session": _object(agent=TEXT, csrf=TEXT),
            "SignIn": {**_object(agent=TEXT, password=TEXT), "required": ["agent", "password"]},
            "Entry": ENTRY,
            "Knowledge": _object(
                entries={"type": "array", "items": {"$ref": "#/components/schemas/Entry"}}
            ),
            "Ruling": {
                **_object(title=TEXT, text=TEXT, owner=TEXT, call=MAYBE_TEXT),
                "required": ["title", "text", "owner"],
            },
            "Refusal": _object(
                error=_object(status={"type": "integer"}, code=TEXT, zh=TEXT, en=TEXT)
            ),
            **openapi_live.SCHEMAS,
        },
    },
}
