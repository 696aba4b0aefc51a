"""What is wrong with a machine or a configuration, each finding with its cure."""

from __future__ import annotations

import importlib
import os
import resource
import shutil
import socket
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from mcu.config import Settings
from mcu.errors import ConfigError

_DISK_WANTED = 2 * 1024**3  # octets: logs, database and a day of recordings of a small site
_SET_UP = "run `make run` once; it sets up what is missing"


@dataclass(frozen=True, slots=True)
class Finding:
    ok: bool
    what: str
    found: str
    cure: str = ""
    fatal: bool = True  # nothing works without it

    @property
    def verdict(self) -> str:
        return "ok" if self.ok else "WRONG" if self.fatal else "mind"


def examine(settings: Settings) -> list[Finding]:
    """Everything worth a look, in the order in which it is needed."""
    return [
        _python(),
        _file("Asterisk", settings.asterisk.prefix / "sbin/asterisk"),
        _file("video router module", settings.asterisk.module),
        *(
            _file(f"prompts ({language})", settings.asterisk.sounds / language, fatal=False)
            for language in ("en", "vi")
        ),
        _module("pjsua2"),
        _module("mcu.mixer._native"),
        _raqm(),
        _home(settings.home),
        _socket_path(settings.control_socket),
        *_ports(settings),
        _rtp(settings),
        _open_files(),
        _user(),
    ]


def must_run(settings: Settings) -> None:
    """Raise ConfigError with all that would keep the bridge from working."""
    wrong = [finding for finding in examine(settings) if finding.verdict == "WRONG"]
    if wrong:
        raise ConfigError(
            "cannot start:\n"
            + "\n".join(f"  - {f.what}: {f.found}" + (f" ({f.cure})" if f.cure else "") for f in wrong)
        )


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(sys.version_info >= (3, 11), "Python", version, "Python 3.11 or newer is needed")


def _file(what: str, path: Path, fatal: bool = True) -> Finding:
    there = path.exists()
    return Finding(there, what, str(path) if there else f"{path} is missing", "" if there else _SET_UP, fatal)


def _module(name: str) -> Finding:
    try:
        importlib.import_module(name)
    except ImportError as fault:
        return Finding(False, f"Python module {name}", str(fault), _SET_UP)
    return Finding(True, f"Python module {name}", "loads")


def _raqm() -> Finding:
    from PIL import features

    there = bool(features.check("raqm"))
    return Finding(
        there,
        "text shaping (Pillow with raqm)",
        "there" if there else "missing",
        "tone marks may sit wrong",
        fatal=False,
    )


def _home(home: Path) -> Finding:
    existing = next(path for path in (home, *home.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Finding(False, "home", f"{existing} is not writable", "set MCU_HOME to a folder of yours")
    free = shutil.disk_usage(existing).free
    return Finding(
        free > _DISK_WANTED, "home", f"{home}, {free / 1024**3:.1f} GiB free", "make room on the disk", fatal=False
    )


def _socket_path(path: Path) -> Finding:
    # sun_path holds 108 octets (unix(7)); Asterisk's control socket in the same home is a few longer than ours
    length = len(os.fsencode(path))
    return Finding(
        length < 90, "length of the home's path", f"{length} octets to {path.name}", "set MCU_HOME to a shorter path"
    )


def _ports(settings: Settings) -> list[Finding]:
    if _running(settings):
        return [Finding(True, "ports", "held by this bridge, which is running", fatal=False)]
    wanted = [
        ("SIP (UDP)", socket.SOCK_DGRAM, settings.sip.bind, settings.sip.port, "MCU_SIP__PORT"),
        ("SIP (TCP)", socket.SOCK_STREAM, settings.sip.bind, settings.sip.port, "MCU_SIP__PORT"),
        ("panel", socket.SOCK_STREAM, settings.web.bind, settings.web.port, "MCU_WEB__PORT"),
        ("AMI", socket.SOCK_STREAM, "127.0.0.1", settings.asterisk.ami_port, "MCU_ASTERISK__AMI_PORT"),
        ("FastAGI", socket.SOCK_STREAM, "127.0.0.1", settings.asterisk.agi_port, "MCU_ASTERISK__AGI_PORT"),
        ("mixer's SIP", socket.SOCK_DGRAM, "127.0.0.1", settings.mixer.sip_port, "MCU_MIXER__SIP_PORT"),
    ]
    gateway = [
        ("H.323 calls", socket.SOCK_STREAM, settings.h323_bind, settings.h323.port, "MCU_H323__PORT"),
        ("the gatekeeper", socket.SOCK_DGRAM, settings.h323_bind, settings.h323.ras_port, "MCU_H323__RAS_PORT"),
        ("the gateway's SIP", socket.SOCK_DGRAM, "127.0.0.1", settings.h323.sip_port, "MCU_H323__SIP_PORT"),
    ]
    found = [_port(*one) for one in wanted]
    if settings.h323.enabled:  # without it SIP terminals meet all the same
        found += [replace(_port(*one), fatal=False) for one in gateway]
    return found


def _port(what: str, kind: socket.SocketKind, address: str, port: int, variable: str) -> Finding:
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as probe:
        if kind == socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as fault:
            return Finding(
                False, f"port of {what}", f"{address}:{port}: {fault.strerror}", f"end what holds it, or set {variable}"
            )
    return Finding(True, f"port of {what}", f"{address}:{port} is free")


def _running(settings: Settings) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(settings.control_socket))
        except OSError:
            return False
    return True


def _rtp(settings: Settings) -> Finding:
    ours, mixers = settings.rtp, settings.mixer
    apart = ours.last < mixers.rtp_first or mixers.rtp_last < ours.first
    right = ours.first < ours.last and mixers.rtp_first < mixers.rtp_last
    found = f"Asterisk {ours.first}-{ours.last}, mixer {mixers.rtp_first}-{mixers.rtp_last}"
    return Finding(apart and right, "RTP ports", found, "the two ranges must not overlap")


def _open_files() -> Finding:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = hard == resource.RLIM_INFINITY or hard >= 65536
    return Finding(
        enough, "open files allowed", str(hard), "raise `ulimit -Hn` to 65536 for meetings of hundreds", fatal=False
    )


def _user() -> Finding:
    root = os.geteuid() == 0
    return Finding(not root, "user", "root" if root else "an ordinary one", "run it as an ordinary user", fatal=False)
