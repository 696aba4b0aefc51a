"""A site's id is never used again, and a branch that has rooms stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


# SQLite changes a table by copying it, and cannot be asked for its checks; so they stand here as they were before.


def _sites() -> sa.Table:
    return sa.Table(
        "sites",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("code", sa.String(32), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("distance_km", sa.Double(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("note", sa.String(256), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["sites.id"], name=op.f("fk_sites_parent_id_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sites")),
        sa.UniqueConstraint("code", name=op.f("uq_sites_code")),
        sa.Index(op.f("ix_sites_parent_id"), "parent_id"),
    )


def _rooms() -> sa.Table:
    return sa.Table(
        "rooms",
        sa.MetaData(),
        sa.Column("number", sa.String(16), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("layout", sa.String(32), nullable=False),
        sa.Column("guests", sa.Boolean(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pin", sa.String(12), server_default="", nullable=False),
        sa.Column("host_pin", sa.String(12), server_default="", nullable=False),
        sa.Column("entry", sa.String(8), server_default="anyone", nullable=False),
        sa.Column("lobby", sa.String(8), server_default="off", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("language", sa.String(2), server_default="", nullable=False),
        sa.Column("mute_joiners", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("branch_id", sa.Integer(), nullable=True),
        sa.Column("presiding_site_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rooms")),
        sa.ForeignKeyConstraint(
            ["presiding_site_id"], ["sites.id"], name=op.f("fk_rooms_presiding_site_id_sites"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["branch_id"], ["sites.id"], name=op.f("fk_rooms_branch_id_sites"), ondelete="SET NULL"
        ),
        sa.CheckConstraint("entry in ('anyone', 'pin', 'known', 'list')", name=op.f("ck_rooms_entry")),
        sa.CheckConstraint("lobby in ('off', 'host', 'all')", name=op.f("ck_rooms_lobby")),
    )


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":  # PostgreSQL's sequences never go back
        lasting = {"sqlite_autoincrement": True}
        with op.batch_alter_table("sites", copy_from=_sites(), recreate="always", table_kwargs=lasting):
            pass
    with op.batch_alter_table("rooms", copy_from=_rooms()) as batch:
        batch.drop_constraint(op.f("fk_rooms_branch_id_sites"), type_="foreignkey")
        batch.create_foreign_key(op.f("fk_rooms_branch_id_sites"), "sites", ["branch_id"], ["id"], ondelete="RESTRICT")
