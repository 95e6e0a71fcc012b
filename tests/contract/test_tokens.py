"""Tokens: made once, shown once, revoked at once; through the daemon, and without one."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from monitord.cli import cli
from monitord.client import Client, Refused, WrongUse
from monitord.client.wire import Question, ask
from monitord.config.settings import Door
from monitord.core.world import Configuration
from monitord.engine.clock import RealClock
from monitord.store import Store
from monitord.store.faults import StoreError
from monitord.store.tokens import Tokens, Wish, granted
from monitord.web.access.limits import TOKENS_MAX
from monitord.web.doors import bound, serve
from monitord.web.ops.keys import Keys
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import ops_app
from monitord.web.refusal import No
from tests.fakes.holder import log_of
from tests.fakes.night import night
from tests.fakes.shop import logbook
from tests.fakes.terminal import Terminal, terminal, typed


@pytest.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with night(tmp_path / "store") as made:
        yield made


@pytest.fixture
async def beside(sources: Sources, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with terminal(sources, tmp_path / "store") as made:
        yield made


@pytest.fixture
def client(beside: Terminal) -> Client:
    return beside.client()


async def test_a_token_is_made_and_listed_without_what_it_opens_with(
    sources: Sources, client: Client
) -> None:
    made = await typed(client.create_token, "ann", ["respond"], note="her telephone")
    (row,) = await typed(client.tokens)

    assert made.token.startswith("mon_") and len(made.token) == len("mon_") + 43
    assert ("ann", ("respond",), "her telephone", "active", None) == (
        row.owner,
        row.scopes,
        row.note,
        row.state,
        row.used,
    )
    assert sources.now + timedelta(days=90) == row.expires
    assert made.token not in repr(row) + repr(made)


async def test_the_store_does_not_know_what_it_opens_with(sources: Sources, client: Client) -> None:
    made = await typed(client.create_token, "ann", ["respond"])
    folder = sources.store.store.folder  # type: ignore[attr-defined]
    kept = b"".join(path.read_bytes() for path in folder.glob("live.sqlite3*"))

    assert made.id.encode() in kept
    assert made.token.encode() not in kept and made.token[4:].encode() not in kept


async def test_a_token_is_revoked_at_once_and_for_good(sources: Sources, client: Client) -> None:
    made = await typed(client.create_token, "ann", ["respond"])
    first = await typed(client.revoke_token, made.id)
    again = await typed(client.revoke_token, made.id)

    assert ("revoked", first.revoked) == (again.state, again.revoked)
    with pytest.raises(Refused, match="there is no token 0123456789ab"):
        await typed(client.revoke_token, "0123456789ab")


ODD_WISHES: tuple[tuple[dict[str, Any], str], ...] = (
    ({"owner": "ben", "scopes": ["read"]}, "there is no person ben"),
    ({"owner": "ann", "scopes": ["read"], "machine": True}, "ann is a person"),
    ({"owner": "ann", "scopes": ["reed"]}, "there is no scope reed"),
    ({"owner": "ann", "scopes": []}, "at least 1"),
    ({"owner": "ann", "scopes": ["read"], "note": "a" * 501}, "at most 500"),
)


async def test_a_token_that_makes_no_sense_is_refused(client: Client) -> None:
    for wish, what in ODD_WISHES:
        with pytest.raises(WrongUse, match=what):
            await typed(partial(client.create_token, **wish))


async def test_a_token_ends_some_day(sources: Sources, client: Client) -> None:
    for until in (sources.now - timedelta(seconds=1), sources.now + timedelta(days=3651)):
        with pytest.raises(WrongUse, match="a token ends in the future, and some day"):
            await typed(client.create_token, "ann", ["read"], until)


async def test_a_token_is_made_once_under_one_key(beside: Terminal, client: Client) -> None:
    wish = {"owner": "ann", "scopes": ["read"]}
    question = Question("tokens", {}, wish, {"idempotency-key": "k1"})
    first = await typed(ask, beside.place, question, 10.0)
    again = await typed(ask, beside.place, question, 10.0)

    assert (200, 409) == (first.status, again.status)
    assert 1 == len(await typed(client.tokens))


async def test_who_asks_is_told_what_they_may(beside: Terminal) -> None:
    told = await typed(beside.client("ann").whoami)

    assert ("ann", "cli", "administrator", None) == (told.by, told.via, told.role, told.scopes)


# Who is taken out of the tree.


def without(sources: Sources, name: str) -> Configuration:
    """The configuration, as if it had never known them."""
    people = {id: person for id, person in sources.configuration.people.items() if id != name}
    return replace(sources.configuration, people=people)


async def test_a_token_of_somebody_who_is_gone_opens_nothing_when_the_name_is_back(
    sources: Sources, client: Client
) -> None:
    mine = await typed(client.create_token, "bo", ["respond"])
    others = await typed(client.create_token, "ann", ["respond"])
    program = await typed(partial(client.create_token, "deploy", ["operate"], machine=True))
    whole = sources.configuration
    sources.world.accept(without(sources, "bo"))
    assert await sources.passkeys.clean(sources.configuration.people, logbook()[0])
    sources.world.accept(whole)
    states = {row.id: row.state for row in await typed(client.tokens)}
    stored = await sources.store.tokens(Tokens.all)

    assert {mine.id: "revoked", others.id: "active", program.id: "active"} == states
    assert [mine.id] == [each.id for each in stored if each.revoked]
    assert f"revoked the token {mine.id} of bo, who is gone" == (await log_of(sources))[-1]


async def test_an_expired_token_of_somebody_who_is_gone_is_an_expired_one(
    sources: Sources, client: Client
) -> None:
    await typed(client.create_token, "bo", ["respond"])
    later, people = sources.now + timedelta(days=91), without(sources, "bo").people
    await sources.tokens.clean(sources.store, people, "monitord", later)

    assert [None] == [each.revoked for each in await sources.tokens.listed(sources.store)]
    assert [None] == [each.revoked for each in await sources.store.tokens(Tokens.all)]


async def test_a_token_that_could_not_be_revoked_for_a_full_disk_is_when_there_is_room(
    sources: Sources, client: Client
) -> None:
    made = await typed(client.create_token, "bo", ["respond"])
    people, store = without(sources, "bo").people, sources.passkeys.store
    sources.passkeys.store = FullDisk(store)
    at_first = await sources.passkeys.clean(people, logbook()[0])
    (at_once,) = await typed(client.tokens)
    sources.passkeys.store = store
    assert await sources.passkeys.clean(people, logbook()[0])

    assert (False, "revoked") == (at_first, at_once.state)
    assert [made.id] == [each.id for each in await sources.store.tokens(Tokens.all) if each.revoked]


async def test_a_token_that_is_made_while_its_owner_goes_opens_nothing_when_the_name_is_back(
    sources: Sources, client: Client
) -> None:
    store, whole = sources.store, sources.configuration
    sources.store = Going(store, lambda: sources.world.accept(without(sources, "bo")))  # type: ignore[assignment]
    with pytest.raises(Refused, match="bo has left meanwhile"):
        await typed(client.create_token, "bo", ["respond"])
    sources.store = store
    sources.world.accept(whole)

    assert ["revoked"] == [row.state for row in await typed(client.tokens)]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_token_that_was_refused_was_not_made_under_its_key(
    sources: Sources, beside: Terminal, restarted: bool
) -> None:
    store, whole = sources.store, sources.configuration
    question = Question("tokens", {}, {"owner": "bo"}, {"idempotency-key": "k1"})
    sources.store = Going(store, lambda: sources.world.accept(without(sources, "bo")))  # type: ignore[assignment]
    refused = await typed(ask, beside.place, question, 10.0)
    sources.store = store
    sources.world.accept(whole)
    if restarted:
        sources.keys = Keys()
    back = await typed(ask, beside.place, question, 10.0)
    again = await typed(ask, beside.place, question, 10.0)

    assert (409, 200, 409) == (refused.status, back.status, again.status)
    assert ["active", "revoked"] == sorted(row.state for row in await typed(beside.client().tokens))


@dataclass
class FullDisk:
    """A store that takes nothing new about tokens."""

    store: Any

    async def access(self, *asked: Any) -> Any:
        return await self.store.access(*asked)

    async def tokens(self, *asked: Any) -> Any:
        raise StoreError("database or disk is full")


@dataclass
class Going:
    """A store; when a token is kept, something else happens."""

    store: Any
    happens: Callable[[], Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def tokens(self, work: Any, *asked: Any) -> Any:
        if work is Tokens.keep:
            self.happens()
        return await self.store.tokens(work, *asked)


# Without a daemon.


def tree(folder: Path) -> Path:
    main = folder / "config" / "monitord.yaml"
    main.parent.mkdir()
    doors = "\n".join(f"  {name}: {{listen: '127.0.0.1:0'}}" for name in ("public", "edge", "ops"))
    main.write_text(
        f"organization: Example Shop\ndoors:\n{doors}\n"
        "channels: {email: {server: 'smtp://127.0.0.1:25', from: 'm@example.org'}}\n"
        "people: {ann: {}}\n"
    )
    return main


def typed_in(main: Path, *words: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, ["token", *words, "--config", str(main)])
    assert code == done.exit_code, done.output
    return done.output if code else done.stdout


def test_a_token_is_made_before_the_daemon_has_ever_run(tmp_path: Path) -> None:
    main = tree(tmp_path)
    made = json.loads(typed_in(main, "create", "ann", "--scope", "read", "--expires", "2d", "--json"))
    (listed,) = json.loads(typed_in(main, "list", "--json"))
    typed_in(main, "revoke", made["id"])
    (revoked,) = json.loads(typed_in(main, "list", "--json"))

    assert made["token"].startswith("mon_")
    assert ("ann", "active", "revoked") == (listed["owner"], listed["state"], revoked["state"])
    with_store = Store.open(tmp_path / "var", now=RealClock().now())
    try:
        assert [made["id"]] == [token.id for token in Tokens.all(with_store.tokens)]
    finally:
        with_store.close()


def test_a_scope_says_what_the_owner_may_not(tmp_path: Path) -> None:
    main = tree(tmp_path)
    with main.open("a") as file:
        file.write("access: {viewers: [ann]}\n")
    made = CliRunner().invoke(cli, ["token", "create", "ann", "--config", str(main)])
    typed_in(main, "create", "ann", "--scope", "read")
    typed_in(main, "create", "robot", "--machine")
    listed = typed_in(main, "list").splitlines()

    assert "ann may administer (capped to viewer) with it until" in made.stderr
    assert ["administer (capped to viewer)", "administer", "read"] == sorted(
        (line.split("  ")[3] for line in listed), key=lambda may: (may == "read", -len(may))
    )


def test_a_token_that_was_revoked_already_is_said(tmp_path: Path) -> None:
    main = tree(tmp_path)
    made = json.loads(typed_in(main, "create", "ann", "--json"))
    first = typed_in(main, "revoke", made["id"])
    again = typed_in(main, "revoke", made["id"])

    assert f"{made['id']} of ann opens nothing any more.\n1 token revoked." in first
    assert f"{made['id']} of ann was revoked already, at " in again and "0 tokens revoked." in again


def test_without_an_owner_it_is_this_accounts(tmp_path: Path) -> None:
    made = json.loads(typed_in(tree(tmp_path), "create", "--json"))

    assert ["administer"] == made["scopes"]


ODD_WORDS = (
    (("create", "ben"), 2, "there is no person ben"),
    (("create", "ann", "--machine"), 2, "ann is a person"),
    (("create", "ann", "--scope", "reed"), 2, "did you mean `read`?"),
    (("create", "ann", "--expires", "soon"), 2, "duration"),
    (("revoke", "0123456789ab"), 1, "there is no token 0123456789ab"),
)


def test_a_mistake_without_a_daemon_is_named(tmp_path: Path) -> None:
    main = tree(tmp_path)
    for words, code, what in ODD_WORDS:
        assert what in typed_in(main, *words, code=code)


# From elsewhere.


async def test_a_command_works_from_elsewhere_with_a_token(
    sources: Sources, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await typed(client.create_token, "bo", ["respond"])
    listening = await bound(Door("127.0.0.1", 0, ""), "ops")
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    monkeypatch.setenv("MONITORD_URL", url)
    async with asyncio.TaskGroup() as group:
        door = Door("127.0.0.1", 0, url)
        serving = group.create_task(
            serve(ops_app(sources, logbook()[0]), door, name="ops", socks=[listening])
        )
        monkeypatch.setenv("MONITORD_TOKEN", made.token)
        right = await typed(CliRunner().invoke, cli, ["ticket", "ack", "3"])
        monkeypatch.setenv("MONITORD_TOKEN", "mon_wrong")
        wrong = await typed(CliRunner().invoke, cli, ["ticket", "ack", "3"])
        serving.cancel()

    assert (0, True) == (right.exit_code, "acknowledged by bo (api)" in right.output), right.output
    assert (1, True) == (wrong.exit_code, "there is no such token" in wrong.output), wrong.output


async def test_tokens_are_not_without_end_and_revoked_ones_make_room(sources: Sources) -> None:
    ring, now = sources.tokens, sources.now
    wish = Wish("program", machine=True, scopes=("read",), expires=now + timedelta(days=1))
    tokens = await ring.loaded(sources.store)
    tokens |= {kept.digest: kept for _, kept in (granted(wish, "root", now) for _ in range(TOKENS_MAX))}
    with pytest.raises(No, match="there are 1000 tokens already"):
        await ring.add(sources.store, granted(wish, "root", now)[1])

    one = next(iter(tokens.values()))
    tokens[one.digest] = replace(one, revoked=now)
    await ring.add(sources.store, granted(wish, "root", now)[1])
    later = granted(wish, "root", now + timedelta(days=40))[1]
    await ring.add(sources.store, later)

    assert [later] == list(tokens.values()), "what has been of no use for long is forgotten"
