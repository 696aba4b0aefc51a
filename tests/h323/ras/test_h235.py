"""Tokens that prove a password, against the standards' definitions worked out here in another way."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.errors import Garbled
from mcu.h323 import per
from mcu.h323.ras import h235
from mcu.h323.ras.messages import Message

NOW = 1_795_320_586


def hmac_sha1(key: bytes, text: bytes) -> bytes:
    """RFC 2104 2, written out."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha1(bytes(k ^ 0x36 for k in padded) + text).digest()
    return hashlib.sha1(bytes(k ^ 0x5C for k in padded) + inner).digest()


def clear_token(**fields: object) -> bytes:
    """A ClearToken as the codec's ASN.1 compiler encodes it."""
    from pycrate_asn1dir import H235

    octets: bytes = H235.H235_SECURITY_MESSAGES.ClearToken.to_aper(fields)
    return octets


def drq(seq: int = 7) -> Message:
    return "disengageConfirm", {"requestSeqNum": seq}


@pytest.mark.parametrize("timestamp", [1, 2, 255, 256, 257, 65536, 65537, 2**24, 2**24 + 1, NOW, 2**32 - 1])
@pytest.mark.parametrize(("name", "password"), [("hue\0", "p\0"), ("hue", "p"), ("x" * 127 + "\0", "mật khẩu\0")])
def test_the_hashed_token_is_encoded_as_the_asn1_says(name: str, password: str, timestamp: int) -> None:
    wanted = clear_token(tokenOID=(0, 0), timeStamp=timestamp, password=password, generalID=name)
    assert h235.pwd_cert_token(name, password, timestamp) == wanted


def test_md5_as_worked_out_by_hand() -> None:
    # X.691: extension bit 0, bitmap 1100 0010, padding; OID {0 0}; 4 octets of NOW-1; "pw", NUL; "2001", NUL.
    hashed = bytes.fromhex("61000100c06b026b09040070007700000800320030003000310000")
    assert struct.unpack(">I", hashed[5:9])[0] == NOW - 1
    name, token = h235.md5_token("2001", "pw", NOW)
    assert name == "cryptoEPPwdHash"
    assert token["alias"] == ("dialledDigits", "2001")
    assert token["token"]["hash"] == (int.from_bytes(hashlib.md5(hashed).digest(), "big"), 128)


def test_md5_without_final_nuls_is_taken_too() -> None:
    digest = hashlib.md5(clear_token(tokenOID=(0, 0), timeStamp=NOW, password="pw", generalID="hue")).digest()
    token = h235.Token("md5", "hue", "", NOW, 0, digest)
    assert h235.proves(token, "pw", b"")
    assert not h235.proves(token, "pW", b"")


def test_cat_as_cisco_defines_it() -> None:
    token = h235.cat_token("hue", "pw", NOW, 200)
    assert token["challenge"] == hashlib.md5(b"\xc8" + b"pw" + NOW.to_bytes(4, "big")).digest()
    (read,) = h235.tokens_of({"tokens": [token]})
    assert (read.method, read.sender, read.nonce) == ("cat", "hue", 200)
    assert h235.proves(read, "pw", b"")
    assert not h235.proves(read, "other", b"")
    negative = {**token, "random": 200 - 256}  # some encoders take the octet for a signed one
    assert h235.tokens_of({"tokens": [negative]})[0].nonce == 200


def test_a_signed_message_holds_the_hmac_of_itself() -> None:
    octets = h235.signed(drq(), "mật khẩu", sender="EP", receiver="GK", timestamp=NOW, nonce=-5)
    (token,) = h235.tokens_of(per.decode_ras(octets)[1])
    assert (token.method, token.sender, token.receiver, token.timestamp, token.nonce) == ("hmac", "EP", "GK", NOW, -5)
    assert octets.count(token.digest) == 1
    key = hashlib.sha1("mật khẩu".encode()).digest()
    assert hmac_sha1(key, octets.replace(token.digest, bytes(12)))[:12] == token.digest
    assert h235.proves(token, "mật khẩu", octets)
    assert not h235.proves(token, "mat khau", octets)


