"""The inbox: kept before the answer, counted with the decision, forgotten after a week."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitord.core.organization import Priority
from monitord.core.report import Report, heard
from monitord.store.batch import Batch, Entry
from monitord.store.faults import StaleTerm
from monitord.store.inbox import Arrival, Listed, Settled, decided_row, event_id
from monitord.store.store import Store
from tests.fakes.new_store import new_store

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = Store.open(new_store(tmp_path / "var"), now=NOW)
    found.begin_term()
    return found


def arrival(body: bytes = b"{}", **more: object) -> Arrival:
    said = {"reports": 1, **more}
    return Arrival(NOW, "any", "POST", "", (("a", "b"),), (("user-agent", "curl"),), body, **said)  # type: ignore[arg-type]


def decided(store: Store, *events: str) -> None:
    """Commit a decision for each of these events."""
    entries = []
    for event in events:
        report = Report("in/any", event, True, "shop", Priority.URGENT, "title", event=event)
        signal, told = heard(report, None, NOW)
        assert signal is not None
        entries.append(Entry(report, NOW, (signal,), told))
    store.commit(Batch(store.term, "r1", tuple(entries)))


def test_what_comes_back_is_what_was_kept(store: Store) -> None:
    kept = arrival(b"\x00\xff", outcome=("refused",), status=400, repeats=True, times=7)
    first, second = store.inbox.receive(store.term, [kept, arrival()])

    assert (1, 2) == (first, second)
    event = store.inbox.event(1)
    assert event is not None and kept == event.arrival
    assert None is store.inbox.event(99)


def test_a_decision_counts_with_its_commit(store: Store) -> None:
    store.inbox.receive(store.term, [arrival(), arrival(reports=3)])
    assert [1, 2] == [event.id for event in store.inbox.undecided()]

    decided(store, "1", "2.1", "2.2")
    assert [(2, 2)] == [(event.id, event.decided) for event in store.inbox.undecided()]

    decided(store, "2.3")
    assert [] == store.inbox.undecided()


def test_what_was_made_of_it_is_noted(store: Store) -> None:
    store.inbox.receive(store.term, [arrival(reports=2)])
    store.inbox.settle([Settled(1, ("a: ticket 1 opened", "b: said once more"))])

    event = store.inbox.event(1)
    assert event is not None and not event.undecided
    assert ("a: ticket 1 opened", "b: said once more") == event.arrival.outcome


def test_a_former_leader_keeps_nothing(store: Store) -> None:
    former = store.term
    store.begin_term()

    with pytest.raises(StaleTerm):
        store.inbox.receive(former, [arrival()])
    assert [] == store.inbox.events()


def test_the_newest_come_first_page_by_page(store: Store) -> None:
    store.inbox.receive(store.term, [arrival() for _ in range(5)])

    assert [5, 4] == [event.id for event in store.inbox.events(limit=2)]
    assert [3, 2] == [event.id for event in store.inbox.events(before=4, limit=2)]
    assert [] == store.inbox.events(integration="other")


def test_a_list_says_how_long_a_body_is_and_leaves_it_where_it_is(store: Store) -> None:
    store.inbox.receive(store.term, [arrival(b"x" * 500_000, outcome=("refused",), status=400, times=7)])
    (listed,) = store.inbox.events()

    assert Listed(1, NOW, "any", "POST", "", 500_000, 7, 1, 0, 400, ("refused",)) == listed


def test_what_is_read_whole_can_be_listed(store: Store) -> None:
    store.inbox.receive(store.term, [arrival(b"\xff" * 9)])
    event = store.inbox.event(1)

    assert event is not None
    assert store.inbox.events() == [event.listed]


def test_old_ones_go_but_not_the_undecided_and_no_number_comes_twice(store: Store) -> None:
    store.inbox.receive(store.term, [arrival(), arrival(repeats=True), arrival(reports=0)])
    decided(store, "2")

    assert 1 == store.inbox.forget_before(NOW + timedelta(days=2))
    assert 1 == store.inbox.forget_before(NOW + timedelta(days=8))
    assert [1] == [event.id for event in store.inbox.events()]
    decided(store, "1")
    assert 1 == store.inbox.forget_before(NOW + timedelta(days=8))
    assert [4] == store.inbox.receive(store.term, [arrival()])


@pytest.mark.parametrize(
    ("event", "row"),
    [
        ("17", {"of": 17, "until": 1}),
        ("17.3", {"of": 17, "until": 3}),
        ("", None),
        ("x", None),
        ("1x", None),
    ],
)
def test_an_event_says_which_row_and_which_report(event: str, row: dict[str, int] | None) -> None:
    assert row == decided_row(event)
    assert ("17", "17.3") == (event_id(17, 1, 1), event_id(17, 3, 4))
