"""How telephone networks write numbers, of who is called and of who calls, on a trunk that knows us by our address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.asterisk.sip_message import RawSip
from tests.product import Mcu
from tests.waiting import until_in_thread

NETWORK = "127.0.0.52"
ROOM = "02363000111"  # also a number of the line's


@pytest.fixture(scope="module")
def mcu() -> Iterator[Mcu]:
    product = Mcu(MCU_SIP__GUESTS="false", MCU_TRUNK__ADDRESS=NETWORK, MCU_TRUNK__NUMBER="02363123456")
    try:
        product.start()
        product.bus.call("room.create", number=ROOM, name="Giao ban", lobby="all")
        yield product
    finally:
        product.stop()


@pytest.mark.parametrize(
    ("called", "caller", "name", "number"),
    [
        (ROOM, "<sip:0912345671@h>", "Điện thoại …671", "0912345671"),
        ("+842363000111", "<sip:+84912345672;npdi;cpc=ordinary@h;user=phone>", "Điện thoại …672", "0912345672"),
        ("+842363000111;npdi;rn=+849", "<tel:+84-912-345-673;phone-context=x>", "Điện thoại …673", "0912345673"),
        (f"{ROOM};phone-context=+84", '"0912345674" <sip:0912345674@h>', "Điện thoại …674", "0912345674"),
        (ROOM, '"Anonymous" <sip:anonymous@anonymous.invalid>', "Điện thoại", "anonymous"),
        (ROOM, '"Ông B" <sip:%0d%0aEvent:%20x@h>', "Ông B", "Event"),
    ],
)
async def test_each_form_leads_to_its_room(mcu: Mcu, called: str, caller: str, name: str, number: str) -> None:
    def waiting() -> list[tuple[str, str]]:
        return [(one["name"], one["number"]) for one in mcu.bus.call("room.direction", room=ROOM)["lobby"]]

    async with RawSip(mcu.sip[1], NETWORK) as network:
        network.send("INVITE", called, caller=caller)
        await until_in_thread(lambda: (name, number) in waiting(), f"{name} {number} is in the lobby")
