"""The module as Asterisk loads, documents and unloads it."""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

import pytest

from mcu.asterisk.module import documentation

from .ami import Ami
from .conftest import MakeTerminal
from .switch import PREFIX, Switch

MODULE = "res_video_router.so"


async def test_unloading_is_refused_while_calls_are_wired(terminal: MakeTerminal, switch: Switch) -> None:
    sender, viewer = await terminal("sender"), await terminal("viewer")
    await sender.dial("leg", X_Publish="p-1")
    await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
    sender.video.start()
    await viewer.video.hear("sender", 10)
    for how in ("", "-f "):
        answer = switch.cli(f"module unload {how}{MODULE}")
        assert "Unable to unload" in answer, answer
        await viewer.video.hear("sender", 20)


async def test_without_calls_it_unloads_and_loads_again(ami: Ami, terminal: MakeTerminal, switch: Switch) -> None:
    sender, viewer = await terminal("sender"), await terminal("viewer")
    for turn in range(1, 4):
        answer = switch.unload(MODULE)
        assert "Unloaded" in answer, answer
        assert "VIDEO_PUBLISH" not in await ami.command("core show functions like VIDEO_")
        answer = switch.cli(f"module load {MODULE}")
        assert "Loaded" in answer, answer
        await sender.dial("leg", X_Publish="p-1")
        await viewer.dial("room", X_Room="1", X_Subscribe="p-1")
        sender.video.start()
        await viewer.video.hear("sender", 10)
        sender.video.stop()
        await sender.hang_up()
        await viewer.hang_up()
        await ami.event("VideoUnsubscribe", turn)
        await ami.event("VideoPublishStop", turn)


async def test_it_unloads_once_the_last_key_is_removed_from_a_call(
    ami: Ami, terminal: MakeTerminal, switch: Switch
) -> None:
    """Its framehook goes with the next frame; the call itself goes on."""
    sender = await terminal("sender")
    await sender.dial("alone", X_Publish="p-1")
    sender.video.start()
    channel = (await ami.event("VideoPublishStart"))["Channel"]
    await ami.set_variable(channel, "VIDEO_PUBLISH()", "")
    async with asyncio.timeout(20):
        while not re.search(rf"{MODULE} +Video Patch Bay +0 ", await ami.command(f"module show like {MODULE}")):
            await asyncio.sleep(0.05)
    assert "Unloaded" in switch.unload(MODULE)
    assert "Loaded" in switch.cli(f"module load {MODULE}")
    await sender.hang_up()


@pytest.mark.parametrize("value", ["-1", "60001", "soon"])
async def test_a_wrong_setting_is_refused_and_the_one_before_stays(ami: Ami, switch: Switch, value: str) -> None:
    config = switch.home / "etc" / "video_router.conf"
    before = config.read_text()
    config.write_text(f"[general]\nkeyframe_interval = {value}\n")
    assert (await ami.action("Reload", Module=MODULE))["Response"] == "Error"
    async with asyncio.timeout(20):  # Asterisk's logger writes in a thread of its own
        while f"keyframe_interval '{value}'" not in switch.log():
            await asyncio.sleep(0.05)
    assert "every 500 ms" in await ami.command("video router show")
    config.write_text(before)
    await ami.action("Reload", Module=MODULE)


def test_the_documentation_is_valid(tmp_path: Path) -> None:
    file = tmp_path / documentation.FILE_NAME
    file.write_text(documentation.document())
    dtd = PREFIX / "var" / "lib" / "asterisk" / "documentation" / "appdocsxml.dtd"
    checked = subprocess.run(
        ["xmllint", "--noout", "--dtdvalid", str(dtd), str(file)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


async def test_asterisk_shows_the_documentation_of_everything_the_module_offers(ami: Ami, switch: Switch) -> None:
    text = documentation.document()
    for function in ("VIDEO_PUBLISH", "VIDEO_SUBSCRIBE", "VIDEO_FMTP"):
        assert "[Synopsis]" in await ami.command(f"core show function {function}")
        assert f'<function name="{function}"' in text
    assert "VideoRouterEntry" in await ami.command("manager show command VideoRouterList")
    raised = {
        name
        for source in documentation.SOURCES.glob("*.c")
        for name in re.findall(r'"(Video(?:Publish|Subscribe|Unsubscribe|Formats)\w*)"', source.read_text())
    }
    assert raised == {"VideoPublishStart", "VideoPublishStop", "VideoFormats", "VideoSubscribe", "VideoUnsubscribe"}
    for event in raised:
        assert "[Synopsis]" in await ami.command(f"manager show event {event}")
    assert "in XML documentation" not in switch.log()
