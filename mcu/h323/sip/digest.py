"""The answer to a digest challenge (RFC 7616 3.4; MD5 and SHA-256, qop "auth" or none)."""

from __future__ import annotations

import hashlib
import secrets

from sipmessage import AuthChallenge, AuthCredentials, AuthParameters

_HASHES = {"MD5": "md5", "SHA-256": "sha256"}


def answer(challenge: str, method: str, uri: str, user: str, password: str) -> AuthCredentials:
    """Raises ValueError for a challenge that can't be answered."""
    asked = AuthChallenge.parse(challenge)
    given = {name.lower(): value for name, value in asked.parameters.items()}
    algorithm = given.get("algorithm", "MD5").upper()
    if asked.scheme.lower() != "digest" or algorithm not in _HASHES or not {"realm", "nonce"} <= set(given):
        raise ValueError(f"a challenge that can't be answered: {asked.scheme} {algorithm}")

    def digest(text: str) -> str:
        return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()

    realm, nonce = given["realm"], given["nonce"]
    first, second = digest(f"{user}:{realm}:{password}"), digest(f"{method}:{uri}")
    fields = {"username": user, "realm": realm, "nonce": nonce, "uri": uri, "algorithm": algorithm}
    if "auth" in [word.strip() for word in given.get("qop", "").split(",")]:
        mine = secrets.token_hex(8)
        fields |= {"qop": "auth", "nc": "00000001", "cnonce": mine}
        fields["response"] = digest(f"{first}:{nonce}:00000001:{mine}:auth:{second}")
    else:
        fields["response"] = digest(f"{first}:{nonce}:{second}")
    if "opaque" in given:
        fields["opaque"] = given["opaque"]
    return AuthCredentials(scheme="Digest", parameters=AuthParameters(**fields))
