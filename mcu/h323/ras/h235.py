"""Tokens that prove a password in RAS messages: made, and compared. No memory and no clock; see guard.py for those.

- H.235.1 baseline: HMAC-SHA1-96 over the whole encoded message, the hash's own place zeroed (H.235.1 9, procedure I).
- MD5 over a PwdCertToken (cryptoEPPwdHash, H.235.0 8.2.3): proves the password, not the message.
- CAT, Cisco's token in ``tokens``: MD5 over a random octet, the password and the time.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mcu.errors import Garbled
from mcu.h323 import per
from mcu.h323.ras.messages import NULL, Body, Message, alias, alias_text

Method = Literal["hmac", "md5", "cat"]
METHODS: tuple[Method, ...] = ("hmac", "md5", "cat")  # strongest first

# H.235.1 Table 2, {itu-t recommendation h 235 version(0) 2 n}; the 2 may be another version of H.235.
OID_A = (0, 0, 8, 235, 0, 2, 1)  # the hash covers all fields of the message
OID_T = (0, 0, 8, 235, 0, 2, 5)  # ClearToken of the baseline profile
OID_U = (0, 0, 8, 235, 0, 2, 6)  # HMAC-SHA1-96
OID_MD5 = (1, 2, 840, 113549, 2, 5)
OID_CAT = (1, 2, 840, 113548, 10, 1, 2, 1)
ALGORITHMS: dict[Method, tuple[int, ...]] = {"hmac": OID_U, "md5": OID_MD5, "cat": OID_CAT}
HASH_OCTETS = 12  # 96 bits
_MOST_PLACES = 4  # of a hash in its message


@dataclass(frozen=True, slots=True)
class Token:
    """What a message brought as proof."""

    method: Method
    sender: str  # who claims it; "" where it does not say
    receiver: str  # for whom; "" where it does not say
    timestamp: int  # seconds since 1970
    nonce: int  # random, for HMAC and CAT
    digest: bytes


def tokens_of(body: Body) -> list[Token]:
    """All that is understood, strongest first."""
    found = [token for value in list(body.get("cryptoTokens") or ())[:8] if (token := _crypto(value))]
    found += [token for value in list(body.get("tokens") or ())[:8] if (token := _clear(value))]
    return sorted(found, key=lambda token: METHODS.index(token.method))


def _crypto(value: Any) -> Token | None:
    match value:
        case ("nestedcryptoToken", ("cryptoHashedToken", {"tokenOID": oid, "hashedVals": dict(vals), "token": token})):
            if not (_same(oid, OID_A) and _same(vals.get("tokenOID"), OID_T) and _same(token["algorithmOID"], OID_U)):
                return None
            number, bits = token["hash"]
            if bits != 8 * HASH_OCTETS:
                return None
            sender, receiver = _text(vals.get("sendersID")), _text(vals.get("generalID"))
            digest = number.to_bytes(HASH_OCTETS, "big")
            return Token("hmac", sender, receiver, vals.get("timeStamp", 0), vals.get("random", 0), digest)
        case ("cryptoEPPwdHash", {"alias": name, "timeStamp": int(timestamp), "token": token}):
            number, bits = token["hash"]
            if token["algorithmOID"] != OID_MD5 or bits != 128:
                return None
            return Token("md5", alias_text(name), "", timestamp, 0, number.to_bytes(16, "big"))
    return None


def _clear(value: Any) -> Token | None:
    match value:
        case {"tokenOID": oid, "generalID": str(name), "timeStamp": int(at), "random": int(nonce), "challenge": digest}:
            if oid == OID_CAT and -128 <= nonce <= 255 and len(digest) == 16:
                return Token("cat", _text(name), "", at, nonce & 0xFF, bytes(digest))
    return None


def _same(oid: Any, wanted: tuple[int, ...]) -> bool:
    """Whether the version, the sixth arc, is all that differs."""
    return isinstance(oid, tuple) and len(oid) == len(wanted) and oid[:5] == wanted[:5] and oid[6:] == wanted[6:]


def _text(value: Any) -> str:
    return value.rstrip("\0") if isinstance(value, str) else ""


def proves(token: Token, password: str, octets: bytes) -> bool:
    """Whether who made ``token`` in the message ``octets`` knew ``password``."""
    if token.method == "hmac":
        return _hmac_fits(token.digest, password, octets)
    if token.method == "cat":
        return hmac.compare_digest(_cat_digest(password, token.timestamp, token.nonce), token.digest)
    # Most equipment hashes a final NUL of both texts, as the widespread stacks do; the standard has none.
    fits = [hmac.compare_digest(_md5_digest(token.sender, password, token.timestamp, end), token.digest)
            for end in ("\0", "")]  # fmt: skip
    return any(fits)


def signer(token: Token, octets: bytes, passwords: Iterable[str]) -> str | None:
    """The one of many passwords by which the message ``octets`` was signed by HMAC; 4 us each."""
    hashed = _hashed(token.digest, octets)
    for password in passwords:
        key = _hmac_key(password)
        if any(hmac.compare_digest(_hmac(key, one), token.digest) for one in hashed):
            return password
    return None


def _hmac_fits(digest: bytes, password: str, octets: bytes) -> bool:
    key = _hmac_key(password)
    return any(hmac.compare_digest(_hmac(key, one), digest) for one in _hashed(digest, octets))


def _hashed(digest: bytes, octets: bytes) -> list[bytes]:
    """What the hash may have been made over. Its octets could stand elsewhere, too, by chance or by somebody's will."""
    found: list[bytes] = []
    place = octets.find(digest)
    while place >= 0 and len(found) < _MOST_PLACES:
        found.append(octets[:place] + bytes(HASH_OCTETS) + octets[place + HASH_OCTETS :])
        place = octets.find(digest, place + 1)
    return found


