"""What calendars elsewhere said last, and how it stands with reading them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    for name in ("almanac", "almanac_standing"):
        own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
        live = sa.Column("live", sa.Boolean, nullable=False)
        op.create_table(name, own, live, sa.Column("body", sa.Text, nullable=False))
        op.create_index(f"{name}_live", name, ["key"], sqlite_where=sa.text("live = 1"))
