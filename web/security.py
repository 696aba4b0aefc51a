"""Secret key, session cookies, CSRF and the headers that go with every answer."""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from pathlib import Path

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect

from mcu.config import Settings
from mcu.errors import ConfigError

_CONTENT_POLICY = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",  # the still is fetched, then shown from memory
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
))  # fmt: skip
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SESSION_LIFETIME = timedelta(hours=12)  # a working day with its evening

csrf = CSRFProtect()


class _Sessions(SecureCookieSessionInterface):
    def get_cookie_secure(self, app: Flask) -> bool:
        """Bound to https where that is how we are reached (behind a proxy); on the loopback it is plain http."""
        return request.is_secure


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=secret_key(settings.home / "web-secret-key"),
        SESSION_COOKIE_NAME="mcu_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=_SESSION_LIFETIME,
        MAX_CONTENT_LENGTH=64 * 1024,
        WTF_CSRF_CHECK_DEFAULT=False,  # auth.py does, for sessions; a token needs none
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a panel stays open all day
        WTF_CSRF_SSL_STRICT=False,  # we send Referrer-Policy same-origin, but some office proxies strip the header
    )
    app.session_interface = _Sessions()
    csrf.init_app(app)
    app.after_request(_add_headers)


def secret_key(path: Path) -> bytes:
    """The key that signs sessions, made at the first start, mode 600. Raises ConfigError if it can't be kept."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            # Written aside and linked, so that nobody ever reads half a key or replaces one.
            fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass  # another process was first; its key counts
            finally:
                fresh.unlink()
        path.chmod(0o600)
        key = path.read_bytes()
    except OSError as fault:
        raise ConfigError(f"the panel's secret key can't be kept in {path}: {fault.strerror}") from None
    if len(key) < 32:
        raise ConfigError(f"{path} is too short for a secret key; delete it to have a new one made")
    return key


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":  # static files are asked for again with their ETag
        response.headers.setdefault("Cache-Control", "no-store")
    return response
