"""The truth read back from a scripted manager: what it refuses to tell is not taken for nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mcu.asterisk import snapshot
from mcu.asterisk.ami import Ami
from mcu.core.events import Snapshot
from mcu.errors import BadRequest, McuError, NotPermitted, Unavailable
from tests.asterisk.fake_ami import Connection, FakeAmi
from tests.waiting import until

CHANNEL = "PJSIP/hall-00000001"
ITEMS = {
    "CoreShowChannels": [("CoreShowChannel", {"Channel": CHANNEL, "ChannelState": "6"})],
    "ConfbridgeListRooms": [("ConfbridgeListRooms", {"Conference": "1001", "Locked": "Yes"})],
    "ConfbridgeList": [("ConfbridgeList", {"Conference": "1001", "Channel": CHANNEL, "Muted": "Yes"})],
    "VideoRouterList": [("VideoRouterEntry", {"Role": "subscriber", "Channel": CHANNEL, "Key": "v-1001-hd"})],
    "PJSIPShowRegistrationsOutbound": [("OutboundRegistrationDetail", {"Status": "Registered"})],
}
VARIABLES = "ChanVariable: MCU_KIND=terminal\r\nChanVariable: MCU_ID=0badf00d\r\nChanVariable: MCU_NAME=Huế\r\n"


class Manager:
    """One member in one room, unless an action is refused or broken off."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.broken_off = ""
        self.video = "h264 profile-level-id=42e01f"
        self._server = FakeAmi(self._answer)
        self._ami: Ami

    async def __aenter__(self) -> Manager:
        await self._server.listen()
        self._ami = Ami("127.0.0.1", self._server.port, "mcu", "x", on_event=lambda _: None)
        await self._ami.start()
        await until(lambda: self._ami.connected, "login")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._ami.stop()
        await self._server.go_away()

    async def take(self) -> Snapshot:
        return (await self.taken()).seen

    async def taken(self, *, trunk: bool = False) -> snapshot.Taken:
        return await snapshot.take(self._ami, trunk=trunk)

    async def _answer(self, connection: Connection, action: dict[str, str]) -> None:
        name, ident = action["Action"], f"ActionID: {action['ActionID']}\r\n"
        if name in self.refused:
            await connection.reply(action, "Error", self.refused[name])
        elif name == "CoreStatus":
            since = "CoreStartupDate: 2026-11-22\r\nCoreStartupTime: 07:00:01\r\n"
            await connection.send_octets(f"Response: Success\r\n{ident}{since}\r\n".encode())
        elif name == "Getvar":
            value = {"VIDEO_FMTP()": self.video, "MCU_DEVICE": "Yealink VC200"}[action["Variable"]]
            await connection.send_octets(f"Response: Success\r\n{ident}Value: {value}\r\n\r\n".encode())
        else:
            await connection.send_octets(f"Response: Success\r\n{ident}EventList: start\r\n\r\n".encode())
            for event, fields in ITEMS[name]:
                lines = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
                await connection.send_octets(f"Event: {event}\r\n{ident}{lines}{VARIABLES}\r\n".encode())
            end = "cancelled" if name == self.broken_off else "Complete"
            await connection.send_octets(f"Event: {name}Complete\r\n{ident}EventList: {end}\r\n\r\n".encode())


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    async with Manager() as made:
        yield made


async def test_all_there_is(manager: Manager) -> None:
    taken = await manager.take()
    (member,) = taken.members
    assert (member.participant, member.name, member.room, member.muted) == ("0badf00d", "Huế", "1001", True)
    assert (member.codec, member.fmtp, member.subscribed) == ("h264", "profile-level-id=42e01f", "v-1001-hd")
    assert member.device == "Yealink VC200"
    assert taken.locked == {"1001"}
    assert taken.started == "2026-11-22 07:00:01"


async def test_an_asterisk_that_knows_of_no_trunk_yet_tells_all_else(manager: Manager) -> None:
    """Control was started again after the trunk was written into the settings; Asterisk was not."""
    assert (await manager.taken(trunk=True)).registered is True
    assert (await manager.taken()).registered is None
    manager.refused["PJSIPShowRegistrationsOutbound"] = "Invalid/unknown command: PJSIPShowRegistrationsOutbound."
    taken = await manager.taken(trunk=True)
    assert taken.registered is None
    assert len(taken.seen.members) == 1


async def test_a_line_that_brings_slides_says_which(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"MCU_KIND": "slides", "MCU_ID": "0badf00d", "MCU_MIXER": "h323"}
    lines = "".join(f"ChanVariable: {name}={value}\r\n" for name, value in told.items())
    monkeypatch.setattr("tests.asterisk.test_snapshot.VARIABLES", lines)
    taken = await manager.take()
    assert taken.members == ()
    (leg,) = taken.legs
    assert (leg.kind, leg.ident, leg.channel, leg.key) == ("slides", "0badf00d", CHANNEL, "v-1001-hd")


