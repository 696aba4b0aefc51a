"""Nothing is forgotten: every call of the bus has a command, and a request of the REST API that does the same."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import mcu.web.api
import pytest

import mcu.cli
from mcu.cli.link import patience
from mcu.cli.routes import IDEMPOTENT, ROUTES
from mcu.core.permissions import METHODS

# Calls of our own processes to each other, and those that another command makes already.
WITHOUT_A_COMMAND = {
    "bus.ping": "the link's own",
    "bus.subscribe": "the link's own: mcu tail",
    "mixer.hello": "a mixer's first words",
    "h323.hello": "the gateway's first words",
    "terminal.h323": "passwords, for the gateway alone",
    "h323.status": "counters, for /metrics",
}
# The REST API has none of these, so they are for the bridge's own machine.
ONLY_LOCAL = {"backup.make"}


def _called() -> set[str]:
    """Names of calls that stand in the sources of the commands."""
    found = set()
    for file in Path(mcu.cli.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first = node.args[0]
                if node.func.attr in ("call", "each") and isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return found


CALLED = _called()
WEB = {(r.verb, re.sub(r"<\w+>", "{}", r.path)): r for r in mcu.web.api.ROUTES}


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_call_has_a_command(method: str) -> None:
    assert (method in CALLED) != (method in WITHOUT_A_COMMAND)


def test_commands_call_nothing_that_is_not_there() -> None:
    assert METHODS.keys() >= CALLED
    assert METHODS.keys() >= IDEMPOTENT


@pytest.mark.parametrize("method", sorted(CALLED))
def test_every_call_of_a_command_goes_over_rest_too(method: str) -> None:
    assert (method in ROUTES) != (method in ONLY_LOCAL)


@pytest.mark.parametrize("method", sorted(ROUTES))
def test_every_request_is_in_the_api(method: str) -> None:
    route = ROUTES[method]
    for path in route.paths():
        served = WEB.get((route.verb, re.sub(r"{\w+}", "{}", path)))
        assert served is not None, f"{route.verb} {path} is not there"
        assert served.call == method
        assert served.query is None or route.pages == ("after" in served.query.model_fields)


def test_every_address_of_the_api_is_asked() -> None:
    assert {route.call for route in mcu.web.api.ROUTES} <= ROUTES.keys()


def test_some_answers_may_take_longer() -> None:
    assert patience("site.rollout") > patience("room.list") == patience("no.such")
