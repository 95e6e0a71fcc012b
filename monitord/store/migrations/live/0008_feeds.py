"""Calendar addresses that were renewed: the number that counts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "feed",
        sa.Column("subject", sa.Text, primary_key=True, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("renewed", sa.BigInteger, nullable=False),
        sa.Column("renewed_by", sa.Text, nullable=False),
    )
