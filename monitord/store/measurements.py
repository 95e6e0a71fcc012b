"""`measurements.sqlite3`: one row a check, through one connection; it may be lost.

Theory of operation. Written with synchronous=NORMAL in batches beside the decisions, never inside them. A
file that is missing or cannot be read is put aside under another name, and a new one is begun.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    delete,
    select,
    update,
)

from monitord.core.check import Instant, Outcome, Phases, ProbeId
from monitord.store import schema
from monitord.store.database import BUSY, COMPANIONS, QUICK, Database, writer
from monitord.store.faults import StoreDamaged, StoreError, StoreGone, StoreTooNew, StoreUnreadable
from monitord.store.tables import EPOCH, MICROSECOND, Moment, Span

NAME = "measurements.sqlite3"
NO_PHASES = Phases()
PHASES = tuple(phase.name for phase in fields(Phases))

MEASUREMENTS = MetaData()
table = Table(
    "measurement",
    MEASUREMENTS,
    Column("id", Integer, primary_key=True),
    Column("probe", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("took", Span, nullable=False),
    *(Column(phase, Span) for phase in PHASES),
    Column("summary", Text, nullable=False),
)
Index("measurement_probe", table.c.probe, table.c.at)
COLUMNS = ("probe", "at", "outcome", "took", *PHASES, "summary")
INSERT = f"INSERT INTO measurement ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One check as it was measured: begun at `at`, took so long, each phase as far as it came."""

    probe: ProbeId
    at: Instant
    outcome: Outcome
    took: timedelta
    phases: Phases = NO_PHASES
    summary: str = ""


class Measurements:
    """The file, and whoever asks for it; `notes` say what was not as it should be when it was opened."""

    def __init__(self, folder: Path, now: Instant, busy: timedelta = BUSY) -> None:
        self.path = folder / NAME
        self.busy = busy
        self.notes: list[str] = []
        self.database: Database | None = None
        try:
            self.database = self.opened(now)
        except StoreError as error:
            self.notes.append(f"no measurements can be kept for now: {error}")

    @contextmanager
    def transaction(self, now: Instant | None = None) -> Iterator[Connection]:
        """Raises StoreGone while there is no file, and none is begun because no `now` is given."""
        if self.database is None and now is not None:
            self.database = self.opened(now)
        if self.database is None:
            raise StoreGone(f"{self.path} could not be opened; the next measurement tries again")
        with self.database.transaction() as connection:
            yield connection

    def opened(self, now: Instant) -> Database:
        """The file that is there, or a new one in its place."""
        try:
            return usable(self.path, self.busy)
        except (StoreDamaged, StoreGone, StoreTooNew, StoreUnreadable):
            self.put_aside(now)
            return usable(self.path, self.busy)

    def put_aside(self, now: Instant) -> None:
        aside = self.path.with_name(f"{NAME}.unreadable-{now:%Y%m%dT%H%M%SZ}")
        for companion in COMPANIONS:
            file = self.path.with_name(self.path.name + companion)
            if file.exists():
                file.replace(aside.with_name(aside.name + companion))
        self.notes.append(f"{NAME} could not be used; it is {aside} now")

    def measure(self, measured: Iterable[Measurement]) -> None:
        """Store all of them in one transaction; if the file is lost, begin a new one and store them there."""
        kept = list(measured)
        if not kept:
            return
        rows, now = [row(each) for each in kept], max(each.at for each in kept)
        try:
            self.write(rows, now)
        except (StoreDamaged, StoreGone) as error:
            self.close()
            if isinstance(error, StoreDamaged):
                self.put_aside(now)
            self.write(rows, now)

    def write(self, rows: list[Values], now: Instant) -> None:
        """In the driver's own words: a thousand rows a second are spelled here."""
        with self.transaction(now) as connection:
            connection.exec_driver_sql(INSERT, rows)

    def checks(self, probe: ProbeId, since: Instant, limit: int = 1000) -> list[Measurement]:
        """The checks of a probe that began at or after `since`, oldest first."""
        query = select(table).where((table.c.probe == probe) & (table.c.at >= since))
        return self.read(query.order_by(table.c.at).limit(limit))

    def recent_checks(self, probe: ProbeId, limit: int = 100) -> list[Measurement]:
        """The newest checks of a probe, newest first."""
        query = select(table).where(table.c.probe == probe)
        return self.read(query.order_by(table.c.at.desc()).limit(limit))

    def recent_checks_of(self, probes: Iterable[ProbeId], limit: int) -> dict[ProbeId, list[Measurement]]:
        """The same for several probes."""
        return {probe: self.recent_checks(probe, limit) for probe in probes}

    def read(self, query: Select[Any]) -> list[Measurement]:
        with self.transaction() as connection:
            return [measurement(found) for found in connection.execute(query)]

    def rename(self, before: ProbeId, now: ProbeId, most: int) -> int:
        """Up to `most` checks of one probe belong to the other; how many that were."""
        some = select(table.c.id).where(table.c.probe == before).limit(most)
        with self.transaction() as connection:
            return connection.execute(update(table).where(table.c.id.in_(some)).values(probe=now)).rowcount

    def forget_before(self, then: Instant, most: int) -> int:
        """Delete what is older among the `most` oldest rows; how many that were."""
        oldest = select(table.c.id).order_by(table.c.id).limit(most)
        with self.transaction() as connection:
            return connection.execute(
                delete(table).where(table.c.id.in_(oldest) & (table.c.at < then))
            ).rowcount

    def close(self) -> None:
        if self.database is not None:
            self.database.close()
            self.database = None


def usable(path: Path, busy: timedelta) -> Database:
    """The file at the newest schema; raises a StoreError."""
    database = writer(path, QUICK, busy)
    try:
        schema.bring_up_to_date(database, schema.MEASUREMENTS)
    except BaseException:
        database.close()
        raise
    return database


def row(each: Measurement) -> Values:
    """Its values in the order of COLUMNS, as the columns' types would write them."""
    phases, summary = each.phases, each.summary
    if not summary.isascii():
        summary = summary.encode("utf-8", "replace").decode()
    return (
        each.probe,
        (each.at - EPOCH) // MICROSECOND,
        each.outcome.value,
        each.took // MICROSECOND,
        *(None if (span := getattr(phases, name)) is None else span // MICROSECOND for name in PHASES),
        summary,
    )


def measurement(found: Row[Any]) -> Measurement:
    phases = Phases(**{phase: getattr(found, phase) for phase in PHASES})
    return Measurement(found.probe, found.at, Outcome(found.outcome), found.took, phases, found.summary)
