"""The store: what was committed is there again, in the order it was, under the term that may write."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlalchemy.event import listens_for

from monitord.core.almanac import Almanac, AlmanacStanding
from monitord.core.amendment import Amendment
from monitord.core.check import CheckResult, Instant, Outcome, Phases
from monitord.core.delivery import Delivery, DeliveryState
from monitord.core.employment import Employment, Said
from monitord.core.facts import RECORDS, Installation
from monitord.core.health import Health
from monitord.core.leave import Leave
from monitord.core.override import Override, OverrideKind
from monitord.core.silence import Silence
from monitord.core.statuspage import Phase
from monitord.core.swap import Span, Swap
from monitord.core.ticket import State, Ticket, TicketAcknowledged
from monitord.core.timeline import sentence
from monitord.core.world import Configuration, World
from monitord.store import (
    Batch,
    Entry,
    Measurement,
    Revision,
    StaleTerm,
    Store,
    StoreAhead,
    StoreError,
    replay,
)
from monitord.store.tables import SHELVES
from tests.crash.decided import CONFIGURATION, MINUTE, START, content, decided, new_world
from tests.fakes.new_store import new_store

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(new_store(tmp_path / "store"), now=START)
    yield opened
    opened.close()


def live_through(store: Store) -> World:
    """Commit the whole story."""
    world = new_world(store.epoch)
    for batch in decided(world, store.begin_term()):
        store.commit(batch)
    return world


def between_two_queries(store: Store, do: Callable[[], object]) -> None:
    """As soon as the reader begins its second query."""
    begun = count(1)

    @listens_for(store.reads.database.engine, "before_cursor_execute")
    def begins(_: Connection, __: object, query: str, *___: object) -> None:
        if query.startswith("SELECT") and next(begun) == 2:
            do()


def reopened(store: Store) -> Store:
    store.close()
    return Store.open(store.folder, now=START + DAY)


def entry(streak: int, minute: int = 0) -> Entry:
    at = START + minute * MINUTE
    return Entry(CheckResult("web", Outcome.CRITICAL, at), at, (Health("web", streak=streak),))


def test_every_record_has_its_shelf() -> None:
    assert set(RECORDS) == set(SHELVES)


def test_a_new_store_draws_its_epoch_and_its_secret_once(store: Store) -> None:
    epoch, secret = store.epoch, store.secret

    again = reopened(store)

    assert (epoch, secret) == (again.epoch, again.secret)
    assert 32 == len(secret)
    again.close()


def test_two_stores_are_never_the_same(store: Store, tmp_path: Path) -> None:
    other = Store.open(tmp_path / "other", now=START)

    assert other.epoch != store.epoch
    assert other.secret != store.secret
    other.close()


def test_only_the_owner_may_look(store: Store) -> None:
    assert 0o700 == store.folder.stat().st_mode & 0o777
    assert {0o600} == {file.stat().st_mode & 0o777 for file in store.folder.iterdir()}


def test_decisions_are_written_so_that_a_power_cut_loses_none(store: Store) -> None:
    """With NORMAL, the log is not synced at a commit; nobody would notice before the power goes."""
    with store.decisions.database.transaction() as connection:
        said = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]

    assert ["wal", 2] == said


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="readonly"), store.reads.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM ledger")


def test_an_empty_store_is_an_empty_world(store: Store) -> None:
    assert {Installation: {"": Installation(store.epoch)}} == content(store.load(CONFIGURATION))


def test_what_was_committed_is_loaded_again(store: Store) -> None:
    world = live_through(store)

    again = reopened(store)

    assert content(world) == content(again.load(CONFIGURATION))
    again.close()


def test_the_journal_makes_the_same_world(store: Store) -> None:
    world = live_through(store)

    assert content(world) == content(replay(store, CONFIGURATION))


def test_the_journal_keeps_facts_records_and_events_in_their_order(store: Store) -> None:
    batches = []
    world = new_world(store.epoch)
    for batch in decided(world, store.begin_term()):
        store.commit(batch)
        batches.append(batch)

    lines = store.reads.journal()

    assert [each for batch in batches for each in batch.entries] == [line.entry for line in lines]
    assert list(range(1, len(lines) + 1)) == [line.seq for line in lines]
    assert lines[3:5] == store.reads.journal(after_seq=3, limit=2)


def test_what_has_ended_is_not_loaded_but_stays(store: Store) -> None:
    live_through(store)

    sent = [each for each in store.reads.deliveries(1) if each.state is DeliveryState.SENT]

    assert sent
    assert not set(sent) & set(store.load(CONFIGURATION).all(Delivery))


def test_a_term_begins_where_the_last_one_ended(store: Store) -> None:
    assert [1, 2] == [store.begin_term(), store.begin_term()]

    again = reopened(store)

    assert 3 == again.begin_term()
    again.close()


def test_a_stale_term_commits_nothing(store: Store) -> None:
    old = store.begin_term()
    store.begin_term()

    with pytest.raises(StaleTerm, match="is in term 2, this commit is of term 1"):
        store.commit(Batch(old, "r1", (entry(1),)))
    assert [] == store.reads.journal()


def test_a_commit_that_was_taken_for_failed_is_noticed(store: Store) -> None:
    """A disk that reports an error may have stored the commit all the same."""
    term = store.begin_term()
    store.commit(Batch(term, "r1", (entry(1),)))
    store.decisions.seq = 0

    with pytest.raises(StoreAhead, match="restart monitord"):
        store.commit(Batch(term, "r1", (entry(2),)))
    assert 1 == len(store.reads.journal())


def test_a_commit_returns_the_number_of_its_last_fact(store: Store) -> None:
    term = store.begin_term()

    assert 2 == store.commit(Batch(term, "r1", (entry(1), entry(2))))
    assert 2 == store.commit(Batch(term, "r1", ()))


def test_a_decision_that_cannot_be_stored_leaves_nothing(store: Store) -> None:
    """An error in the middle of the rows takes back those before it."""
    term = store.begin_term()
    broken = Entry(entry(1).fact, START, (Health("web"), Health(None)))  # type: ignore[arg-type]

    with pytest.raises(Exception, match="NOT NULL"):
        store.commit(Batch(term, "r1", (entry(1), broken)))

    assert [] == store.reads.journal()
    assert [] == store.load(CONFIGURATION).all(Health)
    assert 1 == store.commit(Batch(term, "r1", (entry(2),)))


def test_the_timeline_of_a_ticket_tells_its_story(store: Store) -> None:
    live_through(store)

    told = [sentence(event) for _, event in store.reads.timeline(1)]

    assert "opened, urgent" in told[0]
    assert "acknowledged by bo (link)" in told
    assert "bo: a cable – ünplugged" in told
    assert (START + 10 * MINUTE, TicketAcknowledged(1, "bo", "link")) in store.reads.timeline(1)


def test_events_are_found_by_what_they_are_about(store: Store) -> None:
    live_through(store)

    about_web = [type(event).__name__ for _, event in store.reads.events_about("web", START)]

    assert ["ProbeWentDown", "ProbeCameUp"] == about_web
    assert ["ProbeCameUp"] == [
        type(event).__name__ for _, event in store.reads.events_about("web", START + 10 * MINUTE)
    ]


def test_tickets_are_found_by_what_people_ask(store: Store) -> None:
    world = live_through(store)

    assert store.reads.ticket(1) == world.get(Ticket, 1)
    assert store.reads.ticket(2) is None
    assert [1] == [ticket.number for ticket in store.reads.tickets(state=State.RESOLVED, service="shop")]
    assert [] == store.reads.tickets(state=State.OPEN)
    assert [] == store.reads.tickets(service="mail")
    assert [] == store.reads.tickets(before=1)


def test_the_public_story_is_found_after_its_end(store: Store) -> None:
    live_through(store)

    incident = store.reads.incidents(START)[0]

    assert Phase.RESOLVED is incident.phase
    assert incident == store.reads.incident(incident.id)
    assert [Phase.INVESTIGATING, Phase.RESOLVED] == [post.phase for post in store.reads.posts(incident.id)]
    assert [] == store.reads.incidents(START + DAY)


def test_only_who_confirmed_is_counted(store: Store) -> None:
    assert 0 == store.reads.subscribers_count()

    live_through(store)

    assert 1 == store.reads.subscribers_count()


def test_the_newest_accepted_configuration_comes_back(store: Store) -> None:
    assert store.reads.newest_revision() is None

    store.accept_revision("a", "probes: {}", START, "2025b", "ann")
    store.accept_revision("b", "probes: []", START + MINUTE, "2025b")
    store.accept_revision("a", "probes: {}", START + 2 * MINUTE, "2025c")
    store.accept_revision("a", "probes: {}", START + 3 * MINUTE, "2025c")

    assert Revision("a", "probes: {}", START + 2 * MINUTE, "2025c") == store.reads.newest_revision()


def test_a_fact_that_breaks_the_decision_is_kept(store: Store) -> None:
    store.quarantine(entry(1).fact, START, "KeyError: 'web'", "Traceback …")

    kept = store.reads.quarantined()[0]

    assert ("CheckResult", "KeyError: 'web'", "Traceback …") == (kept.kind, kept.error, kept.trace)
    assert '"probe":"web"' in kept.text


def test_a_fact_that_cannot_even_be_encoded_is_kept(store: Store) -> None:
    store.quarantine(object(), START, "TypeError", "")  # type: ignore[arg-type]

    assert store.reads.quarantined()[0].text.startswith("<object object")


def test_a_row_that_cannot_be_read_stops_no_other(store: Store) -> None:
    world = live_through(store)
    with store.decisions.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE health SET body = '{}'")

    loaded = store.load(CONFIGURATION)

    assert [] == loaded.all(Health)
    assert world.all(Ticket) == loaded.all(Ticket)
    assert ["a stored Health cannot be read: probe: Field required; it is in quarantine"] == store.notes
    assert "{}" == store.reads.quarantined()[0].text


def test_live_rows_are_found_without_reading_the_dead(store: Store) -> None:
    with store.reads.database.transaction() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT body FROM delivery WHERE live = 1 ORDER BY key"
        ).all()

    assert "delivery_live" in str(plan)


def measured(minute: int) -> Measurement:
    phases = Phases(resolve=timedelta(microseconds=7), connect=timedelta(milliseconds=2))
    took = timedelta(milliseconds=12)
    return Measurement("web", START + minute * MINUTE, Outcome.OK, took, phases, f"200 OK {minute}")


def test_measurements_come_back(store: Store) -> None:
    store.measure([measured(minute) for minute in range(3)])
    store.measure([])

    assert [measured(1), measured(2)] == store.measurements.checks("web", START + MINUTE)
    assert [measured(2)] == store.measurements.recent_checks("web", limit=1)
    assert [] == store.measurements.recent_checks("mail")


def test_measurements_are_renamed_a_few_at_a_time(store: Store) -> None:
    store.measure([measured(minute) for minute in range(5)])

    assert [3, 2, 0] == [store.rename_measured("web", "shop-web", 3) for _ in range(3)]
    assert [] == store.measurements.recent_checks("web")
    assert START == store.measurements.checks("shop-web", START)[0].at


def test_a_story_is_of_one_moment_also_when_much_is_committed_while_it_is_read(store: Store) -> None:
    opened, *rest = decided(new_world(store.epoch), store.begin_term())
    store.commit(opened)
    before = store.reads.timeline(1), store.reads.deliveries(1)
    between_two_queries(store, lambda: [store.commit(batch) for batch in rest])

    told = store.reads.story(1)
    later = store.reads.story(1)

    assert before == told
    assert len(later[0]) > len(told[0]) and len(later[1]) > len(told[1])


def forget(store: Store, then: int, most: int = 1000) -> int:
    at = START + then * MINUTE
    return store.forget_before(measurements=at, journal=at, deliveries=at, most=most)


def test_measurements_are_forgotten_a_few_at_a_time(store: Store) -> None:
    store.measure([measured(minute) for minute in range(5)])

    assert [2, 1, 0] == [forget(store, 3, most=2) for _ in range(3)]
    assert [measured(3), measured(4)] == store.measurements.checks("web", START)


def test_the_journal_is_forgotten_but_not_what_it_led_to(store: Store) -> None:
    world = live_through(store)
    told = store.reads.timeline(1)

    while forget(store, 60, most=3):
        pass

    assert [] == store.reads.journal()
    assert [] == store.reads.events_about("web", START)
    assert told == store.reads.timeline(1)
    assert {DeliveryState.SENT, DeliveryState.WITHDRAWN}.isdisjoint(
        each.state for each in store.reads.deliveries(1)
    )
    assert content(world) == content(reopened_and_loaded(store))


def entered(number: int, *, over: bool, end: Instant) -> tuple[Any, ...]:
    """One of everything that people and directories say of who is on call."""
    id, said = f"{number}", Said(f"{number}@example.org")
    override = Override(id, START, end, OverrideKind.REPLACE_ALL)
    return (
        Leave(id, "ann", START, end, "ann", START, over=over),
        Amendment(id, "primary", override, "ann", "a move", over=over),
        Swap(id, "primary", "ann", "bo", Span(START, end), "ann", "a move", over=over),
        Silence(id, (), "ann", "a move", START, end, ended=over),
        Employment(id, said, START, end, left_at=end, removed=True, over=over),
    )


def test_what_was_entered_and_is_long_over_is_forgotten(store: Store) -> None:
    early, late = START + MINUTE, START + 9 * MINUTE
    rows = [
        *entered(1, over=True, end=early),
        *entered(2, over=True, end=late),
        *entered(3, over=False, end=early),
    ]
    store.commit(
        Batch(store.begin_term(), "", (Entry(CheckResult("web", Outcome.OK, START), late, tuple(rows)),))
    )

    gone = [forget(store, 5, most=1) for _ in range(2)]

    assert [5, 0] == gone
    for kind in (Leave, Amendment, Swap, Silence, Employment):
        assert ["2", "3"] == sorted(store.reads.held(kind, ["1", "2", "3"]))


def test_what_a_forgotten_calendar_said_goes_the_next_night(store: Store) -> None:
    """It says no instant; and in the journal it stands as long as everything else."""
    rows = (
        Almanac("old", over=True),
        AlmanacStanding("old", START, over=True),
        Almanac("new"),
        AlmanacStanding("new"),
    )
    store.commit(
        Batch(store.begin_term(), "", (Entry(CheckResult("web", Outcome.OK, START), START, tuple(rows)),))
    )

    assert 2 == forget(store, 0)
    assert ["new"] == list(store.reads.held(Almanac, ["old", "new"]))
    assert ["new"] == list(store.reads.held(AlmanacStanding, ["old", "new"]))


def test_a_row_that_is_no_json_keeps_nothing_else_from_being_forgotten(store: Store) -> None:
    rows = [*entered(1, over=True, end=START + MINUTE), *entered(2, over=True, end=START + MINUTE)]
    store.commit(
        Batch(store.begin_term(), "", (Entry(CheckResult("web", Outcome.OK, START), START, tuple(rows)),))
    )
    with store.decisions.database.transaction() as connection:
        connection.exec_driver_sql("UPDATE leave SET body = '{' WHERE key = '1'")

    assert 9 + len(store.reads.journal()) == forget(store, 5)


def reopened_and_loaded(store: Store) -> World:
    again = reopened(store)
    try:
        return again.load(CONFIGURATION)
    finally:
        again.close()


def test_numbers_count_on_after_everything_was_forgotten(store: Store) -> None:
    term = store.begin_term()
    store.commit(Batch(term, "r1", (entry(1),)))
    forget(store, 60)

    again = reopened(store)

    assert 2 == again.commit(Batch(again.begin_term(), "r1", (entry(2),)))
    again.close()


def test_a_world_without_configuration_still_loads(store: Store) -> None:
    """A probe that was removed has left records behind; the engine closes them by a fact."""
    world = live_through(store)

    assert content(world) == content(store.load(Configuration()))
