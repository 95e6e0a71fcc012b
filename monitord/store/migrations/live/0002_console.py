"""Tickets by priority and words, acts by person, messages by date; and who may sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MOMENT = sa.BigInteger


def upgrade() -> None:
    find_tickets()
    find_acts()
    find_messages()
    create_accounts()


def find_tickets() -> None:
    """The words that a ticket is found by stand beside it; FTS5 holds nothing but their index."""
    op.add_column("ticket", sa.Column("priority", sa.Text, nullable=False, server_default=""))
    op.add_column("ticket", sa.Column("words", sa.Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE ticket SET priority = coalesce(json_extract(body, '$.priority'), ''), "
        "words = coalesce(json_extract(body, '$.title'), '') || ' ' || service || ' ' || "
        "coalesce(json_extract(body, '$.summary'), '')"
    )
    op.create_index("ticket_state", "ticket", ["state", "key"])
    op.create_index("ticket_service", "ticket", ["service", "key"])
    op.create_index("ticket_priority", "ticket", ["priority", "key"])
    op.create_index("ticket_unfinished", "ticket", ["key"], sqlite_where=sa.text("resolved IS NULL"))
    op.execute(
        "CREATE VIRTUAL TABLE ticket_search USING fts5("
        "words, content='ticket', content_rowid='key', prefix='2 3', tokenize='unicode61')"
    )
    op.execute("INSERT INTO ticket_search(ticket_search) VALUES('rebuild')")
    follow_tickets()


def follow_tickets() -> None:
    forget = "INSERT INTO ticket_search(ticket_search, rowid, words) VALUES('delete', old.key, old.words);"
    learn = "INSERT INTO ticket_search(rowid, words) VALUES(new.key, new.words);"
    op.execute(f"CREATE TRIGGER ticket_words_new AFTER INSERT ON ticket BEGIN {learn} END")
    op.execute(f"CREATE TRIGGER ticket_words_gone AFTER DELETE ON ticket BEGIN {forget} END")
    op.execute(
        "CREATE TRIGGER ticket_words_changed AFTER UPDATE OF words ON ticket "
        f"WHEN old.words IS NOT new.words BEGIN {forget} {learn} END"
    )


def find_acts() -> None:
    op.add_column("event", sa.Column("actor", sa.Text))
    op.execute("UPDATE event SET actor = json_extract(body, '$.by') WHERE body LIKE '%\"by\"%'")
    acted = sa.text("actor IS NOT NULL")
    op.create_index("event_acts", "event", ["id"], sqlite_where=acted)
    op.create_index("event_actor", "event", ["actor", "id"], sqlite_where=acted)


def find_messages() -> None:
    op.create_index("delivery_newest", "delivery", ["date", "key"])
    op.create_index("delivery_state", "delivery", ["state", "date"])


def create_accounts() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("administrator", sa.Boolean, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("seen", MOMENT, nullable=False),
        sa.Column("ends", MOMENT, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("agent", sa.Text, nullable=False),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("ends", MOMENT, nullable=False),
    )
    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("did", sa.Text, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
    )
    op.create_index("access_log_at", "access_log", ["at"])
