"""Leave that people enter at run time."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table("leave", own, live, sa.Column("body", sa.Text, nullable=False))
    op.create_index("leave_live", "leave", ["key"], sqlite_where=sa.text("live = 1"))
