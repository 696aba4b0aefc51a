"""Runs the panel: gunicorn, one worker, threads (each event stream holds one)."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from mcu.config import Settings

from .app import create_app
from .services import EXTENSION
from .worker import PacedWorker

_STOP_WITHIN = 3  # seconds for requests under way; streams end at once


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn carries no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        web = self._settings.web
        host = f"[{web.bind}]" if ":" in web.bind else web.bind
        threads = 2 * web.operators + 64
        options = {
            "bind": [f"{host}:{web.port}"],
            "workers": 1,  # the event hub and the log-in limits live in its memory
            "worker_class": PacedWorker,
            "threads": threads,
            "worker_connections": threads + 1000,
            "graceful_timeout": _STOP_WITHIN,
            "timeout": 60,
            "keepalive": 5,
            "sendfile": False,  # past PacedSocket's limits
            "proc_name": "mcu-web",
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "limit_request_line": 8190,  # gunicorn's most: 200 characters to search for may take 2,400
            "limit_request_fields": 60,
            "post_worker_init": _end_streams_at_stop,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serve the panel until SIGTERM or SIGINT; done within 3 s then. Exits the process (gunicorn's way)."""
    _Server(settings).run()


def _end_streams_at_stop(worker: Any) -> None:
    """An event stream never ends by itself, so the stop would last the whole graceful time for nothing."""
    app: Flask = worker.app.callable

    def stop(signum: int, frame: FrameType | None) -> None:
        worker.handle_exit(signum, frame)
        # Not here: a signal handler must not wait for locks.
        threading.Thread(target=app.extensions[EXTENSION].stop, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
