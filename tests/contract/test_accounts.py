"""Accounts from the shell: a way in when mail is dead, through the daemon and without one."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitord.cli import cli
from monitord.client import Client, ClientFault, Refused, WrongUse
from monitord.core.world import Configuration
from monitord.store.accounts import Account, Accounts
from monitord.web.access.roles import Actor, Role
from monitord.web.access.sessions import Sessions
from monitord.web.console.visit import Entry
from monitord.web.ops.account_routes import refuse_token
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor, ops_app
from monitord.web.refusal import No
from monitord.web.threads import AT_ONCE, pool
from tests.contract.test_overrides import asker
from tests.fakes.patience import WITHIN
from tests.fakes.shop import logbook
from tests.fakes.signed_in import signed_in
from tests.fakes.terminal import terminal, typed
from tests.fakes.visitor import Visitor
from tests.unit.config_tree import tree

PASSWORD = "a long night in november"
URL = "http://127.0.0.1:8082"


@pytest.fixture
def door(sources: Sources) -> OpsDoor:
    return ops_app(sources, logbook()[0], Entry(URL, b"a secret of this test"))


@pytest.fixture
async def client(sources: Sources, door: OpsDoor, tmp_path: Path) -> AsyncIterator[Client]:
    async with terminal(sources, tmp_path / "var") as beside:
        yield beside.client()


async def test_a_link_from_the_shell_leads_in(client: Client, door: OpsDoor) -> None:
    made = await typed(client.sign_in_link, "ann")
    page = await Visitor(door).get(made.url.removeprefix(URL))

    assert made.url.startswith(f"{URL}/sign-in/")
    assert (200, True) == (page.status, "Sign in as Ann Example" in page.text)


async def test_a_password_from_the_shell_makes_an_administrator_of_nobody(
    client: Client, door: OpsDoor, sources: Sources
) -> None:
    root = await typed(client.set_password, "root", PASSWORD)
    ann = await typed(client.set_password, "ann", PASSWORD)
    stored = await sources.sessions.account("root", sources.now)

    assert (True, False, True) == (root.administrator, ann.administrator, ann.person)
    assert stored is not None and stored.password.startswith("$argon2id$") and PASSWORD not in stored.password
    assert ["ann", "root"] == [row.name for row in await typed(client.accounts)]


async def test_a_new_password_and_a_revoked_one_end_the_sessions(client: Client, door: OpsDoor) -> None:
    ann = await signed_in(door)
    assert 200 == (await ann.get("/more")).status
    await typed(client.set_password, "ann", PASSWORD)
    assert 303 == (await ann.get("/more")).status

    again = await signed_in(door)
    row = await typed(client.revoke_account, "ann")
    assert (False, 0) == (row.password, row.sessions)
    assert 303 == (await again.get("/more")).status


def without(sources: Sources, name: str) -> Configuration:
    """The configuration, as if it had never known them."""
    people = {id: each for id, each in sources.configuration.people.items() if id != name}
    return replace(sources.configuration, people=people)


async def test_an_administrator_who_is_taken_out_of_the_tree_is_none_any_more(
    client: Client, door: OpsDoor, sources: Sources
) -> None:
    """Only a name that is no person stays one: whoever left would have the highest role for ever."""
    await typed(client.set_password, "root", PASSWORD)
    await typed(client.set_password, "bo", PASSWORD, administrator=True)
    bo, root, whole = await signed_in(door, "bo"), await signed_in(door, "root"), sources.configuration
    before = (await bo.get("/api/v1/tokens")).status
    sources.world.accept(without(sources, "bo"))
    at_once = (await bo.get("/api/v1/tokens")).status
    assert await sources.passkeys.clean(sources.configuration.people, logbook()[0])
    sources.world.accept(whole)

    assert (200, 401) == (before, at_once)
    assert (401, 200) == ((await bo.get("/api/v1/tokens")).status, (await root.get("/api/v1/tokens")).status)
    assert ["root"] == [each.name for each in await sources.store.access(Accounts.accounts)]


async def test_an_administrator_who_leaves_the_tree_over_a_restart_is_none_either(
    client: Client, sources: Sources
) -> None:
    await typed(client.set_password, "root", PASSWORD)
    await typed(client.set_password, "bo", PASSWORD, administrator=True)
    later = Sessions(sources.store, dict)
    await later.all(sources.now)
    known = [later.known(name) for name in ("bo", "root")]
    await later.clean((), sources.now)

    assert [False, True] == known
    assert ["root"] == [each.name for each in await sources.store.access(Accounts.accounts)]


async def test_an_account_of_before_is_known_as_a_persons_as_soon_as_the_tree_has_them(
    sources: Sources,
) -> None:
    old = Account("bo", "", administrator=True, created=sources.now)
    await sources.sessions.keep(old, "an older monitord")
    await sources.sessions.clean(sources.configuration.people, sources.now)

    assert [replace(old, person=True)] == await sources.store.access(Accounts.accounts)
    assert replace(old, person=True) == await sources.sessions.account("bo", sources.now)


@contextmanager
def held_up() -> Iterator[None]:
    """Whoever has a password hashed waits until this ends."""
    gate, busy = threading.Event(), threading.Barrier(AT_ONCE + 1)
    for _ in range(AT_ONCE):
        pool.submit(lambda: (busy.wait(), gate.wait()))
    busy.wait()
    try:
        yield
    finally:
        gate.set()


@pytest.mark.parametrize("name", ["bo", "dora"])
async def test_a_password_for_who_comes_or_goes_meanwhile_is_not_set(sources: Sources, name: str) -> None:
    """Else a person would be an administrator, as nobody in particular is, or a leaver have a password."""
    here = sources.configuration.people
    dora = {"dora": replace(here["bo"], id="dora")}
    later = {id: each for id, each in here.items() if id != name} if name in here else {**here, **dora}
    body = json.dumps({"password": PASSWORD}).encode()
    root = asker(sources, "root", Role.ADMINISTRATOR)
    async with asyncio.TaskGroup() as group:
        with held_up():
            sent = root.post(f"/api/v1/accounts/{name}/password", body, content_type="application/json")
            setting = group.create_task(sent)
            async with asyncio.timeout(WITHIN):
                while not pool._work_queue.qsize():  # noqa: ASYNC110 - nobody is told of it
                    await asyncio.sleep(0)
            sources.world.accept(replace(sources.configuration, people=later))
    reply = setting.result()

    assert (409, True) == (reply.status, f"{name} has come or gone meanwhile" in reply.text)
    assert None is await sources.sessions.account(name, sources.now)


async def test_what_is_wrong_is_said(client: Client) -> None:
    with pytest.raises(WrongUse, match="12 to 256 characters"):
        await typed(client.set_password, "root", "short")
    with pytest.raises(Refused, match="no person or account annn"):
        await typed(client.sign_in_link, "annn")
    with pytest.raises(ClientFault, match="no password, no passkey and no session"):
        await typed(client.revoke_account, "ann")


def test_a_token_hands_out_no_way_in() -> None:
    with pytest.raises(No, match="a token cannot"):
        refuse_token(Actor("ann", "api", Role.ADMINISTRATOR, token="0123456789ab"))


# Without a daemon.


@pytest.fixture
def main(tmp_path: Path) -> Path:
    return tree(tmp_path / "tree")


def run(main: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(cli, ["account", *words, "--config", str(main)], input=typed)


def test_the_shell_works_without_a_daemon(main: Path) -> None:
    made = run(main, "password", "root", "--stdin", typed=f"{PASSWORD}\n")
    listed = run(main, "list")
    gone = run(main, "revoke", "root")
    again = run(main, "revoke", "root")

    assert (0, True) == (made.exit_code, "root (administrator) signs in" in made.output), made.output
    assert "administrator" in listed.output and PASSWORD not in listed.output
    assert (0, 1) == (gone.exit_code, again.exit_code)
    assert "root has no password, no passkey and no session; there are none" in again.output


def test_a_short_password_is_refused_without_a_daemon(main: Path) -> None:
    refused = run(main, "password", "root", "--stdin", typed="short\n")

    assert (2, True) == (refused.exit_code, "12 to 256 characters" in refused.output)


def test_a_link_needs_the_daemon(main: Path) -> None:
    assert 3 == run(main, "link", "ann").exit_code
