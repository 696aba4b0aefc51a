"""One line for each address of the REST interface: what it takes, which call of the bus it is, what it answers.

From the same lines come the views and the OpenAPI document. What somebody may do is control's to say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest as NotJson
from werkzeug.exceptions import UnsupportedMediaType

from mcu.errors import BadRequest

from ..services import services
from .addresses import ARGUMENTS

Args = dict[str, Any]
View = Callable[["Asked"], Any]
PREFIX = "/api/v1"


class Invalid(Exception):
    """A body or query that does not fit; ``fields`` says for each what is wrong. Told as a BadRequest, with more."""

    error_id = BadRequest.error_id
    status = BadRequest.status

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self.detail = "; ".join(f"{name}: {', '.join(faults)}" for name, faults in fields.items())[:1000]
        super().__init__(self.detail)
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, checked: what its address names, its query and its body, as arguments of a call."""

    path: Args
    query: Args
    body: Args

    @property
    def everything(self) -> Args:
        return {**self.query, **self.body, **self.path}


@dataclass(frozen=True, kw_only=True)
class Route:
    """``names``: what an argument in the address is called on the bus. ``view``: where one call is not enough.
    ``nulls``: what in the body may be null and mean it; other nulls are as if they were not there. ``seconds`` for
    calls that take long. ``errors``: statuses beyond those that any request may have."""

    verb: str
    path: str  # "/rooms/<number>/acts"
    call: str
    summary: str
    tag: str
    body: Any = None
    query: type[BaseModel] | None = None
    answer: Any = None
    status: int = 200
    names: Mapping[str, str] = field(default_factory=dict)
    view: View | None = None
    files: tuple[str, ...] = ()  # media types of an answer that is no JSON
    errors: tuple[int, ...] = ()
    nulls: tuple[str, ...] = ()
    largest: int = 64 * 1024  # octets of a body
    seconds: float | None = None

    @property
    def endpoint(self) -> str:
        """Flask's name of it, by verb and address."""
        return re.sub(r"\W+", "_", f"{self.verb.lower()}{self.path}").strip("_")

    @property
    def arguments(self) -> list[str]:
        return re.findall(r"<(\w+)>", self.path)

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.body)

    def handle(self, **given: str) -> Response:
        if self.verb == "POST":
            return services().once.carry_out(services().control.who().login, lambda: self._answer(given))
        return self._answer(given)

    def _answer(self, given: Mapping[str, str]) -> Response:
        asked = Asked(
            {self.names.get(name, name): ARGUMENTS[name].value(value) for name, value in given.items()},
            self._query(),
            self._body(),
        )
        result = self.view(asked) if self.view else ask(self.call, asked.everything, self.seconds)
        if isinstance(result, Response):
            return result
        if self.status == 204:
            return Response(status=204)
        answer = jsonify(result)
        answer.status_code = self.status
        return answer

    def _query(self) -> Args:
        model = self.query
        if model is None:
            if request.args:
                raise Invalid({name[:64]: ["Extra inputs are not permitted"] for name in request.args})
            return {}
        found: Args = _valid(lambda: model.model_validate(request.args.to_dict())).model_dump(exclude_none=True)
        return found

    def _body(self) -> Args:
        if self.body is None:
            return {}
        try:
            data = request.get_json(force=True)
        except UnsupportedMediaType:
            raise NotJson("the body must be JSON") from None
        except NotJson:
            raise NotJson(_why_no_json(request.get_data())) from None
        model = _valid(lambda: self.adapter.validate_python(data))
        # What the schema fills in is passed on as well: the document promises it.
        dumped: Args = model.model_dump(exclude_none=True)
        said = {name: None for name in self.nulls if name in model.model_fields_set and name not in dumped}
        return {**dumped, **said}


def _why_no_json(body: bytes) -> str:
    """Of one that is none."""
    if not body.strip():
        return "the body is empty: it must be a JSON object"
    try:
        json.loads(body)
    except json.JSONDecodeError as fault:
        return f"the body is not JSON: {fault.msg}, line {fault.lineno}, column {fault.colno}"
    except UnicodeDecodeError as fault:
        return f"the body is not UTF-8: byte {fault.start + 1}"
    except RecursionError:
        pass
    return "the body is not JSON that can be read"


def ask(call: str, args: Args, seconds: float | None = None) -> Any:
    """What control answers. Raises what it raises."""
    control = services().control
    return control.call(call, **args) if seconds is None else control.call_patiently(call, seconds, **args)


def _valid(parse: Callable[[], Any]) -> Any:
    try:
        return parse()
    except ValidationError as fault:
        fields: dict[str, list[str]] = {}
        for error in fault.errors(include_url=False, include_context=False, include_input=False):
            fields.setdefault(".".join(str(part) for part in error["loc"]) or "body", []).append(error["msg"])
        raise Invalid(fields) from None


def register(blueprint: Blueprint, routes: list[Route]) -> None:
    """Flask's view of each."""
    for route in routes:
        blueprint.add_url_rule(route.path, route.endpoint, route.handle, methods=[route.verb])


def asked_route() -> Route | None:
    """The line that the request at hand is about; None where it is about something else."""
    route = getattr(current_app.view_functions.get(request.endpoint or ""), "__self__", None)
    return route if isinstance(route, Route) else None
