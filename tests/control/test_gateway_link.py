"""The H.323 gateway on the bus: what it tells of a terminal is shown with the participant; questions are handed on."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.bus import Peer, connect
from mcu.core.entry.answers import Admit, EntryRequest
from mcu.core.roles import LOCAL
from mcu.errors import BadRequest, GatewayDown
from tests.control.conftest import House

CALL = {
    "tag": "00112233aabbccdd",
    "sip_call_id": "x@127.0.0.1",
    "vendor": "Polycom",
    "product": "HDX 8000",
    "version": "3.1",
}


async def _calls(peer: Peer, args: dict[str, Any]) -> list[dict[str, Any]]:
    return [CALL]


async def _gateway(house: House, calls: list[dict[str, Any]]) -> Peer:
    peer = await connect(house.settings.control_socket, {"h323.calls": _calls})
    await peer.call("h323.hello", run="g1", pid=1, calls=calls)
    return peer


async def _dial(house: House) -> str:
    request = EntryRequest(
        channel="PJSIP/h323-00000001", uniqueid="x.1", number="1001", door="known", endpoint="h-xa1",
        caller_name="Xã Một", caller_number="2001", call_id="x@127.0.0.1", video="",
    )  # fmt: skip
    answer = await house.control.controller.entry(request)
    assert isinstance(answer, Admit)
    house.switch.join(answer.participant, "1001", channel=request.channel, name=answer.name)
    return answer.participant


async def test_what_the_gateway_tells_is_shown(house: House) -> None:
    gateway = await _gateway(house, [CALL])
    await _dial(house)
    (person,) = await house.call("participant.list", room="1001")
    assert person["device"] == "Polycom HDX 8000 3.1"
    assert person["h323"]["tag"] == CALL["tag"]
    gateway.emit("h323.call_changed", {**CALL, "receives": ["h264", "g722"]})
    assert await gateway.call("bus.ping") == "pong"
    (person,) = await house.call("participant.list", room="1001")
    assert person["h323"]["receives"] == ["h264", "g722"]
    assert await house.call("h323.calls") == [CALL]
    with pytest.raises(BadRequest):
        await house.control.gate.run(LOCAL, "h323.calls", {"timeout": 1})  # it is control's own to say
    gateway.close()
    await gateway.wait_closed()


async def test_a_gateway_that_comes_later_tells_of_calls_that_stand(house: House) -> None:
    with pytest.raises(GatewayDown):
        await house.call("h323.calls")
    await _dial(house)
    gateway = await _gateway(house, [CALL, {"no": "call id"}, "nonsense"])  # type: ignore[list-item]
    (person,) = await house.call("participant.list", room="1001")
    assert person["device"] == "Polycom HDX 8000 3.1"
    gateway.close()
    await gateway.wait_closed()


async def test_that_it_goes_and_comes_is_told(house: House) -> None:
    before = (await house.call("status"))["h323"]
    assert (before["enabled"], before["connected"]) == (True, False)
    first = await _gateway(house, [])
    assert (await house.call("status"))["h323"]["connected"] is True
    first.close()
    await first.wait_closed()
    await house.until(lambda: len(house.control.controller.notices) == 1)
    assert (await house.call("status"))["h323"]["connected"] is False
    second = await _gateway(house, [])
    state = await house.call("status")
    assert state["h323"]["connected"] is True
    assert [notice["code"] for notice in state["notices"]] == ["gateway_away", "gateway_back"]
    second.close()
    await second.wait_closed()
