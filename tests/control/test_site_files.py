"""Files of sites over the bus, and roll-outs, on both kinds of database."""

from __future__ import annotations

import base64
import subprocess
from typing import Any

import pytest

from mcu.core.directory.accounts import TerminalAccount
from mcu.errors import ConfigError, NotPermitted
from tests.control.conftest import House
from tests.control.test_sites import rendered, tree

__all__ = ["rendered"]

CSV = "Thuộc;Điểm cầu;Mã;Thiết bị;Số gọi;Mật khẩu\nTỉnh Đắk Lắk;Xã Ea Kao;24121;{name};2001;p\n"


async def test_a_file_is_all_or_nothing(house: House, rendered: list[dict[str, TerminalAccount]]) -> None:
    dry = await house.call("site.import", timeout=120, text=CSV.format(name="kao"), dry_run=True)
    counts = {"added": 3, "changed": 0, "unchanged": 0, "unlisted": ["Tỉnh Đắk Lắk"]}
    assert dry == {"language": "vi", "faults": [], **counts}
    wrong = await house.call(
        "site.import", timeout=120, text=CSV.format(name="kao") + "x;y;1;a b;1001;p\n", language="en"
    )
    assert [(f["line"], f["column"]) for f in wrong["faults"]] == [(3, "Số gọi"), (3, "Thiết bị")]
    assert wrong["faults"][0]["text"] == wrong["faults"][0]["en"]
    with pytest.raises(ConfigError):
        await house.call("site.import", timeout=120, text=CSV.format(name="bad"))
    assert (await house.call("site.list"))["items"] == []
    assert await house.call("terminal.list") == []
    assert rendered in ([], [{}])  # the files are again as they were
    assert await house.call("site.import", timeout=120, text=CSV.format(name="kao")) == dry
    assert rendered[-1]["kao"].password == "p"
    assert [s["name"] for s in (await house.call("site.list"))["items"]] == ["Tỉnh Đắk Lắk", "Xã Ea Kao"]
    again = await house.call("site.import", timeout=120, text=CSV.format(name="kao"))
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_what_is_exported_reads_back(house: House, rendered: Any, form: str) -> None:
    ids = await tree(house)
    await house.call("terminal.create", name="hall", site=ids["commune"], alias="0912", preset="yealink_vc")
    await house.call("site.create", name="=cmd", parent=ids["commune"], note="@x", longitude=-1.5)
    file = await house.call("site.export", timeout=120, format=form)
    octets = base64.b64decode(file["content"])
    text = file["content"] if form == "xlsx" else octets.decode()
    assert await house.call("site.import", timeout=120, text=text, format=form) == {
        "language": "vi",
        "faults": [],
        "added": 0,
        "changed": 0,
        "unchanged": 4,
        "unlisted": [],
    }


async def test_numbers_and_codes_are_exchanged_in_one_file(house: House, rendered: Any) -> None:
    text = "site;code;terminal;number;protocol\nA;1;a;{};phone\nB;2;b;{};phone\n"
    await house.call("site.import", timeout=120, text=text.format("7", "8"))
    changed = await house.call("site.import", timeout=120, text=text.format("8", "7"))
    assert (changed["faults"], changed["changed"]) == ([], 2)
    assert {t["name"]: t["alias"] for t in await house.call("terminal.list")} == {"a": "8", "b": "7"}


async def test_two_hundred_sites_are_rolled_out(house: House, rendered: list[dict[str, TerminalAccount]]) -> None:
    lines = ["Thuộc;Điểm cầu;Loại máy", *(f"Tỉnh Đắk Lắk > Huyện {n % 9};Xã số {n};" for n in range(200))]
    lines.append("Tỉnh Đắk Lắk;Huyện 3;")  # a level of the tree has a line, but no terminal and no page
    args = {"text": "\n".join(lines), "server": "203.0.113.10", "numbers": "2001-2300"}
    dry = await house.call("site.rollout", timeout=120, dry_run=True, **args)
    assert (dry["faults"], dry["added"], dry["sheets"]) == ([], 410, [])
    assert dry["unlisted"][:2] == ["Tỉnh Đắk Lắk", "Tỉnh Đắk Lắk > Huyện 0"]
    assert len(dry["unlisted"]) == 9
    assert await house.call("terminal.list") == []
    made = await house.call("site.rollout", timeout=120, **args)
    assert (made["added"], made["changed"]) == (410, 0)
    accounts = rendered[-1]
    assert len(accounts) == 200
    assert sorted(account.alias for account in accounts.values()) == [str(n) for n in range(2001, 2201)]
    assert len({account.password for account in accounts.values()}) == 200
    assert all(len(account.password) == 16 for account in accounts.values())
    assert accounts["xa.so.7"].display == "Xã số 7"
    told = [data for event, data in house.heard if event == "rollout.progress"]
    assert (told[-1]["done"], told[-1]["total"]) == (200, 200)
    assert len(told) > 100
    (sheet,) = made["sheets"]
    pdf = base64.b64decode(sheet["content"])
    assert pdf.startswith(b"%PDF-")
    again = await house.call("site.rollout", timeout=120, **args)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 201)
    assert len(rendered) == 1  # nothing was written


OPERATOR = {"login": "hoa", "role": "operator", "branch": None, "room": None, "via": "api"}


async def test_passwords_that_were_there_are_for_administrators(house: House, rendered: Any) -> None:
    await house.call("site.import", timeout=120, text="site;terminal;password\nA;hall;k7mwq2zx\n")
    file = await house.call("site.export", timeout=120, passwords=True)
    assert b"k7mwq2zx" in base64.b64decode(file["content"])
    with pytest.raises(NotPermitted):
        await house.call("site.export", timeout=120, passwords=True, by=OPERATOR)
    assert b"k7mwq2zx" not in base64.b64decode((await house.call("site.export", timeout=120, by=OPERATOR))["content"])
    text = "site\nA\nB\n"
    for by, seen in ({}, True), ({"by": OPERATOR}, False):
        made = await house.call("site.rollout", timeout=120, text=text, server="203.0.113.10", **by)
        (sheet,) = made["sheets"]
        pages = subprocess.run(
            ["pdftotext", "-", "-"], input=base64.b64decode(sheet["content"]), capture_output=True, check=True
        ).stdout.decode()
        assert ("k7mwq2zx" in pages) is seen
        assert "hall" in pages
