"""The whole product, started for a test as an administrator starts it: ``mcu run`` with a home of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from mcu.bus import BlockingClient
from mcu.errors import McuError
from tests.patience import Patience

running: list[Mcu] = []  # of this test run, for the reports of tests that fail
PROCESSES = ("asterisk", "control", "mixer", "h323", "web")
_ANSWERED = 20.0  # s; a control that a crowded machine keeps waiting is no fault
_STARTED = 120.0  # s; 20 s on two cores that 18 programs want
_STOPPED = 60.0  # s; each process has 5 s for it, one after the other (mcu/supervise.py)
ROOT_PREFIX = Path(__file__).resolve().parent.parent / ".prefix" / "asterisk"
_FIRST_PORT, _SLOT, _SLOTS = 11000, 2000, 10  # below the ephemeral range, from which the probes take theirs


class Mcu:
    """A running MCU. Ports: ``sip`` (address), ``web_port``; ``bus`` is a client of the control process."""

    def __init__(self, **environment: str) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="mcu-"))  # short: a Unix socket's path holds 107 octets
        self._slot = _PortSlot()
        first = self._slot.first
        self.sip = ("127.0.0.1", first)
        self.web_port, self.mixer_port = first + 4, first + 3
        self.h323 = ("127.0.0.1", first + 5)
        self.rtp_ports, self.mixer_rtp_ports = range(first + 100, first + 1000), range(first + 1000, first + 2000)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MCU_")}
        self.environment = kept | {
            "MCU_HOME": str(self.home),
            "MCU_ADMIN_PASSWORD": "correct horse battery staple",
            "MCU_SIP__PORT": str(first),
            "MCU_ASTERISK__AMI_PORT": str(first + 1),
            "MCU_ASTERISK__AGI_PORT": str(first + 2),
            "MCU_MIXER__SIP_PORT": str(self.mixer_port),
            "MCU_WEB__PORT": str(self.web_port),
            "MCU_H323__PORT": str(first + 5),
            "MCU_H323__RAS_PORT": str(first + 6),
            "MCU_H323__SIP_PORT": str(first + 7),
            "MCU_H323__H245_FIRST": str(first + 20),
            "MCU_H323__H245_LAST": str(first + 99),
            "MCU_H323__CONNECTIONS_PER_MINUTE": "10000",  # all probes have one address
            "MCU_RTP__FIRST": str(first + 100),
            "MCU_RTP__LAST": str(first + 999),
            "MCU_MIXER__RTP_FIRST": str(first + 1000),
            "MCU_MIXER__RTP_LAST": str(first + 1999),
            **environment,
        }
        self.bus = BlockingClient(self.home / "run" / "control.sock", timeout=_ANSWERED)
        self._process: subprocess.Popen[bytes] | None = None
        self._read_to: dict[Path, int] = {}

    def start(self) -> None:
        """Return when calls and the panel work. Raises AssertionError with the logs when that takes two minutes."""
        if self._process is not None:
            self._process.wait(_STOPPED)  # an earlier one, that a test killed
        with (self.home / "run.out").open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mcu", "run"], cwd=self.home, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        if self not in running:
            running.append(self)
        deadline = time.monotonic() + _STARTED
        while not self.ready():
            if self._process.poll() is not None:
                raise AssertionError(f"mcu run ended with {self._process.returncode}\n{self.logs()}")
            if time.monotonic() > deadline:
                raise AssertionError(f"mcu run is not ready after {_STARTED:g} s\n{self.logs()}")
            time.sleep(0.1)
        self._trace()

    def people(self, room: str) -> list[dict[str, Any]]:
        """Participants, as ``room.show`` tells them."""
        return list(self.bus.call("room.show", number=room)["participants"])

    def ready(self) -> bool:
        try:
            state = self.bus.call("status")
            if self.environment.get("MCU_H323__ENABLED") != "false":
                self.bus.call("h323.status")  # an error until the gateway has greeted, which it does once it listens
            with socket.create_connection(("127.0.0.1", self.web_port), timeout=1):
                return bool(state["asterisk"]["connected"] and state["mixer"]["connected"])
        except (McuError, OSError):
            return False

    def _trace(self) -> None:
        """Asterisk tells of every call what its dialplan did with it: few lines, and most of what a failure needs.
        SIP's messages are many, and written only when they are asked for."""
        commands = ["logger add channel dialplan.log verbose(3)"]
        if os.environ.get("TEST_SIP"):
            commands.append("pjsip set logger on")
        for command in commands:
            with contextlib.suppress(subprocess.SubprocessError):  # one that a test breaks at once
                self.console(command)

    def stop(self) -> None:
        """End all processes. Raises AssertionError when one outlives the stop."""
        if self in running:
            running.remove(self)
        pids = self.pids()
        self.bus.close()
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOPPED)
        left = [name for name, pid in pids.items() if alive(pid)]
        for name in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pids[name], signal.SIGKILL)
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
            left.append("mcu run")
        self._slot.close()
        logs = self.logs() if left else ""
        shutil.rmtree(self.home, ignore_errors=True)
        assert not left, f"still running after mcu run was told to stop: {left}\n{logs}"

    def pid(self, process: str) -> int:
        """Raises FileNotFoundError while the process is not there."""
        return int((self.home / "run" / f"{process}.pid").read_text())

    def console(self, command: str) -> str:
        """What Asterisk's console says to a command."""
        asterisk = Path(self.environment.get("MCU_ASTERISK__PREFIX", str(ROOT_PREFIX))) / "sbin" / "asterisk"
        argv = [str(asterisk), "-C", str(self.home / "asterisk" / "etc" / "asterisk.conf"), "-rx", command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=_ANSWERED, check=True).stdout

    @property
    def supervisor(self) -> int:
        """The pid of ``mcu run``."""
        assert self._process is not None
        return self._process.pid

    def pids(self) -> dict[str, int]:
        found = {}
        for name in PROCESSES:
            with contextlib.suppress(FileNotFoundError, ValueError):
                found[name] = self.pid(name)
        return found

    def kill(self, process: str) -> int:
        """``kill -9``; the pid that was killed. It is dead on return, and its sockets are shut."""
        pid = self.pid(process)
        os.kill(pid, signal.SIGKILL)
        while alive(pid):
            time.sleep(0.001)
        return pid

    def started_anew(self, process: str, than: int) -> bool:
        """Whether ``process`` runs under another pid than ``than``."""
        return self.pids().get(process, than) != than

    def await_(self, condition: Callable[[], Any], seconds: float, what: str) -> float:
        """Wait for a condition that is asked for over the bus or on Asterisk's console; how long it took. Down parts
        count as "not yet"."""
        patience = Patience(seconds)
        while True:
            with contextlib.suppress(McuError, OSError, subprocess.SubprocessError):
                if condition():
                    return patience.elapsed
            if patience.over:
                raise AssertionError(f"{patience}: {what}")
            time.sleep(0.03)

    def mark_logs(self) -> None:
        """What is in the logs by now has nothing to do with what comes."""
        self._read_to = {file: file.stat().st_size for file in self._log_files()}

    def logs(self, lines: int = 40) -> str:
        """The end of each log since ``mark_logs``, with its name."""
        parts = []
        for file in self._log_files():
            with file.open("rb") as log:
                log.seek(min(self._read_to.get(file, 0), file.stat().st_size))
                text = log.read().decode(errors="replace").splitlines()[-lines:]
            if text:
                parts.append(f"--- {file.name}\n" + "\n".join(text))
        return "\n".join(parts)

    def keep_logs(self, folder: Path) -> None:
        """Copy them whole."""
        folder.mkdir(parents=True, exist_ok=True)
        for file in self._log_files():
            shutil.copy(file, folder)

    def _log_files(self) -> list[Path]:
        return [file for file in (self.home / "run.out", *sorted((self.home / "log").glob("*"))) if file.is_file()]


class _PortSlot:
    """A block of ports that no other test run on this machine has, as long as it is open."""

    def __init__(self) -> None:
        folder = Path(tempfile.gettempdir()) / f"mcu-test-ports-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in range(_SLOTS):
            self._file: IO[str] = (folder / f"{number}.lock").open("w")
            self.first = _FIRST_PORT + number * _SLOT
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _free(range(self.first, self.first + 8)):
                    return
            except BlockingIOError:
                pass
            self._file.close()
        raise RuntimeError("no free block of ports for another MCU")

    def close(self) -> None:
        self._file.close()


def _free(ports: range) -> bool:
    for port in ports:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET, kind) as trial:
                if kind == socket.SOCK_STREAM:
                    trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    trial.bind(("127.0.0.1", port))
                except OSError:
                    return False
    return True


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
