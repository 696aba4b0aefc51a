"""The OpenAPI 3.1 document, made of the routes and their schemas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from mcu import __version__
from mcu.core.permissions import METHODS

from .addresses import ARGUMENTS
from .route import PREFIX, Route
from .schemas.common import Problem

_REF = "#/components/schemas/{model}"
_ABOUT = """Everything that the panel does, for programs.

Log in with a token (`Authorization: Bearer mcu_…`), made with `mcu token create` or by `POST /tokens`; a browser's
session serves too, with its CSRF token in `X-CSRFToken`. What a token may do is bounded by its scopes (read, act, dial,
manage, admin) and by its user's role; what lies outside of a user's branch or room is answered as if it were not there.

Errors are problem JSON (RFC 9457) with a stable `error_id`. A POST with an `Idempotency-Key` is carried out once within
24 hours, however often it comes. Events: `GET /events` (server-sent events)."""

_RESPONSES = {
    304: "Not changed since the answer with that ETag",
    400: "The request does not fit: `errors` says for each field what is wrong",
    401: "No session and no token, or one that is not known (`unauthorized`, `bad_token`)",
    403: "Role or scopes do not allow it (`not_permitted`), or the CSRF token is missing (`csrf_failed`)",
    404: "What it is about is not there, or not for this account",
    409: "Not possible in the present state (`conflict`, `room_exists`, `idempotency_running`)",
    413: "The body is too large",
    414: "The address is too long; from the server itself, and no problem JSON",
    415: "A body in a form that is not taken",
    422: "The Idempotency-Key was used with another request (`idempotency_key_reused`)",
    429: "Too many wrong tries from this address",
    503: "A part of the MCU is not there now (`control_down`, `asterisk_down`, `mixer_down`, `gateway_down`, `busy`)",
    504: "A part of the MCU did not answer in time",
}
_ALWAYS = (401, 403, 503, 504, 429)
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "draft-ietf-httpapi-idempotency-key-header: the same key and request gives the same answer again",
    "schema": {"type": "string", "pattern": '^(?:[!#-~]{1,64}|"[!#-~]{1,64}")$'},
    "example": "8e03978e-40d5-43dd-bc93-6894a57f9324",
}


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """All of it, as JSON has it."""
    schemas = _schemas(routes)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path = PREFIX + re.sub(r"<(\w+)>", r"{\1}", route.path)
        paths.setdefault(path, {})[route.verb.lower()] = _operation(route, schemas)
    paths[f"{PREFIX}/events"] = {"get": _events()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "MCU",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "GPL-2.0-or-later", "identifier": "GPL-2.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys([*(route.tag for route in routes), "Events"])],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "responses": {str(status): _problem(text) for status, text in _RESPONSES.items()},
            "parameters": {"IdempotencyKey": _KEY},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "mcu_…"},
                "session": {"type": "apiKey", "in": "cookie", "name": "mcu_session"},
            },
        },
    }


class _Schemas:
    def __init__(self, found: dict[tuple[Any, JsonSchemaMode], dict[str, Any]], definitions: dict[str, Any]) -> None:
        self.found = found
        self.definitions = definitions


def _schemas(routes: Sequence[Route]) -> _Schemas:
    wanted: list[tuple[Any, JsonSchemaMode, TypeAdapter[Any]]] = [
        (repr(Problem), "serialization", TypeAdapter(Problem))
    ]
    for route in routes:
        for kind, mode in ((route.body, "validation"), (route.query, "validation"), (route.answer, "serialization")):
            if kind is not None:
                wanted.append((repr(kind), mode, TypeAdapter(kind)))  # type: ignore[arg-type]
    unique = {(key, mode): (key, mode, adapter) for key, mode, adapter in wanted}
    found, told = TypeAdapter.json_schemas(list(unique.values()), ref_template=_REF)
    return _Schemas(dict(found), told.get("$defs", {}))


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    rule = METHODS[route.call]
    about: dict[str, Any] = {
        "operationId": route.endpoint,
        "summary": route.summary,
        "tags": [route.tag],
        "description": f"Call `{route.call}` of the bus. Takes the scope `{rule.scope}`."
        if rule.scope != "own"
        else f"Call `{route.call}` of the bus. For everybody with a session; a token takes the scope `admin`.",
        "parameters": [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": ARGUMENTS[name].schema,
                "example": ARGUMENTS[name].example,
            }
            for name in route.arguments
        ],
        "responses": _responses(route, schemas),
    }
    if route.query is not None:
        about["parameters"] += _query(schemas.found[(repr(route.query), "validation")], schemas.definitions)
    if route.body is not None:
        schema = schemas.found[(repr(route.body), "validation")]
        about["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if route.verb == "POST":
        about["parameters"].append({"$ref": "#/components/parameters/IdempotencyKey"})
    return about


def _query(schema: dict[str, Any], definitions: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    required = schema.get("required", [])
    parameters = []
    for name, about in schema.get("properties", {}).items():
        # In an address nothing can be null: what is not given is left out.
        kinds = [kind for kind in about.get("anyOf", []) if kind != {"type": "null"}]
        plain = {key: value for key, value in about.items() if key not in ("anyOf", "default", "title", "description")}
        plain |= kinds[0] if len(kinds) == 1 else ({"anyOf": kinds} if kinds else {})
        if about.get("default") is not None:
            plain["default"] = about["default"]
        told = {"name": name, "in": "query", "required": name in required, "schema": plain}
        parameters.append(told | ({"description": about["description"]} if "description" in about else {}))
    return parameters


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    if route.status == 204:
        told: dict[str, Any] = {"204": {"description": "Done"}}
    elif route.files:
        told = {
            str(route.status): {"description": route.summary, "content": {kind: {"schema": {}} for kind in route.files}}
        }
    else:
        schema = schemas.found[(repr(route.answer), "serialization")]
        told = {str(route.status): {"description": route.summary, "content": {"application/json": {"schema": schema}}}}
    # Anything but a GET or a DELETE may have a body that does not fit; any query and most arguments may, too.
    statuses = {*_ALWAYS, *route.errors, 400}
    if route.arguments or route.query:
        statuses |= {404, 414}
    if route.body is not None:
        statuses |= {413, 404}
    if route.verb == "POST":
        statuses |= {409, 422}
    for status in sorted(statuses):
        told[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return told


def _problem(text: str) -> dict[str, Any]:
    if text in (_RESPONSES[304], _RESPONSES[414]):
        return {"description": text}
    schema = {"$ref": _REF.format(model="Problem")}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def _events() -> dict[str, Any]:
    def query(name: str, about: str, example: str) -> dict[str, Any]:
        return {
            "name": name, "in": "query", "required": False, "description": about, "example": example,
            "schema": {"type": "string", "maxLength": 1000},
        }  # fmt: skip

    return {
        "operationId": "get_events",
        "summary": "Server-sent events: what happens, as it happens (docs/bus.md)",
        "description": "`resync` says that something was missed: read the state anew. Takes the scope `read`.",
        "tags": ["Events"],
        "parameters": [
            query("room", "only events of this room, and those of none", "1001"),
            query("events", 'names, or prefixes that end in ".*", with commas between', "participant.*,notice"),
            query("last_id", "as the header Last-Event-ID, for who cannot set it", ""),
            {"name": "Last-Event-ID", "in": "header", "required": False, "schema": {"type": "string"}},
        ],
        "responses": {
            "200": {"description": "The stream", "content": {"text/event-stream": {"schema": {"type": "string"}}}},
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in (400, 401, 403, 404, 429, 503)},
        },
    }
