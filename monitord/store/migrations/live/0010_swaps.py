"""Swaps that people ask each other for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table("swap", own, live, sa.Column("body", sa.Text, nullable=False))
    op.create_index("swap_live", "swap", ["key"], sqlite_where=sa.text("live = 1"))
