"""Whom a room calls, by which of a site's terminals, and how fast."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcu.core import commands, events
from mcu.core import effects as do
from mcu.core.bridge import Bridge
from mcu.core.dialling.calling import Dialling, Pace, Skipped, allowed, chosen, ways_to
from mcu.core.dialling.targets import Way, parse_target
from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.core.directory.trunk import Trunk
from mcu.errors import BadRequest, Conflict, NotFound, NoTrunk, NumberAbroad, RoomNotFound
from tests.core.called import answer
from tests.core.world import World, catalogue

HUE, LANG, SON, PHU = 1, 2, 3, 4


def directory(more: int = 0) -> Directory:
    sites = [
        Site(id=HUE, name="Huế"),
        Site(id=LANG, name="Xã Lăng", parent=HUE),
        Site(id=SON, name="Xã Sơn", parent=HUE),
        Site(id=PHU, name="Phú Yên"),
        *(Site(id=100 + n, name=f"Xã {n}") for n in range(more)),
    ]
    terminals = [
        TerminalAccount(name="hue", password="x", site=HUE),
        TerminalAccount(name="lang_1", protocol="h323", alias="2001", site=LANG, position=0),
        TerminalAccount(name="lang_2", address="10.0.0.9", site=LANG, position=1),
        TerminalAccount(name="son", address="10.3.0.0/16", site=SON),
        *(TerminalAccount(name=f"xa_{n}", password="x", site=100 + n) for n in range(more)),
    ]
    return Directory(sites, terminals)


def world_of(dialling: Dialling | None = None, more: int = 0) -> World:
    world = World(Bridge(catalogue(), dialling=dialling))
    world.bridge.directory = directory(more)
    world.switch_up()
    return world


def call(world: World, site: int, ident: str, tries: int = 0, room: str = "1001") -> list[do.Effect]:
    first, *others = ways_to(world.bridge.directory, site)
    return world.command(
        commands.CallTerminal(
            at=world.at, number=room, participant=ident, target=first.target, terminal=first.terminal,
            others=tuple(others), name=f"site {site}", tries=tries, site=site,
        )
    )  # fmt: skip


def dialled(effects: list[do.Effect]) -> list[str]:
    return [str(e.target) for e in effects if isinstance(e, do.DialTerminal)]


def fail(world: World, ident: str, cause: int = 17) -> list[do.Effect]:
    return world.happen(events.DialFailed(at=world.at, participant=ident, cause=cause))


def test_the_terminals_of_a_site_are_tried_in_order_and_then_again() -> None:
    world = world_of()
    assert dialled(call(world, LANG, "0000000a", tries=1)) == ["h323:2001"]
    assert dialled(fail(world, "0000000a")) == ["sip:10.0.0.9"]
    (listed,) = world.bridge.dial_out
    assert (listed.terminal, listed.failures) == ("lang_2", 0)
    assert dialled(fail(world, "0000000a", 20)) == []
    assert (listed.state, listed.failures, listed.describe()["reason"]) == ("waiting", 1, "unreachable")
    assert dialled(world.tick(10)) == ["h323:2001"]
    fail(world, "0000000a")
    notices = [e for e in fail(world, "0000000a", 21) if isinstance(e, do.Notice)]
    assert [n.code for n in notices] == ["call_failed"]
    assert "refused" in notices[0].text


def test_a_site_is_not_called_twice_at_once() -> None:
    world = world_of()
    call(world, LANG, "0000000a")
    with pytest.raises(Conflict):
        call(world, LANG, "0000000b")
    call(world, LANG, "0000000c", room="1002")


def test_what_cannot_be_called_says_why() -> None:
    with pytest.raises(NotFound, match="Phú Yên has no terminal"):
        ways_to(directory(), PHU)
    with pytest.raises(NotFound, match="no site 77"):
        ways_to(directory(), 77)
    with pytest.raises(BadRequest, match="network"):
        ways_to(directory(), SON)


def test_all_invited_sites_that_are_not_there() -> None:
    world = world_of()
    world.bridge.invited["1001"] = (PHU, LANG, SON, 77, HUE)
    call(world, LANG, "0000000a", tries=1)
    found = list(chosen(world.bridge, "1001", "all", None))
    assert [(f.site, f.reason) if isinstance(f, Skipped) else f[0].name for f in found] == [
        (PHU, "no_terminal"), (LANG, "called_already"), (SON, "not_callable"), (77, "unknown"), "Huế",
    ]  # fmt: skip
    fail(world, "0000000a")
    fail(world, "0000000a")  # both terminals: it waits for its next attempt
    waiting = {who: list(chosen(world.bridge, "1001", who, None))[1] for who in ("all", "absent")}
    assert isinstance(waiting["absent"], Skipped)
    assert not isinstance(waiting["all"], Skipped)
    with pytest.raises(RoomNotFound):
        list(chosen(world.bridge, "4711", "all", None))


def test_a_branch_of_the_tree() -> None:
    world = world_of()
    world.bridge.invited["1001"] = (PHU, LANG, HUE)
    found = list(chosen(world.bridge, "1001", "branch", HUE))
    assert [f[0].name for f in found if not isinstance(f, Skipped)] == ["Xã Lăng", "Huế"]
    assert len(found) == 2
    with pytest.raises(NotFound):
        list(chosen(world.bridge, "1001", "branch", 77))


def test_many_sites_are_called_at_a_pace() -> None:
    world = world_of(Dialling(per_second=5, at_once=30), more=60)
    begun: list[float] = []
    ringing: list[str] = []

    def look(effects: list[do.Effect]) -> None:
        for effect in effects:
            if isinstance(effect, do.DialTerminal):
                begun.append(world.at)
                ringing.append(effect.participant)

    start = world.at
    for n in range(60):
        look(call(world, 100 + n, f"{n:08x}"))
    assert len(begun) == 5
    while (due := world.bridge.due()) is not None and due < start + 10:
        look(world.tick(max(0.005, due - world.at)))
    assert len(ringing) == 30  # nobody has answered
    for first in begun:
        assert sum(first <= at < first + 1 for at in begun) <= 10  # what one second saved, and what the next brought
    look(world.tick(2))
    for ident in ringing[:10]:
        look(fail(world, ident, 19))
    assert len(ringing) == 35
    answered = 10
    while len(ringing) < 60:
        if (due := world.bridge.due()) is None:
            break
        look(world.tick(max(0.005, due - world.at)))
        look(fail(world, ringing[answered], 19))
        answered += 1
    assert len(ringing) == 60


def test_a_pace_says_when_the_next_one_may_begin() -> None:
    pace = Pace(2.0)
    assert [pace.take(100.0) for _ in range(3)] == [True, True, False]
    due = pace.due(100.0)
    assert due == pytest.approx(100.5)
    assert pace.take(due)
    assert not pace.take(due)
    assert pace.due(50.0) == pytest.approx(50.5)  # the clock was set back
    slow = Pace(0.5)
    assert slow.take(0.0)
    assert slow.due(0.0) == pytest.approx(2.0)


def test_the_calls_into_a_room_are_ended_together() -> None:
    world = world_of()
    call(world, LANG, "0000000a")
    call(world, HUE, "0000000b")
    call(world, HUE, "0000000c", room="1002")
    effects = world.command(commands.EndCalls(at=world.at, number="1001"))
    assert {e.participant for e in effects if isinstance(e, do.StopDialling)} == {"0000000a", "0000000b"}
    assert [c.id for c in world.bridge.dial_out] == ["0000000c"]


def test_nothing_is_dialled_while_the_switch_is_away() -> None:
    world = world_of(Dialling(per_second=1))
    call(world, LANG, "0000000a")
    call(world, HUE, "0000000b")
    world.switch_down()
    assert dialled(world.tick(30)) == []
    world.switch_up()
    assert {c.state for c in world.bridge.dial_out} == {"dialling", "queued"}  # anew, and in its turn
    assert dialled(world.tick(1)) == ["sip:hue"]


def without(world: World, *names: str, **moved: str) -> None:
    """The directory, but for these terminals; of the others, addresses that are corrected."""
    old = world.bridge.directory
    accounts = [a for a in old.accounts() if a.name not in names]
    accounts = [replace(a, address=moved[a.name]) if a.name in moved else a for a in accounts]
    world.bridge.directory = Directory(old.sites(), accounts)


def test_a_corrected_address_is_called_at_the_next_attempt() -> None:
    world = world_of()
    call(world, LANG, "0000000a", tries=2)
    without(world, lang_2="10.0.0.99")
    assert dialled(fail(world, "0000000a")) == ["sip:10.0.0.99"]
    fail(world, "0000000a")
    without(world, "lang_1", lang_2="10.0.0.98")
    assert dialled(world.tick(10)) == ["sip:10.0.0.98"]
    (listed,) = world.bridge.dial_out
    assert (listed.terminal, len(listed.ways)) == ("lang_2", 1)


def test_a_terminal_that_was_deleted_or_moved_to_another_site_is_called_no_more() -> None:
    world = world_of()
    call(world, HUE, "0000000a", tries=5)
    call(world, LANG, "0000000b", tries=5)
    for ident in ("0000000a", "0000000b", "0000000b"):
        fail(world, ident)
    without(world, "hue", "lang_2")
    old = world.bridge.directory
    accounts = [replace(a, site=PHU) if a.name == "lang_1" else a for a in old.accounts()]
    world.bridge.directory = Directory(old.sites(), accounts)
    begun = len(world.log)
    world.wait(300)
    assert dialled(world.log[begun:]) == []
    assert [(c.state, c.describe()["reason"]) for c in world.bridge.dial_out] == [("failed", "not_found")] * 2
    assert [n.code for n in world.log[begun:] if isinstance(n, do.Notice)] == ["call_failed"] * 2


def test_the_call_that_rings_is_the_last_one_of_a_deleted_terminal() -> None:
    """The others of its site are tried; nothing stands still for want of a terminal."""
    world = world_of(Dialling(at_once=1))
    call(world, LANG, "0000000a")
    call(world, HUE, "0000000b")
    without(world, "lang_1", "lang_2")
    assert dialled(fail(world, "0000000a")) == ["sip:hue"]
    assert world.bridge.dial_out.get("0000000a").state == "failed"


def test_the_place_of_a_lost_site_is_not_kept_once_its_terminal_is_deleted() -> None:
    world = world_of()
    world.come()
    call(world, HUE, "0000000a")
    _, channel = answer(world, "0000000a")
    del world.members[channel]
    world.happen(events.Left(at=world.at, participant="0000000a", channel=channel, room="1001"))
    world.happen(events.HungUp(at=world.at, channel=channel, kind="terminal", ident="0000000a", cause=102))
    assert "0000000a" in world.bridge.conferences["1001"].awaiting
    without(world, "hue")
    world.tick(3)
    assert world.bridge.conferences["1001"].awaiting == {}


def with_a_phone(trunk: Trunk | None, *, alone: bool = True) -> Directory:
    phone = TerminalAccount(name="boss", protocol="phone", alias="0912345678", site=LANG, position=0)
    other = TerminalAccount(name="hall", protocol="h323", alias="2001", site=LANG, position=1)
    return Directory([Site(id=LANG, name="Xã Lăng")], [phone] if alone else [phone, other], trunk)


def test_a_site_s_telephone_is_called_over_the_trunk() -> None:
    world = world_of()
    world.bridge.directory = with_a_phone(Trunk(country="84"), alone=False)
    assert dialled(call(world, LANG, "0000000a")) == ["tel:0912345678"]
    assert dialled(fail(world, "0000000a")) == ["h323:2001"]


def test_without_a_trunk_a_telephone_is_passed_over() -> None:
    world = world_of()
    assert [way.terminal for way in ways_to(with_a_phone(None, alone=False), LANG)] == ["hall"]
    world.bridge.directory = with_a_phone(None)
    with pytest.raises(NoTrunk):
        ways_to(world.bridge.directory, LANG)
    world.bridge.invited["1001"] = (LANG,)
    assert list(chosen(world.bridge, "1001", "all", None)) == [Skipped(site=LANG, reason="not_callable")]


def test_numbers_that_people_write_are_called_within_the_country_only() -> None:
    with_trunk = with_a_phone(Trunk(country="84"))
    assert allowed(with_trunk, Way(target=parse_target("tel:+84 912 345 678"))).target.user == "0912345678"
    with pytest.raises(NumberAbroad):
        allowed(with_trunk, Way(target=parse_target("tel:+44 20 7123 4567")))
    at_trunk = Directory(trunk=Trunk(country="84", host="10.9.0.1"))
    with pytest.raises(NumberAbroad):
        allowed(at_trunk, Way(target=parse_target("sip:00442071234567@10.9.0.1")))
    with pytest.raises(NoTrunk):
        allowed(Directory(), Way(target=parse_target("tel:113")))
