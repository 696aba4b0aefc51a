"""Sites, rooms with their rules, conferences and their history, the schedule, tokens, webhooks, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OLD_WAY_IN = (
    "protocol = 'sip' AND (password = '') <> (address = '') "
    "OR protocol = 'h323' AND (password <> '' OR address <> '' OR alias IS NOT NULL)"
)
_WAY_IN = (
    "protocol in ('sip', 'browser') AND (password = '') <> (address = '') "
    "OR protocol = 'h323' AND (password <> '' OR address <> '' OR alias IS NOT NULL) "
    "OR protocol = 'phone' AND alias IS NOT NULL"
)


# SQLite changes a table by copying it, and cannot be asked for its checks; so they stand here as they were before.


def _terminals() -> sa.Table:
    return sa.Table(
        "terminals",
        sa.MetaData(),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("password", sa.String(128), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("display", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("protocol", sa.String(8), nullable=False, server_default="sip"),
        sa.Column("alias", sa.String(16), nullable=True),
        sa.Column("overrides", sa.JSON(), nullable=False, server_default="{}"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_terminals")),
        sa.UniqueConstraint("alias", name=op.f("uq_terminals_alias")),
        sa.CheckConstraint(_OLD_WAY_IN, name=op.f("ck_terminals_way_in")),
    )


def _users() -> sa.Table:
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(256), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
        sa.CheckConstraint("role in ('admin', 'operator', 'viewer')", name=op.f("ck_users_role")),
    )


def upgrade() -> None:
    # Rooms and users are copied before there is anything that hangs on them: SQLite would take it along.
    op.create_table(
        "sites",
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
    )
    op.create_index(op.f("ix_sites_parent_id"), "sites", ["parent_id"])

    with op.batch_alter_table("rooms") as batch:
        batch.add_column(sa.Column("host_pin", sa.String(12), server_default="", nullable=False))
        batch.add_column(sa.Column("entry", sa.String(8), server_default="anyone", nullable=False))
        batch.add_column(sa.Column("lobby", sa.String(8), server_default="off", nullable=False))
        batch.add_column(sa.Column("capacity", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("language", sa.String(2), server_default="", nullable=False))
        batch.add_column(sa.Column("mute_joiners", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("branch_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("presiding_site_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_rooms_presiding_site_id_sites"), "sites", ["presiding_site_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_foreign_key(op.f("fk_rooms_branch_id_sites"), "sites", ["branch_id"], ["id"], ondelete="SET NULL")
        batch.create_check_constraint(op.f("ck_rooms_entry"), sa.text("entry in ('anyone', 'pin', 'known', 'list')"))
        batch.create_check_constraint(op.f("ck_rooms_lobby"), sa.text("lobby in ('off', 'host', 'all')"))

    with op.batch_alter_table("terminals", copy_from=_terminals()) as batch:
        batch.add_column(sa.Column("site_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("position", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("preset", sa.String(32), server_default="", nullable=False))
        batch.create_index(op.f("ix_terminals_site_id"), ["site_id"], unique=False)
        batch.create_foreign_key(op.f("fk_terminals_site_id_sites"), "sites", ["site_id"], ["id"], ondelete="SET NULL")
        batch.drop_constraint(op.f("ck_terminals_way_in"), type_="check")
        batch.create_check_constraint(op.f("ck_terminals_way_in"), sa.text(_WAY_IN))

    with op.batch_alter_table("users", copy_from=_users()) as batch:
        batch.add_column(sa.Column("branch_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("room", sa.String(16), nullable=True))
        batch.create_foreign_key(op.f("fk_users_branch_id_sites"), "sites", ["branch_id"], ["id"], ondelete="RESTRICT")
        batch.create_foreign_key(op.f("fk_users_room_rooms"), "rooms", ["room"], ["number"], ondelete="RESTRICT")
        batch.drop_constraint(op.f("ck_users_role"), type_="check")
        batch.create_check_constraint(
            op.f("ck_users_role"), sa.text("role in ('admin', 'operator', 'chair', 'viewer')")
        )

    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("via", sa.String(16), nullable=False),
        sa.Column("act", sa.String(48), nullable=False),
        sa.Column("room", sa.String(16), nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("result", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_act"), "audit", ["act"])
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_index(op.f("ix_audit_room"), "audit", ["room"])

    op.create_table(
        "idempotency",
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("who", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"])

    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("url", sa.String(512), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(48), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(128), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f("fk_deliveries_webhook_id_webhooks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_next_at"), "deliveries", ["next_at"])
    op.create_index(op.f("ix_deliveries_webhook_id"), "deliveries", ["webhook_id"])

    op.create_table(
        "meetings",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("uid", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(16), nullable=False),
        sa.Column("title", sa.String(128), nullable=False),
        sa.Column("begins", sa.String(19), nullable=False),
        sa.Column("zone", sa.String(48), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rrule", sa.String(256), nullable=False),
        sa.Column("exdates", sa.JSON(), nullable=False),
        sa.Column("call_before", sa.Integer(), nullable=True),
        sa.Column("warn_before", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["rooms.number"], name=op.f("fk_meetings_room_rooms"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetings")),
        sa.UniqueConstraint("uid", name=op.f("uq_meetings_uid")),
    )
    op.create_index(op.f("ix_meetings_room"), "meetings", ["room"])

    op.create_table(
        "room_sites",
        sa.Column("room", sa.String(16), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room"], ["rooms.number"], name=op.f("fk_room_sites_room_rooms"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_room_sites_site_id_sites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("room", "site_id", name=op.f("pk_room_sites")),
    )
    op.create_table(
        "occurrences",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.CheckConstraint(
            "state in ('planned', 'called', 'running', 'warned', 'ended', 'cancelled', 'missed')",
            name=op.f("ck_occurrences_state"),
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_occurrences_meeting_id_meetings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrences")),
        sa.UniqueConstraint("meeting_id", "planned_at", name="uq_occurrences_meeting_id"),
    )
    op.create_index(op.f("ix_occurrences_begins_at"), "occurrences", ["begins_at"])

    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_table(
        "conferences",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("room", sa.String(16), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("test", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("direction", sa.JSON(), nullable=False),
        sa.Column("occurrence_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["occurrence_id"],
            ["occurrences.id"],
            name=op.f("fk_conferences_occurrence_id_occurrences"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conferences")),
    )
    op.create_index(op.f("ix_conferences_began_at"), "conferences", ["began_at"])
    op.create_index(op.f("ix_conferences_room"), "conferences", ["room"])

    op.create_table(
        "conference_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conference_id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("participant", sa.String(8), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conferences.id"],
            name=op.f("fk_conference_events_conference_id_conferences"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_conference_events_site_id_sites"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_events")),
    )
    op.create_index(op.f("ix_conference_events_conference_id"), "conference_events", ["conference_id"])

    op.create_table(
        "conference_sites",
        sa.Column("conference_id", sa.String(40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("mark", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conferences.id"],
            name=op.f("fk_conference_sites_conference_id_conferences"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_conference_sites_site_id_sites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conference_id", "site_id", name=op.f("pk_conference_sites")),
    )
    op.create_table(
        "site_tests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conference_id", sa.String(40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("signed_by", sa.String(64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(256), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conferences.id"],
            name=op.f("fk_site_tests_conference_id_conferences"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_site_tests_site_id_sites"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_tests")),
    )
    op.create_index(op.f("ix_site_tests_conference_id"), "site_tests", ["conference_id"])

    with op.batch_alter_table("attendance") as batch:
        batch.add_column(sa.Column("conference_id", sa.String(40), nullable=True))
        batch.add_column(sa.Column("site_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("terminal", sa.String(32), server_default="", nullable=False))
        batch.add_column(sa.Column("quality", sa.JSON(), server_default="{}", nullable=False))
        batch.add_column(sa.Column("reason", sa.String(32), server_default="", nullable=False))
        batch.create_index(op.f("ix_attendance_conference_id"), ["conference_id"], unique=False)
        batch.create_foreign_key(
            op.f("fk_attendance_conference_id_conferences"),
            "conferences",
            ["conference_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_foreign_key(op.f("fk_attendance_site_id_sites"), "sites", ["site_id"], ["id"], ondelete="SET NULL")
