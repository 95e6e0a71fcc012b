"""Which accounts are people's: those end with their person, whatever they may."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("account", sa.Column("person", sa.Boolean, nullable=False, server_default=sa.false()))
