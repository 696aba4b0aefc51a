"""The three doors of a real Asterisk: terminals that register, those known by their address, strangers."""

from __future__ import annotations

from mcu.asterisk import render
from mcu.core.directory.accounts import TerminalAccount
from tests.asterisk.conftest import PASSWORD, Bench
from tests.asterisk.sip_message import RawSip
from tests.waiting import until


async def test_a_terminal_registers_and_calls_with_its_password(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        assert await sip.authenticated("REGISTER", "", "site1", PASSWORD) == 200
        await bench.asterisk.says("site1", "pjsip show contacts")
        sip.answers.clear()
        await sip.authenticated("INVITE", "1001", "site1", PASSWORD)
        await until(lambda: bench.requests, "the door")
    request = bench.requests[0]
    assert (request.door, request.endpoint, request.caller_number) == ("terminal", "t-site1", "site1")


async def test_a_wrong_password_is_refused(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port) as sip:
        assert await sip.authenticated("INVITE", "1001", "site1", "wrong") == 401
        assert await sip.authenticated("REGISTER", "", "site1", "wrong") == 401
    assert bench.requests == []


async def test_a_terminal_is_known_by_its_address(bench: Bench) -> None:
    async with RawSip(bench.asterisk.settings.sip.port, "127.0.0.2") as sip:
        sip.send("INVITE", "1001")
        await until(lambda: bench.requests, "the door")
    assert (bench.requests[0].door, bench.requests[0].endpoint) == ("known", "k-hall")


async def test_without_guests_a_stranger_is_asked_who_it_is(bench: Bench) -> None:
    settings = bench.asterisk.settings
    closed = settings.model_copy(update={"sip": settings.sip.model_copy(update={"guests": False})})
    render.render(closed, bench.asterisk.terminals)
    await bench.switch.reload_endpoints()
    try:
        async with RawSip(settings.sip.port) as sip:
            assert await sip.final(sip.send("INVITE", "1001")) == 401
            assert await sip.final(sip.send("INVITE", "1001", caller="<sip:anonymous@anonymous.invalid>")) == 401
    finally:
        render.render(settings, bench.asterisk.terminals)
        await bench.switch.reload_endpoints()
    assert bench.requests == []


async def test_an_administrators_acl_is_obeyed(bench: Bench) -> None:
    settings = bench.asterisk.settings
    own = settings.asterisk_dir / "local" / "pjsip.conf"
    own.write_text("[mine]\ntype = acl\ndeny = 127.0.0.3\n")
    await bench.switch.reload_endpoints()
    try:
        async with RawSip(settings.sip.port, "127.0.0.3") as sip:
            assert await sip.final(sip.send("INVITE", "1001")) == 403
    finally:
        own.unlink()
        await bench.switch.reload_endpoints()
    assert bench.requests == []


async def test_a_new_terminal_can_call_after_a_reload(own_bench: Bench) -> None:
    settings = own_bench.asterisk.settings
    async with RawSip(settings.sip.port) as sip:
        sip.send("INVITE", "1001", caller="<sip:new1@127.0.0.1>")
        await until(lambda: own_bench.requests, "the door")
        assert own_bench.requests[0].door == "guest"
        newcomers = [TerminalAccount(name="new1", password="p"), TerminalAccount(name="hall", address="127.0.0.2")]
        render.render(settings, newcomers)
        await own_bench.switch.reload_endpoints()
        await sip.authenticated("INVITE", "1001", "new1", "p")
        await until(lambda: len(own_bench.requests) == 2, "the door again")
        assert own_bench.requests[1].endpoint == "t-new1"
    async with RawSip(settings.sip.port, "127.0.0.2") as sip:
        sip.send("INVITE", "1001")
        await until(lambda: len(own_bench.requests) == 3, "the door a third time")
    assert own_bench.requests[2].endpoint == "k-hall"
    render.render(settings, [])
    await own_bench.switch.reload_endpoints()
    async with RawSip(settings.sip.port, "127.0.0.2") as sip:
        sip.send("INVITE", "1001")
        await until(lambda: len(own_bench.requests) == 4, "the door a fourth time")
    assert own_bench.requests[3].endpoint == "anonymous"
