"""Values that no table holds are refused as such: nothing of what is asked is a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest

from mcu.core.roles import LOCAL
from mcu.errors import BadRequest, NotFound
from tests.control.conftest import House

HUGE, HALF = 10**400, "\ud800"  # beyond any float; half of a character beyond the first plane


@pytest.mark.parametrize(
    ("method", "args"),
    [
        ("meeting.change", {"id": 10**20, "title": "Giao ban"}),
        ("meeting.delete", {"id": HUGE}),
        ("site.create", {"name": "Xã Tân Lập", "distance_km": HUGE}),
        ("site.create", {"name": "Xã Tân Lập", "latitude": float("nan")}),
        ("site.create", {"name": "Xã Tân Lập", "longitude": float("inf")}),
        ("user.create", {"login": "lan", "password": "correct horse", "branch": HUGE}),
        ("terminal.show", {"name": HALF}),
        ("terminal.show", {"name": "a\0b"}),
        ("test.report", {"conference": HALF}),
        ("test.sign", {"conference": HALF, "site": 1}),
        ("audit.list", {"login": HALF}),
    ],
)
async def test_what_no_table_holds_is_refused(house: House, method: str, args: dict[str, Any]) -> None:
    with pytest.raises((BadRequest, NotFound)):
        await house.control.gate.run(LOCAL, method, args)
