"""Slides for an H.323 terminal: what the gateway tells becomes a dial of the switch and a view of the mixer."""

from __future__ import annotations

import time
from typing import Any

from mcu.bus import Peer, connect
from mcu.core.entry.answers import Admit, EntryRequest
from mcu.core.events import PictureStarted
from tests.control.conftest import HD, House

CONTENT = {"codec": "h264", "fmtp": "profile-level-id=42e01f;packetization-mode=1", "bit_rate": 540_000}


def told(number: int, content: object = None) -> dict[str, Any]:
    return {"tag": f"{number:016x}", "sip_call_id": f"{number}@h323", "product": "HDX", "content": content}


async def come(house: House, number: int, presents: str = "") -> str:
    channel = f"PJSIP/h323-{number:08x}"
    request = EntryRequest(
        channel=channel, uniqueid=channel, number="" if presents else "1001", door="known", endpoint="h-xa1",
        caller_name="Xã", caller_number="", call_id=f"{number}@h323", video=HD, presents=presents,
    )  # fmt: skip
    answer = await house.control.controller.entry(request)
    assert isinstance(answer, Admit)
    codec, _, fmtp = HD.partition(" ")
    house.switch.join(
        answer.participant, "1001", channel=channel, name=answer.name, codec=codec, fmtp=fmtp, presents=answer.presents
    )
    started = PictureStarted(at=time.time(), participant=answer.participant, channel=channel, codec=codec, fmtp=fmtp)
    house.control.controller.happened(started)
    return answer.participant


async def test_a_terminal_that_takes_slides_is_dialled_and_shown_so(house: House) -> None:
    mixer = await house.mixer()
    gateway: Peer = await connect(house.settings.control_socket, {})
    try:
        await gateway.call("h323.hello", run="g1", pid=1, calls=[told(1), told(2, CONTENT)])
        await come(house, 1)
        receiver = await come(house, 2)
        slides = await come(house, 3, presents="1@h323")
        await house.until(lambda: bool(house.switch.asked("dial_slides")))
        assert house.switch.asked("dial_slides") == [(receiver, "1001", f"{2:016x}", "v-1001s-hd5", "h264")]
        await house.until(lambda: {"1001", "1001s", "1001p"} <= set(mixer.views))
        view = mixer.views["1001s"]
        assert [tile["participant"] for tile in view["scene"]["tiles"]] == [slides]
        assert [(c["name"], c["width"], c["fps"], c["kbps"]) for c in view["classes"]] == [("hd5", 1280, 5, 384)]
        people = {p["id"]: p for p in await house.call("participant.list", room="1001")}
        assert {ident for ident, p in people.items() if p["slides"]} == {receiver}
        assert people[receiver]["view"] == "v-1001p-hd"

        gateway.emit("h323.call_changed", told(2))
        await house.until(lambda: set(mixer.views) == {"1001"})
        assert not [leg for leg in house.switch.legs.values() if leg.kind == "slides"]
    finally:
        gateway.close()
        await gateway.wait_closed()
