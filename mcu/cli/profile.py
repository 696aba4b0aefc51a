"""Which bridge the commands steer: options, then the environment, then ``~/.config/mcu/cli.toml``; else this machine's.

The file holds ``server``, ``token`` and ``ca`` at its top for a bridge that is always meant, and tables of the same
keys by name for those chosen with ``--profile``. It holds a secret, so nobody else may read it.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mcu.errors import ConfigError

_KEYS = {"server", "token", "ca"}
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Remote:
    """A bridge that is reached over REST."""

    server: str  # https://host:port, without a slash at the end
    token: str
    ca: Path | None = None

    @property
    def local(self) -> bool:
        return urlsplit(self.server).hostname in _LOOPBACK


def file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "mcu/cli.toml"


def choose(
    *, server: str = "", token: str = "", ca: Path | None = None, name: str = "", local: bool = False
) -> Remote | None:
    """The remote bridge that is meant, or None for this machine's. Raises ConfigError for what can't be meant."""
    if local and (server or name):
        raise ConfigError("--local is this machine's bridge: leave --server and --profile away")
    if local:
        return None
    found: Mapping[str, Any] = {}
    if name:
        found = _table(name)
    elif not server:
        server = os.environ.get("MCU_SERVER", "")
        found = {} if server else _top()
    server = server or str(found.get("server", ""))
    if not server:
        if name:
            raise ConfigError(f"{file()}: [{name}] names no server")
        return None
    token = token or str(found.get("token", "")) or os.environ.get("MCU_TOKEN", "")
    if not token:
        raise ConfigError(f"{server} wants a token: --token, MCU_TOKEN or {file()}; `mcu token create` there makes one")
    if not token.isascii() or not token.isprintable():
        raise ConfigError("the token holds letters that no token has")
    given = found.get("ca")
    return _checked(Remote(server.rstrip("/"), token, ca or (Path(str(given)).expanduser() if given else None)))


def _checked(remote: Remote) -> Remote:
    try:
        parts = urlsplit(remote.server)
        _ = parts.port
    except ValueError as fault:
        raise ConfigError(f"{remote.server} is no address: {fault}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise ConfigError(f"{remote.server} is no address of a bridge: give it as https://host:port")
    if parts.scheme == "http" and not remote.local:
        raise ConfigError(f"{remote.server} would send the token unencrypted: give https://{parts.netloc}")
    return remote


def _top() -> Mapping[str, Any]:
    return {key: value for key, value in _read().items() if not isinstance(value, dict)}


def _table(name: str) -> Mapping[str, Any]:
    tables = {key: value for key, value in _read().items() if isinstance(value, dict)}
    if name not in tables:
        raise ConfigError(f"{file()} has no [{name}] (there are: {', '.join(sorted(tables)) or 'none'})")
    return tables[name]


def _read() -> dict[str, Any]:
    path = file()
    try:
        with path.open("rb") as opened:
            mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
            values = tomllib.load(opened)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigError(f"{path}: {fault}") from None
    if mode & 0o077:
        raise ConfigError(f"{path} holds a token and others may read it: chmod 600 {path}")
    for where, table in [("", values), *((f"[{k}] ", v) for k, v in values.items() if isinstance(v, dict))]:
        for key, value in table.items():
            wrong = isinstance(value, dict) if where else False
            if (not isinstance(value, dict) and key not in _KEYS) or wrong:
                raise ConfigError(f"{path}: {where}unknown key {key} (known: {', '.join(sorted(_KEYS))})")
            if key in _KEYS and not isinstance(value, str):
                raise ConfigError(f"{path}: {where}{key} must be a text")
    return values
