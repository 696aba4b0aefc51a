"""What a notice names is kept beside its English text: the panel tells it in its own language."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of notices that were, only the text is known."""
    op.add_column("notices", sa.Column("data", sa.JSON(), nullable=False, server_default="{}"))
