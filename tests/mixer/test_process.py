"""The mixer as a process: start, stop, kill, a control that comes and goes, many calls, wrong wishes."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from mcu.errors import BadRequest, McuError, NotFound
from tests.mixer.rig import HD, MixerProcess, Rig
from tests.patience import Patience
from tests.probe import Terminal
from tests.waiting import until, until_told

WHOLE = [(0.0, 0.0, 1.0, 1.0)]


async def test_it_stops_when_told_to_and_hangs_up(rig: Rig) -> None:
    async with rig.leg("red") as red, rig.viewer() as screen:
        await rig.control.put("1001", ["aaaa0001"], WHOLE)
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        patience = Patience(0.5)
        status, seconds = await asyncio.to_thread(rig.mixer.stop)
        assert status == 0, rig.mixer.output()
        assert not patience.over, f"{patience}: its end, after {seconds:.1f} s"
        await asyncio.wait_for(red.call.ended.wait(), 30)
        await asyncio.wait_for(screen.call.ended.wait(), 30)
    rig.mixer.start()
    assert (await rig.control.greeted(2, 15))["legs"] == []


async def test_after_kill_it_is_another_run_and_takes_calls(rig: Rig) -> None:
    first = await rig.control.greeted()
    rig.mixer.kill()
    rig.mixer.start()
    second = await rig.control.greeted(2, 15)
    assert second["run"] != first["run"]
    assert second["pid"] == rig.mixer.pid
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])


async def test_it_mixes_on_without_control_and_says_what_it_has_when_control_is_back(rig: Rig) -> None:
    first = await rig.control.greeted()
    assert (first["legs"], first["views"]) == ([], [])
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        await rig.control.stop()
        before = screen.screen.pictures
        async with rig.leg("blue") as blue:
            await blue.dial("leg-aaaa0002")
            await screen.until(lambda: screen.screen.pictures > before + 15, 3, "pictures without control")
            rig.control.heard.clear()
            await rig.control.start()
            again = await rig.control.greeted(2)
            assert again["run"] == first["run"]
            assert sorted(again["legs"]) == ["aaaa0001", "aaaa0002"]
            assert again["views"] == [{"view": "1001", "cls": "hd"}]
            await until(lambda: rig.control.picture("aaaa0001") == "live", "the pictures' states, told again", 2)
        await rig.control.put("1001", ["aaaa0001"], WHOLE)
        await screen.sees(WHOLE, ["red"])


_SCENE: dict[str, Any] = {"width": 1280, "height": 720, "fps": 30, "tiles": []}
_TILE: dict[str, Any] = {"participant": "aaaa0001", "x": 0, "y": 0, "w": 1, "h": 1, "name": "x"}


_WRONG: list[tuple[str, dict[str, Any]]] = [
    ("view.put", {}),
    ("view.put", {"view": "a-b", "scene": _SCENE, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": None, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "width": 100000}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "fps": 0}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "tiles": [_TILE] * 129}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "tiles": [{**_TILE, "x": 2}]}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "tiles": [{**_TILE, "x": "left"}]}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "tiles": [{**_TILE, "participant": "../x"}]}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "tiles": [{**_TILE, "speaking": 3}]}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": {**_SCENE, "colour": "red"}, "classes": [HD]}),
    ("view.put", {"view": "1", "scene": _SCENE, "classes": [HD, HD]}),
    ("view.put", {"view": "1", "scene": _SCENE, "classes": [{**HD, "level_idc": 99}]}),
    ("view.put", {"view": "1", "scene": _SCENE, "classes": [{**HD, "kbps": -1}]}),
    ("view.drop", {"view": 7}),
    ("view.still", {"view": "1", "width": -5}),
    ("view.still", {"width": 320}),
    ("no.such.call", {}),
]


async def test_wrong_wishes_are_bad_requests(rig: Rig) -> None:
    for call, args in _WRONG:
        with pytest.raises(BadRequest):
            await rig.control.call(call, **args)
    assert (await rig.control.call("mixer.status"))["stats"]["views"] == []


async def test_a_still_of_no_view_is_not_found(rig: Rig) -> None:
    with pytest.raises(NotFound):
        await rig.control.call("view.still", view="1", width=320)


async def test_any_name_can_be_shown(rig: Rig) -> None:
    for name in (
        "",
        "Nguyễn Thị Ánh",
        "\x00\x1b[31m",
        "x" * 512,
        "\u202eabc",
        "👩\u200d👩\u200d👧",
        "%s{}<b>",
        "\ud800",
    ):
        scene = {**_SCENE, "tiles": [{**_TILE, "name": name}], "banner": {"text": name, "scroll": True}}
        try:
            await rig.control.call("view.put", view="names", scene=scene, classes=[HD])
        except BadRequest:
            assert name == "\ud800", "only half a character is no name"
    await rig.control.call("view.drop", view="names")


async def test_a_port_that_is_taken_is_said_and_ends_it(rig: Rig, tmp_path: Path) -> None:
    other = MixerProcess(tmp_path, rig.mixer.sip_port)
    other.start()
    await until(lambda: not other.alive, "the second mixer ends", 10)
    assert "mixer.not_started" in other.output()
    assert "Address already in use" in other.output()


async def test_calls_come_and_go_by_the_hundred(rig: Rig) -> None:
    """250 calls in batches, with views put all the time: no descriptor, source or call is left behind."""
    await rig.control.put("1001", ["churn0"], WHOLE)

    async def one(number: int) -> None:
        kind = f"leg-churn{number}" if number % 5 else "view-1001-hd"
        async with Terminal(rig.mixer.address, watch=False, listen=False) as terminal:
            await terminal.dial(kind)
            await asyncio.sleep(0.03 * (number % 4))

    await asyncio.gather(*(one(number) for number in range(10)))
    await until(lambda: len(rig.control.events("leg.down")) >= 9, "leg.down", 5)
    files = rig.mixer.open_files()
    for batch in range(25):
        await asyncio.gather(*(one(batch * 10 + number) for number in range(10)))
        await rig.control.put("1001", [f"churn{batch * 10 + 1}"], WHOLE)

    async def empty() -> bool:
        status = await rig.control.call("mixer.status")
        return (status["legs"], status["views"], status["stats"]["sources"]) == ([], [], [])

    await until_told(empty, "no call and no source", 5)
    await until(lambda: rig.mixer.open_files() <= files + 4, "closed sockets", 5)


async def test_150_legs_stand(rig: Rig) -> None:
    names = [f"many{number:04}" for number in range(150)]
    terminals = [Terminal(rig.mixer.address, watch=False, listen=False) for _ in names]
    try:
        for terminal in terminals:
            await terminal.__aenter__()
            terminal.camera.form  # noqa: B018 - the clip is there before the first call
        for start in range(0, 150, 10):
            await asyncio.gather(
                *(t.dial(f"leg-{n}") for t, n in zip(terminals[start : start + 10], names[start:], strict=False))
            )
            for terminal in terminals[start : start + 10]:
                terminal.camera.on = False  # standing, not sending: their cameras would be this machine's load
        status = await rig.control.call("mixer.status")
        assert len(status["legs"]) == 150
        assert all(leg["started"] for leg in status["legs"])
        assert sorted((await _hello_again(rig))["legs"]) == names
    finally:
        await asyncio.gather(*(terminal.__aexit__(None, None, None) for terminal in terminals))


async def _hello_again(rig: Rig) -> dict[str, Any]:
    before = len(rig.control.hellos)
    await rig.control.stop()
    await rig.control.start()
    return await rig.control.greeted(before + 1)


async def test_a_control_that_hangs_does_not_hold_the_mixer_up(rig: Rig) -> None:
    await rig.control.put("1001", ["aaaa0001"], WHOLE)
    rig.control.silent = True
    await rig.control.drop_link()
    async with rig.leg("red") as red, rig.viewer() as screen:
        await red.dial("leg-aaaa0001")
        await screen.dial("view-1001-hd")
        await screen.sees(WHOLE, ["red"])
        os.kill(rig.mixer.pid, 0)
        rig.control.silent = False
        await rig.control.greeted(2, 10)
    with pytest.raises(McuError):
        await rig.control.call("view.put")
    os.kill(rig.mixer.pid, signal.SIGTERM)
    await until(lambda: not rig.mixer.alive, "its end", 2)
    rig.mixer.start()
    await rig.control.greeted(3, 15)
