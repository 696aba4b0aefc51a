"""What the switch tells of the lines that core had dialled: to the mixer, and to the H.323 gateway for slides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.core import effects as do
from mcu.core import events
from mcu.core.picture import slides
from mcu.core.picture.view import room_of

if TYPE_CHECKING:
    from mcu.core.bridge import Bridge
    from mcu.core.conference import Conference


def leg_up(bridge: Bridge, event: events.LegUp) -> list[do.Effect]:
    conference = _owner(bridge, event.kind, event.ident)
    stale = event.kind != slides.KIND and bool(bridge.links.mixer) and event.mixer != bridge.links.mixer
    if conference is None or stale:
        return [do.HangUp(room=conference.number if conference else "", channel=event.channel)]
    if event.kind == slides.KIND:
        surplus = conference.slides.came_up(event.ident, event.channel, event.at)
    else:
        surplus = conference.lines.came_up((event.kind, event.ident), event.channel, event.mixer, event.at, event.codec)
    return [do.HangUp(room=conference.number, channel=channel) for channel in surplus]


def leg_failed(bridge: Bridge, event: events.LegFailed) -> list[do.Effect]:
    if conference := _owner(bridge, event.kind, event.ident):
        if event.kind == slides.KIND:
            conference.slides.failed(event.ident, event.cause, event.at)
        else:
            conference.lines.failed((event.kind, event.ident), event.mixer, event.at, event.codec)
    return []


def leg_ended(bridge: Bridge, event: events.HungUp) -> None:
    """By others than us."""
    if conference := _owner(bridge, event.kind, event.ident):
        if event.kind == slides.KIND:
            conference.slides.hung_up(event.ident, event.channel, event.cause, event.at)
        else:
            conference.lines.hung_up((event.kind, event.ident), event.channel, event.at)


def not_dialled(bridge: Bridge, dial: do.DialLeg | do.DialView | do.DialSlides, at: float) -> None:
    """The switch would not even begin."""
    codec = ""
    match dial:
        case do.DialLeg():
            kind, ident, mixer, codec = "leg", dial.participant, dial.mixer, dial.codec
        case do.DialView():
            kind, ident, mixer = "view", f"{dial.view}/{dial.rate_class}", dial.mixer
        case _:
            kind, ident, mixer = slides.KIND, dial.participant, ""
    leg_failed(bridge, events.LegFailed(at=at, kind=kind, ident=ident, mixer=mixer, cause=0, codec=codec))


def not_subscribed(bridge: Bridge, failed: do.Subscribe, at: float) -> list[do.Effect]:
    """A terminal, or its slides, did not get another picture: tried again, or dialled anew."""
    known = bridge.whereabouts(failed.participant)
    if known is None:
        return []
    conference, participant = known
    bridge.touch(conference.number)
    if out := conference.slides.not_subscribed(failed, at):
        return out
    if participant.subscribed == failed.key:
        participant.subscribed, participant.subscribe_at = None, at + 1
    return []


def _owner(bridge: Bridge, kind: str, ident: str) -> Conference | None:
    if kind == "view":
        conference = bridge.conferences.get(room_of(ident.partition("/")[0]))
    else:
        conference = known[0] if (known := bridge.whereabouts(ident)) else None
    if conference is not None:
        bridge.touch(conference.number)
    return conference
