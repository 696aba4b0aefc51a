"""Tokens of programs: ``Authorization: Bearer mcu_…`` (RFC 6750)."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import cast

import structlog
from flask import g, request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from mcu.core.roles import Actor, Role, Scope
from mcu.errors import BadToken, McuError, TooManyTries
from mcu.models import Database, tokens

_log = structlog.get_logger("mcu.web")

_WRONG = parse("20/minute")  # wrong tokens from one address; a right one is let in all the same
_TOLD_EVERY = 60.0  # s between two notes of when a token was last used
_LONGEST = 128  # characters; ours have 47


class Tokens:
    """The tokens' table as the panel reads it. Raises Unavailable when the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._told: dict[int, float] = {}  # by token, when its use was last noted
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="token-use")
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def actor(self, header: str, address: str) -> tuple[Actor, int]:
        """On whose behalf a request with the header "Bearer mcu_…" is made, and the token's id.

        Raises BadToken and TooManyTries.
        """
        _, _, token = header.strip().partition(" ")
        found = None
        if token.startswith(tokens.PREFIX) and len(token) <= _LONGEST:
            found = tokens.find(self._database, token, datetime.now(UTC))
        if found is None:
            if not self._limiter.hit(_WRONG, address):
                raise TooManyTries("too many wrong tokens from this address; wait a minute")
            raise BadToken("this token is not known, or has expired")
        row, user = found
        self._use(row.id)
        return Actor(
            login=user.login,
            role=cast("Role", user.role),
            branch=user.branch_id,
            room=user.room or "",
            via="api",
            scopes=frozenset(cast("list[Scope]", row.scopes)),
        ), row.id

    def stop(self) -> None:
        self._writer.shutdown(wait=True)

    def _use(self, ident: int) -> None:
        """Once a minute is often enough, and no request waits for it."""
        now = time.monotonic()
        with self._lock:
            if now - self._told.get(ident, float("-inf")) < _TOLD_EVERY:
                return
            self._told[ident] = now
        try:
            self._writer.submit(self._note, ident)
        except RuntimeError:
            return  # we are stopping

    def _note(self, ident: int) -> None:
        try:
            tokens.used(self._database, ident, datetime.now(UTC))
        except McuError as fault:
            _log.warning("web.token_use_not_kept", reason=str(fault))


def shown() -> bool:
    """Whether the request at hand comes with a token, right or wrong. Schemes have no case (RFC 9110 11.1)."""
    return request.headers.get("Authorization", "").strip().partition(" ")[0].lower() == "bearer"


def actor(found: Tokens) -> Actor:
    """Of the request at hand; ``g.token`` is the token's id then."""
    who, g.token = found.actor(request.headers.get("Authorization", ""), request.remote_addr or "")
    return who
