"""The real server process, on a port of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from mcu.config import Settings
from mcu.models import first_start
from tests.ports import free_port

LIMIT = 60.0  # s, of a machine that others load
PASSWORD = "right horse"
_SERVE = """
import sys
from pathlib import Path
from mcu.config import Settings, Web
from mcu.web import paced_socket, serve
paced_socket.PATIENCE = float(sys.argv[4])
serve(Settings(home=Path(sys.argv[1]), web=Web(port=int(sys.argv[2]), operators=int(sys.argv[3]))))
"""


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> int:
        with urllib.request.urlopen(f"{self.base}{path}", timeout=LIMIT) as answer:
            return int(answer.status)

    def log_in(self) -> urllib.request.OpenerDirector:
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = opener.open(f"{self.base}/login").read().decode()
        token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
        form = {"login": "admin", "password": PASSWORD, "csrf_token": token}
        assert "1001" not in page
        assert opener.open(f"{self.base}/login", urlencode(form).encode()).status == 200
        return opener


@contextmanager
def serving(home: Path, operators: int = 100, patience: float = 10.0) -> Iterator[Server]:
    """``patience``: s that a request may take."""
    first_start(Settings(home=home, admin_password=PASSWORD))
    port = free_port()
    command = [sys.executable, "-c", _SERVE, str(home), str(port), str(operators), str(patience)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as process:
        try:
            _wait_until_open(port, process)
            yield Server(port, process)
        finally:
            process.kill()


def _wait_until_open(port: int, process: subprocess.Popen[bytes]) -> None:
    """A refused connection comes at once, so this asks again until the server listens or has died."""
    while process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except OSError:
            continue
        return
    raise AssertionError("the server did not start")
