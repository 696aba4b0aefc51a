"""What was begun is done and told to its end, though who asked for it has gone: a panel's patience is 5 s, and a
database that is busy may take longer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from structlog.testing import capture_logs

from mcu.bus import connect
from mcu.core.roles import LOCAL
from mcu.errors import Conflict, Unavailable
from tests.control.conftest import House
from tests.control.test_outgoing import _site
from tests.control.test_webhooks import FakePoster
from tests.waiting import until

WEEKLY = {"room": "1001", "title": "Giao ban", "begins": "2030-01-07T08:00", "rrule": "FREQ=WEEKLY"}
MEETING = "meeting.changed"
HOOK = "https://example.org/hook"


async def ask_and_go(house: House, method: str, args: dict[str, Any]) -> None:
    """Who asks is gone before it is written."""
    control, written = house.control.controller, asyncio.Event()
    finish = control.finish

    async def later(work: Coroutine[Any, Any, Any]) -> Any:
        await written.wait()
        return await work

    control.finish = lambda work: finish(later(work))  # type: ignore[method-assign]
    asker = await connect(house.settings.control_socket, {})
    asked = asyncio.create_task(asker.call(method, **args))
    await until(lambda: control._begun or asked.done(), f"{method} to begin")
    asker.close()
    await asker.wait_closed()
    with pytest.raises(Unavailable):
        await asked
    server = house.control._server
    assert server is not None
    await until(lambda: len(server.peers) == 1, "control to notice")
    control.finish = finish  # type: ignore[method-assign]
    written.set()
    await until(lambda: not control._begun, f"{method} to end")


@pytest.mark.parametrize(
    ("method", "args", "told"),
    [
        ("meeting.create", WEEKLY, MEETING),
        ("meeting.change", {"id": 1, "title": "Họp"}, MEETING),
        ("meeting.delete", {"id": 1}, MEETING),
        ("meeting.cancel_occurrence", {"id": 1, "begins": "2030-01-14T08:00"}, MEETING),
        ("meeting.move_occurrence", {"id": 1, "begins": "2030-01-14T08:00", "to": "2030-01-15T08:00"}, MEETING),
        ("user.change", {"login": "lan", "role": "viewer"}, "users.changed"),
        ("user.password", {"login": "lan", "password": "correct horse"}, "users.changed"),
        ("user.delete", {"login": "lan"}, "users.changed"),
        ("token.delete", {"id": 1}, "tokens.changed"),
        ("site.import", {"text": "site\nXã Tân Lập\n"}, "sites.changed"),
    ],
)  # fmt: skip
async def test_others_hear_of_it(house: House, method: str, args: dict[str, Any], told: str) -> None:
    await house.call("meeting.create", **WEEKLY)
    await house.call("user.create", login="lan", password="battery staple", role="operator")
    await house.call("token.create", login="lan", name="reports", scopes=["read"])
    house.heard.clear()
    planned = house.control.scheduler._wanted
    await ask_and_go(house, method, args)
    (kept,) = (await house.call("audit.list", limit=1))["items"]
    assert (kept["act"], kept["result"]) == (method, "ok")
    assert told in [event for event, _ in house.heard]
    assert house.control.scheduler._wanted > planned or not method.startswith("meeting.")


async def test_a_webhook_is_served_as_it_stands_in_the_table(house: House) -> None:
    await ask_and_go(house, "webhook.create", {"url": HOOK, "events": ["webhook.none"]})
    (made,) = await house.call("webhook.list")
    await ask_and_go(house, "webhook.change", {"id": made["id"], "enabled": False})
    (changed,) = await house.call("webhook.list")
    assert (made["enabled"], changed["enabled"]) == (True, False)


async def test_a_trial_is_sent(house: House) -> None:
    poster = FakePoster()
    house.control._webhooks._poster = poster
    made = await house.call("webhook.create", url=HOOK, events=["webhook.none"])
    await ask_and_go(house, "webhook.test", {"id": made["id"]})
    await until(lambda: poster.events == ["webhook.test"], "the trial")


async def test_a_test_session_is_ended_whole(house: House) -> None:
    site = await _site(house, "Xã Tân Lập", "tan_lap")
    await house.call("test.start", room="1001", sites=[site])
    await ask_and_go(house, "test.stop", {"room": "1001"})
    assert await house.call("call.list", room="1001") == []


async def test_a_test_session_is_begun_whole(house: House) -> None:
    sites = [await _site(house, f"Xã {name}", name) for name in ("a", "b")]
    await ask_and_go(house, "test.start", {"room": "1001", "sites": sites})
    assert [one["site"] for one in await house.call("call.list", room="1001")] == sites


@pytest.mark.parametrize(
    ("method", "args", "result"),
    [
        ("user.delete", {"login": "nobody"}, "not_found"),
        ("room.create", {"number": "1001", "name": "Họp"}, "room_exists"),
        ("room.act", {"room": "1001", "act": "none"}, "bad_request"),
        ("room.act", {"room": "1001", "act": "lock", "on": True}, "ok"),
    ],
)
async def test_the_audit_knows_how_it_ended(house: House, method: str, args: dict[str, Any], result: str) -> None:
    await ask_and_go(house, method, args)
    (kept,) = (await house.call("audit.list"))["items"]
    assert (kept["act"], kept["result"]) == (args.get("act", method), result)


async def test_what_was_cancelled_before_anything_was_done_is_called_that(house: House) -> None:
    """While it is looked up whether the asker may: nothing of it is carried out."""
    planned = await house.call("meeting.create", **WEEKLY)
    gate, looked_up = house.control.gate, asyncio.Event()

    async def busy(*_: object, **__: object) -> str:
        looked_up.set()
        await asyncio.Event().wait()
        return ""

    write = house.control.controller.record.write
    house.control.controller.record.write = busy  # type: ignore[method-assign,assignment]
    asked = asyncio.create_task(gate.run(LOCAL, "meeting.delete", {"id": planned["id"]}))
    await looked_up.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    house.control.controller.record.write = write  # type: ignore[method-assign]
    (kept,) = (await house.call("audit.list", act="meeting.delete"))["items"]
    assert kept["result"] == "cancelled"
    assert (await house.call("meeting.show", id=planned["id"]))["title"] == WEEKLY["title"]


async def test_what_nobody_is_told_of_is_in_the_log(house: House) -> None:
    begun, allowed = asyncio.Event(), asyncio.Event()

    async def refused() -> None:
        begun.set()
        await allowed.wait()
        raise Conflict("the table was full")

    asked = asyncio.create_task(house.control.controller.finish(refused()))
    await begun.wait()
    with capture_logs() as told:
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        allowed.set()
        await until(lambda: not house.control.controller._begun, "its end")
    assert [(one["event"], one["reason"]) for one in told] == [("control.untold_failure", "the table was full")]
