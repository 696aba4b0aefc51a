"""Log-in and log-out. Every address needs a log-in but those listed here."""

from __future__ import annotations

import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as BaseResponse
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from mcu.core.roles import Actor
from mcu.errors import Busy

from . import bearer
from .accounts import User
from .api.route import asked_route
from .problems import problem
from .security import csrf
from .services import services

_log = structlog.get_logger("mcu.web")

_PUBLIC = frozenset({
    "auth.login", "auth.log_in", "i18n.choose", "static", "health.healthz", "health.readyz", "health.metrics",
})  # fmt: skip
# Tries with a wrong password, from one address: a slip of the finger is free, guessing is not.
_LIMITS = "10 per minute; 60 per hour"

blueprint = Blueprint("auth", __name__)
limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")
manager = LoginManager()


# On whose behalf figures for monitors are read, and what else nobody logs in for.
NOBODY = Actor(login="", role="viewer", via="web")


class LoginForm(FlaskForm):  # type: ignore[misc]  # flask-wtf carries no types
    login = StringField(lazy_gettext("User name"), [InputRequired(), Length(max=150)])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(), Length(max=1024)])


def init_app(app: Flask) -> None:
    manager.init_app(app, add_context_processor=False)  # a page that says that nobody can be looked up looks nobody up
    manager.user_loader(_load)
    limiter.init_app(app)
    app.register_blueprint(blueprint)
    app.before_request(_require_login)
    app.register_error_handler(TooManyRequests, _too_many)


def _load(session_id: str) -> User | None:
    return services().accounts.find(session_id)


def actor() -> Actor:
    """Who asks, for control to judge."""
    who: Actor = g.get("actor", NOBODY) if has_request_context() else NOBODY
    return who


def _require_login() -> BaseResponse | None:
    """Who asks, by a token or by a session. What they may is control's to say; see mcu/core/permissions.py."""
    if request.endpoint in _PUBLIC:
        _check_csrf()
        return None
    if request.path.startswith("/api/") and bearer.shown():
        # Never by a browser of itself, so nobody can be made to send it: no CSRF token. Browsers do send other schemes
        # by themselves, as the password of a proxy before us, which is not ours to judge.
        g.actor = bearer.actor(services().tokens)
        _take_body()
        return None
    if not current_user.is_authenticated:
        if request.path.startswith("/api/"):
            return problem(401, "unauthorized", "log in first")
        return redirect(url_for("auth.login", next=request.full_path.rstrip("?")))
    g.actor = current_user.actor
    _take_body()
    _check_csrf()
    return None


def _take_body() -> None:
    """As much as the address takes, now that we know who asks; before the CSRF check, which looks for a form."""
    if (route := asked_route()) is not None:
        request.max_content_length = route.largest


def _check_csrf() -> None:
    if request.endpoint is not None:  # what is not there is told as such
        csrf.protect()


@blueprint.get("/login")
def login() -> BaseResponse | str:
    if current_user.is_authenticated:
        return redirect(_local(request.args.get("next", "")))
    return render_template("login.html", form=LoginForm(), fault="")


def _failed(response: Response) -> bool:
    return response.status_code == 401


@blueprint.post("/login")
@limiter.limit(_LIMITS, deduct_when=_failed)
def log_in() -> BaseResponse | tuple[str, int] | tuple[str, int, dict[str, str]]:
    form = LoginForm()
    user = None
    if form.validate_on_submit():
        try:
            user = services().accounts.verify(form.login.data.strip(), form.password.data)
        except Busy:
            _log.warning("web.login_busy", address=request.remote_addr)
            text = _("Too many people are logging in right now. Try again in a few seconds.")
            return render_template("login.html", form=form, fault=text), 503, {"Retry-After": "5"}
    if user is None:
        _log.warning("web.login_failed", address=request.remote_addr)
        return render_template("login.html", form=form, fault=_("The user name or the password is wrong.")), 401
    session.clear()  # nothing from before the log-in lives on, its CSRF token included
    session.permanent = True
    login_user(user)
    _log.info("web.login", login=user.login, address=request.remote_addr)
    return redirect(_local(request.args.get("next", "")))


@blueprint.post("/logout")
def log_out() -> BaseResponse:
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"))


def _too_many(error: TooManyRequests) -> tuple[str, int, dict[str, str]]:
    text = _("Too many wrong tries. Wait a minute and try again.")
    return render_template("login.html", form=LoginForm(), fault=text), 429, {"Retry-After": "60"}


def _local(target: str) -> str:
    """``target`` if it is a path on this server, else the start page: a log-in must not lead to a stranger's site."""
    # Browsers take "\" for "/" and leave out control characters, so either could make "//host" of it.
    local = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if local else url_for("panel.index")
