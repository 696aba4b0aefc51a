"""Holds answers against what their routes declare: types, and no member that the document does not name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response
from mcu.web.api.route import Route
from pydantic import BaseModel, TypeAdapter, ValidationError


def faults(route: Route, answer: Response) -> Iterator[str]:
    """In what ``answer`` is not as ``route`` says; nothing where it is."""
    if answer.status_code not in (route.status, 304):
        yield f"status {answer.status_code}, declared is {route.status}"
    elif answer.status_code == 304:
        return  # werkzeug drops the body as it goes out
    elif answer.status_code == 204:
        if answer.get_data():
            yield "a body where none is declared"
    elif route.files:
        if answer.mimetype not in route.files:
            yield f"{answer.mimetype}, declared are {route.files}"
    elif route.answer is None:
        yield "no answer is declared"
    else:
        try:
            told = TypeAdapter(route.answer).validate_json(answer.get_data())
        except ValidationError as fault:
            yield str(fault)
        else:
            yield from (f"{path} is not declared" for path in sorted(set(_undeclared(told))))


def _undeclared(told: Any) -> Iterator[str]:
    if isinstance(told, BaseModel):
        yield from (f"{type(told).__name__}.{name}" for name in told.model_extra or {})
        for name in type(told).model_fields:
            yield from _undeclared(getattr(told, name))
    elif isinstance(told, list | dict):
        for one in told.values() if isinstance(told, dict) else told:
            yield from _undeclared(one)
