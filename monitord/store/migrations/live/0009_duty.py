"""Whom each rotation named when it was last looked at, so that a handoff is told once."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table("duty", own, live, sa.Column("body", sa.Text, nullable=False))
    op.create_index("duty_live", "duty", ["key"], sqlite_where=sa.text("live = 1"))
