"""Passkeys from the shell and through the API: listed and taken away, with the daemon and without one."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitord.cli import cli
from monitord.client import Client, ClientFault
from monitord.config.loading import load
from monitord.store import Store
from monitord.store.accounts import LogLine, Session
from monitord.store.passkeys import Passkey, id_of, keep, kept
from monitord.web.console.visit import Entry
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from tests.fakes.holder import Holder, elsewhere, holder, log_of
from tests.fakes.night import MIDNIGHT
from tests.fakes.shop import logbook
from tests.fakes.terminal import terminal, typed
from tests.unit.config_tree import tree

PASSWORD = "a long night in november"


@pytest.fixture
async def ann(sources: Sources) -> Holder:
    door: OpsDoor = ops_app(sources, logbook()[0], Entry("https://ops.example.org", b"a secret of this test"))
    there = await holder(door)
    await there.adds()
    return there


@pytest.fixture
async def client(sources: Sources, tmp_path: Path) -> AsyncIterator[Client]:
    async with terminal(sources, tmp_path / "var") as beside:
        yield beside.client()


async def test_a_passkey_is_taken_away_from_the_shell(client: Client, sources: Sources, ann: Holder) -> None:
    desk = elsewhere(ann)
    await desk.signs_in()
    (listed,) = await typed(client.passkeys)
    (account,) = [row for row in await typed(client.accounts) if row.name == "ann"]
    gone = await typed(client.remove_passkey, listed.id)

    assert ("ann", "a phone", "ops.example.org") == (listed.account, listed.name, listed.site)
    assert (1, 2) == (account.passkeys, account.sessions)
    assert (listed.id, ()) == (gone.id, await typed(client.passkeys))
    assert [303, 200] == [(await each.get("/more")).status for each in (desk, ann)]
    assert f"removed the passkey {listed.id} of ann" == (await log_of(sources))[-1]


async def test_one_that_is_not_there_is_said(client: Client) -> None:
    with pytest.raises(ClientFault, match="there is no passkey 000000000000"):
        await typed(client.remove_passkey, "000000000000")


async def test_who_has_only_a_passkey_has_an_account_to_revoke(
    client: Client, sources: Sources, ann: Holder
) -> None:
    await sources.sessions.close(
        [each.id for each in await sources.sessions.of("ann", sources.now)], sources.now
    )
    listed = [(row.name, row.passkeys) for row in await typed(client.accounts)]
    await typed(client.revoke_account, "ann")

    assert ([("ann", 1)], []) == (listed, await sources.passkeys.all())


# Without a daemon.


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """A tree whose store has a passkey of ann, and a session that it opened."""
    made = tree(tmp_path / "tree")
    store = Store.open(Path(load(made).settings.store), now=MIDNIGHT)
    id = id_of(b"a credential")
    passkey = Passkey(id, b"a credential", b"a key", "ann", "a phone", "ops.example.org", 0, MIDNIGHT)
    keep(store.accounts, passkey, 10, LogLine(MIDNIGHT, "ann", "added it"))
    ends = MIDNIGHT.replace(year=2100)
    store.accounts.keep_session(Session("s1", "ann", "a passkey", MIDNIGHT, MIDNIGHT, ends, "", "", id))
    store.close()
    return made


def run(main: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["account", *words, "--config", str(main)], input=typed)


def left(main: Path) -> tuple[list[str], list[str]]:
    """Passkeys and sessions."""
    store = Store.open(Path(load(main).settings.store), now=MIDNIGHT)
    try:
        sessions = store.accounts.sessions(MIDNIGHT)
        return [each.name for each in kept(store.accounts)], [each.id for each in sessions]
    finally:
        store.close()


def test_the_shell_lists_and_removes_without_a_daemon(main: Path) -> None:
    listed = run(main, "passkey", "list")
    (row,) = json.loads(run(main, "passkey", "list", "ann", "--json").stdout)
    nobodys = run(main, "passkey", "list", "bo")
    gone = run(main, "passkey", "remove", row["id"])
    again = run(main, "passkey", "remove", row["id"])

    assert "a phone  at ops.example.org" in listed.output and "never used" in listed.output
    assert "bo has no passkey." in nobodys.output
    assert (0, 1) == (gone.exit_code, again.exit_code)
    assert "`monitord account passkey list` lists them" in again.output
    assert "Nobody has a passkey." in run(main, "passkey", "list").output
    assert ([], []) == left(main)


def test_a_new_password_without_a_daemon_leaves_the_passkeys(main: Path) -> None:
    done = run(main, "password", "ann", "--stdin", typed=f"{PASSWORD}\n")

    assert (0, (["a phone"], [])) == (done.exit_code, left(main))


def test_a_revoked_account_has_no_passkey_without_a_daemon(main: Path) -> None:
    listed = run(main, "list")
    done = run(main, "revoke", "ann")

    assert "1 passkey" in listed.output
    assert (0, ([], [])) == (done.exit_code, left(main))
