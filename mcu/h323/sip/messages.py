"""Pieces of SIP messages that sipmessage leaves to its user."""

from __future__ import annotations

import re
import secrets
import unicodedata

from sipmessage import Address, Message, Request, Response

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, MESSAGE"
_CAUSE = re.compile(r"\bQ\.850\b.*?\bcause\s*=\s*(\d{1,3})", re.IGNORECASE)
_PHRASES = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 400: "Bad Request", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 415: "Unsupported Media Type",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 491: "Request Pending", 500: "Server Internal Error",
    502: "Bad Gateway", 503: "Service Unavailable", 504: "Server Time-out", 600: "Busy Everywhere", 603: "Decline",
}  # fmt: skip


def new_branch() -> str:
    return f"z9hG4bK{secrets.token_hex(10)}"  # the cookie of RFC 3261 8.1.1.7


def new_tag() -> str:
    return secrets.token_hex(6)


def response_to(request: Request, code: int, tag: str) -> Response:
    """RFC 3261 8.2.6.2: Via, From, To, Call-ID and CSeq are copied; To gets our tag."""
    response = Response(code, _PHRASES.get(code, "Refused" if code >= 300 else "OK"))
    response.headers.setlist("Via", list(request.headers.getlist("Via")))
    response.headers.set("From", request.headers["From"])
    to = request.headers["To"]
    response.headers.set("To", to if code == 100 or ";tag=" in to.replace(" ", "").lower() else f"{to};tag={tag}")
    response.headers.set("Call-ID", request.call_id)
    response.headers.set("CSeq", request.headers["CSeq"])
    response.headers.set("Allow", ALLOW)
    response.headers.set("Content-Length", "0")
    return response


def with_body(message: Message, content_type: str, body: bytes) -> None:
    if body:
        message.headers.set("Content-Type", content_type)
    message.headers.set("Content-Length", str(len(body)))
    message.body = body


def content_type_of(message: Message) -> str:
    return (message.headers.get("Content-Type") or "").partition(";")[0].strip().lower()


def cause_of(message: Message) -> int:
    """The Q.850 cause out of Reason (RFC 3326); 0 without one."""
    for value in message.headers.getlist("Reason"):
        found = _CAUSE.search(value)
        if found and int(found[1]) <= 127:
            return int(found[1])
    return 0


def caller_of(request: Request) -> tuple[str, str]:
    """Display name and user of From; empty where there is none or it makes no sense."""
    try:
        caller = Address.parse(request.headers["From"])
    except ValueError:
        return "", ""
    return harmless(caller.name), harmless(caller.uri.user or "")


def harmless(text: str, most: int = 120) -> str:
    """NFC, in one line, at most ``most`` characters: control characters would begin a header of their own."""
    clean = "".join(
        " " if unicodedata.category(c)[0] == "C" or unicodedata.category(c) in ("Zl", "Zp") else c
        for c in unicodedata.normalize("NFC", text)
    )
    return " ".join(clean.split())[:most]
