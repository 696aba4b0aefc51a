"""The OpenAPI document: complete, and made of the same lines as the views."""

from __future__ import annotations

import re

from mcu.web.api import ROUTES

from mcu.core.acts.registry import SCHEMAS
from mcu.core.permissions import METHODS
from mcu.exchange import files

NO_ROUTE = {
    "bus.ping", "bus.subscribe", "h323.status", "h323.hello", "mixer.hello",
    "terminal.h323", "backup.make",
}  # fmt: skip


def test_every_address_is_described(app, panel):
    spec = panel.get("/openapi.json").json
    assert spec["openapi"].startswith("3.1")
    described = {(path, method.upper()) for path, about in spec["paths"].items() for method in about}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi":
            path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                assert (path, method) in described
    assert "locked" in spec["components"]["schemas"]["RoomPatch"]["properties"]


def test_every_reference_leads_somewhere(panel):
    spec = panel.get("/openapi.json").json

    def walk(value):
        if isinstance(value, dict):
            if isinstance(target := value.get("$ref"), str):
                found = spec
                for part in target.removeprefix("#/").split("/"):
                    found = found[part]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(spec)


def test_every_act_has_a_body(panel):
    spec = panel.get("/openapi.json").json
    body = spec["paths"]["/api/v1/rooms/{number}/acts"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["discriminator"]["mapping"]) == set(SCHEMAS)


def test_every_call_of_the_bus_has_an_address():
    assert {route.call for route in ROUTES} == METHODS.keys() - NO_ROUTE


def test_errors_and_ways_in_are_described(panel):
    spec = panel.get("/openapi.json").json
    assert set(spec["components"]["securitySchemes"]) == {"token", "session"}
    for path, about in spec["paths"].items():
        for operation in about.values():
            assert {"401", "403", "503"} <= operation["responses"].keys(), path


def test_files_are_of_the_kinds_that_control_tells():
    calls = {"conference.minutes", "savings.report", "site.export"}
    sent = {kind for route in ROUTES if route.call in calls for kind in route.files}
    assert sent - {"application/json"} == {kind.partition(";")[0] for kind in files.MIMETYPES.values()}
