"""What becomes of calls that the switch makes, as a scripted manager tells it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mcu.asterisk.switch import Switch
from mcu.config import Asterisk, Settings
from mcu.core.dialling.targets import parse_target
from mcu.core.events import DialFailed, Event, HungUp, SwitchUp
from tests.asterisk.fake_ami import Connection, FakeAmi
from tests.waiting import until

CALL = "0badf00d"
LISTS = ("CoreShowChannels", "ConfbridgeListRooms", "VideoRouterList")


async def _answer(connection: Connection, action: dict[str, str]) -> None:
    """An Asterisk in which there is nothing."""
    ident = f"ActionID: {action['ActionID']}\r\n"
    if action["Action"] in LISTS:
        begin = f"Response: Success\r\n{ident}EventList: start\r\n\r\n"
        end = f"Event: {action['Action']}Complete\r\n{ident}EventList: Complete\r\n\r\n"
        await connection.send_octets((begin + end).encode())
    else:
        await connection.reply(action)


async def _hangup(connection: Connection, channel_id: str, cause: int) -> None:
    told = f"Channel: PJSIP/t-xa-00000001\r\nUniqueid: {channel_id}\r\nCause: {cause}\r\n"
    variables = f"ChanVariable: MCU_KIND=terminal\r\nChanVariable: MCU_ID={CALL}\r\n"
    await connection.send_octets(f"Event: Hangup\r\n{told}{variables}\r\n".encode())


async def _dial(switch: Switch, ami: FakeAmi) -> str:
    """The id of the channel that is to come to be."""
    await switch.dial_terminal(CALL, "1001", parse_target("sip:xa@10.0.0.7"), "Phòng họp")
    sent = [action for action in ami.connections[0].actions if action["Action"] == "Originate"]
    return sent[-1]["ChannelId"]


async def test_the_late_end_of_an_attempt_is_not_taken_for_the_next_one_s(tmp_path: Path) -> None:
    heard: list[Event] = []
    async with FakeAmi(_answer) as ami:
        switch = Switch(Settings(home=tmp_path, asterisk=Asterisk(ami_port=ami.port)), heard.append)
        await switch.start()
        try:
            await until(lambda: switch.connected, "login")
            connection = ami.connections[0]
            first = await _dial(switch, ami)
            failed = {"Event": "OriginateResponse", "Response": "Failure", "Reason": "5", "Uniqueid": first}
            await connection.send(failed)
            async with asyncio.timeout(20):
                while not any(isinstance(event, DialFailed) for event in heard):
                    await asyncio.sleep(0.01)
            second = await _dial(switch, ami)
            await _hangup(connection, first, 17)
            await _hangup(connection, second, 19)
            await switch.version()  # by its answer all before it has been read
            assert [event.cause for event in heard if isinstance(event, DialFailed)] == [17, 19]
            assert not [event for event in heard if isinstance(event, HungUp)]
        finally:
            await switch.stop()


async def test_what_happens_while_the_lists_are_read_is_told_as_of_their_end(tmp_path: Path) -> None:
    """Its own time would be before that of SwitchUp, as if the clock had been set back."""
    heard: list[Event] = []

    async def answer(connection: Connection, action: dict[str, str]) -> None:
        if action["Action"] == LISTS[-1]:
            await _hangup(connection, "1763794800.1", 16)
        await _answer(connection, action)

    async with FakeAmi(answer) as ami:
        switch = Switch(Settings(home=tmp_path, asterisk=Asterisk(ami_port=ami.port)), heard.append)
        await switch.start()
        try:
            await until(lambda: switch.connected, "login")
            up, gone = heard
            assert isinstance(up, SwitchUp)
            assert isinstance(gone, HungUp)
            assert gone.at >= up.at
        finally:
            await switch.stop()
