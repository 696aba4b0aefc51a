"""Whose a room was is kept with its conferences and in the audit: its number may be another room's later."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what was, it is known if the room is still there; what is of a room that is gone is for nobody with a branch
    (0: mcu.models.tables.base)."""
    op.add_column("conferences", sa.Column("branch_id", sa.Integer(), nullable=True))
    op.add_column("audit", sa.Column("branch_id", sa.Integer(), nullable=True))
    for step in (_CONFERENCES, _CONFERENCES_OF_NONE, _ACTS, _ACTS_OF_NONE):
        op.execute(step)


_CONFERENCES = """
UPDATE conferences SET branch_id = (SELECT r.branch_id FROM rooms r WHERE r.number = conferences.room)
"""
_CONFERENCES_OF_NONE = """
UPDATE conferences SET branch_id = 0 WHERE NOT EXISTS (
    SELECT 1 FROM rooms r WHERE r.number = conferences.room AND r.created_at <= conferences.began_at
)
"""
_ACTS = """
UPDATE audit SET branch_id = (SELECT r.branch_id FROM rooms r WHERE r.number = audit.room)
"""
_ACTS_OF_NONE = """
UPDATE audit SET branch_id = 0 WHERE room <> '' AND NOT EXISTS (
    SELECT 1 FROM rooms r WHERE r.number = audit.room AND r.created_at <= audit.at
)
"""
