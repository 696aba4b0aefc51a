"""An Asterisk that the distribution installed, used instead of our own build.

For machines that reach no Debian archive, and for administrators who want the distribution's security updates:
``MCU_ASTERISK=distribution``. It needs version 20 or newer, its headers, and app_confbridge.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from mcu.errors import SetupError
from mcu.setup import cached
from mcu.setup.context import Context
from mcu.setup.fingerprint import fingerprint, machine
from mcu.setup.places import point

OLDEST = 20  # the first with the API that our module is written for, and still maintained
BINARY = Path("/usr/sbin/asterisk")
HEADER = Path("/usr/include/asterisk.h")
DATA = Path("/usr/share/asterisk")
NEEDED = ("app_confbridge.so", "res_pjsip.so", "app_bridgewait.so", "res_srtp.so", "res_agi.so")


def release(output: str) -> tuple[int, ...]:
    """``Asterisk 20.6.0~dfsg…`` → (20, 6, 0); empty if that is no such answer."""
    found = re.match(r"Asterisk (?:certified/)?(\d+(?:\.\d+)*)", output)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def installed() -> str:
    """What ``asterisk -V`` says, or an empty string."""
    try:
        return subprocess.run([BINARY, "-V"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def modules() -> Path | None:
    """The folder with the distribution's modules."""
    return next((file.parent for file in sorted(Path("/usr/lib").glob("**/asterisk/modules/app_confbridge.so"))), None)


def lacking() -> list[str]:
    """Why it can't be used; empty if it can."""
    version = release(installed())
    if not version:
        return [f"{BINARY} is not there (package asterisk)"]
    reasons = []
    if version[0] < OLDEST:
        reasons.append(f"it is version {version[0]}, {OLDEST} is needed")
    if not HEADER.exists():
        reasons.append(f"{HEADER} is missing (package asterisk-dev)")
    folder = modules()
    reasons += [f"{name} is missing" for name in NEEDED if folder is None or not (folder / name).exists()]
    return reasons


def usable() -> bool:
    return not lacking()


def key(because: str) -> str:
    return fingerprint([Path(__file__)], [installed(), machine(), because])


def adopted(context: Context, because: str) -> Path | None:
    """The prefix made by ``adopt`` for this reason, if it still fits what is installed."""
    return cached.find(context.places, "asterisk", key(because))


def adopt(context: Context, because: str) -> Path:
    """A prefix that looks like that of our own build and points into the system.

    ``because`` is "chosen" or "fallback": the choice is the environment's and may be taken back, the fallback
    stays as long as our own build is not there. Raises SetupError with all reasons against it.
    """
    reasons = lacking()
    folder = modules()
    if reasons or folder is None:
        raise SetupError(f"the distribution's Asterisk can't be used: {'; '.join(reasons)}")
    version = ".".join(str(part) for part in release(installed()))
    making = context.places.builds / f"distribution-{key(because)}"
    making.mkdir(parents=True, exist_ok=True)
    for name, target in {
        "sbin/asterisk": BINARY,
        "lib/asterisk/modules": folder,
        "include": HEADER.parent,
        "var/lib/asterisk": DATA,
    }.items():
        point(making / name, target)
    return cached.publish(
        making,
        cached.home(context.places, "asterisk", version, key(because)),
        {"asterisk": version, "from": "distribution", "because": because},
    )
