"""The four ASN.1 types that H.323 puts on the wire, from pycrate's H.225.0 v7 and H.245 v16."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def _modules() -> tuple[Any, Any]:
    from pycrate_asn1dir import H225, H245  # 40,000 lines of types

    from . import mended  # noqa: F401  (importing it mends the encoder)

    return H225.H323_MESSAGES, H245.MULTIMEDIA_SYSTEM_CONTROL


def h225() -> Any:
    return _modules()[0].H323_UserInformation


def ras() -> Any:
    return _modules()[0].RasMessage


def h245() -> Any:
    return _modules()[1].MultimediaSystemControlMessage


def olc() -> Any:
    return _modules()[1].OpenLogicalChannel


def clean() -> None:
    """Forgets what a message that failed half-way left behind in pycrate."""
    from pycrate_asn1rt.codecs import ASN1CodecPER

    ASN1CodecPER._off.clear()
