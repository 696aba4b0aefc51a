"""What is true of sites when a conference ends is kept with it, and stays of a site that is deleted stay its own;
test sessions go on after a restart of control."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of conferences that were, all that is known is what is true now."""
    op.add_column("conference_sites", sa.Column("usual", sa.Integer(), nullable=True))
    op.add_column("conference_sites", sa.Column("distance_km", sa.Double(), nullable=True))
    op.add_column("conference_sites", sa.Column("latitude", sa.Double(), nullable=True))
    op.add_column("conference_sites", sa.Column("longitude", sa.Double(), nullable=True))
    op.add_column("conference_sites", sa.Column("presides", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conferences", sa.Column("testing", sa.JSON(), nullable=True))
    op.add_column("attendance", sa.Column("conference_site_id", sa.Integer(), nullable=True))
    for step in (_THERE, _PRESIDING, _FIGURES, _PRESIDES):
        op.execute(step)


# A row for each site that was there, and for the presiding one.
_THERE = """
INSERT INTO conference_sites (conference_id, site_id, name, mark)
SELECT DISTINCT c.id, s.id, s.name, ''
FROM conferences c JOIN attendance a ON a.conference_id = c.id JOIN sites s ON s.id = a.site_id
WHERE c.ended_at IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM conference_sites x WHERE x.conference_id = c.id AND x.site_id = s.id)
"""
_PRESIDING = """
INSERT INTO conference_sites (conference_id, site_id, name, mark)
SELECT c.id, s.id, s.name, ''
FROM conferences c JOIN rooms r ON r.number = c.room JOIN sites s ON s.id = r.presiding_site_id
WHERE c.ended_at IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM conference_sites x WHERE x.conference_id = c.id AND x.site_id = s.id)
"""
_FIGURES = """
UPDATE conference_sites SET
usual = (SELECT s.people FROM sites s WHERE s.id = conference_sites.site_id),
distance_km = (SELECT s.distance_km FROM sites s WHERE s.id = conference_sites.site_id),
latitude = (SELECT s.latitude FROM sites s WHERE s.id = conference_sites.site_id),
longitude = (SELECT s.longitude FROM sites s WHERE s.id = conference_sites.site_id)
WHERE site_id IS NOT NULL AND conference_id IN (SELECT id FROM conferences WHERE ended_at IS NOT NULL)
"""
_PRESIDES = """
UPDATE conference_sites SET presides = (1 = 1)
WHERE conference_id IN (SELECT id FROM conferences WHERE ended_at IS NOT NULL)
AND site_id = (
    SELECT r.presiding_site_id FROM rooms r JOIN conferences c ON c.room = r.number
    WHERE c.id = conference_sites.conference_id
)
"""
