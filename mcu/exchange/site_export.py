"""The tree with its terminals as a table that can be read back to the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from mcu.core.directory.accounts import TerminalAccount
from mcu.core.directory.sites import Directory, Site
from mcu.exchange.book import Cell
from mcu.exchange.site_columns import COLUMNS, TERMINAL_KEYS, write_path
from mcu.exchange.tables import Format, write_table
from mcu.exchange.terminal_lines import write_overrides


def export(directory: Directory, form: Format, language: str, *, passwords: bool = False) -> bytes:
    """Sites as one reads the tree; those that have several terminals take several lines. Terminals that stand nowhere
    are no part of it. Without ``passwords`` the column is left out, and reading it back keeps those that are there."""
    columns = [column for column in COLUMNS if passwords or column.key != "password"]
    heading: list[Cell] = [column.heading(language) for column in columns]
    rows = ([cells.get(column.key) for column in columns] for cells in _lines(directory))
    return write_table([heading, *rows], form, "Điểm cầu" if language == "vi" else "Sites")


def _lines(directory: Directory) -> Iterator[dict[str, Cell]]:
    codes = {site.code for site in directory.sites()} - {""}
    for site in directory.sites():
        place = _place(directory, site, codes)
        told: dict[str, Cell] = place | {
            "code": site.code,
            "order": site.position,
            "people": site.people,
            "distance_km": site.distance_km,
            "latitude": site.latitude,
            "longitude": site.longitude,
            "note": site.note,
        }
        accounts = directory.terminals(site.id)
        yield told | (_terminal(accounts[0]) if accounts else {})
        for account in accounts[1:]:
            yield place | {"code": site.code} | _terminal(account)


def _place(directory: Directory, site: Site, codes: Collection[str]) -> dict[str, Cell]:
    under = write_path([one.name for one in directory.path(site.id)[:-1]])
    # What is a site's code is taken for that, whoever's name it is; with a ">" behind it, it is a path.
    return {"under": f"{under} >" if under in codes else under, "site": site.name}


def _terminal(account: TerminalAccount) -> dict[str, Cell]:
    values = (
        account.name,
        account.display,
        account.protocol,
        account.alias,
        account.network,
        account.password,
        account.position,
        account.preset,
        write_overrides(account.overrides),
    )
    return dict(zip(TERMINAL_KEYS, values, strict=True))
