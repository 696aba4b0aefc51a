"""The exception tree: documented whole, and the same on both ends of the bus."""

import pytest

from mcu import errors


def _all(cls: type[errors.McuError]) -> list[type[errors.McuError]]:
    return [cls, *(one for child in cls.__subclasses__() for one in _all(child))]


@pytest.mark.parametrize("cls", _all(errors.McuError))
def test_each_error_is_in_the_tree_of_the_docstring(cls: type[errors.McuError]) -> None:
    assert errors.__doc__ is not None
    lines = [line for line in errors.__doc__.splitlines() if f" {cls.__name__} " in f" {line} "]
    assert len(lines) == 1
    assert str(cls.status) in lines[0]
    assert cls.error_id in lines[0]


@pytest.mark.parametrize("cls", _all(errors.McuError))
def test_an_error_comes_out_of_the_wire_as_itself(cls: type[errors.McuError]) -> None:
    found = errors.from_wire(cls.error_id, "why")
    assert (type(found), found.detail) == (cls, "why")


def test_an_error_of_a_newer_peer_is_still_an_error() -> None:
    assert type(errors.from_wire("from_the_future", "x")) is errors.McuError
