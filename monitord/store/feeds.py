"""Which calendar address of a person or rotation counts: the number that its signed link has to carry.

Theory of operation. A link is derived from the installation's secret and needs no row. Only one that was
renewed has one: its number is when that was, in seconds since 1970, and links with another are dead.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Table, Text, select
from sqlalchemy.dialects import sqlite

from monitord.core.check import Instant
from monitord.store.database import Database
from monitord.store.tables import LIVE, Moment
from monitord.store.tokens import log_act

feed = Table(
    "feed",
    LIVE,
    Column("subject", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("renewed", Moment, nullable=False),
    Column("renewed_by", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Renewal:
    """From `renewed` on only links with this number open the feed of `subject` (`person/ann`)."""

    subject: str
    number: int
    renewed: Instant
    renewed_by: str


class FeedNumbers:
    """What is kept of feeds; done where decisions are written."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def all(self) -> list[Renewal]:
        with self.database.transaction() as connection:
            return [Renewal(**row._mapping) for row in connection.execute(select(feed)).all()]

    def keep(self, renewal: Renewal) -> None:
        """Store it, and who did it."""
        row = {column.name: getattr(renewal, column.name) for column in feed.c}
        statement = sqlite.insert(feed).on_conflict_do_update(index_elements=["subject"], set_=row)
        did = f"renewed the calendar address of {renewal.subject.replace('/', ' ', 1)}"
        with self.database.transaction() as connection:
            connection.execute(statement, row)
            log_act(connection, renewal.renewed, renewal.renewed_by, did)
