"""What gatekeepers have to say about our calls: whether one may be answered, and where one goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from mcu.errors import McuError, NotFound, NotPermitted
from mcu.h323 import causes, signalling
from mcu.h323.gateway import dialled
from mcu.h323.gateway.call import Call
from mcu.h323.media import Address
from mcu.h323.ras.service import RasService
from mcu.h323.signalling import Target

_log = structlog.get_logger("mcu.h323")

_REDIRECT_LIMIT = 3.0  # s in which who was told to call elsewhere releases this call


async def ask_to_answer(ras: RasService, bit_rate: int, call: Call, setup: signalling.SetupReceived) -> None:
    """A call that may have come by way of the outside gatekeeper is none that it didn't allow (H.323 8.1.2, ARQ of the
    called endpoint). It is not waited for: most gatekeepers say yes to what they have sent."""
    try:
        await ras.admit(
            call_id=call.signalling.call_id, conference_id=call.signalling.conference_id, reference=0,
            bit_rate=bit_rate, answering=True, dialled=setup.aliases, callers=setup.peer.aliases,
            dialled_address=call.link.local, caller_address=call.link.peer,
        )  # fmt: skip
    except NotPermitted as refusal:
        there = ras.route if str(refusal) == "routeCallToGatekeeper" else None
        if there is None or there.host == call.link.peer.host:
            call.end(causes.CALL_REJECTED, f"the gatekeeper: {refusal}")
        elif not call.ended:
            _send_to_gatekeeper(call, there, (setup.number,) if setup.number else setup.aliases)
    except (McuError, ValueError) as fault:
        _log.info("h323.not_asked", call=call.tag, reason=str(fault))


def _send_to_gatekeeper(call: Call, there: Address, aliases: Sequence[str]) -> None:
    """It wants to see all calls, and this one came past it: the caller is told to call there (H.323 8.1.2). GnuGk that
    routes refuses so by default, and H323Plus then calls anew."""
    _log.info("h323.sent_to_gatekeeper", call=call.tag, peer=str(call.link.peer), gatekeeper=str(there))
    call.signalling.redirect(there, aliases)
    call.flush()
    call.later(_REDIRECT_LIMIT, call.end, causes.CALL_REJECTED, "the gatekeeper wants to route it")


async def route(ras: RasService, bit_rate: int, target: dialled.Dialled, setup: Target) -> Target:
    """Where a call goes: to whom we know, to an address, or where the outside gatekeeper or a neighbour says; a guest
    can't take their numbers by calling himself so. Raises NotFound and NotPermitted."""
    known = target.host or ras.find(target.alias, guests=False) is not None
    if not known and not ras.joined:
        located = await ras.locate(target.alias)
        if located is not None and located.target is not None:
            return replace(setup, address=located.target, alias=(located.destination or (target.alias,))[0])
    if known or not ras.joined:
        return replace(setup, address=await dialled.resolve(target, ras.find))
    allowed = await ras.admit(
        call_id=setup.call_id, conference_id=setup.conference_id, reference=0, bit_rate=bit_rate,
        dialled=[target.alias],
    )  # fmt: skip
    if allowed.target is None:
        raise NotFound("the gatekeeper told no address")
    return replace(
        setup, address=allowed.target, alias=(allowed.destination or (target.alias,))[0], source=(),
        endpoint_identifier=ras.endpoint_identifier, tokens=allowed.tokens,
    )  # fmt: skip
