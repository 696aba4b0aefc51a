"""The event stream ``/api/v1/events``."""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, request

from mcu.core.names import is_room_number
from mcu.core.roles import check
from mcu.errors import BadRequest

from .auth import actor
from .hub import Listener
from .services import services

_NAME = re.compile(r"[a-z0-9_]{1,24}(\.(\*|[a-z0-9_.]{1,24}))?")
_MOST_NAMES = 50
# All that is told on the stream (docs/bus.md has what each holds; a test compares).
KNOWN = (
    "call.changed", "call.failed", "conference.began", "conference.ended", "conference.ending", "conference.people",
    "control", "direction.changed", "h323.call_changed", "h323.call_ended", "h323.gatekeeper_changed",
    "h323.registration_changed", "lobby.joined", "lobby.left", "meeting.began", "meeting.calling", "meeting.changed",
    "meeting.ended", "meeting.missed", "notice", "participant.changed", "participant.joined", "participant.left",
    "resync", "rollout.progress", "room.changed", "room.removed", "sites.changed", "terminals.changed", "test.changed",
    "tokens.changed", "users.changed",
)  # fmt: skip

blueprint = Blueprint("events", __name__)


@blueprint.get("/api/v1/events")
def stream() -> Response:
    """Server-sent events: ``control``, ``resync`` and everything that control broadcasts (docs/bus.md).

    ``room``: only events of this room, and those of none; ``events``: only these, "participant.*,notice".
    """
    who = actor()
    check(who, "read")
    listener = Listener(who, g.get("token"), _room(), _events())
    hub = services().hub
    opened = hub.open(request.headers.get("Last-Event-ID") or request.args.get("last_id", ""), listener)
    response = Response(hub.messages(opened), mimetype="text/event-stream")
    response.call_on_close(lambda: hub.close(opened))
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold the messages back
    return response


def _room() -> str:
    room = request.args.get("room", "")
    if room and not is_room_number(room):
        raise BadRequest("room must be 1 to 16 digits")
    return room


def _events() -> tuple[str, ...]:
    names = [name for name in request.args.get("events", "").split(",") if name]
    if len(names) > _MOST_NAMES or not all(_NAME.fullmatch(name) for name in names):
        raise BadRequest('events must be names, or prefixes such as "participant.*", with commas between')
    wanted = tuple(name.removesuffix("*") for name in names)
    for name, one in zip(names, wanted, strict=True):
        if not any(known == one or (one[-1] == "." and known.startswith(one)) for known in KNOWN):
            raise BadRequest(f"events: there is no {name}, but {', '.join(KNOWN)}")
    return wanted
