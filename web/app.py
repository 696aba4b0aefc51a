"""Builds the Flask application out of its parts."""

from __future__ import annotations

from flask import Flask

from mcu.config import Settings
from mcu.models import Database

from . import api, auth, events, health, i18n, panel, problems, security
from .accounts import Accounts, TableAccounts
from .bearer import Tokens
from .control_link import ControlLink
from .hub import EventHub
from .idempotency import Once
from .services import EXTENSION, Services
from .stills import StillCache


def create_app(settings: Settings, accounts: Accounts | None = None) -> Flask:
    """The panel's WSGI application; starts the thread that listens to control.

    ``accounts`` is who may log in (default: the users in the tables). Raises ConfigError if the home can't be written.
    """
    app = Flask(__name__)
    security.init_app(app, settings)
    i18n.init_app(app)
    problems.init_app(app)

    database = Database(settings.database_url)
    control = ControlLink(settings.control_socket, auth.actor)
    hub = EventHub(settings.control_socket, max_streams=2 * settings.web.operators, on_loss=control.close_idle)
    app.extensions[EXTENSION] = Services(
        settings=settings,
        database=database,
        accounts=accounts or TableAccounts(database),
        tokens=Tokens(database),
        once=Once(database),
        control=control,
        hub=hub,
        stills=StillCache(control),
    )
    auth.init_app(app)
    for blueprint in (api.blueprint, panel.blueprint, events.blueprint, health.blueprint):
        app.register_blueprint(blueprint)
    hub.start()
    return app
