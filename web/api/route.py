"""One line for each address of the REST interface: what it takes, which call of the bus it is, what it answers.

From the same lines come the views and the OpenAPI document. What somebody may do is control's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, jsonify, request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest as NotJson
from werkzeug.exceptions import UnsupportedMediaType

from mcu.core.names import is_participant_id, is_room_number
from mcu.errors import BadRequest, NotFound, ParticipantNotFound, RoomNotFound

from ..services import services

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
    def arguments(self) -> list[str]:
        return re.findall(r"<(\w+)>", self.path)

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.body)

    def handle(self, **given: str) -> Response:
        request.max_content_length = self.largest
        if self.verb == "POST":
            return services().once.carry_out(services().control.who().login, lambda: self._answer(given))
        return self._answer(given)

    def _answer(self, given: Mapping[str, str]) -> Response:
        asked = Asked(
            {self.names.get(name, name): _CHECKS[name](value) for name, value in given.items()},
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
        model = _valid(lambda: self.adapter.validate_python(data))
        # What the schema fills in is passed on as well: the document promises it.
        dumped: Args = model.model_dump(exclude_none=True)
        said = {name: None for name in self.nulls if name in model.model_fields_set and name not in dumped}
        return {**dumped, **said}


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


# --- what stands in an address -------------------------------------------------------------------------------------


def room_number(text: str) -> str:
    """Raises RoomNotFound for what can be no room's number."""
    if not is_room_number(text):
        raise RoomNotFound(f"there is no room {text[:16]}")
    return text


def participant_id(text: str) -> str:
    if not is_participant_id(text):
        raise ParticipantNotFound("there is no such participant")
    return text


def call_id(text: str) -> str:
    if not is_participant_id(text):
        raise NotFound("there is no such outgoing call")
    return text


def row_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and text[0] != "0"):
        raise NotFound(f"there is nothing with the id {text[:16]}")
    return int(text)


def _word(pattern: str, what: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise NotFound(f"there is no such {what}")
        return text

    return check


def _login(text: str) -> str:
    if not text.isprintable() or not 0 < len(text) <= 64:
        raise NotFound("there is no such user")
    return text


_CHECKS: dict[str, Callable[[str], Any]] = {
    "number": room_number,
    "participant": participant_id,
    "call": call_id,
    "id": row_id,
    "conference": _word(r"[0-9]{1,16}-[0-9]{1,20}", "conference"),
    "name": _word(r"[A-Za-z0-9_.-]{1,64}", "terminal"),
    "tag": _word(r"[A-Za-z0-9]{1,64}", "H.323 call"),
    "login": _login,
}


def register(blueprint: Blueprint, routes: list[Route]) -> None:
    """Flask's view of each; an endpoint is named by the verb and the address."""
    for route in routes:
        endpoint = re.sub(r"\W+", "_", f"{route.verb.lower()}{route.path}").strip("_")
        blueprint.add_url_rule(route.path, endpoint, route.handle, methods=[route.verb])
