"""The gatekeeper's answers to discovery, registration and leave-taking (H.225.0 7.6 to 7.10)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mcu.h323.media import Address
from mcu.h323.origins import origin
from mcu.h323.ras import claims, h235
from mcu.h323.ras import messages as ras
from mcu.h323.ras.events import Refused, Registered
from mcu.h323.ras.guard import Verdict
from mcu.h323.ras.recognition import check, recognise
from mcu.h323.ras.registry import Registration
from mcu.h323.ras.request import Request
from mcu.h323.transport import transport

if TYPE_CHECKING:
    from mcu.h323.ras.gatekeeper import Gatekeeper

GUESTS_EACH = 32  # from one host (of IPv6: one /64): it must not fill the table

_OURS = re.compile(r"[0-9a-f]{24}")  # an endpointIdentifier as we make them

REJECTS = {
    "gatekeeperRequest": "gatekeeperReject",
    "registrationRequest": "registrationReject",
    "unregistrationRequest": "unregistrationReject",
    "admissionRequest": "admissionReject",
    "bandwidthRequest": "bandwidthReject",
    "disengageRequest": "disengageReject",
    "locationRequest": "locationReject",
}


def refuse(gk: Gatekeeper, request: Request, reason: str, version: int = 0, **more: object) -> ras.Message | None:
    """A no, and an event of it. Reasons of H.235 are spelt out to who can read them: version 4 and later."""
    aliases = ras.alias_texts(request.body.get("terminalAlias") or request.body.get("endpointAlias"))
    gk.events.append(Refused(source=request.source, request=request.name, reason=reason, aliases=aliases))
    if request.multicast:
        return None
    told = "securityDenial" if reason in ras.SECURITY_ERRORS and version < 4 else reason
    return ras.reject(REJECTS[request.name], request.seq, told, **more)


# --- discovery ---------------------------------------------------------------------------------------------------


def discover(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """GRQ."""
    body, host = request.body, request.source.host
    version = ras.version_of(body)
    if not version:
        return refuse(gk, request, "invalidRevision")
    wanted = str(body.get("gatekeeperIdentifier", "")).rstrip("\0")
    if wanted and wanted != gk.policy.identifier:
        return refuse(gk, request, "terminalExcluded")
    aliases = ras.alias_texts(body.get("endpointAlias"))
    claimed = gk.directory.claimed(aliases)
    account = claimed[0] if claimed else gk.directory.at(host)
    if aliases and account is None and not gk.policy.guests:
        return refuse(gk, request, "terminalExcluded")
    answer: ras.Body = {
        "requestSeqNum": request.seq,
        "protocolIdentifier": ras.PROTOCOL,
        "gatekeeperIdentifier": gk.policy.identifier,
        "rasAddress": transport(gk.ras_for(host)),
    }
    if account is not None and account.password and body.get("algorithmOIDs"):
        methods = h235.offered(body)
        if not methods:
            return refuse(gk, request, "securityDenial")
        # GnuGk 5.15 as a child sends its RRQ with the hash of H.235.1 not filled in; by MD5 it proves itself.
        child = "gatekeeper" in body.get("endpointType", {}) and "md5" in methods
        chosen: h235.Method = "md5" if child else methods[0]
        answer["authenticationMode"] = h235.mechanism(chosen)
        answer["algorithmOID"] = h235.ALGORITHMS[chosen]
        if h235.tokens_of(body):
            check(gk, request, account, frozenset(aliases), enrolling=True)  # only who can sign gets a signed answer
    return "gatekeeperConfirm", answer


# --- registration ------------------------------------------------------------------------------------------------


def register(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """RRQ."""
    body, host = request.body, request.source.host
    if body.get("keepAlive"):
        return _keep_alive(gk, request)
    version = ras.version_of(body)
    if not version:
        return refuse(gk, request, "invalidRevision")
    if "additiveRegistration" in body:
        return refuse(gk, request, "additiveRegistrationNotSupported", version)
    signalling = claims.signalling(body, host)
    if signalling is None and "gatekeeper" in body.get("terminalType", {}):
        signalling = Address(host, 0)  # GnuGk that routes nothing says port 0; it registers to ask for its terminals
    if signalling is None:
        return refuse(gk, request, "invalidCallSignalAddress", version)
    aliases = ras.alias_texts(body.get("terminalAlias"))
    claimed = gk.directory.claimed(aliases)
    account = claimed[0] if claimed else gk.directory.at(host)
    if len(claimed) > 1 or (account is None and not gk.policy.guests):
        return refuse(gk, request, "invalidAlias" if aliases else "securityDenial", version)
    verdict = Verdict()
    if account is not None:
        verdict = check(gk, request, account, frozenset(aliases), enrolling=True)
        if verdict.fault or not account.admits(host):
            return refuse(gk, request, verdict.fault or "securityDenial", version)
    fresh = Registration(
        endpoint=gk.fresh_id(),
        account=account.name if account else "",
        password=account.password if account else "",
        method=verdict.method,
        sender=verdict.sender,
        aliases=claims.granted(gk, account, aliases),
        source=request.source,
        ras=next(iter(ras.addresses_of(body.get("rasAddress"))), request.source),
        signalling=signalling,
        product=ras.product_of(body.get("endpointVendor", {})),
        version=version,
        time_to_live=claims.time_to_live(gk, body),
        heard=request.at,
        prefixes=claims.prefixes(gk.directory, account, body),
    )
    return _enter(gk, request, fresh, aliases)


def _enter(gk: Gatekeeper, request: Request, fresh: Registration, claimed: tuple[str, ...]) -> ras.Message | None:
    """Put it into the registry in the place of what it was before, unless somebody else has one of its names."""
    known = gk.registry.get(request.body.get("endpointIdentifier"))
    before = [known] if known is not None and known.source.host == request.source.host else []
    wanted = request.body.get("endpointIdentifier")
    if known is None and isinstance(wanted, str) and _OURS.fullmatch(wanted):
        fresh.endpoint = wanted  # of our time before: H323Plus goes by it, whatever we call it now
    taken = []
    for alias in fresh.aliases:
        holder = gk.registry.holder(alias)
        if holder is None or holder in before:
            continue
        # Who proves the password has moved; who doesn't may only have been restarted at the same place.
        if fresh.method is not None or holder.source.host == request.source.host:
            before.append(holder)
        elif alias.lower() in {name.lower() for name in claimed}:
            taken.append(alias)
        else:
            fresh.aliases = tuple(name for name in fresh.aliases if name != alias)
    if taken:
        return _duplicate(gk, request, taken)
    here = origin(request.source.host)
    same_host = [one for one in gk.registry if not one.account and origin(one.source.host) == here]
    if not before and (gk.registry.full or (not fresh.account and len(same_host) >= GUESTS_EACH)):
        return refuse(gk, request, "resourceUnavailable", fresh.version)
    for one in before:
        if one is known:
            fresh.endpoint, fresh.calls = one.endpoint, one.calls
            gk.registry.remove(one)
        else:
            gk.unregister(one, "replaced", request.at)
    gk.registry.add(fresh)
    gk.events.append(
        Registered(
            endpoint=fresh.endpoint,
            account=fresh.account,
            aliases=fresh.aliases,
            signalling=fresh.signalling,
            product=fresh.product,
        )
    )
    return _confirm(gk, request, fresh, claimed)


def _duplicate(gk: Gatekeeper, request: Request, taken: list[str]) -> ras.Message | None:
    gk.events.append(
        Refused(source=request.source, request=request.name, reason="duplicateAlias", aliases=tuple(taken))
    )
    reason = ("duplicateAlias", [ras.alias(alias) for alias in taken])
    body = {"requestSeqNum": request.seq, "protocolIdentifier": ras.PROTOCOL, "rejectReason": reason}
    return "registrationReject", body


def _keep_alive(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """A lightweight RRQ (H.225.0 7.9.1): only its endpointIdentifier counts."""
    one, fault = recognise(gk, request)
    version = ras.version_of(request.body)
    if one is None:
        return refuse(gk, request, "fullRegistrationRequired", version)
    if fault:
        return refuse(gk, request, fault, version)
    one.heard, one.source = request.at, request.source  # a NAT may have given it another port
    if "timeToLive" in request.body:
        one.time_to_live = claims.time_to_live(gk, request.body)
    return _confirm(gk, request, one, ())


def _confirm(gk: Gatekeeper, request: Request, one: Registration, claimed: tuple[str, ...]) -> ras.Message:
    body: ras.Body = {
        "requestSeqNum": request.seq,
        "protocolIdentifier": ras.PROTOCOL,
        "callSignalAddress": [],  # of a gatekeeper that routes calls
        "gatekeeperIdentifier": gk.policy.identifier,
        "endpointIdentifier": one.endpoint,
        "timeToLive": one.time_to_live,
        "willRespondToIRR": False,
        "maintainConnection": False,
    }
    # Back comes what it said of itself, save for numbers that lead elsewhere, and the numbers that it did not know of.
    granted = {alias.lower() for alias in one.aliases}
    names = [a for a in claimed if a.lower() in granted or ras.alias(a)[0] != "dialledDigits"]
    names += [a for a in one.aliases if a not in names and ras.alias(a)[0] == "dialledDigits"]
    if names:
        body["terminalAlias"] = [ras.alias(alias) for alias in names]
    return "registrationConfirm", body


def unregister(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """URQ; old equipment names itself by its address only."""
    one, fault = recognise(gk, request)
    if one is None and "endpointIdentifier" not in request.body:
        for address in ras.addresses_of(request.body.get("callSignalAddress")):
            there = gk.registry.reached_at(address)
            if there is not None and there.source.host == request.source.host and there.method is None:
                one = there
    if one is None:
        return refuse(gk, request, "notCurrentlyRegistered")
    if fault:
        return refuse(gk, request, fault, one.version)
    gk.unregister(one, "asked", request.at)
    return "unregistrationConfirm", {"requestSeqNum": request.seq}
