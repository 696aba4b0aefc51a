"""Who may log in, and as what."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core import roles
from mcu.errors import BadRequest, Conflict, McuError, NotFound, RoomNotFound
from mcu.models import users
from tests.control.conftest import House

PASSWORD = "correct horse"


async def fault(house: House, name: str, /, **args: Any) -> type[McuError]:
    with pytest.raises(McuError) as caught:
        await house.call(name, **args)
    return type(caught.value)


async def test_a_role_can_be_changed_with_its_bounds(house: House) -> None:
    site = (await house.call("site.create", name="Huyện"))["id"]
    made = await house.call("user.create", login="lan", password=PASSWORD, role="operator", branch=site)
    assert (made["role"], made["branch"], made["room"]) == ("operator", site, None)
    chair = await house.call("user.change", login="lan", role="chair", room="1001")
    assert (chair["role"], chair["branch"], chair["room"]) == ("chair", None, "1001")
    viewer = await house.call("user.change", login="lan", role="viewer")
    assert (viewer["role"], viewer["branch"], viewer["room"]) == ("viewer", None, None)
    bounded = await house.call("user.change", login="lan", branch=site)
    assert (bounded["role"], bounded["branch"]) == ("viewer", site)
    assert (await house.call("user.change", login="lan", branch=None))["branch"] is None
    told = [data["login"] for event, data in house.heard if event == "users.changed"]
    assert told == ["lan"] * 4


async def test_the_last_administrator_stays(house: House) -> None:
    assert await fault(house, "user.change", login="admin", role="viewer") is Conflict
    assert await fault(house, "user.delete", login="admin") is Conflict
    await house.call("user.create", login="lan", password=PASSWORD, role="admin")
    assert (await house.call("user.change", login="admin", role="operator"))["role"] == "operator"
    assert await fault(house, "user.change", login="lan", role="operator") is Conflict


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"role": "root"}, BadRequest),
        ({"role": "chair"}, BadRequest),
        ({"role": "viewer", "room": "1001"}, BadRequest),
        ({"role": "admin", "branch": 1}, BadRequest),
        ({"role": "operator", "branch": "1"}, BadRequest),
        ({"role": "operator", "branch": True}, BadRequest),
        ({"role": "operator", "branch": 999}, NotFound),
        ({"role": "chair", "room": "9000"}, RoomNotFound),
        ({"role": "chair", "room": "x"}, BadRequest),
    ],
)
async def test_bounds_that_do_not_fit(house: House, args: dict[str, Any], error: type[McuError]) -> None:
    assert await fault(house, "user.create", login="lan", password=PASSWORD, **args) is error
    await house.call("user.create", login="ha", password=PASSWORD, role="viewer")
    assert await fault(house, "user.change", login="ha", **args) is error
    assert [one["role"] for one in await house.call("user.list")] == ["admin", "viewer"]


async def test_nothing_to_change_and_nobody(house: House) -> None:
    assert await fault(house, "user.change", login="admin") is BadRequest
    assert await fault(house, "user.change", login="nobody", role="viewer") is NotFound


def test_the_table_knows_the_roles_that_have_rights() -> None:
    assert users.ROLES == roles.ROLES
