"""Accounts, sessions, one-time links: kept, used once, forgotten when they have ended; what is searched."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitord.core.organization import Priority
from monitord.core.ticket import State, Ticket
from monitord.store import Batch, Entry, Store
from monitord.store.accounts import Account, Holder, LogLine, Session, SignInLink, holders
from monitord.store.reads import Wanted, searched
from tests.fakes.new_store import new_store

NOW = datetime(2026, 11, 22, 7, 40, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANN = Account("ann", "$argon2id$1", administrator=False, created=NOW)
AT_WORK = Session("s1", "ann", "a link", NOW, NOW, NOW + HOUR, "198.51.100.7", "a phone")
LINK = SignInLink("l1", "ann", NOW + HOUR / 4)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(new_store(tmp_path / "store"), now=NOW)) as opened:
        yield opened


def test_an_account_is_kept_and_its_password_changed(store: Store) -> None:
    store.accounts.set_password(ANN, "root")
    store.accounts.set_password(replace(ANN, password="$argon2id$2", created=NOW + HOUR), "root")

    assert [replace(ANN, password="$argon2id$2")] == store.accounts.accounts()


def test_a_new_password_ends_what_was_open_under_the_old_one(store: Store) -> None:
    store.accounts.keep_session(AT_WORK)
    store.accounts.keep_link(LINK, NOW)
    store.accounts.set_password(ANN, "root")

    assert ([], None) == (store.accounts.sessions(NOW), store.accounts.link("l1"))
    assert [("root", "set the password of ann")] == [
        (line.who, line.did) for _, line in store.reads.access_log(None, 100)
    ]


def test_a_session_that_has_ended_is_none_of_a_name(store: Store) -> None:
    root = replace(ANN, name="root", password="", administrator=True)
    had = [replace(AT_WORK, id="s2", seen=NOW + HOUR / 2), AT_WORK]

    assert [
        Holder("ann", administrator=False, password=True, sessions=2, used=NOW + HOUR / 2, passkeys=0),
        Holder("bo", administrator=False, password=False, sessions=0, used=None, passkeys=2),
        Holder("root", administrator=True, password=False, sessions=0, used=None, passkeys=0),
    ] == holders([ANN, root], had, ["bo", "bo"], NOW)
    assert [] == holders([], had, [], NOW + HOUR)


def test_whoever_is_dropped_loses_every_way_in(store: Store) -> None:
    store.accounts.set_password(ANN, "root")
    store.accounts.keep_session(AT_WORK)
    store.accounts.keep_link(LINK, NOW)

    assert store.accounts.revoke("ann", "root", NOW)
    assert not store.accounts.revoke("ann", "root", NOW)
    assert ([], [], None) == (
        store.accounts.accounts(),
        store.accounts.sessions(NOW),
        store.accounts.take_link("l1"),
    )


def test_a_session_is_there_until_it_ends(store: Store) -> None:
    store.accounts.keep_session(AT_WORK)
    store.accounts.see_session("s1", NOW + HOUR / 2)

    assert [replace(AT_WORK, seen=NOW + HOUR / 2)] == store.accounts.sessions(NOW)
    assert [] == store.accounts.sessions(NOW + HOUR)


def test_a_link_works_once_and_looking_at_it_does_not_use_it(store: Store) -> None:
    store.accounts.keep_link(LINK, NOW)

    assert [LINK, LINK, LINK, None] == [
        store.accounts.link("l1"),
        store.accounts.link("l1"),
        store.accounts.take_link("l1"),
        store.accounts.take_link("l1"),
    ]


def test_the_log_of_access_is_read_from_its_end(store: Store) -> None:
    lines = [LogLine(NOW + HOUR * hour, "ann", f"act {hour}", "198.51.100.7") for hour in range(3)]
    for line in lines:
        store.accounts.note(line)

    assert lines[:0:-1] == [line for _, line in store.reads.access_log(None, 2)]
    assert lines[:1] == [line for _, line in store.reads.access_log(2, 2)]


def tickets(store: Store, *several: Ticket) -> None:
    store.commit(Batch(store.begin_term(), "r1", (Entry(None, NOW, several),)))  # type: ignore[arg-type]


def ticket(number: int, title: str, **more: object) -> Ticket:
    told: dict[str, object] = {"state": State.OPEN, "priority": Priority.URGENT, "service": "shop", **more}
    return Ticket(number, title, f"c{number}", since=NOW, opened=NOW, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [3, 2, 1]),
        (Wanted(text="card"), [2]),
        (Wanted(text="down shop"), [3, 1]),
        (Wanted(text='"OR" NEAR ( *'), []),
        (Wanted(text="* ( -"), [3, 2, 1]),
        (Wanted(priority=Priority.LOW), [3]),
        (Wanted(service="pay"), [2]),
        (Wanted(unfinished=True), [3, 2]),
        (Wanted(state=State.RESOLVED, text="mail"), [1]),
    ],
    ids=str,
)
def test_tickets_are_found_by_what_they_are_and_say(store: Store, wanted: Wanted, found: list[int]) -> None:
    tickets(
        store,
        ticket(1, "mail is down", state=State.RESOLVED, resolved=NOW),
        ticket(2, "cards fail", service="pay", state=State.ACKNOWLEDGED),
        ticket(3, "web is down", priority=Priority.LOW, summary="503 Service Unavailable"),
    )

    assert found == [each.number for each in store.reads.search(wanted, None, 10)]


def test_a_ticket_is_found_by_its_newest_words_only(store: Store) -> None:
    tickets(store, ticket(1, "web is down", summary="503"))
    tickets(store, ticket(1, "web is down", summary="refused"))

    assert [0, 1] == [len(store.reads.search(Wanted(text=word), None, 9)) for word in ("503", "refused")]


def test_every_question_has_an_index(store: Store) -> None:
    """SQLite may look things up, and walk an index; it never reads a whole table."""
    plans = []
    for query in (
        "SELECT body FROM ticket WHERE state = 'open' ORDER BY key DESC LIMIT 51",
        "SELECT body FROM ticket WHERE resolved IS NULL ORDER BY key DESC LIMIT 51",
        "SELECT body FROM ticket WHERE service = 'x' AND key < 7 ORDER BY key DESC LIMIT 51",
        "SELECT body FROM ticket WHERE priority = 'low' ORDER BY key DESC LIMIT 51",
        "SELECT body FROM event WHERE actor IS NOT NULL ORDER BY id DESC LIMIT 51",
        "SELECT body FROM event WHERE actor = 'ann' ORDER BY id DESC LIMIT 51",
        "SELECT body FROM delivery WHERE state = 'sent' ORDER BY date DESC LIMIT 51",
        "SELECT body FROM delivery ORDER BY date DESC, key DESC LIMIT 51",
    ):
        with store.reads.database.transaction() as connection:
            plans += [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]

    assert [] == [plan for plan in plans if "INDEX" not in plan and "PRIMARY KEY" not in plan]


def test_words_are_quoted_for_the_index() -> None:
    assert ('"web"* "503"*', "") == (searched('web "503"'), searched("*:-"))
