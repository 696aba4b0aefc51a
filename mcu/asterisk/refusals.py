"""What an error response of Asterisk's manager means. It has sentences only, of app_confbridge.c and manager.c."""

from __future__ import annotations

from mcu.errors import BadRequest, McuError, NotFound, NotPermitted, ParticipantNotFound, RoomNotFound


def refusal(action: str, message: str) -> McuError:
    """The error to raise for ``action``, which was answered with the sentence ``message``."""
    sentence = message.lower()
    if "no conference" in sentence or "no active conference" in sentence:
        return RoomNotFound(f"{action}: {message}")
    if "in conference" in sentence:
        return ParticipantNotFound(f"{action}: {message}")
    if "no such channel" in sentence:
        return NotFound(f"{action}: {message}")
    if "permission denied" in sentence:
        return NotPermitted(f"{action}: {message}")
    return BadRequest(f"{action}: {message}")
