"""Passkeys, and which of them opened a session."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger),
        sa.Column("suspected", sa.BigInteger),
    )
    op.create_index("passkey_account", "passkey", ["account"])
    op.add_column("session", sa.Column("passkey", sa.Text, nullable=False, server_default=""))
