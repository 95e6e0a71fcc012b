"""SCIM at the ops door, as Okta, Entra and Google speak it: who joins, who leaves, what a leaver loses."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from click.testing import CliRunner

from monitord.cli import cli
from monitord.core.employment import Employment
from monitord.core.gap import LookForGaps
from monitord.core.rotation import on_call
from monitord.core.ticket import Ticket
from monitord.engine.alarms import Alarms
from monitord.engine.engine import Engine, FactRefused, Lane
from monitord.engine.missing import Missing
from monitord.store.accounts import Account
from monitord.store.faults import StoreError
from monitord.store.reads import Reads
from monitord.store.tokens import Token, Wish, granted
from monitord.web.access.ring import Ring, TokenStore
from monitord.web.access.roles import Role
from monitord.web.console.visit import Entry
from monitord.web.ops.scim_words import COUNT_MAX, ERROR, LIST, PATCH, USER
from monitord.web.ops.sources import Sources
from monitord.web.ops.staff_routes import listed
from monitord.web.ops_door import OpsDoor, ops_app
from tests.contract.test_contacts import asker
from tests.fakes.patience import WITHIN
from tests.fakes.shop import logbook
from tests.fakes.signed_in import SignedIn, signed_in
from tests.fakes.terminal import named_tree, terminal, typed
from tests.fakes.visitor import Reply, Visitor

URL = "https://ops.example.org"
ANN = {"schemas": [USER], "userName": "ann@example.org", "externalId": "00u1", "active": True}


@dataclass
class Directory(Visitor):
    """The directory of staff, with its token."""

    secret: str = ""

    async def say(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        shown = {"authorization": f"Bearer {self.secret}"} if self.secret else {}
        told = {"content_type": "application/scim+json", **shown, **headers}
        return await self.ask(method, f"/scim/v2{path}", raw, told)

    async def made(self, **said: Any) -> dict[str, Any]:
        reply = await self.say("POST", "/Users", {**ANN, **said})
        assert 201 == reply.status, reply.text
        return read(reply)

    async def patch(self, id: str, *operations: dict[str, Any]) -> Reply:
        return await self.say("PATCH", f"/Users/{id}", {"schemas": [PATCH], "Operations": list(operations)})

    async def deactivate(self, id: str) -> Reply:
        return await self.patch(id, {"op": "replace", "path": "active", "value": False})


def read(reply: Reply) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(reply.body)
    return found


class Stuck(Ring):
    """A ring of tokens whose store cannot be written."""

    def __init__(self, ring: Ring) -> None:
        super().__init__()
        self.ring = ring

    async def found(self, store: TokenStore, secret: str) -> Token | None:
        return await self.ring.found(store, secret)

    async def clean(self, *asked: Any) -> None:
        raise StoreError("the disk is full")


@pytest.fixture
def door(sources: Sources) -> OpsDoor:
    return ops_app(sources, logbook()[0], Entry(URL, b"a secret of this test"))


async def token(sources: Sources, owner: str, *scopes: str, machine: bool = True) -> tuple[str, Token]:
    """What it opens with, and the token."""
    lasts = sources.now + timedelta(days=1)
    secret, made = granted(Wish(owner, machine, scopes, lasts, ""), "a shell", sources.now)
    await sources.tokens.add(sources.store, made)
    return secret, made


@pytest.fixture
async def okta(door: OpsDoor, sources: Sources) -> Directory:
    secret, _ = await token(sources, "okta", "scim")
    return Directory(door, secret=secret)


# Who may.


@pytest.mark.parametrize(
    ("owner", "scopes", "machine", "status"),
    [
        ("okta", ("scim",), True, 200),
        ("okta", ("administer",), True, 403),
        ("okta", ("operate", "list_tickets"), True, 403),
        ("ann", ("scim",), False, 403),
    ],
)
async def test_only_a_token_of_that_scope_may_say_who_works_here(
    door: OpsDoor, sources: Sources, owner: str, scopes: tuple[str, ...], machine: bool, status: int
) -> None:
    secret, _ = await token(sources, owner, *scopes, machine=machine)

    assert status == (await Directory(door, secret=secret).say("GET", "/Users")).status


async def test_without_a_token_nobody_is_told_anything(door: OpsDoor) -> None:
    nobody, wrong = Directory(door), Directory(door, secret="mon_" + "x" * 43)
    replies = [await nobody.say("GET", "/Users"), await wrong.say("GET", "/ServiceProviderConfig")]

    assert [401, 401] == [reply.status for reply in replies]
    assert all(reply.headers["www-authenticate"].startswith("Bearer") for reply in replies)
    assert all([ERROR] == read(reply)["schemas"] for reply in replies)


async def test_its_token_opens_nothing_else(okta: Directory) -> None:
    reply = await okta.get("/api/v1/tickets", authorization=f"Bearer {okta.secret}")

    assert 403 == reply.status


# What it says of itself.


async def test_it_says_what_it_can(okta: Directory) -> None:
    config = read(await okta.say("GET", "/ServiceProviderConfig"))
    types = read(await okta.say("GET", "/ResourceTypes"))
    schemas = read(await okta.say("GET", "/Schemas"))
    one = read(await okta.say("GET", f"/Schemas/{USER}"))

    assert (True, False) == (config["patch"]["supported"], config["bulk"]["supported"])
    assert {"supported": True, "maxResults": COUNT_MAX} == config["filter"]
    assert (["User"], 1) == ([each["name"] for each in types["Resources"]], types["totalResults"])
    assert [one] == schemas["Resources"]
    assert "userName" in {each["name"] for each in one["attributes"]}


# Joining.


async def test_a_joiner_is_kept_and_read_back(okta: Directory) -> None:
    said = {
        **ANN,
        "name": {"givenName": "Ann", "familyName": "Example", "formatted": "Ann Example"},
        "displayName": "Ann Example",
        "emails": [
            {"value": "ann@home.example.org", "type": "home"},
            {"value": "ann@example.org", "type": "work", "primary": True},
        ],
        "title": "not kept",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "not kept"},
    }
    made = await okta.say("POST", "/Users", said)
    again = await okta.say("GET", f"/Users/{read(made)['id']}")
    body = read(made)

    assert (201, read(again)) == (made.status, body)
    assert f"{URL}/scim/v2/Users/{body['id']}" == made.headers["location"] == body["meta"]["location"]
    assert "application/scim+json" in made.headers["content-type"]
    assert said["name"] == body["name"]
    assert said["emails"] == body["emails"]
    assert "title" not in body
    assert (ANN["userName"], ANN["externalId"], True) == (
        body["userName"],
        body["externalId"],
        body["active"],
    )


async def test_the_same_name_is_taken_once(okta: Directory) -> None:
    await okta.made()
    again = await okta.say("POST", "/Users", {**ANN, "userName": "ANN@example.org"})

    assert (409, "uniqueness") == (again.status, read(again)["scimType"])


async def test_several_at_once_are_told_apart(okta: Directory) -> None:
    replies = await asyncio.gather(*(okta.say("POST", "/Users", ANN) for _ in range(5)))

    assert [201, 409, 409, 409, 409] == sorted(reply.status for reply in replies)


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('userName eq "ann@example.org"', ["ann@example.org"]),
        ('username EQ "ANN@example.org"', ["ann@example.org"]),
        ('externalId eq "00u2"', ["eve@example.org"]),
        ('emails[type eq "work"].value eq "e@example.org"', ["eve@example.org"]),
        ('emails.value eq "e@example.org"', ["eve@example.org"]),
        ('userName eq "nobody@example.org"', []),
        ('userName eq "a\\"b"', []),
        ("active eq true", ["ann@example.org", "eve@example.org"]),
        ("active eq false", []),
    ],
)
async def test_somebody_is_found_by_what_directories_ask_for(
    okta: Directory, filter: str, found: list[str]
) -> None:
    await okta.made()
    await okta.made(userName="eve@example.org", externalId="00u2", emails=[{"value": "e@example.org"}])
    reply = read(await okta.say("GET", f"/Users?filter={quote(filter)}"))

    assert found == [each["userName"] for each in reply["Resources"]]
    assert ([LIST], len(found)) == (reply["schemas"], reply["totalResults"])


@pytest.mark.parametrize(
    "filter", ['userName co "a"', "userName eq", 'title eq "x"', "x" * 2000, 'userName eq "a" and', '"']
)
async def test_other_filters_are_refused(okta: Directory, filter: str) -> None:
    reply = await okta.say("GET", f"/Users?filter={quote(filter)}")

    assert (400, "invalidFilter") == (reply.status, read(reply)["scimType"])


async def test_many_come_page_by_page(okta: Directory) -> None:
    for each in range(5):
        await okta.made(userName=f"p{each}@example.org")
    pages = [read(await okta.say("GET", f"/Users?startIndex={first}&count=2")) for first in (1, 3, 5, 7)]
    none = read(await okta.say("GET", "/Users?count=0"))
    odd = read(await okta.say("GET", "/Users?startIndex=-3&count=-1"))

    assert [2, 2, 1, 0] == [each["itemsPerPage"] for each in pages]
    assert [1, 3, 5, 7] == [each["startIndex"] for each in pages]
    assert {5} == {each["totalResults"] for each in (*pages, none, odd)}
    assert ([], 1) == (none["Resources"], odd["startIndex"])


async def test_only_what_is_asked_for_is_said(okta: Directory) -> None:
    made = await okta.made(displayName="Ann", name={"givenName": "Ann"})
    one = f"/Users/{made['id']}"
    few = read(await okta.say("GET", f"{one}?attributes=userName,name.givenName"))
    less = read(await okta.say("GET", f"{one}?excludedAttributes=displayName"))
    (found,) = read(await okta.say("GET", "/Users?attributes=userName"))["Resources"]

    assert {"schemas", "id", "userName", "name"} == few.keys()
    assert made.keys() - {"displayName"} == less.keys()
    assert {"schemas", "id", "userName"} == found.keys()


@pytest.mark.parametrize("path", ["/.search", "/Users/.search"])
async def test_a_search_may_be_posted(okta: Directory, path: str) -> None:
    await okta.made()
    asked = {"filter": f'userName eq "{ANN["userName"]}"', "count": 1, "attributes": ["userName"]}
    found = await okta.say("POST", path, asked)
    none = await okta.say("POST", path, {**asked, "startIndex": 2})

    assert [{"schemas", "id", "userName"}] == [set(each) for each in read(found)["Resources"]]
    assert ([], 1) == (read(none)["Resources"], read(none)["totalResults"])


# Changing.


@pytest.mark.parametrize(
    ("operation", "name", "expected"),
    [
        ({"op": "replace", "path": "active", "value": False}, "active", False),
        ({"op": "Replace", "path": "active", "value": "False"}, "active", False),
        ({"op": "replace", "value": {"active": False}}, "active", False),
        ({"op": "Add", "path": "displayName", "value": "Ann"}, "displayName", "Ann"),
        ({"op": "replace", "path": "name.givenName", "value": "Anna"}, "name", {"givenName": "Anna"}),
        ({"op": "add", "value": {"name.familyName": "E"}}, "name", {"familyName": "E"}),
        ({"op": "replace", "path": f"{USER}:userName", "value": "a@b"}, "userName", "a@b"),
        ({"op": "remove", "path": "externalId"}, "externalId", None),
        ({"op": "replace", "path": "title", "value": "Boss"}, "title", None),
        (
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "a@b"},
            "emails",
            [{"value": "a@b", "type": "work"}],
        ),
        ({"op": "add", "path": "emails.value", "value": "a@b"}, "emails", [{"value": "a@b"}]),
        (
            {"op": "add", "path": "emails", "value": [{"value": "a@b", "primary": True}]},
            "emails",
            [{"value": "a@b", "primary": True}],
        ),
        ({"op": "remove", "path": 'emails[type eq "home"]'}, "emails", None),
        ({"op": "remove", "path": "emails"}, "emails", None),
    ],
)
async def test_a_patch_changes_what_it_names(
    okta: Directory, operation: dict[str, Any], name: str, expected: Any
) -> None:
    made = await okta.made()
    reply = await okta.patch(made["id"], operation)

    assert 200 == reply.status, reply.text
    assert expected == read(reply).get(name)


@pytest.mark.parametrize(
    ("operation", "word"),
    [
        ({"op": "move", "path": "active"}, "invalidSyntax"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "remove", "path": "active"}, "mutability"),
        ({"op": "remove", "path": "userName"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "maybe"}, "invalidValue"),
        ({"op": "replace", "path": "a b", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 5, "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[primary eq true].value", "value": "a@b"}, "invalidFilter"),
        ({"op": "replace", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "name", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": "x" * 300}, "invalidValue"),
        (
            {"op": "replace", "path": "emails", "value": [{"value": f"{n}@b"} for n in range(30)]},
            "invalidValue",
        ),
    ],
)
async def test_a_patch_that_cannot_be_changes_nothing(
    okta: Directory, operation: dict[str, Any], word: str
) -> None:
    made = await okta.made()
    fine = {"op": "replace", "path": "displayName", "value": "Ann"}
    reply = await okta.patch(made["id"], fine, operation)

    assert (400, word) == (reply.status, read(reply)["scimType"]), reply.text
    assert made == read(await okta.say("GET", f"/Users/{made['id']}"))


@pytest.mark.parametrize("name", ["Ann", 5, [1]])
async def test_a_name_that_is_none_has_no_parts(okta: Directory, name: object) -> None:
    made = await okta.made()
    whole = {"op": "replace", "path": "name", "value": name}
    reply = await okta.patch(made["id"], whole, {"op": "add", "path": "name.givenName", "value": "Anna"})

    assert (400, "invalidValue") == (reply.status, read(reply)["scimType"]), reply.text


async def test_a_name_that_was_removed_may_be_said_anew(okta: Directory) -> None:
    made = await okta.made(name={"familyName": "E"})
    removed = {"op": "remove", "path": "name"}
    reply = await okta.patch(made["id"], removed, {"op": "add", "path": "name.givenName", "value": "Anna"})

    assert {"givenName": "Anna"} == read(reply)["name"]


@pytest.mark.parametrize("schemas", [5, None, PATCH, {PATCH: 1}])
async def test_a_patch_without_a_list_of_schemas_is_refused(okta: Directory, schemas: object) -> None:
    made = await okta.made()
    operation = {"op": "replace", "path": "active", "value": False}
    body = {"schemas": schemas, "Operations": [operation]}
    reply = await okta.say("PATCH", f"/Users/{made['id']}", body)

    assert (400, "invalidSyntax") == (reply.status, read(reply)["scimType"]), reply.text


async def test_a_put_says_everything_anew(okta: Directory) -> None:
    made = await okta.made(displayName="Ann")
    reply = await okta.say("PUT", f"/Users/{made['id']}", {**ANN, "externalId": "x"})

    assert (200, "x", None) == (reply.status, read(reply)["externalId"], read(reply).get("displayName"))


async def test_a_put_that_does_not_say_active_brings_nobody_back(okta: Directory) -> None:
    made = await okta.made()
    await okta.deactivate(made["id"])
    unsaid = {name: value for name, value in ANN.items() if name != "active"}
    reply = await okta.say("PUT", f"/Users/{made['id']}", unsaid)

    assert (200, False) == (reply.status, read(reply)["active"])


async def test_patches_at_the_same_time_all_count(okta: Directory) -> None:
    made = await okta.made()
    parts = ("givenName", "familyName", "formatted")
    await asyncio.gather(
        *(okta.patch(made["id"], {"op": "add", "path": f"name.{part}", "value": part}) for part in parts)
    )

    assert {part: part for part in parts} == read(await okta.say("GET", f"/Users/{made['id']}"))["name"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"userName": 5}', b"\xff", b"[" * 60_000])
async def test_what_cannot_be_read_is_refused(okta: Directory, body: bytes) -> None:
    replies = [
        await okta.say(method, path, body) for method, path in (("POST", "/Users"), ("PUT", "/Users/e1"))
    ]

    assert {400} == {reply.status for reply in replies}
    assert all([ERROR] == read(reply)["schemas"] for reply in replies)


async def test_what_is_too_long_is_refused(okta: Directory) -> None:
    assert 413 == (await okta.say("POST", "/Users", b" " * 100_000)).status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Users/e99", 404),
        ("PATCH", "/Users/e99", 404),
        ("DELETE", "/Users/e99", 404),
        ("GET", "/Groups", 404),
        ("DELETE", "/Users", 405),
        ("POST", "/Schemas", 405),
        ("GET", "/", 404),
    ],
)
async def test_what_there_is_not_is_said_in_its_form(
    okta: Directory, method: str, path: str, status: int
) -> None:
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": False}]}
    reply = await okta.say(method, path, body if method == "PATCH" else None)

    assert (status, str(status)) == (reply.status, read(reply)["status"])


# Leaving.


async def test_a_leaver_is_signed_out_and_their_tokens_open_nothing(
    okta: Directory, door: OpsDoor, sources: Sources
) -> None:
    made = await okta.made()
    ann, bo = await signed_in(door), await signed_in(door, "bo")
    secret, _ = await token(sources, "ann", "read", machine=False)
    mine = Visitor(door)
    before = (await mine.get("/api/v1/tickets", authorization=f"Bearer {secret}")).status
    await sources.sessions.keep(Account("ann", "", administrator=True, created=sources.now), "a shell")
    glass = await signed_in(door)
    left = await okta.deactivate(made["id"])

    assert (200, False, 200) == (left.status, read(left)["active"], before)
    assert [303, 303, 200] == [(await each.get("/more")).status for each in (ann, glass, bo)]
    assert 401 == (await mine.get("/api/v1/tickets", authorization=f"Bearer {secret}")).status
    assert None is await sources.sessions.account("ann", sources.now)


async def test_nobody_who_has_left_comes_in_again(okta: Directory, door: OpsDoor, sources: Sources) -> None:
    held = await sources.sessions.link("ann", sources.now)
    await okta.deactivate((await okta.made())["id"])
    page = await SignedIn(door).get(f"/sign-in/{held}")

    assert 410 == page.status
    assert "ann" not in sources.configuration.people


async def test_a_password_makes_a_leaver_no_administrator(okta: Directory, sources: Sources) -> None:
    await okta.deactivate((await okta.made())["id"])
    body = json.dumps({"password": "correct horse battery staple"}).encode()
    cem = asker(sources, "cem", Role.ADMINISTRATOR)
    reply = await cem.ask("POST", "/api/v1/accounts/ann/password", body, {"content_type": "application/json"})

    assert (409, "ann has left") == (reply.status, json.loads(reply.body)["error"]["what"])
    assert None is await sources.sessions.account("ann", sources.now)


async def test_their_turns_are_gaps_from_that_instant(okta: Directory, sources: Sources) -> None:
    rotation = sources.roster.rotations["primary"]
    (person,) = on_call(rotation, sources.now)
    await okta.deactivate((await okta.made(userName=f"{person}@example.org"))["id"])
    after = sources.roster.rotations["primary"]

    assert () == on_call(after, sources.now)
    assert (person,) == on_call(after, sources.now - timedelta(minutes=1)), "what was so stays so"


async def test_what_they_leave_behind_is_said_aloud_until_it_is_mended(
    okta: Directory, sources: Sources
) -> None:
    missing = missing_of(sources)
    (person,) = on_call(sources.roster.rotations["primary"], sources.now)
    made = await okta.made(userName=f"{person}@example.org")
    await okta.deactivate(made["id"])
    missing.say()
    await settled(sources)

    standing = missing.alarms.standing(f"left/{person}")
    assert standing is not None
    hole = "and within a day it counts: nobody is on call in primary from now to"
    assert f"{person} works here no more, {hole}" in standing.summary
    tickets = [each for each in sources.world.all(Ticket) if person in each.title]
    assert [f"{person} has left, and is missing"] == [each.title for each in tickets]

    await okta.patch(made["id"], {"op": "replace", "path": "active", "value": True})
    missing.say()
    await settled(sources)
    assert None is missing.alarms.standing(f"left/{person}")


async def test_whoever_may_mend_it_hears_of_the_gap_at_once_and_once(
    okta: Directory, sources: Sources
) -> None:
    (person,) = on_call(sources.roster.rotations["primary"], sources.now)
    missing = missing_of(sources)
    await okta.deactivate((await okta.made(userName=f"{person}@example.org"))["id"])
    missing.tell()
    await foreseen(sources)
    told = await news(sources)
    sources.clock.passed += 3600  # type: ignore[attr-defined]
    missing_of(sources).tell()
    await foreseen(sources)

    assert told and all(f"/{person}/" in id for id in told)
    assert told == await news(sources), "an hour later a restart tells nobody"


def missing_of(sources: Sources) -> Missing:
    return Missing(sources.engine, Alarms(sources.engine, sources.clock), sources.clock, logbook()[0])


class Standing:
    """An engine that comes to nothing that can wait; or says why not."""

    def __init__(self, engine: Engine, why: Exception | None = None) -> None:
        self.engine, self.why = engine, why

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def post(self, fact: Any, lane: Lane = Lane.URGENT) -> Any:
        if lane is Lane.BULK:
            waits = asyncio.get_running_loop().create_future()
            if self.why is not None:
                waits.set_exception(self.why)
            return waits
        return self.engine.post(fact, lane)

    async def submit(self, fact: Any, lane: Lane = Lane.URGENT) -> Any:
        return await self.post(fact, lane)


async def test_the_directory_does_not_wait_until_gaps_are_told(okta: Directory, sources: Sources) -> None:
    (person,) = on_call(sources.roster.rotations["primary"], sources.now)
    made = await okta.made(userName=f"{person}@example.org")
    sources.engine = Standing(sources.engine)  # type: ignore[assignment]
    async with asyncio.timeout(WITHIN):
        left = await okta.deactivate(made["id"])

    assert 200 == left.status


async def test_a_gap_that_cannot_be_told_is_in_the_log(okta: Directory, sources: Sources) -> None:
    log, lines = logbook()
    (person,) = on_call(sources.roster.rotations["primary"], sources.now)
    await okta.deactivate((await okta.made(userName=f"{person}@example.org"))["id"])
    standing: Any = Standing(sources.engine, FactRefused("in quarantine"))
    Missing(standing, Alarms(sources.engine, sources.clock), sources.clock, log).tell()
    await heard()

    assert {"in quarantine"} == {line["why"] for line in lines if line["event"] == "gap not told"}


async def heard() -> None:
    """Whoever waits for an answer that is there has heard of it."""
    for _ in range(5):
        await asyncio.sleep(0)


async def foreseen(sources: Sources) -> None:
    """Every gap that was to be looked for is told."""
    await sources.engine.submit(LookForGaps("none"), Lane.BULK)


async def news(sources: Sources) -> list[str]:
    """The ids of what was told of gaps."""
    kept = await sources.store.ask(Reads.messages, None, None, 100)
    return sorted(each.id for each in kept if "/gap/" in each.id)


async def test_what_cannot_be_stored_is_said_and_done_later(
    okta: Directory, door: OpsDoor, sources: Sources
) -> None:
    made = await okta.made()
    ann = await signed_in(door)
    lending = sources.tokens
    sources.tokens = Stuck(lending)
    stuck = await okta.deactivate(made["id"])
    sources.tokens = lending
    await door.farewell.see_out()

    assert (503, "5") == (stuck.status, stuck.headers["retry-after"])
    assert 303 == (await ann.get("/more")).status
    assert "ann" in door.farewell.seen_out


async def settled(sources: Sources) -> None:
    """Everything that was posted is decided."""
    for _ in range(50):
        await asyncio.sleep(0)
    await sources.engine.submit(LookForGaps("none"))


async def test_who_comes_back_may_sign_in_again(okta: Directory, door: OpsDoor) -> None:
    made = await okta.made()
    await okta.deactivate(made["id"])
    await okta.patch(made["id"], {"op": "replace", "path": "active", "value": True})
    ann = await signed_in(door)

    assert 200 == (await ann.get("/more")).status


async def test_deleted_is_left_for_good(okta: Directory, door: OpsDoor, sources: Sources) -> None:
    made = await okta.made()
    gone = await okta.say("DELETE", f"/Users/{made['id']}")
    again = await okta.say("DELETE", f"/Users/{made['id']}")

    assert (204, b"", 404) == (gone.status, gone.body, again.status)
    assert 404 == (await okta.say("GET", f"/Users/{made['id']}")).status
    assert 0 == read(await okta.say("GET", "/Users"))["totalResults"]
    assert "ann" not in sources.configuration.people

    await okta.made()
    assert "ann" in sources.configuration.people, "hired again"


async def test_a_stranger_who_leaves_changes_nothing(okta: Directory, sources: Sources) -> None:
    before = sources.configuration
    made = await okta.made(userName="eve@example.org")
    await okta.deactivate(made["id"])
    await okta.say("DELETE", f"/Users/{made['id']}")

    assert before == sources.configuration
    assert [] == sources.world.all(Employment), "of a stranger nothing is kept"


async def test_the_last_one_cannot_leave(okta: Directory, sources: Sources) -> None:
    people = list(sources.configuration.people)
    made = [await okta.made(userName=person) for person in people]
    replies = [await okta.deactivate(each["id"]) for each in made]

    assert [*[200] * (len(people) - 1), 403] == [reply.status for reply in replies]
    assert [people[-1]] == list(sources.configuration.people)


async def test_a_restart_forgets_none_of_it(okta: Directory, sources: Sources) -> None:
    await okta.deactivate((await okta.made())["id"])
    store = sources.store.store  # type: ignore[attr-defined]
    world = store.load(sources.world.accepted)

    assert "ann" not in world.configuration.people
    assert sources.configuration.people == world.configuration.people


async def test_it_is_in_the_books(okta: Directory, sources: Sources) -> None:
    await okta.deactivate((await okta.made())["id"])
    acts = await sources.store.ask(Reads.acts, "okta", None, 10)

    assert ["StaffLeft", "Employed"] == [type(act.event).__name__ for act in acts]


# What there is to do.


async def test_the_list_of_staff_says_whom_to_add_and_who_is_missing(
    okta: Directory, sources: Sources
) -> None:
    await okta.made(userName="cem@example.org")
    await okta.made(userName="zoe", displayName="Zoë", emails=[{"value": "Zoe.Q@example.org"}])
    await okta.made(userName="ann@elsewhere.org")
    await okta.deactivate((await okta.made(userName="gone@example.org"))["id"])
    (person,) = on_call(sources.roster.rotations["primary"], sources.now)
    await okta.deactivate((await okta.made(userName=person))["id"])
    found = {row.name: row for row in await listed(sources)}

    assert ("cem", "") == (found["cem@example.org"].person, found["cem@example.org"].yaml)
    zoe = {"people": {"zoe.q": {"name": "Zoë", "reach": [{"email": "Zoe.Q@example.org"}]}}}
    assert zoe == yaml.safe_load(found["zoe"].yaml)
    assert ["ann2"] == list(yaml.safe_load(found["ann@elsewhere.org"].yaml)["people"])
    assert "" == found["gone@example.org"].yaml, "whoever has left is not to be added"
    assert found[person].left is not None
    assert "primary from now" in found[person].missing[0]


async def test_only_an_administrator_sees_the_list(okta: Directory, door: OpsDoor) -> None:
    ann, root = await signed_in(door), await signed_in(door, "root", administrator=True)
    await okta.made(userName="zoe@example.org")

    assert [403, 200] == [(await each.get("/api/v1/staff")).status for each in (ann, root)]
    assert "zoe@example.org has joined" in (await root.get("/access")).text
    assert "zoe@example.org" not in (await ann.get("/access")).text


async def test_the_shell_lists_them_as_well(okta: Directory, sources: Sources, tmp_path: Path) -> None:
    await okta.made(userName="zoe@example.org")
    await okta.deactivate((await okta.made())["id"])
    shell = ["--config", str(named_tree(tmp_path)), "account", "staff"]
    async with terminal(sources, tmp_path / "var"):
        everybody = await typed(CliRunner().invoke, cli, shell)
        joiners = await typed(CliRunner().invoke, cli, [*shell, "--joiners"])

    lines = [line for line in everybody.output.splitlines() if line.startswith("e")]
    assert ["e1", "e2"] == [line.split()[0] for line in lines]
    assert "not in the tree" in lines[0] and "left 2026-11-22" in lines[1]
    assert ["zoe"] == list(yaml.safe_load(joiners.output)["people"])
