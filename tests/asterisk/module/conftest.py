"""An Asterisk for the module's tests, terminals that call it, and AMI to watch it by."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.waiting import until_told

from .ami import Ami
from .switch import Switch, build
from .terminal import Codec, Terminal

MakeTerminal = Callable[..., Awaitable[Terminal]]


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module, compiled."""
    return build(tmp_path_factory.mktemp("module") / "res_video_router.so")


@pytest.fixture(scope="session")
def switch(module: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Switch]:
    """One Asterisk for all tests that leave it as they found it."""
    switch = Switch(tmp_path_factory.mktemp("switch"), module)
    switch.start()
    yield switch
    assert switch.stop() == 0, switch.console()


@pytest_asyncio.fixture
async def ami(switch: Switch) -> AsyncIterator[Ami]:
    ami = Ami()
    await ami.connect(switch.ami)
    yield ami
    await ami.close()


@pytest_asyncio.fixture
async def terminal(switch: Switch, ami: Ami) -> AsyncIterator[MakeTerminal]:
    """Makes terminals; afterwards hangs up whatever is left, and waits until Asterisk has no channel any more."""
    made: list[Terminal] = []

    async def make(name: str, codec: Codec | None = None, video: bool = True) -> Terminal:
        made.append(await Terminal(name, switch.sip, codec, video).open())
        return made[-1]

    yield make
    for one in made:
        await one.close()
    await none_left(ami)


async def none_left(ami: Ami) -> None:
    """Until the last channel is gone, ConfBridge's own included."""
    while channels := await ami.items("CoreShowChannels"):
        count = len(ami.heard("Hangup"))
        for channel in channels:
            await ami.action("Hangup", Channel=channel["Channel"])
        if await ami.items("CoreShowChannels"):
            await ami.until(lambda count=count: len(ami.heard("Hangup")) > count)

    async def unwired() -> bool:
        return not await ami.items("VideoRouterList")

    await until_told(unwired, "no role is left")
