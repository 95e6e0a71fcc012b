"""Who works here, as the directory of staff says."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table("employment", own, live, sa.Column("body", sa.Text, nullable=False))
    op.create_index("employment_live", "employment", ["key"], sqlite_where=sa.text("live = 1"))
