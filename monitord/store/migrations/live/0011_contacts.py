"""Addresses of people that were verified, or to which a code was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table("contact", own, live, sa.Column("body", sa.Text, nullable=False))
    op.create_index("contact_live", "contact", ["key"], sqlite_where=sa.text("live = 1"))
