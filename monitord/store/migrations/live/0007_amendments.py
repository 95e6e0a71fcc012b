"""Overrides that people make at run time."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table("amendment", own, live, sa.Column("body", sa.Text, nullable=False))
    op.create_index("amendment_live", "amendment", ["key"], sqlite_where=sa.text("live = 1"))
