"""The gateway around the sessions: connections, calls, limits, traces."""

from .gateway import Gateway

__all__ = ["Gateway"]
