"""The first table of measurements.sqlite3: one row a check."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

PHASES = ("resolve", "connect", "tls", "first_byte", "transfer")


def upgrade() -> None:
    op.create_table(
        "measurement",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("probe", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("took", sa.BigInteger, nullable=False),
        *(sa.Column(phase, sa.BigInteger) for phase in PHASES),
        sa.Column("summary", sa.Text, nullable=False),
    )
    op.create_index("measurement_probe", "measurement", ["probe", "at"])
