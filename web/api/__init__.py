"""REST under /api/v1."""

from . import participants, rooms, status

blueprints = (status.blueprint, rooms.blueprint, participants.blueprint)

__all__ = ["blueprints"]
