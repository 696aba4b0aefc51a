"""Rows of the tree of sites, and of who is invited."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from mcu.config import Settings
from mcu.errors import BadRequest, Conflict, NotFound, RoomNotFound
from mcu.models import Database, RoomRow, SiteRow, TerminalRow, rows, sites, upgrade, users


@pytest.fixture
def database(tmp_path: Path, database_url: str) -> Iterator[Database]:
    made = Database(Settings(home=tmp_path, database=database_url).database_url)
    upgrade(made)
    yield made
    made.close()


def add(database: Database, name: str, parent: int | None = None, **values: object) -> int:
    return sites.add_site(database, {"name": name, "parent_id": parent, **values}).id


def test_the_tree(database: Database) -> None:
    province = add(database, "Tỉnh", code="66")
    commune = add(database, "Xã", province, people=40, distance_km=17.5)
    assert [(s.id, s.parent_id, s.people, s.distance_km) for s in sites.sites(database)] == [
        (province, None, 0, 0.0),
        (commune, province, 40, 17.5),
    ]
    changed = sites.change_site(database, commune, {"name": "Xã Ea Kao", "parent_id": None})
    assert (changed.name, changed.parent_id) == ("Xã Ea Kao", None)
    with pytest.raises(NotFound):
        add(database, "x", 99)
    with pytest.raises(NotFound):
        sites.change_site(database, 99, {"name": "x"})
    with pytest.raises(Conflict, match="code of Tỉnh"):
        add(database, "x", code="66")
    sites.change_site(database, province, {"code": "66"})  # its own
    add(database, "no code", code=None)
    add(database, "no code either", code=None)


def test_no_site_comes_to_stand_under_itself(database: Database) -> None:
    top = add(database, "a")
    middle = add(database, "b", top)
    bottom = add(database, "c", middle)
    for parent in (top, middle, bottom):
        with pytest.raises(Conflict, match="under itself"):
            sites.change_site(database, top, {"parent_id": parent})
    sites.change_site(database, bottom, {"parent_id": top})


def test_a_tree_has_an_end(database: Database) -> None:
    last = add(database, "0")
    for level in range(1, sites.DEEPEST):
        last = add(database, str(level), last)
    with pytest.raises(BadRequest, match="levels"):
        add(database, "too deep", last)


def test_what_is_moved_takes_its_levels_along(database: Database) -> None:
    deep = [add(database, "0")]
    for level in range(1, sites.DEEPEST - 2):
        deep.append(add(database, str(level), deep[-1]))
    top = add(database, "a")
    middle = add(database, "b", top)
    add(database, "c", middle)
    with pytest.raises(BadRequest, match="levels"):
        sites.change_site(database, top, {"parent_id": deep[-1]})
    sites.change_site(database, middle, {"parent_id": deep[-1]})
    sites.change_site(database, top, {"parent_id": deep[-1]})


def test_what_hangs_on_a_site_that_goes(database: Database) -> None:
    province = add(database, "Tỉnh")
    commune = add(database, "Xã", province)
    rows.add_terminal(database, TerminalRow(name="hall", password="x", site_id=commune))
    rows.add_room(database, RoomRow(number="7", name="x", branch_id=province))
    sites.set_room_sites(database, "7", [commune])
    with pytest.raises(Conflict, match="1 sites are under"):
        sites.delete_site(database, province)
    users.add_user(database, "hoa", "long enough", "operator")
    with database.session(writing=True) as session:
        found = next(user for user in session.query(users.UserRow) if user.login == "hoa")
        found.branch_id = province
    with pytest.raises(Conflict, match="account of hoa"):
        sites.delete_site(database, province, branch=True)
    users.delete_user(database, "hoa")
    with pytest.raises(Conflict, match="room 7 is of this branch"):  # it would be everybody's
        sites.delete_site(database, province, branch=True)
    rows.delete_room(database, "7")
    assert sites.delete_site(database, province, branch=True) == 2
    assert sites.sites(database) == []
    assert [(t.name, t.site_id) for t in rows.terminals(database)] == [("hall", None)]
    assert sites.invited(database) == {}
    with pytest.raises(NotFound):
        sites.delete_site(database, province)


def test_a_branch_that_has_rooms_stays(database: Database) -> None:
    province = add(database, "Tỉnh")
    commune = add(database, "Xã", province)
    for number in ("10", "9", "11", "12", "13", "14"):
        rows.add_room(database, RoomRow(number=number, name="x", branch_id=commune))
    with pytest.raises(Conflict, match="rooms 9, 10, 11, 12, 13 and 1 more are of this branch"):
        sites.delete_site(database, province, branch=True)
    with pytest.raises(Conflict, match="rooms 9, "):
        sites.delete_site(database, commune)
    with pytest.raises(IntegrityError), database.session(writing=True) as session:  # nor behind our back
        session.execute(delete(SiteRow).where(SiteRow.id == commune))
    assert {room.branch_id for room in rows.rooms(database)} == {commune}


def test_a_site_s_id_is_never_used_again(database: Database) -> None:
    """Calls, rolls and what programs remember go on naming the one that was."""
    first = add(database, "a")
    sites.delete_site(database, first)
    second = add(database, "b")
    sites.delete_site(database, second)
    assert len({first, second, add(database, "c")}) == 3


def test_invitations_keep_their_order(database: Database) -> None:
    a, b, c = (add(database, name) for name in "abc")
    rows.add_room(database, RoomRow(number="7", name="x"))
    sites.set_room_sites(database, "7", [c, a, b])
    assert sites.room_sites(database, "7") == [c, a, b]
    sites.set_room_sites(database, "7", [b, c])
    assert sites.invited(database) == {"7": (b, c)}
    with pytest.raises(NotFound):
        sites.set_room_sites(database, "7", [a, 99])
    assert sites.room_sites(database, "7") == [b, c]
    for number in ("8", "1" * 16):
        with pytest.raises(RoomNotFound):
            sites.room_sites(database, number)
    rows.delete_room(database, "7")
    assert sites.invited(database) == {}


def test_a_terminal_stands_where_there_is_a_site(database: Database) -> None:
    with pytest.raises(NotFound):
        rows.add_terminal(database, TerminalRow(name="hall", password="x", site_id=3))
    rows.add_terminal(database, TerminalRow(name="hall", password="x", alias="2001"))
    with pytest.raises(NotFound):
        rows.change_terminal(database, TerminalRow(name="hall", password="x", site_id=3))
    with pytest.raises(Conflict):
        rows.add_room(database, RoomRow(number="2001", name="a terminal has it"))
