"""Who was invited to a conference is kept with it, and outlives the site."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of conferences that were, all that is known is who is invited to the room now."""
    bind = op.get_bind()
    names = {row.id: row.name for row in bind.execute(sa.text("SELECT id, name FROM sites"))}
    rows = {
        (row.conference_id, row.site_id): {**row._mapping, "name": names[row.site_id], "position": None}
        for row in bind.execute(sa.text("SELECT conference_id, site_id, people, mark FROM conference_sites"))
    }
    listed = "SELECT c.id, s.site_id, s.position FROM conferences c JOIN room_sites s ON s.room = c.room"
    for conference, site, position in bind.execute(sa.text(f"{listed} ORDER BY c.id, s.position, s.site_id")):
        key = conference, site
        known = rows.setdefault(key, {"conference_id": conference, "site_id": site, "people": None, "mark": ""})
        known |= {"name": names[site], "position": position}
    op.drop_table("conference_sites")
    table = op.create_table(
        "conference_sites",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("conference_id", sa.String(40), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("mark", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(
            ["conference_id"],
            ["conferences.id"],
            name=op.f("fk_conference_sites_conference_id_conferences"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["sites.id"], name=op.f("fk_conference_sites_site_id_sites"), ondelete="SET NULL"
        ),
        sa.UniqueConstraint("conference_id", "site_id", name=op.f("uq_conference_sites_conference_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conference_sites")),
    )
    if rows:
        bind.execute(sa.insert(table), list(rows.values()))
