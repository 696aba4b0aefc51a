"""A file of sites into the tables, in one transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mcu.control.directory.accounts import accounts_in
from mcu.control.directory.lookup import site_of
from mcu.control.directory.terminals import Render, row_of
from mcu.exchange.site_import import Plan, plan
from mcu.exchange.site_tree import Node
from mcu.exchange.tables import Line
from mcu.models import Database, RoomRow, SiteRow, TerminalRow


def carry_out(
    database: Database,
    lines: list[Line],
    *,
    dry_run: bool,
    make_password: Callable[[], str] | None,
    render: Render,
) -> Plan:
    """What the lines change, changed unless there are faults. ``render`` gets all accounts before anything is final: if
    Asterisk's files cannot hold them, nothing is."""
    with database.session(writing=True) as session:
        sites = [site_of(row) for row in session.scalars(select(SiteRow).order_by(SiteRow.id))]
        accounts = accounts_in(session.scalars(select(TerminalRow).order_by(TerminalRow.name)))
        made = plan(lines, sites, accounts, set(session.scalars(select(RoomRow.number))), make_password)
        if dry_run or made.faults:
            return made
        _put_sites(session, made.nodes)
        if made.accounts:
            _put_terminals(session, made)
            render(accounts_in(session.scalars(select(TerminalRow).order_by(TerminalRow.name))))
    return made


def _put_sites(session: Session, nodes: list[Node]) -> None:
    rows = {node: session.get(SiteRow, node.id) for node in nodes if node.id is not None}
    for row in rows.values():
        if row is not None:
            row.code = None  # two may exchange theirs
    session.flush()
    for node in nodes:  # parents first
        row = rows.get(node)
        if row is None:
            row = SiteRow()
            session.add(row)
        values: dict[str, Any] = {"name": node.name, "code": node.code or None, **node.values}
        for column, value in values.items():
            setattr(row, column, value)
        row.parent_id = node.parent.id if node.parent else None
        session.flush()
        node.id = row.id


def _put_terminals(session: Session, made: Plan) -> None:
    names = [account.name for account, _ in made.accounts]
    since = {
        row.name: row.created_at for row in session.scalars(select(TerminalRow).where(TerminalRow.name.in_(names)))
    }
    # Put anew rather than changed: two may exchange their numbers, which must be unique at every moment.
    session.execute(delete(TerminalRow).where(TerminalRow.name.in_(names)))
    session.expire_all()
    for account, node in made.accounts:
        row = row_of(replace(account, site=node.id))
        if account.name in since:
            row.created_at = since[account.name]
        session.add(row)
    session.flush()
