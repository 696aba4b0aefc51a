"""Participants that only the switch knows: control was restarted, or the call took a way round the door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import events
from mcu.core.names import TRUNK_ENDPOINT, clean_name, display_name, door_of
from mcu.core.roster import Participant

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge


def adopt(bridge: Bridge, source: events.Joined | events.Member, ident: str, at: float = 0.0) -> Participant:
    """As far as the switch tells: what was negotiated and ordered is for the caller to take over. ``at``: when it stood
    at the door, seconds since the epoch."""
    participant = Participant(
        id=ident,
        room=source.room,
        channel=source.channel,
        name=display_name(source.name, source.number, ident),
        number=display_name(source.number),
        kind=door_of(source.channel),
        entered_at=at,
    )
    endpoint = source.channel.partition("/")[2].rpartition("-")[0]
    if isinstance(source, events.Member):
        participant.device, participant.call_id = clean_name(source.device), source.call_id
        endpoint = source.endpoint or endpoint
    if endpoint == TRUNK_ENDPOINT and bridge.directory.trunk is not None:
        if known := bridge.directory.phone(source.number):
            endpoint, participant.kind = known, "named"
        participant.number = display_name(bridge.directory.trunk.national(source.number))
    if place := bridge.directory.by_endpoint(endpoint):
        participant.terminal, participant.site = place.terminal, place.site
    return participant
