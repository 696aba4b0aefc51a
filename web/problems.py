"""Errors as problem JSON (RFC 9457) under /api, as a page elsewhere; nothing internal leaks out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, json, redirect, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from mcu.errors import McuError, Unavailable

from .api.route import Invalid

_log = structlog.get_logger("mcu.web")


_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "60"}}


def problem(status: int, error_id: str, detail: str, **members: Any) -> Response:
    """An ``application/problem+json`` answer; ``error_id`` is the stable name for programs."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    body |= {"error_id": error_id, **members}
    return Response(json.dumps(body), status=status, mimetype="application/problem+json", headers=_HEADERS.get(status))


def answer(status: int, error_id: str, detail: str, **members: Any) -> Response:
    """A problem for programs, a page for people, by the address that was asked for."""
    if request.path.startswith("/api/"):
        return problem(status, error_id, detail, **members)
    return Response(render_template("error.html", status=status, error_id=error_id), status=status)


class _Json(DefaultJSONProvider):
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None  # Flask answers 400, as to any other bad JSON


def init_app(app: Flask) -> None:
    app.json = _Json(app)
    app.register_error_handler(McuError, _from_mcu)
    app.register_error_handler(Invalid, _from_invalid)
    app.register_error_handler(CSRFError, _from_csrf)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(Exception, _from_bug)


def _from_mcu(error: McuError) -> Response:
    if isinstance(error, Unavailable):
        # The part that is away has said so itself, and every open panel asks for stills each second meanwhile.
        _log.debug("web.unavailable", path=request.path, error_id=error.error_id, reason=error.detail)
    elif error.status >= 500:
        _log.warning("web.request_failed", path=request.path, error_id=error.error_id, reason=error.detail)
    return answer(error.status, error.error_id, error.detail)


def _from_invalid(error: Invalid) -> Response:
    """A body or query that does not fit its schema: ``errors`` names each field."""
    return answer(error.status, error.error_id, error.detail, errors=error.fields)


def _from_csrf(error: CSRFError) -> BaseResponse:
    if request.endpoint == "auth.log_in":
        return redirect(request.full_path.rstrip("?"))  # a fresh form, with a fresh token
    return answer(403, "csrf_failed", "the page is out of date, load it again")


def _from_http(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:  # a redirect
        return Response(error.get_response().get_data(), status=code, headers=error.get_headers())
    made = answer(code, HTTPStatus(code).name.lower(), error.description or HTTPStatus(code).phrase)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            made.headers[name] = value
    return made


def _from_bug(error: Exception) -> Response:
    _log.exception("web.bug", path=request.path, exc_info=error)
    return answer(500, "internal", "something went wrong here; the log says what")
