"""Passkeys in the store: kept, used, taken away with what they opened; and what a restore does about them."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitord.store import Store
from monitord.store import passkeys as kept_of
from monitord.store.accounts import Account, LogLine, Session
from monitord.store.backup import back_up
from monitord.store.passkeys import Passkey, PasskeyKnown, TooManyPasskeys, id_of
from monitord.store.restore import restore
from tests.fakes.new_store import new_store

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINE = LogLine(NINE, "ann", "did something", "198.51.100.7")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store.open(new_store(tmp_path / "store"), now=NINE)) as opened:
        yield opened


def passkey(name: str, account: str = "ann", counter: int = 0) -> Passkey:
    credential = f"the {name} of {account}".encode()
    return Passkey(id_of(credential), credential, b"key", account, name, "ops.example.org", counter, NINE)


def keep(store: Store, *several: Passkey, most: int = 10) -> None:
    for each in several:
        kept_of.keep(store.accounts, each, most, LINE)


def opened_by(each: Passkey) -> Session:
    return Session(f"of {each.id}", each.account, "a passkey", NINE, NINE, NINE + HOUR, "", "", each.id)


def log(store: Store) -> list[str]:
    return [line.did for _, line in reversed(store.reads.access_log(None, 100))]


PHONE, KEY, BOS = passkey("phone"), passkey("key", counter=3), passkey("phone", "bo")


def test_a_passkey_is_kept_with_who_added_it(store: Store) -> None:
    keep(store, PHONE, KEY, BOS)

    assert sorted([PHONE, KEY], key=lambda each: each.id) == kept_of.kept(store.accounts, "ann")
    assert (3, KEY, None) == (
        len(kept_of.kept(store.accounts)),
        kept_of.find(store.accounts, KEY.id),
        kept_of.find(store.accounts, "0" * 12),
    )
    assert ["did something"] * 3 == log(store)


def test_nobody_keeps_more_than_so_many_or_one_twice(store: Store) -> None:
    keep(store, PHONE, KEY)
    with pytest.raises(TooManyPasskeys):
        keep(store, passkey("third"), most=2)
    with pytest.raises(PasskeyKnown):
        keep(store, replace(PHONE, account="bo"))

    assert ["did something"] * 2 == log(store), "what was refused is not noted as done"


@pytest.mark.parametrize(
    ("before", "now", "counted_on"), [(0, 0, True), (0, 1, True), (3, 4, True), (3, 3, False), (3, 0, False)]
)
def test_of_two_at_once_that_say_the_same_number_one_counts(
    store: Store, before: int, now: int, counted_on: bool
) -> None:
    keep(store, replace(PHONE, counter=before))

    assert counted_on is kept_of.use(store.accounts, PHONE.id, now, NINE + HOUR)
    found = kept_of.find(store.accounts, PHONE.id)
    assert found is not None and ((now, NINE + HOUR) if counted_on else (before, None)) == (
        found.counter,
        found.used,
    )


def test_the_first_suspicion_stands_and_each_is_noted(store: Store) -> None:
    keep(store, PHONE)
    for hours in (1, 2):
        kept_of.suspect(store.accounts, PHONE.id, replace(LINE, at=NINE + hours * HOUR, did="suspected"))

    assert [replace(PHONE, suspected=NINE + HOUR)] == kept_of.kept(store.accounts)
    assert ["suspected"] * 2 == log(store)[1:]


def test_what_a_passkey_opened_ends_with_it_and_nothing_else_does(store: Store) -> None:
    keep(store, PHONE, KEY)
    for each in (PHONE, KEY):
        store.accounts.keep_session(opened_by(each))
    gone = kept_of.drop(store.accounts, PHONE.id, "ann", replace(LINE, did="removed"))

    assert (PHONE, None) == (gone, kept_of.drop(store.accounts, PHONE.id, "ann", LINE))
    assert [opened_by(KEY)] == store.accounts.sessions(NINE)
    assert "removed" == log(store)[-1]


def test_nobody_drops_somebody_elses(store: Store) -> None:
    keep(store, PHONE)

    assert None is kept_of.drop(store.accounts, PHONE.id, "eve", LINE)
    assert [PHONE] == kept_of.kept(store.accounts)


def test_who_is_nobody_any_more_loses_theirs(store: Store) -> None:
    keep(store, PHONE, BOS)
    store.accounts.keep_session(opened_by(BOS))

    assert [BOS] == kept_of.drop_of_strangers(store.accounts, {"ann"}, NINE)
    assert ([PHONE], []) == (kept_of.kept(store.accounts), store.accounts.sessions(NINE))
    assert f"removed the passkey phone ({BOS.id}) of bo: nobody here is called bo any more" == log(store)[-1]


def test_an_account_goes_with_its_passkeys_and_a_new_password_leaves_them(store: Store) -> None:
    keep(store, PHONE, BOS)
    store.accounts.keep_session(opened_by(PHONE))
    store.accounts.set_password(Account("ann", "", administrator=False, created=NINE), "root")
    left = (kept_of.kept(store.accounts, "ann"), store.accounts.sessions(NINE))

    assert ([PHONE], []) == left
    assert store.accounts.revoke("ann", "root", NINE)
    assert [BOS] == kept_of.kept(store.accounts)


# A restore lets nobody in again.


def test_a_passkey_that_was_removed_since_stays_so_and_is_named(store: Store, tmp_path: Path) -> None:
    keep(store, PHONE, KEY)
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path
    kept_of.drop(store.accounts, PHONE.id, "ann", LINE)
    kept_of.use(store.accounts, KEY.id, 7, NINE)
    kept_of.suspect(store.accounts, KEY.id, LINE)
    store.close()

    done = restore(archive, store.folder, NINE + HOUR)

    named = f"phone ({PHONE.id}) of ann"
    assert ((named,), ()) == (done.accounts.passkeys_removed, done.accounts.passkeys_unknown)
    with closing(Store.open(store.folder, now=NINE)) as again:
        assert [replace(KEY, counter=7, suspected=NINE)] == kept_of.kept(again.accounts)
        assert f"kept the passkey {named} removed: it was removed after the backup was made" == log(again)[-1]


def test_on_a_new_machine_every_passkey_that_comes_back_is_named(store: Store, tmp_path: Path) -> None:
    keep(store, PHONE)
    archive = back_up(store.folder, tmp_path / "one.tar.gz", NINE).path

    done = restore(archive, tmp_path / "other", NINE + HOUR)

    named = f"phone ({PHONE.id}) of ann"
    assert ((), (named,)) == (done.accounts.passkeys_removed, done.accounts.passkeys_unknown)
    with closing(Store.open(tmp_path / "other", now=NINE)) as again:
        assert f"brought back the passkey {named}: what became of it since is not known" == log(again)[-1]
