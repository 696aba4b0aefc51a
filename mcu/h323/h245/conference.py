"""H.243's chair control in H.245 (C.9, ConferenceRequest and ConferenceCommand): nobody is chair here by a terminal's
word. Who leads a meeting is said on the panel and by keys; so each gets the refusal that it has."""

from __future__ import annotations

from .line import Value

# Of those that are refused with a response of their own. What has none is not supported: lists and names of terminals
# need numbers that we give to nobody (H.243 terminalNumberAssign), passwords are the dialplan's business.
_REQUESTS: dict[str, tuple[str, Value]] = {
    "makeMeChair": ("makeMeChairResponse", ("deniedChairToken", 0)),
    "dropTerminal": ("terminalDropReject", 0),
    "broadcastMyLogicalChannel": ("broadcastMyLogicalChannelResponse", ("deniedBroadcastMyLogicalChannel", 0)),
    "makeTerminalBroadcaster": ("makeTerminalBroadcasterResponse", ("deniedMakeTerminalBroadcaster", 0)),
    "sendThisSource": ("sendThisSourceResponse", ("deniedSendThisSource", 0)),
    "remoteMCRequest": ("remoteMCResponse", ("reject", ("functionNotSupported", 0))),
}
_COMMANDS: dict[str, tuple[str, Value]] = {
    "broadcastMyLogicalChannel": ("videoCommandReject", 0),
    "makeTerminalBroadcaster": ("videoCommandReject", 0),
    "sendThisSource": ("videoCommandReject", 0),
    "dropConference": ("terminalDropReject", 0),
}
# They take back what was never granted, or tell of an identifier that we have no use for.
HARMLESS = frozenset(
    {
        "cancelMakeMeChair", "cancelBroadcastMyLogicalChannel", "cancelMakeTerminalBroadcaster",
        "cancelSendThisSource", "substituteConferenceIDCommand",
    }
)  # fmt: skip


def refusal(kind: str, body: Value) -> Value | None:
    """The conferenceResponse to a ``kind`` of "request" or "command"; None where it has none."""
    table = _REQUESTS if kind == "request" else _COMMANDS
    return table.get(body[0])


def harmless(body: Value) -> bool:
    """Whether nothing is to be said at all."""
    return body[0] in HARMLESS
