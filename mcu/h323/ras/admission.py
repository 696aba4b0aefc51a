"""The gatekeeper's answers about calls (H.225.0 7.11 to 7.16): what may be called, where it is, how much it may take.

Whatever is dialled and is no terminal's number leads to us: rooms come and go without a word to the gatekeeper, and an
unknown number gets the entry queue, which speaks, rather than a rejection that a terminal shows as "error 3".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcu.h323.media import Address
from mcu.h323.ras import messages as ras
from mcu.h323.ras.accounts import within
from mcu.h323.ras.enrolment import refuse
from mcu.h323.ras.events import Admitted, Disengaged, Reported
from mcu.h323.ras.recognition import recognise
from mcu.h323.ras.registry import Call, Registration
from mcu.h323.ras.request import Request
from mcu.h323.transport import transport

if TYPE_CHECKING:
    from mcu.h323.ras.gatekeeper import Gatekeeper

UNIT = 100  # bit/s: H.225.0 counts bandwidth in it


def admit(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """ARQ."""
    body = request.body
    one, fault = recognise(gk, request)
    if one is None:
        return refuse(gk, request, "callerNotRegistered")
    if fault:
        return refuse(gk, request, fault, one.version)
    call_id = ras.call_id_of(body)
    renewed = one.calls.get(call_id)
    if renewed is None and (len(one.calls) >= gk.policy.calls_each or gk.registry.calls >= gk.policy.most_calls):
        return refuse(gk, request, "resourceUnavailable", one.version)
    answering = bool(body.get("answerCall"))
    dialled = ras.alias_texts(body.get("destinationInfo"))
    target = _answering_target(one, body) if answering else _target(gk, dialled, body, request.source.host)
    if target is None:
        return refuse(gk, request, "calledPartyNotRegistered", one.version)
    call = Call(
        call_id=call_id,
        conference_id=bytes(body.get("conferenceID", bytes(16))),
        reference=int(body.get("callReferenceValue", 0)),
        answering=answering,
        target=target,
        bandwidth=_bandwidth(gk, body),
        since=request.at,
    )
    one.calls[call_id] = call
    gk.events.append(
        Admitted(
            endpoint=one.endpoint,
            account=one.account,
            call_id=call_id,
            answering=answering,
            destination=dialled[0] if dialled else "",
            target=target,
            bit_rate=call.bandwidth * UNIT,
        )
    )
    return "admissionConfirm", {
        "requestSeqNum": request.seq,
        "bandWidth": call.bandwidth,
        "callModel": ras.DIRECT,
        "destCallSignalAddress": transport(target),
        "willRespondToIRR": False,
        "uuiesRequested": ras.NO_UUIES,
    }


def _answering_target(one: Registration, body: ras.Body) -> Address:
    return ras.address_of(body.get("destCallSignalAddress")) or one.signalling


def _target(gk: Gatekeeper, dialled: tuple[str, ...], body: ras.Body, host: str) -> Address | None:
    """Another terminal's address if one of the names is an account's, or behind a gateway; an address as it was
    dialled; else ours. A gateway that asks for what should be behind itself doesn't know it either."""
    for alias in dialled:
        if gk.directory.dialled(alias) is not None:
            return gk.find(alias)
        ahead = gk.registry.ahead_of(alias)
        if ahead is not None and ahead.source.host != host and ahead.signalling.port:
            return ahead.signalling
    addressed = ras.address_of(body.get("destCallSignalAddress"))
    if not dialled and addressed is not None:
        return addressed
    return gk.signalling_for(host)


def _bandwidth(gk: Gatekeeper, body: ras.Body) -> int:
    asked = int(body.get("bandWidth", 0))
    return min(asked, gk.policy.kbit * 1000 // UNIT) if gk.policy.kbit else asked


def change_bandwidth(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """BRQ."""
    body = request.body
    allowed = _bandwidth(gk, body)
    one, fault = recognise(gk, request)
    if one is None:
        return refuse(gk, request, "notBound", allowedBandWidth=0)
    if fault:
        return refuse(gk, request, fault, one.version, allowedBandWidth=0)
    call = one.calls.get(ras.call_id_of(body))
    if call is None:
        return refuse(gk, request, "invalidConferenceID", one.version, allowedBandWidth=0)
    if allowed < int(body.get("bandWidth", 0)):
        return refuse(gk, request, "insufficientResources", one.version, allowedBandWidth=allowed)
    call.bandwidth = allowed
    return "bandwidthConfirm", {"requestSeqNum": request.seq, "bandWidth": allowed}


def disengage(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """DRQ. A call that we forgot is over as well."""
    one, fault = recognise(gk, request)
    if one is None:
        return refuse(gk, request, "notRegistered")
    if fault:
        return refuse(gk, request, fault, one.version)
    call_id = ras.call_id_of(request.body)
    if one.calls.pop(call_id, None) is not None:
        reason = ras.reason_of(request.body)
        gk.events.append(Disengaged(endpoint=one.endpoint, account=one.account, call_id=call_id, reason=reason))
    return "disengageConfirm", {"requestSeqNum": request.seq}


def locate(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """LRQ. Only terminals of ours and neighbours get to know who is where."""
    one, fault = recognise(gk, request)
    if fault or (one is None and not within(request.source.host, gk.policy.neighbours)):
        return refuse(gk, request, fault or "invalidPermission")
    dialled = ras.alias_texts(request.body.get("destinationInfo"))
    target = _target(gk, dialled, {}, request.source.host) if dialled else None
    if target is None:
        return refuse(gk, request, "notRegistered" if dialled else "undefinedReason")
    answer = {
        "requestSeqNum": request.seq,
        "callSignalAddress": transport(target),
        "rasAddress": transport(gk.ras_for(request.source.host)),
    }
    return "locationConfirm", answer


def report(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """IRR. What it says of calls is told on; calls that it doesn't mention stay, for it may tell of one only."""
    gk.settle(request)
    one, fault = recognise(gk, request)
    wanted = bool(request.body.get("needResponse"))
    if one is None or fault:
        nak = {"requestSeqNum": request.seq, "nakReason": ("securityDenial" if fault else "notRegistered", ras.NULL)}
        return ("infoRequestNak", nak) if wanted else None
    calls = list(request.body.get("perCallInfo") or ())[: gk.policy.calls_each]
    gk.events.append(Reported(endpoint=one.endpoint, calls=tuple(ras.call_id_of(call) for call in calls)))
    return ("infoRequestAck", {"requestSeqNum": request.seq}) if wanted else None


def resources(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """RAI: we route no calls through gateways, so that it is full is only taken notice of."""
    return "resourcesAvailableConfirm", {"requestSeqNum": request.seq, "protocolIdentifier": ras.PROTOCOL}


def service(gk: Gatekeeper, request: Request) -> ras.Message | None:
    """SCI: no services are offered."""
    return "serviceControlResponse", {"requestSeqNum": request.seq}
