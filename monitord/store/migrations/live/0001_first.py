"""The first tables of live.sqlite3: records, journal, events, revisions, quarantine."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.BigInteger


def upgrade() -> None:
    create_records()
    create_indexes_of_records()
    create_history()
    create_bookkeeping()


def records(name: str, *columns: sa.Column[Any], key: type[sa.types.TypeEngine[Any]] = sa.Text) -> None:
    own = sa.Column("key", key, primary_key=True, nullable=False, autoincrement=False)
    live = sa.Column("live", sa.Boolean, nullable=False)
    op.create_table(name, own, live, *columns, sa.Column("body", sa.Text, nullable=False))
    op.create_index(f"{name}_live", name, ["key"], sqlite_where=sa.text("live = 1"))


def create_records() -> None:
    for name in ("installation", "health", "signal", "verdict"):
        records(name)
    records("escalation", key=sa.Integer)
    records("subscriber", sa.Column("state", sa.Text, nullable=False))
    records("broadcast", sa.Column("incident", sa.Text, nullable=False))
    records(
        "ticket",
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("opened", MOMENT, nullable=False),
        sa.Column("resolved", MOMENT),
        key=sa.Integer,
    )
    records(
        "delivery",
        sa.Column("ticket", sa.Integer),
        sa.Column("person", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("post", sa.Text),
        sa.Column("date", MOMENT, nullable=False),
    )
    records(
        "incident",
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("started", MOMENT, nullable=False),
        sa.Column("resolved", MOMENT),
    )
    records(
        "post",
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )


def create_indexes_of_records() -> None:
    op.create_index("delivery_ticket", "delivery", ["ticket"], sqlite_where=sa.text("ticket IS NOT NULL"))
    op.create_index("delivery_settled", "delivery", ["date"], sqlite_where=sa.text("live = 0"))
    op.create_index("incident_started", "incident", ["started"])
    op.create_index("post_incident", "post", ["incident", "number"])


def create_history() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("term", sa.Integer, nullable=False),
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("fact_kind", sa.Text, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("records", sa.Text, nullable=False),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ticket", sa.Integer),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("event_seq", "event", ["seq"])
    op.create_index("event_ticket", "event", ["ticket"], sqlite_where=sa.text("ticket IS NOT NULL"))
    op.create_index("event_about", "event", ["about", "at"])
    op.create_index("event_passing", "event", ["at"], sqlite_where=sa.text("ticket IS NULL"))


def create_bookkeeping() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("term", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("tzdata", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("fact_kind", sa.Text, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("trace", sa.Text, nullable=False),
    )
