"""SIP messages as values: parse, build, digest credentials (RFC 3261, RFC 7616). No I/O."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, field

# RFC 3261 7.3.3: the short forms of header names.
_COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type", "l": "content-length",
}  # fmt: skip


@dataclass(slots=True)
class SipMessage:
    """One request or response; ``start`` is its first line, header names compare without case."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        """Of a request its method; of a response the one it answers, from CSeq."""
        return self.start.split(" ", 1)[0] if self.is_request else self.header("CSeq").split()[-1]

    @property
    def status(self) -> int:
        return 0 if self.is_request else int(self.start.split()[1])

    def header(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def branch(self) -> str:
        found = re.search(r"branch=([^;,\s]+)", self.header("Via"))
        return found.group(1) if found else ""

    @property
    def sequence(self) -> int:
        return int(self.header("CSeq").split()[0])

    def encode(self) -> bytes:
        lines = [self.start, *(f"{key}: {value}" for key, value in self.headers)]
        if not self.header("Content-Length"):
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


def parse(data: bytes) -> SipMessage:
    """Raises ValueError for what is no SIP message."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise ValueError("no end of headers")
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")
    headers = []
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"header without colon: {line!r}")
        name = name.strip()
        headers.append((_COMPACT.get(name.lower(), name), value.strip()))
    message = SipMessage(lines[0], headers, body)
    if "SIP/2.0" not in message.start or not message.header("CSeq"):
        raise ValueError(f"not SIP: {message.start!r}")
    return message


def response_to(request: SipMessage, status: int, reason: str, tag: str = "") -> SipMessage:
    """RFC 3261 8.2.6.2: Via, From, To, Call-ID and CSeq are copied; To gets our tag."""
    to = request.header("To")
    if tag and "tag=" not in to:
        to += f";tag={tag}"
    headers = [("Via", via) for via in request.all("Via")]
    headers += [("From", request.header("From")), ("To", to), ("Call-ID", request.header("Call-ID"))]
    return SipMessage(f"SIP/2.0 {status} {reason}", [*headers, ("CSeq", request.header("CSeq"))])


def tag_of(value: str) -> str:
    found = re.search(r";\s*tag=([^;\s>]+)", value)
    return found.group(1) if found else ""


def uri_of(value: str) -> str:
    """The URI out of a From, To or Contact value."""
    found = re.search(r"<([^>]+)>", value)
    return found.group(1) if found else value.split(";")[0].strip()


def address_of(uri: str) -> tuple[str, int]:
    """Host and port a ``sip:`` URI leads to (5060 when it names none)."""
    found = re.match(r"sips?:(?:[^@]*@)?([^:;>]+)(?::(\d+))?", uri)
    if not found:
        raise ValueError(f"not a SIP URI: {uri!r}")
    return found.group(1), int(found.group(2) or 5060)


def new_branch() -> str:
    return "z9hG4bK" + secrets.token_hex(8)


def credentials(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    """The Authorization value that answers a Digest ``challenge`` (RFC 7616 3.4, qop "auth" or none)."""
    pairs = re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', challenge)
    given = {key.lower(): quoted or bare for key, quoted, bare in pairs}
    algorithm = given.get("algorithm", "MD5").upper()
    hashing = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]

    def digest(text: str) -> str:
        return hashing(text.encode()).hexdigest()

    first = digest(f"{user}:{given['realm']}:{password}")
    second = digest(f"{method}:{uri}")
    parts = [f'username="{user}"', f'realm="{given["realm"]}"', f'nonce="{given["nonce"]}"', f'uri="{uri}"']
    if "auth" in given.get("qop", "").split(","):
        client_nonce = secrets.token_hex(8)
        answer = digest(f"{first}:{given['nonce']}:00000001:{client_nonce}:auth:{second}")
        parts += ["qop=auth", "nc=00000001", f'cnonce="{client_nonce}"']
    else:
        answer = digest(f"{first}:{given['nonce']}:{second}")
    parts += [f'response="{answer}"', f"algorithm={algorithm}"]
    if "opaque" in given:
        parts.append(f'opaque="{given["opaque"]}"')
    return "Digest " + ", ".join(parts)
