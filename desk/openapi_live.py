"""The part of the API's description that agents and supervisors work with (docs/agent-api.md)."""

from typing import Any

CONTENT = "application/json"
TOKEN = {"$ref": "#/components/parameters/Token"}
PLAN = {"name": "plan", "in": "path", "required": True, "schema": {"type": "string"}}
CALL = {"name": "call", "in": "path", "required": True, "schema": {"type": "string"}}


def _said(text: str, schema: str | None = None) -> dict[str, Any]:
    if schema is None:
        return {"description": text}
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": text, "content": {CONTENT: {"schema": reference}}}


def _events(text: str) -> dict[str, Any]:
    return {"200": {"description": text, "content": {"text/event-stream": {}}}}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {CONTENT: {"schema": schema}}}


FORBIDDEN = {"403": _said("Not entitled", "Refusal")}
CHANGES = {
    "type": "object",
    "properties": {
        "fields": {
            "type": "object",
            "description": "by field: what it was when the agent began, and what it should be",
            "additionalProperties": {
                "type": "object",
                "required": ["was", "text"],
                "properties": {"was": {"type": "string"}, "text": {"type": "string"}},
            },
        },
        "confirm": {"type": "boolean"},
    },
}
PATHS: dict[str, Any] = {
    "/api/v1/agent": {
        "get": {
            "summary": "What I am doing, and the call that I have a part in, with its words",
            "responses": {"200": _said("How things are now", "Now")},
        }
    },
    "/api/v1/agent/choices": {
        "get": {
            "summary": "Whom a call can be sent to, and the reasons for a break",
            "responses": {"200": _said("Values and labels")},
        }
    },
    "/api/v1/agent/events": {
        "get": {
            "summary": "Server-sent events: hello, beat, me, call, lines, partials, closed",
            "responses": _events("Until the browser goes or the session ends"),
        }
    },
    "/api/v1/agent/actions/{action}": {
        "post": {
            "summary": "Do something: hold, reach, take_break …",
            "parameters": [
                {"name": "action", "in": "path", "required": True, "schema": {"type": "string"}},
                TOKEN,
            ],
            "requestBody": _body({"type": "object", "description": "the action's values"}),
            "responses": {
                "200": _said("Done: how things are now", "Done"),
                "400": _said("bad_request: a value is missing, wrong or unknown", "Refusal"),
                "403": _said("forbidden: the settings or the role do not allow it", "Refusal"),
                "404": _said("unknown: no such action, agent, lane or target", "Refusal"),
                "409": _said("not_now: not in this state", "Refusal"),
                "502": _said("no_way: nobody can be reached there", "Refusal"),
            },
        }
    },
    "/api/v1/agent/drafts/{call}": {
        "get": {
            "summary": "A draft as texts; audited",
            "parameters": [CALL],
            "responses": {
                "200": _said("The draft", "DraftTexts"),
                "404": _said("No draft yet", "Refusal"),
            },
        },
        "put": {
            "summary": "Put fields right, and perhaps confirm; a newer draft is in nobody's way",
            "parameters": [CALL, TOKEN],
            "requestBody": _body(CHANGES),
            "responses": {
                "200": _said("The draft as it stands now", "DraftTexts"),
                "400": _said("No such field, or a value is not a text", "Refusal"),
                "404": _said("No draft yet", "Refusal"),
                "409": _said("Somebody else put the same field right meanwhile", "Refusal"),
            },
        },
    },
    "/api/v1/board": {
        "get": {
            "summary": "The wallboard; supervisors",
            "responses": {"200": _said("Lanes, agents, alerts"), **FORBIDDEN},
        }
    },
    "/api/v1/board/events": {
        "get": {
            "summary": "Server-sent events: hello, beat, board, alerts, closed; supervisors",
            "responses": {**_events("Until the browser goes"), **FORBIDDEN},
        }
    },
    "/api/v1/board/danger/{call}": {
        "post": {
            "summary": "I have seen the danger alert of a call; supervisors; audited",
            "parameters": [CALL, TOKEN],
            "requestBody": _body({"type": "object"}),
            "responses": {
                "200": _said("Alerts as they are now"),
                "404": _said("No such alert", "Refusal"),
                **FORBIDDEN,
            },
        }
    },
    "/api/v1/plans": {
        "get": {
            "summary": "Event plans, and which are on; supervisors",
            "responses": {"200": _said("By id"), **FORBIDDEN},
        }
    },
    "/api/v1/plans/{plan}": {
        "post": {
            "summary": "Switch a plan: `on`, `why`, perhaps `at`, `until`; supervisors; audited",
            "parameters": [PLAN, TOKEN],
            "responses": {"200": _said("The plans now"), **FORBIDDEN},
        }
    },
    "/api/v1/ratings": {
        "get": {
            "summary": "Bad ratings, open or `state=closed`; supervisors",
            "parameters": [
                {"name": "state", "in": "query", "schema": {"enum": ["open", "closed"]}},
            ],
            "responses": {"200": _said("Open ones oldest first"), **FORBIDDEN},
        }
    },
    "/api/v1/ratings/{call}": {
        "post": {
            "summary": "A bad rating was seen to: `note` says how; supervisors; audited",
            "parameters": [CALL, TOKEN],
            "responses": {"200": _said("Closed"), **FORBIDDEN},
        }
    },
    "/api/v1/surveys": {
        "get": {
            "summary": "What machine call-backs found out in the last 30 days; supervisors",
            "responses": {"200": _said("By day, newest first"), **FORBIDDEN},
        }
    },
    "/api/v1/audit": {
        "get": {
            "summary": "The newest 200 things that people did at the desk; administrators",
            "parameters": [
                {"name": "call", "in": "query", "schema": {"type": "string"}},
            ],
            "responses": {"200": _said("Newest first"), **FORBIDDEN},
        }
    },
}
_VIEW = {"type": ["object", "null"]}
SCHEMAS: dict[str, Any] = {
    "Now": {
        "type": "object",
        "properties": {
            "now": {"type": "number", "description": "the engine's time, UTC seconds"},
            "me": _VIEW,
            "call": _VIEW,
            "lines": {"type": "array", "items": {"type": "object"}},
            "partials": {"type": "object"},
        },
    },
    "Done": {"type": "object", "properties": {"me": _VIEW, "call": _VIEW}},
    "DraftTexts": {
        "type": "object",
        "properties": {
            "call": {"type": "string"},
            "number": {"type": ["string", "null"]},
            "version": {"type": "integer"},
            "confirmed_by": {"type": ["string", "null"]},
            "fields": {"type": "array", "items": {"type": "object"}},
            "faults": {"type": "array", "items": {"type": "object"}},
        },
    },
}
