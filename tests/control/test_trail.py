"""What the audit keeps of rubbish: a row that any database holds."""

from __future__ import annotations

from typing import Any

from mcu.control.access import trail
from mcu.core.roles import LOCAL
from mcu.models import Database, audit, upgrade
from tests.postgresql import Cluster


def test_what_no_text_may_hold_is_left_out_and_the_act_is_kept(postgresql: Cluster) -> None:
    odd = "a\0\ud800b"
    args: dict[str, Any] = {"act": odd, "id": odd, "note": odd, odd: [odd, {odd: odd}], "url": f"http://{odd}/x"}
    args["db"] = [float("nan"), float("-inf"), -6.5]  # the first two have no form in JSON, by which all is read again
    columns = trail.row(LOCAL, "room.act", args, odd, "ok")
    url = postgresql.create()
    database = Database(url)
    upgrade(database)
    with database.session(writing=True) as session:
        audit.add(session, columns)
    (row,) = audit.acts(database)
    assert (row.act, row.room, row.target) == ("a?b", "a?b", "a?b")
    assert row.detail == {"id": "a?b", "note": "a?b", "a?b": ["a?b", {"a?b": "a?b"}], "url": "http://a?b"} | {
        "db": ["nan", "-inf", -6.5]
    }
    database.close()
    postgresql.drop(url)
