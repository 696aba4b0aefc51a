"""REST under /api/v1."""

from . import calls, gateway, participants, rooms, status

blueprints = (status.blueprint, rooms.blueprint, participants.blueprint, calls.blueprint, gateway.blueprint)

__all__ = ["blueprints"]
