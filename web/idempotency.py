"""``Idempotency-Key``: a POST that is sent again, because its answer got lost, is not carried out again.

draft-ietf-httpapi-idempotency-key-header. Rows are kept for 24 hours, so it holds over a restart. Answers that failed
for a reason of ours (5xx) are not kept: trying again is what helps there. Nor are secrets, which are told once.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from flask import Response, current_app, json, request

from mcu.errors import BadRequest, McuError
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
        key, who = given.strip('"'), f"user:{login}"
        self._tidy()
        asked = f"{request.method} {request.full_path}\n".encode() + request.get_data()
        kept = idempotency.begin(self._database, who, key, hashlib.sha256(asked).hexdigest(), datetime.now(UTC))
        if kept is not None:
            return _again(kept)
        answer = None
        try:
            answer = _answered(handle)
        finally:
            self._keep(who, key, answer)
        return answer

    def _keep(self, who: str, key: str, answer: Response | None) -> None:
        """A database that fails now has no say any more in what was done: the answer goes out all the same."""
        try:
            if answer is None or answer.status_code >= 500:
                idempotency.forget(self._database, who, key)
            else:
                kept = Answer(answer.status_code, _without_secrets(answer))
                idempotency.finish(self._database, who, key, kept)
        except McuError as fault:
            _log.warning("web.answer_not_kept", reason=str(fault))

    def _tidy(self) -> None:
        with self._lock:
            if time.monotonic() - self._tidied < _TIDY_EVERY:
                return
            self._tidied = time.monotonic()
        idempotency.forget_old(self._database, datetime.now(UTC))


def _answered(handle: Callable[[], Response]) -> Response:
    """Refusals too, as they go out."""
    try:
        return handle()
    except Exception as fault:
        return current_app.make_response(current_app.handle_user_exception(fault))


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
