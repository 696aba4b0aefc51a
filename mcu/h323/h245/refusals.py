"""Polite answers to what we don't do. Nothing that a peer asks for ends a call."""

from __future__ import annotations

from typing import Any

from . import conference
from .line import Line, Message, Value

MOST_RETURNED = 512  # octets of a message sent back
MOST_NOTICES = 32  # a session: a peer that floods us with what we don't know is not answered for ever


class Refusals:
    """FunctionNotUnderstood, FunctionNotSupported, and the refusals that single requests have."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._left = MOST_NOTICES

    def request(self, name: str, body: Value, octets: bytes) -> None:
        """A request that we don't do."""
        if name == "multiplexEntrySend":
            numbers = [entry["multiplexTableEntryNumber"] for entry in body["multiplexEntryDescriptors"]]
            self._line.response(
                "multiplexEntrySendReject",
                {"sequenceNumber": body["sequenceNumber"], "rejectionDescriptions": _each(numbers)},
            )
        elif name == "requestMultiplexEntry":
            numbers = list(body["entryNumbers"])
            self._line.response(
                "requestMultiplexEntryReject", {"entryNumbers": numbers, "rejectionDescriptions": _each(numbers)}
            )
        elif name == "maintenanceLoopRequest":
            self._line.response("maintenanceLoopReject", {"type": body["type"], "cause": ("canNotPerformLoop", 0)})
        elif name == "logicalChannelRateRequest":
            self._line.response(
                "logicalChannelRateReject",
                {
                    "sequenceNumber": body["sequenceNumber"],
                    "logicalChannelNumber": body["logicalChannelNumber"],
                    "rejectReason": ("undefinedReason", 0),
                },
            )
        elif name == "conferenceRequest":
            self._conference("request", body, octets)
        elif name == "multilinkRequest" and body[0] == "addConnection":  # H.324's: of one call, several lines
            refused = {
                "sequenceNumber": body[1]["sequenceNumber"],
                "responseCode": ("rejected", ("connectionsNotAvailable", 0)),
            }
            self._line.response("multilinkResponse", ("addConnection", refused))
        elif name == "nonStandard":
            self._not_understood(("request", (name, body)))
        else:  # communicationModeRequest, generic ones, and what came after us: they have no refusal of their own
            self.not_supported("unknownFunction", octets)

    def command(self, name: str, body: Value, octets: bytes) -> None:
        """A command that we don't do."""
        if name == "nonStandard":
            self._not_understood(("command", (name, body)))
        elif name == "conferenceCommand":
            self._conference("command", body, octets)
        else:
            self.not_supported("unknownFunction", octets)

    def _conference(self, kind: str, body: Value, octets: bytes) -> None:
        refusal = conference.refusal(kind, body)
        if refusal is not None:
            self._line.response("conferenceResponse", refusal)
        elif not conference.harmless(body):
            self.not_supported("unknownFunction", octets)

    def not_supported(self, cause: str, octets: bytes) -> None:
        """FunctionNotSupported: ``cause`` is syntaxError, semanticError or unknownFunction."""
        if self._left:
            self._left -= 1
            returned: dict[str, Any] = {"cause": (cause, 0)}
            if len(octets) <= MOST_RETURNED:
                returned["returnedFunction"] = octets
            self._line.indication("functionNotSupported", returned)

    def _not_understood(self, message: Message) -> None:
        if self._left:
            self._left -= 1
            self._line.indication("functionNotUnderstood", message)


def _each(numbers: list[int]) -> list[Value]:
    return [{"multiplexTableEntryNumber": n, "cause": ("unspecifiedCause", 0)} for n in numbers]
