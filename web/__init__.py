"""The web panel, the REST interface and the event stream (installed as ``mcu.web``)."""

from .app import create_app
from .server import serve

__all__ = ["create_app", "serve"]
