"""The rows of a batch: every fact in the journal, every event, and only the newest of each record."""

from datetime import UTC, datetime

from monitord.core.check import CheckResult, Outcome
from monitord.core.health import Health, ProbeWentDown
from monitord.core.signal import Signal
from monitord.core.ticket import TicketCommented
from monitord.store import Batch, Entry, tables
from monitord.store.batch import rows

NINE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
FACT = CheckResult("web", Outcome.CRITICAL, NINE)


def batch(*entries: Entry) -> Batch:
    return Batch(3, "r1", entries)


def test_the_journal_counts_on_from_the_last_number() -> None:
    written = rows(batch(Entry(FACT, NINE, ()), Entry(FACT, NINE, ())), 41)

    assert [42, 43] == [row["seq"] for row in written[tables.journal]]
    assert {(3, "r1", "CheckResult", "[]")} == {
        (row["term"], row["revision"], row["fact_kind"], row["records"]) for row in written[tables.journal]
    }


def test_only_the_newest_of_a_record_is_kept_as_a_record() -> None:
    first, second = Health("web", streak=1), Health("web", streak=2)
    written = rows(batch(Entry(FACT, NINE, (first,)), Entry(FACT, NINE, (second,))), 0)

    assert ['"streak":2' in row["body"] for row in written[tables.health]] == [True]
    assert ['"streak":1' in row["records"] for row in written[tables.journal]] == [True, False]


def test_an_event_knows_its_ticket_or_what_it_is_about() -> None:
    events = (ProbeWentDown("web", NINE, "refused"), TicketCommented(7, "bo", "hm"))
    written = rows(batch(Entry(FACT, NINE, (), events)), 0)

    assert [(None, "web"), (7, "")] == [(row["ticket"], row["about"]) for row in written[tables.event]]
    assert [1, 1] == [row["seq"] for row in written[tables.event]]


def test_what_has_ended_is_not_live() -> None:
    cleared = Signal("probe/web", "down", "shop", raised=False, since=NINE, at=NINE)

    assert [False] == [row["live"] for row in rows(batch(Entry(FACT, NINE, (cleared,))), 0)[tables.signal]]
