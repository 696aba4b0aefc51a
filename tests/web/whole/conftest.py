"""The panel's application with the real control process behind it, asked with tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from mcu.web.app import create_app

from mcu.config import Asterisk, Settings, Webhooks
from tests.conftest import Install
from tests.fakes.house import House, free_port, house_of
from tests.web.whole.program import Program, program


@pytest.fixture
def settings(tmp_path: Path, install: Install) -> Settings:
    asterisk = Asterisk(agi_port=free_port())
    return Settings(home=tmp_path, database=install(tmp_path), asterisk=asterisk, webhooks=Webhooks(private=True))


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    with house_of(settings) as house:
        yield house


@pytest.fixture
def app(settings: Settings, house: House) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["mcu"].stop()


@pytest.fixture
def admin(app: Flask, house: House) -> Program:
    return program(app, house, "admin")
