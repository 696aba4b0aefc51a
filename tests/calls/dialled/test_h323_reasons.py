"""Why an H.323 terminal did not come, and one whose gateway died meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from tests.calls.dialled.test_sites import calls
from tests.probe.h323 import H323Terminal
from tests.product import Mcu
from tests.waiting import until_in_thread


@pytest.mark.parametrize(
    ("cause", "reason"), [(17, "busy"), (19, "no_answer"), (21, "refused"), (1, "not_found"), (27, "unreachable")]
)
async def test_the_cause_of_its_release_is_the_reason(mcu: Mcu, room: str, cause: int, reason: str) -> None:
    async with H323Terminal(mcu.h323) as terminal:
        host, port = await terminal.wait_for_calls(refuse=cause)
        await asyncio.to_thread(mcu.bus.call, "call.dial", room=room, address=f"h323:{host}:{port}")
        await until_in_thread(lambda: [call["state"] for call in calls(mcu, room)] == ["failed"], "it has failed")
        assert [(call["cause"], call["reason"]) for call in calls(mcu, room)] == [(cause, reason)]


async def test_a_terminal_whose_gateway_dies_is_called_again(own_mcu: Mcu, room: str) -> None:
    async with H323Terminal(own_mcu.h323, name="Chi nhánh") as terminal:
        host, port = await terminal.wait_for_calls()
        made = await asyncio.to_thread(own_mcu.bus.call, "call.dial", room=room, address=f"h323:{host}:{port}")
        await until_in_thread(lambda: len(own_mcu.people(room)) == 1, "it is there")
        own_mcu.kill("h323")
        seen: list[tuple[str, str]] = []

        def lost() -> bool:
            """Looked at once: it is soon there again."""
            seen[:] = [(call["id"], call["reason"]) for call in calls(own_mcu, room) if call["lost"]]
            return bool(seen)

        await until_in_thread(lost, "it is called again", 60)
        assert seen == [(made["id"], "unreachable")]