def test_every_octet_is_covered() -> None:
    octets = h235.signed(drq(), "pw", sender="EP", receiver="GK", timestamp=NOW, nonce=1)
    token = h235.tokens_of(per.decode_ras(octets)[1])[0]
    place = octets.find(token.digest)
    for changed in range(len(octets)):
        if not place <= changed < place + 12:
            forged = octets[:changed] + bytes([octets[changed] ^ 1]) + octets[changed + 1 :]
            assert not h235.proves(token, "pw", forged)


def test_a_hash_that_stands_twice_is_found_at_its_own_place() -> None:
    octets = h235.signed(drq(), "pw", sender="EP", receiver="GK", timestamp=NOW, nonce=1)
    token = h235.tokens_of(per.decode_ras(octets)[1])[0]
    assert not h235.proves(token, "pw", token.digest + octets)  # it was not made over that
    key = hashlib.sha1(b"pw").digest()
    digest = b"twelve octet"
    wrapped = digest + bytes(12)
    own = hmac_sha1(key, wrapped)[:12]
    assert h235.proves(h235.Token("hmac", "", "", 0, 0, own), "pw", digest + own)


@pytest.mark.parametrize("arc", [1, 3, 4])
def test_tokens_of_other_versions_of_the_profile_are_read(arc: int) -> None:
    octets = h235.signed(drq(), "pw", sender="EP", receiver="", timestamp=NOW, nonce=1)
    _, body = per.decode_ras(octets)
    token = body["cryptoTokens"][0][1][1]
    token["tokenOID"] = (0, 0, 8, 235, 0, arc, 1)
    assert len(h235.tokens_of(body)) == 1
    token["tokenOID"] = (0, 0, 8, 235, 0, arc, 2)  # "B": not the whole message is covered
    assert h235.tokens_of(body) == []


def test_the_strongest_token_comes_first() -> None:
    tokens = {"tokens": [h235.cat_token("a", "p", NOW, 1)], "cryptoTokens": [h235.md5_token("a", "p", NOW)]}
    octets = h235.signed(("admissionReject", {"requestSeqNum": 1, "rejectReason": ("requestDenied", 0), **tokens}), "p",
                         sender="a", receiver="", timestamp=NOW, nonce=1)  # fmt: skip
    assert [token.method for token in h235.tokens_of(per.decode_ras(octets)[1])] == ["hmac", "md5", "cat"]


def test_what_a_discovery_offers_is_read_back() -> None:
    grq = h235.capability(["hmac", "md5", "cat"])
    assert h235.offered(grq) == ["hmac", "md5", "cat"]
    assert len(grq["authenticationCapability"]) == 2
    assert h235.offered({"algorithmOIDs": [(1, 2, 3)]}) == []


def test_a_message_that_does_not_encode_is_garbled() -> None:
    with pytest.raises(Garbled):
        h235.signed(("disengageConfirm", {}), "p", sender="", receiver="", timestamp=NOW, nonce=1)


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(), lambda inner: st.lists(inner) | st.tuples(inner, inner)
    )
)
def test_strange_tokens_are_none(value: object) -> None:
    assert h235.tokens_of({"cryptoTokens": [value], "tokens": [value]}) == []


def test_who_signed_is_found_among_many() -> None:
    octets = h235.signed(("infoRequestAck", {"requestSeqNum": 1}), "7", sender="a", receiver="b", timestamp=9, nonce=1)
    (token,) = h235.tokens_of(per.decode_ras(octets)[1])
    assert h235.signer(token, octets, [str(n) for n in range(20)]) == "7"
    assert h235.signer(token, octets, ["6", "8"]) is None
    assert h235.signer(token, octets + token.digest * 500, ["7"]) is None, "and it does not take for ever"
