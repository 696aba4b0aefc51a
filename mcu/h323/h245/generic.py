"""H.245's generic capabilities and generic messages: an object identifier with numbered parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

from .line import Body, Value

Identifier = tuple[int, ...]

BIT_RATE_UNIT = 100  # bit/s: GenericCapability.maxBitRate
MOST_PARAMETER = 0xFFFF
MOST_BIT_RATE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class GenericCapability:
    identifier: Identifier
    bit_rate: int = 0  # bit/s; 0 where nothing is said
    parameters: dict[int, int] = field(default_factory=dict)  # by standard number; collapsing ones
    arrays: frozenset[int] = frozenset()  # which of them are boolean arrays, the others are unsignedMin

    def number(self, parameter: int) -> int:
        """A parameter's value, 0 where it is absent."""
        return self.parameters.get(parameter, 0)

    def value(self) -> Body:
        """As H.245's GenericCapability."""
        whole: Body = {"capabilityIdentifier": ("standard", self.identifier)}
        if self.bit_rate:
            whole["maxBitRate"] = min(max(self.bit_rate // BIT_RATE_UNIT, 1), MOST_BIT_RATE)
        if self.parameters:
            whole["collapsing"] = [_parameter(n, v, n in self.arrays) for n, v in self.parameters.items()]
        return whole


def read_capability(value: Body) -> GenericCapability | None:
    """None where the identifier is no standard one."""
    kind, identifier = value["capabilityIdentifier"]
    if kind != "standard":
        return None
    parameters = read_parameters(value.get("nonCollapsing", ())) | read_parameters(value.get("collapsing", ()))
    return GenericCapability(tuple(identifier), value.get("maxBitRate", 0) * BIT_RATE_UNIT, parameters)


def read_parameters(values: Value) -> dict[int, int]:
    """The parameters with a standard number and a value that is a number; ``logical`` ones are 1."""
    found: dict[int, int] = {}
    for each in values:
        (kind, number), (form, value) = each["parameterIdentifier"], each["parameterValue"]
        if kind == "standard" and form == "logical":
            found[number] = 1
        elif kind == "standard" and isinstance(value, int):
            found[number] = value
    return found


def _parameter(number: int, value: int, array: bool) -> Body:
    if array:
        return {"parameterIdentifier": ("standard", number), "parameterValue": ("booleanArray", value & 0xFF)}
    form = "unsignedMin" if value <= MOST_PARAMETER else "unsigned32Min"
    return {"parameterIdentifier": ("standard", number), "parameterValue": (form, value)}


def message(identifier: Identifier, sub: int, parameters: dict[int, int | None]) -> Body:
    """A GenericMessage; a parameter whose value is None is a ``logical`` one."""
    return {
        "messageIdentifier": ("standard", identifier),
        "subMessageIdentifier": sub,
        "messageContent": [
            {
                "parameterIdentifier": ("standard", number),
                "parameterValue": ("logical", 0) if value is None else ("unsignedMin", value),
            }
            for number, value in parameters.items()
        ],
    }


def read_message(value: Body) -> tuple[Identifier, int, dict[int, int]]:
    """(identifier, sub-message, parameters); an identifier that is no standard one is ()."""
    kind, identifier = value["messageIdentifier"]
    content = read_parameters(value.get("messageContent", ()))
    return (tuple(identifier) if kind == "standard" else ()), value.get("subMessageIdentifier", -1), content
