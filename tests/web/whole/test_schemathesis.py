"""Requests that nobody thought of, made of the OpenAPI document: no fault of ours, and no answer that it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis.strategies import booleans
from mcu.web.api import ROUTES
from mcu.web.api.route import PREFIX, Route
from mcu.web.app import create_app
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks

from mcu.config import Asterisk, Settings
from tests.fakes.house import House, free_port
from tests.installed import Installations
from tests.web.whole.program import ask, program

load_all_checks()
MOST = 6  # requests of each kind to each address
THERE = {"number": "1001", "id": "1", "name": "xa1", "participant": "0a1b2c3d", "login": "admin"}
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


class Nobody:
    """Takes what webhooks are told: no test of ours leaves this machine."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[bool, str]:
        return True, "200"

    async def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def settings(
    tmp_path_factory: pytest.TempPathFactory, installations: Installations, database_kind: str
) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("schemathesis")
    with installations.at(home, database_kind) as url:
        yield Settings(home=home, database=url, asterisk=Asterisk(agi_port=free_port()))


@pytest.fixture(scope="module")
def house(settings: Settings) -> Iterator[House]:
    """With something of everything, so that addresses that exist are found."""
    house = House(settings)
    house.control._webhooks._poster = Nobody()
    top = ask(house, "site.create", name="Tỉnh")["id"]
    site = ask(house, "site.create", name="Xã", parent=top)["id"]
    ask(house, "terminal.create", name="xa1", site=site)
    ask(house, "room.set_sites", number="1001", sites=[site])
    plan = {"begins": "2030-01-01T08:00:00", "minutes": 60, "zone": "Asia/Ho_Chi_Minh"}
    ask(house, "meeting.create", room="1001", title="Giao ban", **plan)
    ask(house, "webhook.create", url="https://example.org/", events=["notice"])
    house.happens(house.switch.join, "0a1b2c3d", "1001", name="UBND xã Tân Lập")
    yield house
    house.stop()


@pytest.fixture(scope="module")
def app(settings: Settings, house: House) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["mcu"].stop()


@pytest.fixture(scope="module")
def token(app: Flask, house: House) -> str:
    for _ in range(20):  # so that ours is not the one that is deleted first
        program(app, house, "admin", ("read",))
    return program(app, house, "admin").token


@pytest.fixture(scope="module")
def schema(app: Flask, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers=headers, config=SchemathesisConfig())


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fit", "unfit"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.verb} {route.path}")
def test_every_address_keeps_to_the_document(schema: Any, token: str, route: Route, mode: GenerationMode) -> None:
    path = PREFIX + route.path.replace("<", "{").replace(">", "}")
    operation = schema[path][route.verb.lower()]
    if mode is GenerationMode.NEGATIVE and not (route.arguments or route.query or route.body):
        return  # nothing in it could be wrong

    @given(case=operation.as_strategy(generation_mode=mode), there=booleans())
    @examples(
        max_examples=MOST,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any, there: bool) -> None:
        if there and mode is GenerationMode.POSITIVE:  # by chance it would seldom be about what there is
            case.path_parameters = {name: THERE.get(name, value) for name, value in case.path_parameters.items()}
        if route.path != "/rooms":
            case.headers.pop("Idempotency-Key", None)  # it makes few keys, and a key of another request ends there
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code != 500, answer.text
        assert answer.status_code != 401, "the token is gone: the requests after this one would show nothing"
        case.validate_response(answer, checks=CHECKS)

    ask()
