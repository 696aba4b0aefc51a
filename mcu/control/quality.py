"""Reads the lines of all calls every few seconds, as long as there are any."""

from __future__ import annotations

import asyncio
import time

import structlog

from mcu.control.controller import Controller
from mcu.core.quality import MediaTold
from mcu.errors import McuError

log = structlog.get_logger("mcu.control")


async def watch(controller: Controller, every: float) -> None:
    """For ever; ``every``: seconds."""
    while True:
        await asyncio.sleep(every)
        try:
            await read(controller)
        except Exception:  # one reading that we stumble over is not the last
            log.exception("control.quality_failed")


async def read(controller: Controller) -> None:
    """One reading, now; without a switch or calls none."""
    if not controller.switch.connected or not controller.bridge.participants():
        return
    try:
        channels = await controller.switch.media()
    except McuError as fault:
        log.warning("control.media_unknown", reason=str(fault))
        return
    controller.happened(MediaTold(at=time.time(), channels=channels))
