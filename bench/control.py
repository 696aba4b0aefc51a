"""How fast control decides: events of a large room through core alone, and from the switch's event to the bus.

Run: python bench/control.py [people]. Figures are per event, in ms, on one core.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path

from mcu.bus import connect
from mcu.config import Settings
from mcu.control.process import Control
from mcu.core import commands, events
from mcu.core.bridge import Bridge
from mcu.core.entry.answers import Admit, EntryRequest
from mcu.core.picture.layout import Catalogue, parse
from mcu.core.roster import RoomConfig
from mcu.models import first_start

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.fakes.switch import FakeSwitch

VIDEO = "h264 profile-level-id=42e01f;packetization-mode=1"


def request(n: int) -> EntryRequest:
    return EntryRequest(
        channel=f"PJSIP/site-{n:08x}",
        uniqueid=f"1.{n}",
        number="1001",
        door="terminal",
        endpoint="t-site",
        caller_name=f"Xã {n}",
        caller_number=str(2000 + n),
        video=VIDEO,
    )


def report(what: str, seconds: list[float]) -> None:
    ordered = sorted(1000 * s for s in seconds)
    print(f"{what:46} median {statistics.median(ordered):7.3f}  p99 {ordered[int(len(ordered) * 0.99)]:7.3f} ms")


def core(people: int) -> None:
    """Policy alone: joins, then speech in the full room."""
    text = resources.files("mcu.core.picture").joinpath("layouts.toml").read_text("utf-8")
    bridge = Bridge(Catalogue(parse(text, "layouts.toml")))
    bridge.handle(commands.PutRoom(at=0, config=RoomConfig(number="1001", name="x")))
    bridge.handle(events.SwitchUp(at=0, snapshot=events.Snapshot()))
    bridge.handle(events.MixerUp(at=0, mixer="run1", legs=(), views=()))
    entries, joins, talks = [], [], []
    for n in range(people):
        begun = time.perf_counter()
        bridge.enter(request(n), at=n, participant=f"{n:08x}", display="", guests=True, language="vi")
        entries.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        bridge.handle(
            events.Joined(
                at=n, participant=f"{n:08x}", channel=f"PJSIP/site-{n:08x}", room="1001", muted=False, name="x"
            )
        )
        bridge.due()
        joins.append(time.perf_counter() - begun)
    for n in range(2000):
        begun = time.perf_counter()
        who = f"{n // 2 % people:08x}"
        bridge.handle(
            events.Talking(at=people + n, participant=who, channel=f"PJSIP/site-{who}", room="1001", on=n % 2 == 0)
        )
        bridge.due()
        talks.append(time.perf_counter() - begun)
    report(f"core: entry, up to {people} people", entries)
    report("core: join", joins)
    report(f"core: begin or end of speech, {people} people", talks)


async def process(people: int) -> None:
    """The whole process with a fake switch: until a subscriber of the bus has the event."""
    with tempfile.TemporaryDirectory(prefix="mcu-bench-") as home:
        settings = Settings(home=Path(home), admin_password="bench", asterisk={"agi_port": 25474})  # type: ignore[arg-type]
        first_start(settings)
        control = Control(settings, lambda _, hear: FakeSwitch(hear))
        await control.start()
        switch = control.controller.switch
        assert isinstance(switch, FakeSwitch)
        heard: asyncio.Queue[tuple[str, dict[str, object]]] = asyncio.Queue()
        client = await connect(settings.control_socket, {}, lambda event, data: heard.put_nowait((event, data)))
        await client.call("bus.subscribe")
        entries, told = [], []
        for n in range(people):
            begun = time.perf_counter()
            answer = await control.controller.entry(request(n))
            entries.append(time.perf_counter() - begun)
            assert isinstance(answer, Admit)
            switch.join(answer.participant, "1001", channel=request(n).channel, name=answer.name)
            await asyncio.sleep(0)
        members = list(switch.members.values())
        await client.call("status")
        while not heard.empty():
            heard.get_nowait()
        for n in range(1000):
            member = members[n % people]
            begun = time.perf_counter()
            control.controller.happened(
                events.Muted(
                    at=time.time(), participant=member.participant, channel=member.channel, room="1001", on=n % 2 == 0
                )
            )
            while (await heard.get())[0] != "participant.changed":
                pass
            told.append(time.perf_counter() - begun)
        report("process: entry answered", entries)
        report("process: event of the switch to the bus", told)
        client.close()
        await client.wait_closed()
        await control.stop()


if __name__ == "__main__":
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    core(count)
    asyncio.run(process(count))
