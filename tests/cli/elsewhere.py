"""A bridge elsewhere: the real Flask application behind a real socket, with the real control process."""

from __future__ import annotations

import ssl
import subprocess
import threading
from pathlib import Path
from typing import Any

from mcu.web.app import create_app
from werkzeug.serving import make_server

from mcu.bus import BlockingClient
from mcu.config import Asterisk, Settings
from tests.fakes.house import House, free_port
from tests.waiting import until_blocking


class Elsewhere:
    """``server`` and ``token`` are what a command needs; ``house`` is where things happen."""

    def __init__(self, home: Path, database: str, certificate: tuple[Path, Path] | None = None) -> None:
        settings = Settings(home=home, database=database, asterisk=Asterisk(agi_port=free_port()))
        self.socket = settings.control_socket
        self.house = House(settings)
        self.app = create_app(settings)
        hub = self.app.extensions["mcu"].hub
        until_blocking(lambda: hub.connected, "the panel finds control", 120)  # what happens before is told to nobody
        self._http = make_server("127.0.0.1", 0, self.app, threaded=True, ssl_context=certificate)
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        self.server = f"{'https' if certificate else 'http'}://127.0.0.1:{self._http.server_port}"
        scopes = ["read", "act", "dial", "manage", "admin"]
        self.token = str(self.ask("token.create", name="test", login="admin", scopes=scopes)["token"])

    def ask(self, name: str, /, **args: Any) -> Any:
        """Past REST, as the bridge's owner."""
        with BlockingClient(self.socket, timeout=120) as client:
            return client.call(name, **args)

    def stop(self) -> None:
        self.app.extensions["mcu"].stop()
        self._http.shutdown()
        self._thread.join(timeout=120)
        self._http.server_close()
        self.house.stop()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that no authority knows, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
        check=True, capture_output=True,
    )  # fmt: skip
    ssl.create_default_context(cafile=cert)
    return cert, key
