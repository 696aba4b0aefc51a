"""The tree of sites: any depth, rings, and finding things in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Place, Site
from mcu.core.names import folded


@pytest.fixture
def directory() -> Directory:
    sites = [
        Site(id=10, name="Tỉnh Đắk Lắk"),
        Site(id=11, name="Xã Ea Kao", parent=10, code="24121", position=2),
        Site(id=12, name="Phường Buôn Hồ", parent=10, position=1),
        Site(id=13, name="Hội trường 2", parent=11),
        Site(id=20, name="Tỉnh Đồng Nai"),
    ]
    terminals = [
        TerminalAccount(name="spare", password="x", site=11, position=2, display="Dự phòng"),
        TerminalAccount(name="hall", protocol="h323", alias="2001", site=11, position=1, display="Hội trường"),
        TerminalAccount(name="boss", protocol="phone", alias="0912345678", site=99),
        TerminalAccount(name="school", address="10.1.0.0/16"),
    ]
    return Directory(sites, terminals)


def test_it_is_read_from_the_top_in_order(directory: Directory) -> None:
    assert [site.id for site in directory.sites()] == [10, 12, 11, 13, 20]
    assert [site.id for site in directory.children(None)] == [10, 20]
    assert [site.id for site in directory.path(13)] == [10, 11, 13]
    assert directory.branch(11) == {11, 13}
    assert directory.branch(7) == set()
    assert directory.path(7) == ()


def test_who_is_under_whom(directory: Directory) -> None:
    assert directory.under(13, 10)
    assert directory.under(13, 13)
    assert not directory.under(10, 13)
    assert not directory.under(20, 10)
    assert not directory.under(None, 10)


def test_terminals_are_found_by_what_they_show(directory: Directory) -> None:
    assert directory.by_endpoint("t-spare") == Place(terminal="spare", site=11, display="Dự phòng")
    assert directory.by_endpoint("h-hall") == Place(terminal="hall", site=11, display="Hội trường")
    assert directory.by_endpoint("k-school") == Place(terminal="school", site=None, display="")
    assert directory.by_endpoint("t-nobody") is None
    assert directory.by_endpoint("p-boss") == Place(terminal="boss", site=None, display="")  # its site is gone
    assert [one.name for one in directory.terminals(11)] == ["hall", "spare"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dak lak", [10, 12, 11, 13]),  # those under it, too
        ("ĐẮK", [10, 12, 11, 13]),
        ("đồng", [20]),
        ("dong", [20]),
        ("24121", [11]),  # a code is its own site's alone
        ("hoi truong", [13]),
        ("buon lak", [12]),
        ("nowhere", []),
        ("  ", []),
    ],
)
def test_search_minds_no_accents(directory: Directory, text: str, found: list[int]) -> None:
    assert [site.id for site in directory.search(text)] == found


def test_the_same_word_in_both_unicode_forms() -> None:
    assert folded("Điện Biên Phủ") == folded("Điện Biên Phủ") == "dien bien phu"


@given(st.dictionaries(st.integers(0, 12), st.none() | st.integers(0, 14), max_size=12))
def test_no_ring_of_parents_holds_anything_up(parents: dict[int, int | None]) -> None:
    directory = Directory(Site(id=ident, name=f"s{ident}", parent=parent) for ident, parent in parents.items())
    assert sorted(site.id for site in directory.sites()) == sorted(parents)
    for ident in parents:
        assert ident in directory.branch(ident)
        assert directory.path(ident)[-1].id == ident
        assert all(directory.under(ident, one.id) for one in directory.path(ident))
        assert {one for one in parents if directory.under(one, ident)} == directory.branch(ident)


def test_a_very_deep_tree_is_no_fault() -> None:
    deep = Directory(Site(id=n, name=f"{n}", parent=n - 1 if n else None) for n in range(5000))
    assert len(list(deep.sites())) == 5000
    assert len(deep.branch(0)) == 5000
    assert len(deep.path(4999)) == 5000
