"""Whose address answers for wrong numbers: the terminal's, and nobody's where it stands for many."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mcu.h323.gateway.callers import read_accounts
from tests.h323.gateway.answering import Answering, running
from tests.probe.h323_light import LightTerminal


async def _told(host: str, accounts: tuple[dict[str, Any], ...] = (), **options: Any) -> str | None:
    """The header in the INVITE of a call from ``host``."""
    asterisk = Answering()
    async with running(asterisk, **options) as gateway:
        gateway.replace_accounts(read_accounts(list(accounts)))
        async with LightTerminal(("127.0.0.1", gateway.settings.port), host=host) as terminal:
            await terminal.begin("1001")
            async with asyncio.timeout(20):
                while not asterisk.invites:
                    await asyncio.sleep(0.01)
    header: str | None = asterisk.invites[0].headers.get("X-MCU-Source")
    return header


async def test_a_strangers_is_told() -> None:
    assert await _told("127.0.0.5") == "127.0.0.5"


async def test_a_claimed_name_is_no_cover() -> None:
    """An account with a number alone is whoever says so."""
    assert await _told("127.0.0.5", ({"name": "light", "alias": "Light"},)) == "127.0.0.5"


@pytest.mark.parametrize("neighbour", ["127.0.0.5", "127.0.0.0/24"])
async def test_a_neighbour_brings_the_calls_of_many(neighbour: str) -> None:
    assert await _told("127.0.0.5", neighbours=(neighbour,)) is None


async def test_a_bridge_with_an_account_brings_the_calls_of_many() -> None:
    assert await _told("127.0.0.5", ({"name": "bridge", "address": "127.0.0.5"},)) is None
