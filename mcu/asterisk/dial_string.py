"""What Asterisk's Originate is to dial for a terminal: a PJSIP endpoint, or a URI through one. Nothing of it is taken
from outside unless it looks exactly as it should: "&" would fork a call and "," end a header."""

from __future__ import annotations

import urllib.parse

from mcu.asterisk import values
from mcu.core.dialling.targets import Target, parse_target
from mcu.core.names import TRUNK_ENDPOINT

# Endpoints of asterisk-conf/pjsip.conf.j2, beside TRUNK_ENDPOINT: strangers that we call, and the H.323 gateway.
STRANGER, GATEWAY = "dialled", "h323"


def dial_string(target: Target, gateway_port: int, prefix: str = "") -> str:
    """For ``Channel:``. ``prefix``: of all telephone numbers. Raises BadRequest for a target that was not made by
    parse_target or a checked account."""
    if target.user or target.host:
        parse_target(str(target))
    if target.protocol == "tel":
        # Behind an exchange's prefix a + is no number any more; 00 is what it stands for.
        number = f"00{target.user[1:]}" if prefix and target.user.startswith("+") else target.user
        return f"PJSIP/{prefix}{number}@{TRUNK_ENDPOINT}"
    if target.protocol == "h323":
        # The gateway reads its target, "2001", "10.0.0.7:1720" or "2001@10.0.0.7", out of the user part.
        return _gateway_string(str(target).partition(":")[2], gateway_port)
    if target.host:
        endpoint = f"k-{target.account}" if target.account else STRANGER
        user = f"{urllib.parse.quote(target.user, safe='+*')}@" if target.user else ""
        return f"PJSIP/{endpoint}/sip:{user}{target.authority}"
    return f"PJSIP/{target.account}"


def slides_string(tag: str, gateway_port: int) -> str:
    """For ``Channel:``, to bring slides to the terminal of a call of the gateway's. No target's name has a colon."""
    return _gateway_string(f"slides:{values.tag(tag)}", gateway_port)


def _gateway_string(user: str, port: int) -> str:
    return f"PJSIP/{GATEWAY}/sip:{urllib.parse.quote(user, safe='')}@127.0.0.1:{port}"
