"""The real server process: it serves, streams, and stops in time although streams are open."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from mcu.config import Settings
from mcu.models import first_start
from tests.fakes.control import FakeControl
from tests.ports import free_port

SERVE = """
import sys
from pathlib import Path
from mcu.config import Settings, Web
from mcu.web import serve
serve(Settings(home=Path(sys.argv[1]), web=Web(port=int(sys.argv[2]))))
"""


def log_in(base: str) -> urllib.request.OpenerDirector:
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = opener.open(f"{base}/login").read().decode()
    token = page.split('name="csrf_token" type="hidden" value="')[1].split('"')[0]
    form = {"login": "admin", "password": "right horse", "csrf_token": token}
    assert "1001" not in page
    assert opener.open(f"{base}/login", urlencode(form).encode()).status == 200
    return opener


def test_serves_and_stops(tmp_path: Path, control: FakeControl, settings: Settings):
    first_start(Settings(home=tmp_path, admin_password="right horse"))
    port = free_port()
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(tmp_path), str(port)], env={**os.environ, "PYTHONUNBUFFERED": "1"}
    ) as process:
        try:
            _wait_until_open(port, process)
            base = f"http://127.0.0.1:{port}"
            opener = log_in(base)
            assert b"1001" in opener.open(f"{base}/api/v1/rooms").read()
            streams = [opener.open(f"{base}/api/v1/events", timeout=10) for _ in range(3)]
            assert all(stream.readline() == b"retry: 1000\n" for stream in streams)
            process.send_signal(signal.SIGTERM)
            for stream in streams:  # each is ended as HTTP wants it, not cut off: then read() would raise
                assert stream.read().startswith(b"\n")
                stream.close()
            assert process.wait(timeout=30) == 0
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
