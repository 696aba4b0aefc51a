"""Terminals that speak H.323: a number, overrides, and more than one way to be known."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OLD_CHECK = "(password = '') <> (address = '')"
_NEW_CHECK = (
    "protocol = 'sip' AND (password = '') <> (address = '') "
    "OR protocol = 'h323' AND (password <> '' OR address <> '' OR alias IS NOT NULL)"
)


def _table(*more: sa.schema.SchemaItem) -> sa.Table:
    """As it stands before: SQLite changes a table by copying it, and cannot be asked for its checks."""
    return sa.Table(
        "terminals",
        sa.MetaData(),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("password", sa.String(128), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("display", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        *more,
        sa.PrimaryKeyConstraint("name", name=op.f("pk_terminals")),
    )


def upgrade() -> None:
    with op.batch_alter_table(
        "terminals", copy_from=_table(sa.CheckConstraint(_OLD_CHECK, name=op.f("ck_terminals_one_way_in")))
    ) as batch:
        batch.add_column(sa.Column("protocol", sa.String(8), nullable=False, server_default="sip"))
        batch.add_column(sa.Column("alias", sa.String(16), nullable=True))
        batch.add_column(sa.Column("overrides", sa.JSON(), nullable=False, server_default="{}"))
        batch.drop_constraint(op.f("ck_terminals_one_way_in"), type_="check")
        batch.create_check_constraint(op.f("ck_terminals_way_in"), sa.text(_NEW_CHECK))
        batch.create_unique_constraint(op.f("uq_terminals_alias"), ["alias"])
