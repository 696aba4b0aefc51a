"""A control process in this one, with a fake switch; its bus and its door are real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mcu.bus import Peer, connect
from mcu.config import Asterisk, Settings
from mcu.control.process import Control
from mcu.core.entry.answers import Admit, EntryRequest
from tests.conftest import Install
from tests.fakes.house import free_port
from tests.fakes.mixer import FakeMixer
from tests.fakes.switch import FakeSwitch
from tests.waiting import until

_ANSWERED = 120.0  # s at most, on a crowded machine
HD = "h264 profile-level-id=42e01f;packetization-mode=1"


@dataclass
class House:
    """Control and what stands around it."""

    settings: Settings
    control: Control
    switch: FakeSwitch
    client: Peer
    heard: list[tuple[str, dict[str, Any]]]
    mixers: list[FakeMixer] = field(default_factory=list)

    async def call(self, name: str, /, **args: Any) -> Any:
        return await self.client.call(name, **{"timeout": _ANSWERED, **args})

    async def mixer(self, run: str = "run1", **state: Any) -> FakeMixer:
        mixer = FakeMixer(run, **state)
        self.mixers.append(mixer)
        await mixer.connect(self.settings.control_socket)
        return mixer

    async def dial(self, name: str = "Hà Nội", *, room: str = "1001", video: str = HD, channel: str = "") -> str:
        """A call through the door into the room: the participant's id."""
        channel = channel or f"PJSIP/t-site-{len(self.switch.members) + 0x100:08x}"
        answer = await self.control.controller.entry(request(name, room=room, video=video, channel=channel))
        assert isinstance(answer, Admit)
        codec, _, fmtp = video.partition(" ")
        self.switch.join(
            answer.participant,
            room,
            channel=channel,
            name=answer.name,
            number="2001",
            codec=codec,
            fmtp=fmtp,
            subscribed=answer.view,
        )
        return answer.participant

    def last(self) -> dict[str, Any]:
        """Data of the last event of the bus."""
        return self.heard[-1][1] if self.heard else {}

    async def until(self, true: Callable[[], bool], seconds: float = 5) -> None:
        """Wait for a condition that nothing announces."""
        await until(true, seconds=seconds)


def request(
    name: str = "Hà Nội", *, room: str = "1001", video: str = HD, channel: str = "PJSIP/t-a-1", door: str = "terminal"
) -> EntryRequest:
    return EntryRequest(
        channel=channel,
        uniqueid=channel,
        number=room,
        door=door,
        endpoint=channel.partition("/")[2].rpartition("-")[0],
        caller_name=name,
        caller_number="2001",
        video=video,
    )


@pytest.fixture
def settings(tmp_path: Path, install: Install) -> Settings:
    return Settings(home=tmp_path, database=install(tmp_path), asterisk=Asterisk(agi_port=free_port()))


async def start(settings: Settings, switch: FakeSwitch | None = None) -> House:
    """A control process; a switch that is given outlived the one before."""

    def make(_: Settings, hear: Any) -> FakeSwitch:
        if switch is None:
            return FakeSwitch(hear)
        switch.on_event = hear
        return switch

    control = Control(settings, make)
    try:
        await control.start()
    except BaseException:
        await control.stop()
        raise
    heard: list[tuple[str, dict[str, Any]]] = []
    client = await connect(settings.control_socket, {}, lambda event, data: heard.append((event, data)))
    await client.call("bus.subscribe")
    made = control.controller.switch
    assert isinstance(made, FakeSwitch)
    return House(settings, control, made, client, heard)


async def stop(house: House) -> None:
    for mixer in house.mixers:
        await mixer.close()
    house.client.close()
    await house.client.wait_closed()
    await house.control.stop()


@pytest.fixture
async def house(settings: Settings) -> AsyncIterator[House]:
    made = await start(settings)
    yield made
    await stop(made)
