"""What is looked after now and then, whatever happens in the rooms."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import structlog

from mcu.control.ports import SwitchPort
from mcu.control.records.record import Record
from mcu.errors import McuError
from mcu.models import retention

log = structlog.get_logger("mcu.control")

EVERY = 60.0  # s
FORGET_EVERY = 3600.0  # s
_BREATH = 0.5  # s between two steps, for others' writes


async def keep_house(switch: SwitchPort) -> None:
    """Until it is cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        if switch.connected:
            try:
                await switch.keep_log_small()
            except McuError as fault:
                log.warning("control.log_not_rotated", reason=str(fault))
            except Exception:
                log.exception("control.log_not_rotated")


async def forget_old(record: Record, days: int) -> None:
    """What has been kept for that many days, again and again until this is cancelled; 0 days keep everything."""
    while days:
        gone = 0
        try:
            gone = await record.write(retention.forget, datetime.now(UTC) - timedelta(days=days))
        except McuError as fault:
            log.warning("control.nothing_forgotten", reason=str(fault))
        except Exception:
            log.exception("control.nothing_forgotten")
        await asyncio.sleep(_BREATH if gone else FORGET_EVERY)
