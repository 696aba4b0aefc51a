"""The real server process: it serves, streams, and stops in time although streams are open."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.fakes.control import FakeControl
from tests.web.serving import LIMIT, serving


def test_serves_and_stops(tmp_path: Path, control: FakeControl) -> None:
    with serving(tmp_path) as server:
        opener = server.log_in()
        assert b"1001" in opener.open(f"{server.base}/api/v1/rooms").read()
        streams = [opener.open(f"{server.base}/api/v1/events", timeout=LIMIT) for _ in range(3)]
        assert all(stream.readline() == b"retry: 1000\n" for stream in streams)
        server.process.send_signal(signal.SIGTERM)
        for stream in streams:  # each is ended as HTTP wants it, not cut off: then read() would raise
            assert stream.read().startswith(b"\n")
            stream.close()
        assert server.process.wait(timeout=LIMIT) == 0
