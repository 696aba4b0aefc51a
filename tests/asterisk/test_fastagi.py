"""The door's server against clients that play Asterisk, well and badly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.asterisk import fastagi
from mcu.asterisk.fastagi import EntryServer, parse_from, variables
from mcu.core.entry.answers import Admit, Ask, EntryAnswer, EntryRequest, Refuse, Wait
from mcu.errors import BadRequest, ControlDown

SECRET = "Zu7_-9"
GREETING = (
    f"agi_network: yes\nagi_network_script: entry/{SECRET}\nagi_request: agi://127.0.0.1/entry/{SECRET}\n"
    "agi_channel: PJSIP/site1-00000001\nagi_uniqueid: mcu-1.0\nagi_callerid: unknown\n"
    "agi_arg_1: terminal\nagi_arg_2: site1\nagi_arg_3: 1001\nagi_arg_4: 0\nagi_arg_5:\nagi_arg_6: 0\n"
    "agi_arg_7: h264 max-fs=3600\n\n"
)
ADMIT = Admit(participant="0000000a", room="1001", name="Nhà", muted=False, view="", language="vi")


class Door:
    """An EntryServer with an answer to be set."""

    def __init__(self) -> None:
        self.requests: list[EntryRequest] = []
        self.answer: EntryAnswer | Exception = ADMIT
        self.undelivered: list[EntryAnswer] = []
        self.server = EntryServer(
            "127.0.0.1", 0, self._decide, SECRET, lambda request, answer: self.undelivered.append(answer)
        )

    async def _decide(self, request: EntryRequest) -> EntryAnswer:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def session(self, greeting: str = GREETING, caller: str = '"Nhà A" <sip:site1@h>;tag=1') -> list[str]:
        """Play Asterisk to the end; the commands received."""
        commands = []
        async with self.connection() as (reader, writer):
            writer.write(greeting.encode())
            while line := (await reader.readline()).decode():
                commands.append(line.rstrip("\n"))
                told = {
                    "GET VARIABLE PJSIP_HEADER(read,From)": caller,
                    "GET VARIABLE PJSIP_HEADER(read,User-Agent)": "Yealink VC200 30.1",
                    "GET VARIABLE CHANNEL(pjsip,remote_addr)": "[2001:db8::7]:5062",
                    "GET VARIABLE CHANNEL(pjsip,call-id)": "x@127.0.0.1",
                    "GET VARIABLE PJSIP_HEADER(read,X-MCU-Presentation)": "own@mcu",
                    "GET VARIABLE MCU_SOURCE": "192.0.2.9",
                }.get(commands[-1])
                writer.write(f"200 result=1 ({told})\n".encode() if told is not None else b"200 result=1\n")
        return commands


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    await made.server.start()
    yield made
    await made.server.stop()


async def test_a_request_is_understood_and_answered(door: Door) -> None:
    commands = await door.session()
    (request,) = door.requests
    assert request == EntryRequest(
        channel="PJSIP/site1-00000001",
        uniqueid="mcu-1.0",
        number="1001",
        door="terminal",
        endpoint="t-site1",
        caller_name="Nhà A",
        caller_number="site1",
        device="Yealink VC200 30.1",
        video="h264 max-fs=3600",
    )
    assert commands[0] == "GET VARIABLE PJSIP_HEADER(read,From)"
    assert commands[2] == 'SET VARIABLE CALLERID(num) "site1"'
    assert commands[-1] == 'SET VARIABLE MCU_ACTION "join"'
    assert 'SET VARIABLE __MCU_NAME "Nhà"' in commands


async def test_a_call_by_the_gateway_is_told_by_its_call_id(door: Door) -> None:
    await door.session(GREETING.replace("PJSIP/site1-", "PJSIP/h323-"))
    assert door.requests[0].call_id == "x@127.0.0.1"
    assert door.requests[0].presents == "own@mcu"


async def test_a_call_by_the_gateway_has_the_address_that_the_gateway_tells(door: Door) -> None:
    """Its own would stand for all H.323 terminals."""
    commands = await door.session(GREETING.replace("PJSIP/site1-", "PJSIP/h323-").replace("terminal", "guest"))
    assert door.requests[0].source == "192.0.2.9"
    assert not [line for line in commands if "remote_addr" in line]


@pytest.mark.parametrize("channel", ["PJSIP/anonymous-", "PJSIP/h323-x-"])
async def test_nobody_else_says_that_it_is_somebody_s_presentation(door: Door, channel: str) -> None:
    await door.session(GREETING.replace("PJSIP/site1-", channel))
    assert (door.requests[0].call_id, door.requests[0].presents) == ("", "")
    assert door.requests[0].source == ""


async def test_a_strangers_address_is_told(door: Door) -> None:
    commands = await door.session(GREETING.replace("agi_arg_1: terminal", "agi_arg_1: guest"))
    assert door.requests[0].source == "2001:db8::7"
    assert "GET VARIABLE CHANNEL(pjsip,remote_addr)" in commands
    await door.session(GREETING)
    assert door.requests[1].source == ""


@pytest.mark.parametrize(
    ("address", "host"),
    [("192.0.2.1:5060", "192.0.2.1"), ("[2001:db8::1]:5060", "2001:db8::1"), ("", ""), ("[]:1", ""), ("x", "")],
)
def test_an_address_without_its_port(address: str, host: str) -> None:
    assert fastagi.host_of(address) == host


async def test_who_waits_in_the_lobby_is_told_so(door: Door) -> None:
    door.answer = Wait(
        participant="0000000a", room="1001", name="Nhà", view="v-1001w-hd", prompt="mcu-lobby", language="vi"
    )
    assert (await door.session(GREETING))[-9:] == [
        'SET VARIABLE __MCU_KIND "terminal"',
        'SET VARIABLE __MCU_ID "0000000a"',
        'SET VARIABLE __MCU_ROOM "1001"',
        'SET VARIABLE __MCU_NAME "Nhà"',
        'SET VARIABLE MCU_DEVICE ""',
        'SET VARIABLE MCU_PRESENTS ""',
        'SET VARIABLE MCU_VIEW "v-1001w-hd"',
        'SET VARIABLE MCU_PROMPT "mcu-lobby"',
        'SET VARIABLE MCU_ACTION "wait"',
    ]


def test_a_refusal_without_a_word(door: Door) -> None:
    told = dict(variables(Refuse(prompt="", cause=1, language="vi")))
    assert (told["MCU_PROMPT"], told["MCU_CAUSE"], told["MCU_ACTION"]) == ("", "1", "refuse")


async def test_whose_presentation_it_is_stays_with_the_channel(door: Door) -> None:
    door.answer = replace(ADMIT, presents="0a1b2c3d")
    assert 'SET VARIABLE MCU_PRESENTS "0a1b2c3d"' in await door.session(GREETING)


async def test_keys_are_asked_for_and_told(door: Door) -> None:
    door.answer = Ask(want="pin", prompts=("mcu-wrong-pin", "mcu-enter-pin"), language="vi")
    keyed = GREETING.replace("agi_arg_5:\nagi_arg_6: 0", "agi_arg_5: 4711\nagi_arg_6: 2")
    assert (await door.session(keyed))[-4:] == [
        'SET VARIABLE CHANNEL(language) "vi"',
        'SET VARIABLE MCU_WANT "PIN"',
        'SET VARIABLE MCU_PROMPT "mcu-wrong-pin&mcu-enter-pin"',
        'SET VARIABLE MCU_ACTION "ask"',
    ]
    (request,) = door.requests
    assert (request.number, request.number_tries, request.pin, request.pin_tries) == ("1001", 0, "4711", 2)
    assert "4711" not in repr(request)


@pytest.mark.parametrize("tries", ["", "-1", "x", "9999", "١"])
async def test_tries_that_are_no_number_get_no_answer(door: Door, tries: str) -> None:
    await door.session(GREETING.replace("agi_arg_6: 0", f"agi_arg_6: {tries}"))
    assert door.requests == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('a"b', r"a\"b"),
        ("a\\b", r"a\\b"),
        ('\\" x', r"\\\" x"),
        ("a\nSET VARIABLE MCU_ROOM 1\n", "a SET VARIABLE MCU_ROOM 1"),
        ("a\r\n\0b", "a b"),
        ("Hội nghị", "Hội nghị"),
        ("\u2028x\u202e", "x"),
        ("ệ" * 64, "ệ" * 64),
        ("🏫" * 100, "🏫" * 64),
    ],
)
async def test_no_name_breaks_out_of_its_quotes(door: Door, name: str, expected: str) -> None:
    door.answer = Admit(participant="0000000a", room="1001", name=name, muted=True, view="v-1-hd", language="vi")
    commands = await door.session()
    assert f'SET VARIABLE __MCU_NAME "{expected}"' in commands
    assert 'SET VARIABLE MCU_MUTED "yes"' in commands
    assert 'SET VARIABLE MCU_VIEW "v-1-hd"' in commands
    assert 'SET VARIABLE MCU_BROUGHT "no"' in commands


@given(name=st.text())
def test_whatever_the_name_there_is_one_line_for_each_variable(name: str) -> None:
    admit = Admit(participant="0000000a", room="1001", name=name, muted=False, view="", language="en")
    for _, value in variables(admit):
        assert value.isprintable() or value == ""
        assert len(value) <= 64


@pytest.mark.parametrize(
    "wrong",
    [
        {"room": "1001,mcu_bridge"},
        {"room": ""},
        {"room": "1" * 17},
        {"room": "١٠٠١"},
        {"participant": "0000000A"},
        {"participant": "../../x"},
        {"view": "x"},
        {"view": "v-1001-hd)"},
        {"language": "vi&"},
    ],
)
def test_an_answer_with_something_else_in_it_is_refused(wrong: dict[str, str]) -> None:
    right = {"participant": "0000000a", "room": "1001", "name": "", "muted": False, "view": "", "language": "en"}
    with pytest.raises(BadRequest):
        variables(Admit(**(right | wrong)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("prompt", "cause"), [("a&b", 1), ("/etc/passwd", 1), (" ", 1), ("a", 0), ("a", 128)])
def test_a_refusal_with_something_else_in_it_is_refused(prompt: str, cause: int) -> None:
    with pytest.raises(BadRequest):
        variables(Refuse(prompt=prompt, cause=cause, language="en"))


async def test_without_an_answer_there_is_no_action(door: Door) -> None:
    for failure in (ControlDown("no"), RuntimeError("bug")):
        door.answer = failure
        assert not [command for command in await door.session() if "MCU_ACTION" in command]


async def test_a_handler_that_hangs_is_given_up(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastagi, "HANDLER_TIMEOUT", 0.1)
    hangs = EntryServer("127.0.0.1", 0, lambda _: asyncio.Event().wait(), SECRET)  # type: ignore[arg-type,return-value]
    await hangs.start()
    door.server, usual = hangs, door.server
    assert not [command for command in await door.session() if "MCU_ACTION" in command]
    door.server = usual
    await hangs.stop()


@pytest.mark.parametrize(
    "rubbish",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0" * 10,
        b"agi_network_script: entry\n" * 1000,
        b"agi_x: " + b"x" * 100_000,
        b"agi_network_script: other\n\n",
        b"\n",
        b"\xff\xfe\n\n",
        b"",
    ],
)
async def test_rubbish_costs_one_connection(door: Door, rubbish: bytes) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(fastagi, "READ_TIMEOUT", 0.2)
        async with door.connection() as (reader, writer):
            writer.write(rubbish)
            with suppress(ConnectionResetError):  # it was closed with some of the rubbish unread
                assert await asyncio.wait_for(reader.read(), 30) == b""
    assert door.requests == []
    assert (await door.session())[-1] == 'SET VARIABLE MCU_ACTION "join"'


@pytest.mark.parametrize(
    "script", ["entry", "entry/", "entry/x", f"entry/{SECRET}x", f"x/{SECRET}", "entry/\u1ec7", ""]
)
async def test_who_does_not_know_the_secret_is_not_listened_to(door: Door, script: str) -> None:
    assert await door.session(GREETING.replace(f"entry/{SECRET}\nagi_req", f"{script}\nagi_req")) == []
    assert door.requests == []


async def test_a_channel_that_hangs_up_meanwhile_ends_the_session(door: Door) -> None:
    async with door.connection() as (reader, writer):
        writer.write(GREETING.encode())
        await reader.readline()
        writer.write(b"HANGUP\n")
        assert await asyncio.wait_for(reader.read(), 5) == b""


@pytest.mark.parametrize("end", [b"HANGUP\n", b""], ids=["hang-up", "closed"])
async def test_who_is_gone_before_the_answer_is_told(door: Door, end: bytes) -> None:
    async with door.connection() as (reader, writer):
        writer.write(GREETING.encode())
        while not (await reader.readline()).startswith(b"SET VARIABLE __MCU_ID"):
            writer.write(b"200 result=1\n")
        writer.write(end)
        writer.write_eof()
        assert await asyncio.wait_for(reader.read(), 5) == b""
    assert door.undelivered == [ADMIT]


@pytest.mark.parametrize(("late", "told"), [("__MCU_ID", [ADMIT]), ("MCU_VIEW", []), ("MCU_ACTION", [])])
async def test_a_slow_asterisk_is_no_call_that_ended(
    door: Door, monkeypatch: pytest.MonkeyPatch, late: str, told: list[EntryAnswer]
) -> None:
    monkeypatch.setattr(fastagi, "READ_TIMEOUT", 1)  # this side, in the same process, must never be as slow itself
    async with door.connection() as (reader, writer):
        writer.write(GREETING.encode())
        while not (asked := await reader.readline()).startswith(f"SET VARIABLE {late}".encode()):
            assert asked, "it was taken for slow too early"
            writer.write(b"200 result=1\n")
        assert await asyncio.wait_for(reader.read(), 30) == b""
    assert door.undelivered == told


async def test_an_answer_that_arrived_is_not_told(door: Door) -> None:
    await door.session()
    assert door.undelivered == []


async def test_too_many_connections_are_turned_away(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastagi, "MOST_CONNECTIONS", 2)
    async with door.connection(), door.connection(), door.connection() as (reader, _):
        assert await asyncio.wait_for(reader.read(), 5) == b""


@pytest.mark.parametrize(
    ("header", "name", "user"),
    [
        ('"Phòng họp" <sip:101@h>;tag=1', "Phòng họp", "101"),
        ('From: "A \\"B\\" C" <sip:x@h>', 'A "B" C', "x"),
        ("Room A <sips:x@h:5061;user=phone>", "Room A", "x"),
        ("<sip:a%0d%0aEvent%3a%20x@h>", "", "a Event: x"),
        ("sip:bare@h;tag=2", "", "bare"),
        ("<sip:h>", "", ""),
        ("<sip:u:password@h>", "", "u"),
        ('"A" <tel:+84-912-345.678;phone-context=x>;tag=1', "A", "+84912345678"),
        ("tel:113;tag=1", "", "113"),
        ("<mailto:x@h>", "", ""),
        ('"unfinished <sip:x@h>', "", ""),
        ("", "", ""),
        ('"e\u0323\u0302" <sip:x@h>', "ệ", "x"),
    ],
)
def test_from_headers(header: str, name: str, user: str) -> None:
    assert parse_from(header) == (name, user)


@given(header=st.text(max_size=200))
def test_any_from_header_gives_something_harmless(header: str) -> None:
    name, user = parse_from(header)
    assert not {"\r", "\n", "\0"} & set(name + user)
