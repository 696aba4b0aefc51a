"""Secrets that Asterisk and control share, kept in the home for their owner only."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from mcu.config import Settings
from mcu.errors import ConfigError

AMI_USER = "mcu"
H323_USER = "h323"

_FORM = re.compile(r"[A-Za-z0-9_-]{32,}")


def ami_secret(settings: Settings) -> str:
    """The password of AMI user AMI_USER: made at the first call, the same ever after.

    Raises ConfigError when the file can't be made, read, or holds something else.
    """
    return _kept(settings.asterisk_dir / "secrets" / "ami")


def agi_secret(settings: Settings) -> str:
    """What Asterisk says to control at the door, so that no other program of this machine gets calls in; otherwise as
    ami_secret."""
    return _kept(settings.asterisk_dir / "secrets" / "agi")


def h323_secret(settings: Settings) -> str:
    """The password by which Asterisk knows the H.323 gateway (user H323_USER); otherwise as ami_secret."""
    return _kept(settings.asterisk_dir / "secrets" / "h323")


def _kept(file: Path) -> str:
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = f"{file}.{os.getpid()}.{secrets.token_hex(4)}"
        if not file.exists():
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as made:
                made.write(secrets.token_urlsafe(32) + "\n")
            try:
                os.link(fresh, file)  # unlike a rename it fails when another process was first
            except FileExistsError:
                pass
            finally:
                os.unlink(fresh)
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"secret {file}: {fault}") from None
    if not _FORM.fullmatch(secret):
        raise ConfigError(f"secret {file} is damaged: delete it, and a new one is made at the next start")
    return secret
