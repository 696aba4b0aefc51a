"""Who sent a message of RAS, and whether it is proved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.h323.ras import h235
from mcu.h323.ras.accounts import Account
from mcu.h323.ras.guard import Verdict
from mcu.h323.ras.registry import Registration
from mcu.h323.ras.request import Request

if TYPE_CHECKING:
    from mcu.h323.ras.gatekeeper import Gatekeeper


def recognise(gk: Gatekeeper, request: Request) -> tuple[Registration | None, str]:
    """Who sent it, and what is wrong with its proof. It has to come from the host that registered; who registered by
    HMAC has to sign everything (H.235.1 9.1), of others a token is looked at if there is one."""
    one = gk.registry.get(request.body.get("endpointIdentifier"))
    if one is None or one.source.host != request.source.host:
        _sign_for_a_stranger(gk, request)
        return None, ""
    account = gk.directory.by_name.get(one.account)
    if account is None or not account.password:
        return one, ""
    if one.method != "hmac" and not h235.tokens_of(request.body):
        return one, ""
    verdict = check(gk, request, account, frozenset({one.endpoint, one.sender, *one.aliases}))
    return one, verdict.fault


def _sign_for_a_stranger(gk: Gatekeeper, request: Request) -> None:
    """Who registered before we were started anew calls itself what we called it then, and believes signed answers
    alone: without one it would learn only minutes later that it has to register again. Its hash tells who it is."""
    signed = [token for token in h235.tokens_of(request.body) if token.method == "hmac"]
    if not signed or not gk.searches.passes("", request.at):
        return
    accounts = {account.password: account for account in gk.directory.by_name.values() if account.password}
    password = h235.signer(signed[0], request.octets, accounts)
    if password is not None:
        check(gk, request, accounts[password], frozenset({signed[0].sender}))


def check(
    gk: Gatekeeper, request: Request, account: Account, names: frozenset[str], *, enrolling: bool = False
) -> Verdict:
    verdict = gk.guard.check(
        request.body,
        request.octets,
        account,
        names=names,
        enrolling=enrolling,
        host=request.source.host,
        wall=gk.epoch + request.at,
    )
    if verdict.method == "hmac":
        request.secret, request.sender = account.password, verdict.sender
    return verdict
