"""A hundred operators with event streams: how late an event is with each, and what the panel's process costs.

Run: python -m bench.streams [operators] [events a second] [seconds]. A control that only tells events, the real panel
behind gunicorn, clients with tokens: half of them see everything, half a branch.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mcu.bus import serve
from mcu.config import Settings
from mcu.models import Database, first_start, tokens, users
from mcu.models.tables import SiteRow
from tests.ports import free_port

OPERATORS, RATE, SECONDS = 100, 20, 30
TALKING = {
    "id": "0a0b0c0d", "room": "1001", "name": "UBND xã Tân Lập", "number": "7001", "muted": False, "picture": "live",
    "video": True, "codec": "h264", "kind": "terminal", "view": "v-1001-hd", "device": "Polycom HDX 8000",
}  # fmt: skip


def prepare(settings: Settings) -> tuple[str, str]:
    """A token that sees all, and one of a branch."""
    first_start(settings)
    database = Database(settings.database_url)
    with database.session() as session:
        session.add(SiteRow(name="Huyện", code="H"))
    users.add_user(database, "lan", "correct horse", "operator", branch=1)
    made = []
    for login in ("admin", "lan"):
        made.append(tokens.fresh())
        tokens.add_token(database, login, "bench", made[-1], ["read"], None)
    database.close()
    return made[0], made[1]


def seen_of(pid: int) -> tuple[int, float, float]:
    """Threads, resident MB and seconds of CPU of the panel's processes."""
    threads, resident, used = 0, 0.0, 0.0
    for one in [pid, *children(pid)]:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{one}/status").read_text().splitlines() if ":" in line
        )
        threads += int(status["Threads"])
        resident += int(status["VmRSS"].split()[0]) / 1024
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        used += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return threads, resident, used


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def listen(port: int, token: str, late: list[float], opened: asyncio.Semaphore) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
    writer.write(head.encode())
    if not (await reader.readline()).startswith(b"HTTP/1.1 200"):
        raise SystemExit("a stream was refused")
    opened.release()
    with contextlib.closing(writer):
        while line := await reader.readline():
            if line.startswith(b'data: {"id"'):
                late.append(time.monotonic() - json.loads(line[6:])["told"])


async def until_up(port: int) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.1)
    raise SystemExit("the panel does not come up")


async def run(operators: int, rate: int, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        port = free_port()
        settings = Settings(home=Path(home), admin_password="right horse")
        every, branch = prepare(settings)
        server = await serve(settings.control_socket, {})
        environ = {
            **os.environ, "MCU_HOME": home, "MCU_WEB__PORT": str(port), "MCU_WEB__OPERATORS": str(operators),
            "MCU_LOG_LEVEL": "warning",
        }  # fmt: skip
        panel = subprocess.Popen([sys.executable, "-m", "mcu", "web"], env=environ)
        try:
            await until_up(port)
            late: list[float] = []
            opened = asyncio.Semaphore(0)
            begun = time.monotonic()
            work = [asyncio.create_task(listen(port, (every, branch)[n % 2], late, opened)) for n in range(operators)]
            for _ in range(operators):
                await opened.acquire()
            print(f"{operators} streams open after {time.monotonic() - begun:.2f} s")
            _, _, before = seen_of(panel.pid)
            began = time.monotonic()
            for n in range(rate * seconds):
                data: dict[str, Any] = {**TALKING, "talking": n % 2 == 0, "seq": n, "branches": [1]}
                server.broadcast("participant.changed", {**data, "told": time.monotonic()})
                await asyncio.sleep(max(0.0, began + (n + 1) / rate - time.monotonic()))
            await asyncio.sleep(1.0)
            threads, resident, after = seen_of(panel.pid)
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
        finally:
            panel.terminate()
            panel.wait(10)
            await server.stop()
    ordered = sorted(1000 * one for one in late)
    expected = operators * rate * seconds
    print(f"{len(ordered)} of {expected} events came")
    print(
        f"late by: median {statistics.median(ordered):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms, "
        f"p99 {ordered[int(len(ordered) * 0.99)]:.1f} ms, most {ordered[-1]:.1f} ms"
    )
    print(f"panel: {threads} threads, {resident:.0f} MB, {100 * (after - before) / seconds:.0f} % of a core")


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:4]]
    asyncio.run(run(*(given + [OPERATORS, RATE, SECONDS][len(given) :])))
