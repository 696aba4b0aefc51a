"""What RTP tells of terminals' calls, all in one answer."""

from __future__ import annotations

from .ami import Ami
from .channels import channel_of
from .conftest import MakeTerminal


async def _video(ami: Ami) -> dict[str, list[str]]:
    return {entry["Channel"]: entry["Video"].split() for entry in await ami.items("TerminalMediaList")}


async def test_only_terminals_are_listed(ami: Ami, terminal: MakeTerminal) -> None:
    """A channel is one by its variable; a leg to the mixer is none."""
    sites = [await terminal(name) for name in ("site", "leg", "stranger")]
    for site in sites:
        await site.dial("alone")
    channels = [await channel_of(ami, site) for site in sites]
    assert await ami.items("TerminalMediaList") == []
    await ami.set_variable(channels[0], "MCU_KIND", "terminal")
    await ami.set_variable(channels[1], "MCU_KIND", "leg")
    assert set(await _video(ami)) == {channels[0]}


async def test_packets_and_octets_are_counted(ami: Ami, terminal: MakeTerminal) -> None:
    site = await terminal("site")
    await site.dial("alone")
    channel = await channel_of(ami, site)
    await ami.set_variable(channel, "MCU_KIND", "terminal")
    for _ in range(10):
        site.video.frame(3, size=200)
    while int((await _video(ami))[channel][0]) < 30:
        pass  # each look is a round trip
    figures = (await _video(ami))[channel]
    assert len(figures) == 9
    assert figures[0] == "30"
    assert int(figures[1]) >= 30 * 200
    assert figures[2] == "0", "nothing was lost"


async def test_a_call_without_video_has_sound_alone(ami: Ami, terminal: MakeTerminal) -> None:
    site = await terminal("site", video=False)
    await site.dial("alone")
    await ami.set_variable(await channel_of(ami, site), "MCU_KIND", "terminal")
    (entry,) = await ami.items("TerminalMediaList")
    assert entry["Video"] == ""
    assert len(entry["Audio"].split()) == 9
