"""Heartbeats and silences; and when this store was last written to."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for name in ("pulse", "silence"):
        own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
        live = sa.Column("live", sa.Boolean, nullable=False)
        op.create_table(name, own, live, sa.Column("body", sa.Text, nullable=False))
        op.create_index(f"{name}_live", name, ["key"], sqlite_where=sa.text("live = 1"))
    op.add_column("ledger", sa.Column("alive", sa.BigInteger))
