"""``Idempotency-Key``: a POST that is sent again, because its answer got lost, is not carried out again.

draft-ietf-httpapi-idempotency-key-header. Rows are kept for 24 hours, so it holds over a restart. A failure of ours
(5xx) is kept as well, for what was asked may have been done all the same: a call that was not answered in time rings
perhaps. Only what certainly was not begun is forgotten. Secrets, which are told once, are not kept.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from flask import Response, current_app, g, json, request

from mcu.errors import BadRequest, Busy, McuError
from mcu.models import Database, idempotency
from mcu.models.idempotency import Answer

_log = structlog.get_logger("mcu.web")

HEADER = "Idempotency-Key"
_KEY = re.compile(r'[!#-~]{1,64}|"[!#-~]{1,64}"')  # a String of RFC 8941, or as people send it, without quotes
_TOLD_ONCE = ("token", "secret", "password", "sheets")  # sheets: of a roll-out, with passwords
_TIDY_EVERY = 600.0  # s


class Once:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._tidied = float("-inf")

    def carry_out(self, login: str, handle: Callable[[], Response]) -> Response:
        """The answer of ``handle``, or the one that it had. Raises BadRequest, KeyReused, StillRunning, Unavailable."""
        given = request.headers.get(HEADER)
        if given is None:
            return handle()
        if not _KEY.fullmatch(given):
            raise BadRequest(f"{HEADER} must be 1 to 64 visible ASCII characters")
        key, who = given.strip('"'), _who(login)
        self._tidy()
        asked = f"{request.method} {request.full_path}\n".encode() + request.get_data()
        kept = idempotency.begin(self._database, who, key, hashlib.sha256(asked).hexdigest(), datetime.now(UTC))
        if kept is not None:
            return _again(kept)
        answer, begun = _answered(handle)
        try:
            if begun:
                idempotency.finish(self._database, who, key, Answer(answer.status_code, _without_secrets(answer)))
            else:
                idempotency.forget(self._database, who, key)
        except McuError as fault:  # a database that fails now has no say any more in what was done
            _log.warning("web.answer_not_kept", reason=str(fault))
        return answer

    def _tidy(self) -> None:
        with self._lock:
            if time.monotonic() - self._tidied < _TIDY_EVERY:
                return
            self._tidied = time.monotonic()
        idempotency.forget_old(self._database, datetime.now(UTC))


def _who(login: str) -> str:
    """Each token has keys of its own: what one program was answered another one, with fewer scopes, is not told."""
    token = g.get("token")
    return f"user:{login}" if token is None else f"{token}:{login}"


def _answered(handle: Callable[[], Response]) -> tuple[Response, bool]:
    """The answer, refusals too, as it goes out; and whether anything of what was asked may have been done."""
    try:
        return handle(), True
    except Exception as fault:
        answer = current_app.make_response(current_app.handle_user_exception(fault))
        return answer, not isinstance(fault, Busy) and getattr(fault, "begun", True)


def _without_secrets(answer: Response) -> str:
    body = answer.get_data(as_text=True)
    if not answer.is_json:
        return body
    told = json.loads(body)
    if isinstance(told, dict) and any(key in told for key in _TOLD_ONCE):
        return json.dumps({key: None if key in _TOLD_ONCE else value for key, value in told.items()})
    return body


def _again(kept: Answer) -> Response:
    kind = "application/problem+json" if kept.status >= 400 else "application/json"
    answer = Response(kept.body, status=kept.status, mimetype=kind)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer
