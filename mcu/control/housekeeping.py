"""What is looked after now and then, whatever happens in the rooms."""

from __future__ import annotations

import asyncio

import structlog

from mcu.control.ports import SwitchPort
from mcu.errors import McuError

log = structlog.get_logger("mcu.control")

EVERY = 60.0  # s


async def keep_house(switch: SwitchPort) -> None:
    """Until it is cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        if switch.connected:
            try:
                await switch.keep_log_small()
            except McuError as fault:
                log.warning("control.log_not_rotated", reason=str(fault))
