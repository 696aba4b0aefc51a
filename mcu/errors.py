"""The one exception tree.

    McuError                 500 internal
    ├── ConfigError          500 config_invalid       a setting is wrong or unknown
    ├── SetupError           500 setup_failed         the set-up recipe could not make something that is needed
    ├── BadRequest           400 bad_request          an argument is missing, of the wrong type or out of range
    │   ├── NoTrunk          400 no_trunk             no line to the telephone network is set up
    │   └── NumberAbroad     400 number_abroad        a telephone number of another country, which may not be called
    ├── Garbled              400 garbled              what came over a link is no message
    ├── BadToken             401 bad_token            no such token, or it has expired
    ├── NotPermitted         403 not_permitted
    │   └── DialNotPermitted 403 dial_not_permitted   a chair calls whom the directory has at a site, and nobody else
    ├── NotFound             404 not_found
    │   ├── RoomNotFound     404 room_not_found
    │   └── ParticipantNotFound 404 participant_not_found
    ├── Conflict             409 conflict
    │   ├── RoomExists       409 room_exists
    │   └── StillRunning     409 idempotency_running  the same request is being carried out
    ├── KeyReused            422 idempotency_key_reused   the key belongs to another request
    ├── TooManyTries         429 too_many_requests    wrong tries from one address
    └── Unavailable          503 unavailable          a part of the MCU is not there now; trying again may help
        ├── Busy             503 busy                 too much is asked at once
        ├── AsteriskDown     503 asterisk_down
        ├── MixerDown        503 mixer_down
        ├── GatewayDown      503 gateway_down         the H.323 gateway is not running
        ├── ControlDown      503 control_down
        └── TimedOut         504 timed_out

Each error has a stable ``error_id`` for programs, an HTTP ``status``, and a sentence for people (``detail``).
Over the bus an error travels as ``{"error_id": …, "detail": …}`` and comes out as the same class.
"""

from __future__ import annotations


class McuError(Exception):
    """Base of every error this program raises on purpose."""

    error_id = "internal"
    status = 500

    def __init__(self, detail: str = "", *, begun: bool = True) -> None:
        """``begun`` false: nothing of what was asked has been done, for certain; asking again does not do it twice."""
        super().__init__(detail)
        self.detail = detail or self.error_id.replace("_", " ")
        self.begun = begun

    def __str__(self) -> str:
        return self.detail


class ConfigError(McuError):
    error_id = "config_invalid"


class SetupError(McuError):
    error_id = "setup_failed"


class BadRequest(McuError):
    error_id = "bad_request"
    status = 400


class NoTrunk(BadRequest):
    error_id = "no_trunk"


class NumberAbroad(BadRequest):
    error_id = "number_abroad"


class Garbled(McuError):
    error_id = "garbled"
    status = 400


class BadToken(McuError):
    error_id = "bad_token"
    status = 401


class NotPermitted(McuError):
    error_id = "not_permitted"
    status = 403


class DialNotPermitted(NotPermitted):
    error_id = "dial_not_permitted"


class NotFound(McuError):
    error_id = "not_found"
    status = 404


class RoomNotFound(NotFound):
    error_id = "room_not_found"


class ParticipantNotFound(NotFound):
    error_id = "participant_not_found"


class Conflict(McuError):
    error_id = "conflict"
    status = 409


class RoomExists(Conflict):
    error_id = "room_exists"


class StillRunning(Conflict):
    error_id = "idempotency_running"


class KeyReused(McuError):
    error_id = "idempotency_key_reused"
    status = 422


class TooManyTries(McuError):
    error_id = "too_many_requests"
    status = 429


class Unavailable(McuError):
    error_id = "unavailable"
    status = 503


class Busy(Unavailable):
    error_id = "busy"


class AsteriskDown(Unavailable):
    error_id = "asterisk_down"


class MixerDown(Unavailable):
    error_id = "mixer_down"


class GatewayDown(Unavailable):
    error_id = "gateway_down"


class ControlDown(Unavailable):
    error_id = "control_down"


class TimedOut(Unavailable):
    error_id = "timed_out"
    status = 504


def _tree(cls: type[McuError]) -> dict[str, type[McuError]]:
    found = {cls.error_id: cls}
    for child in cls.__subclasses__():
        found.update(_tree(child))
    return found


def from_wire(error_id: str, detail: str) -> McuError:
    """The error that ``error_id`` names, or a plain McuError where a newer peer knows more than we do."""
    return _tree(McuError).get(error_id, McuError)(detail)
