"""How webhooks stand: what they refused, and until when they are disabled for that."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    own = sa.Column("key", sa.Text, primary_key=True, nullable=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table("webhook", own, live, sa.Column("body", sa.Text, nullable=False))
    op.create_index("webhook_live", "webhook", ["key"], sqlite_where=sa.text("live = 1"))