@pytest.mark.parametrize("kind", ["leg", "slides"])
async def test_only_what_control_dialled_is_unfinished(
    manager: Manager, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("tests.asterisk.test_snapshot.VARIABLES", VARIABLES.replace("=terminal", f"={kind}"))
    ringing = [
        ("CoreShowChannel", {"Channel": "PJSIP/mixer-00000002", "ChannelState": "5", "Uniqueid": f"mcu-dial-{kind}-1"}),
    ]
    monkeypatch.setitem(ITEMS, "CoreShowChannels", ringing)
    taken = await manager.taken()
    assert taken.unfinished == ["PJSIP/mixer-00000002"]
    assert (taken.ringing, taken.seen.called) == ({}, {})


async def test_terminals_that_were_called_and_are_in_no_room(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    def called(name: str, state: str, ident: str) -> tuple[str, dict[str, str]]:
        return "CoreShowChannel", {"Channel": name, "ChannelState": state, "Uniqueid": ident}

    ringing = [
        called(CHANNEL, "6", "mcu-dial-terminal-0"),
        called("PJSIP/dialled-00000002", "5", "mcu-dial-terminal-1"),
        # Somebody who calls and is not answered yet, with the id that Asterisk gives under the systemname "mcu".
        called("PJSIP/anonymous-00000003", "4", "mcu-1763801236.3"),
    ]
    monkeypatch.setitem(ITEMS, "CoreShowChannels", ringing)
    taken = await manager.taken()
    assert taken.unfinished == []
    assert taken.ringing == {"mcu-dial-terminal-1": "0badf00d"}
    assert taken.seen.called == {"0badf00d": "PJSIP/dialled-00000002"}, "the other is in the room"
    monkeypatch.setitem(ITEMS, "CoreShowChannels", [called("PJSIP/dialled-00000004", "6", "mcu-dial-terminal-4")])
    taken = await manager.taken()
    assert (taken.ringing, taken.seen.called) == ({}, {"0badf00d": "PJSIP/dialled-00000004"}), "at the door"


async def test_no_conference_is_no_fault(manager: Manager) -> None:
    manager.refused["ConfbridgeListRooms"] = "No active conferences."
    assert await manager.take() == Snapshot(started="2026-11-22 07:00:01")


async def test_a_conference_that_has_just_ended_is_no_fault(manager: Manager) -> None:
    manager.refused["ConfbridgeList"] = "No active conferences by that name found."
    assert (await manager.take()).members == ()


@pytest.mark.parametrize(
    ("action", "sentence", "error"),
    [
        ("ConfbridgeListRooms", "Permission denied", NotPermitted),
        ("ConfbridgeList", "Permission denied", NotPermitted),
        ("CoreShowChannels", "Could not allocate memory", BadRequest),
        ("VideoRouterList", "Invalid/unknown command: VideoRouterList.", BadRequest),
        ("Getvar", "Permission denied", NotPermitted),
        ("CoreStatus", "Permission denied", NotPermitted),
    ],
)
async def test_a_refusal_is_no_empty_room(manager: Manager, action: str, sentence: str, error: type[McuError]) -> None:
    manager.refused[action] = sentence
    with pytest.raises(error, match=sentence.rstrip(".")):
        await manager.take()


@pytest.mark.parametrize("action", ITEMS)
async def test_half_a_list_is_none(manager: Manager, action: str) -> None:
    manager.broken_off = action
    with pytest.raises(Unavailable):
        await manager.taken(trunk=True)


async def test_a_channel_that_went_meanwhile_has_no_video(manager: Manager) -> None:
    manager.refused["Getvar"] = "No such channel"
    assert (await manager.take()).members[0].codec == ""


@pytest.mark.parametrize(
    ("video", "codec", "fmtp"),
    [
        (
            "h263 CIF=1|H264 profile-level-id=42800d;packetization-mode=1",
            "h264",
            "profile-level-id=42800d;packetization-mode=1",
        ),
        ("h264 profile-level-id=42e01f|h263 CIF=1", "h264", "profile-level-id=42e01f"),
        ("h263 CIF=1", "h263", "CIF=1"),
        ("vp8", "", ""),
        ("", "", ""),
    ],
)
async def test_of_several_formats_the_one_that_we_prefer(manager: Manager, video: str, codec: str, fmtp: str) -> None:
    manager.video = video
    member = (await manager.take()).members[0]
    assert (member.codec, member.fmtp) == (codec, fmtp)