def _hmac(key: bytes, octets: bytes) -> bytes:
    return hmac.digest(key, octets, "sha1")[:HASH_OCTETS]


@functools.lru_cache(maxsize=4096)
def _hmac_key(password: str) -> bytes:
    """H.235.1 6.3.1: the password's SHA-1."""
    return hashlib.sha1(password.encode(), usedforsecurity=True).digest()  # noqa: S324  # the standard's choice


def _md5_digest(name: str, password: str, timestamp: int, end: str) -> bytes:
    return hashlib.md5(pwd_cert_token(name + end, password + end, timestamp)).digest()  # noqa: S324


def _cat_digest(password: str, timestamp: int, nonce: int) -> bytes:
    return hashlib.md5(bytes([nonce]) + password.encode() + struct.pack(">I", timestamp)).digest()  # noqa: S324


def pwd_cert_token(general_id: str, password: str, timestamp: int) -> bytes:
    """H.235.0's PwdCertToken in aligned PER (X.691), as it is hashed: tokenOID 0.0, timeStamp, password, generalID."""
    preamble = bytes((0b01100001, 0))  # no extension; of the 8 optional fields the 1st, the 2nd and the 7th; padding
    seconds = max(0, min(timestamp, 2**32 - 1) - 1)  # INTEGER (1..4294967295), X.691 11.5.7.4: as offset from 1 …
    octets = seconds.to_bytes(max(1, (seconds.bit_length() + 7) // 8), "big")
    length = bytes(((len(octets) - 1) << 6,))  # … with the number of octets, 1 to 4, in two bits
    return preamble + b"\x01\x00" + length + octets + _bmp(password) + _bmp(general_id)


def _bmp(text: str) -> bytes:
    """BMPString (SIZE (1..128)): the length less one in seven bits, then aligned."""
    text = text[:128]
    return bytes(((len(text) - 1) << 1,)) + text.encode("utf-16-be", "replace")[: 2 * len(text)]


def md5_token(name: str, password: str, timestamp: int) -> tuple[str, Body]:
    digest = int.from_bytes(_md5_digest(name, password, timestamp, "\0"), "big")
    hashed = {"algorithmOID": OID_MD5, "paramS": {}, "hash": (digest, 128)}
    return "cryptoEPPwdHash", {"alias": alias(name), "timeStamp": timestamp, "token": hashed}


def cat_token(name: str, password: str, timestamp: int, nonce: int) -> Body:
    digest = _cat_digest(password, timestamp, nonce & 0xFF)
    fields = {"tokenOID": OID_CAT, "timeStamp": timestamp, "challenge": digest, "random": nonce & 0xFF}
    return {**fields, "generalID": name + "\0"}


def signed(message: Message, password: str, *, sender: str, receiver: str, timestamp: int, nonce: int) -> bytes:
    """The message encoded, with a token of H.235.1. Raises Garbled if it does not encode."""
    name, body = message
    mark = secrets.token_bytes(HASH_OCTETS)
    vals: Body = {"tokenOID": OID_T, "timeStamp": timestamp, "random": nonce}
    if receiver:
        vals["generalID"] = receiver
    if sender:
        vals["sendersID"] = sender
    hashed = {"algorithmOID": OID_U, "paramS": {}, "hash": (int.from_bytes(mark, "big"), 8 * HASH_OCTETS)}
    token = ("nestedcryptoToken", ("cryptoHashedToken", {"tokenOID": OID_A, "hashedVals": vals, "token": hashed}))
    octets = per.encode_ras((name, {**body, "cryptoTokens": [*body.get("cryptoTokens", ()), token]}))
    place = octets.rfind(mark)
    if place < 0:
        raise Garbled(f"no room for a hash in {name}")
    before, behind = octets[:place], octets[place + HASH_OCTETS :]
    digest = hmac.digest(_hmac_key(password), before + bytes(HASH_OCTETS) + behind, "sha1")[:HASH_OCTETS]
    return before + digest + behind


def offered(body: Body) -> list[Method]:
    """Which methods a GRQ says its sender knows (authenticationCapability, algorithmOIDs), strongest first."""
    algorithms = list(body.get("algorithmOIDs") or ())
    return [method for method in METHODS if ALGORITHMS[method] in algorithms]


def mechanism(method: Method) -> tuple[str, Any]:
    """The AuthenticationMechanism that goes with a method."""
    return ("authenticationBES", ("radius", NULL)) if method == "cat" else ("pwdHash", NULL)


def capability(methods: Sequence[Method]) -> Body:
    """The fields of a GRQ that offer ``methods``."""
    mechanisms = list(dict.fromkeys(mechanism(method) for method in methods))
    return {"authenticationCapability": mechanisms, "algorithmOIDs": [ALGORITHMS[method] for method in methods]}
