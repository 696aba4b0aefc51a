"""What the views work with; one set an application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from mcu.config import Settings
from mcu.models import Database

from .accounts import Accounts
from .bearer import Tokens
from .control_link import ControlLink
from .hub import EventHub
from .idempotency import Once
from .stills import StillCache

EXTENSION = "mcu"


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    accounts: Accounts
    tokens: Tokens
    once: Once
    control: ControlLink
    hub: EventHub
    stills: StillCache

    def stop(self) -> None:
        """End the event streams and the links to control and to the database. May be called twice."""
        self.hub.stop()
        self.control.close()
        self.tokens.stop()
        self.database.close()


def services() -> Services:
    """The services of the application that is handling this request."""
    return cast(Services, current_app.extensions[EXTENSION])
