"""Overrides at run time by API, client and command line: who may make one, who wins, who hears why."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from monitord.cli import cli
from monitord.client import Client, Refused, WrongUse
from monitord.client.shapes import Done
from monitord.web.access.roles import STATE, Actor, Role
from monitord.web.ops.api import shared_api
from monitord.web.ops.sources import Sources
from tests.fakes.terminal import Terminal, named_tree, typed
from tests.fakes.visitor import Visitor
from tests.unit.cli import ENVIRONMENT
from tests.unit.config_tree import tree

BEGIN = datetime(2026, 12, 1, 15, tzinfo=UTC)
END = BEGIN + timedelta(hours=12)
ANNS = datetime(2026, 11, 24, 15, tzinfo=UTC)
STAND_IN = {
    "rotation": "primary",
    "start": "2026-12-01T15:00:00Z",
    "end": "2026-12-02T03:00:00Z",
    "kind": "replace",
    "who": "bo",
    "people": ["cem"],
    "why": "bo is ill",
}


def asker(sources: Sources, by: str, role: Role, **teams: Role) -> Visitor:
    """The API alone, asked by somebody with that role, and those in teams."""
    application = shared_api(sources)
    actor = Actor(by, "api", role, tuple(teams.items()))

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {STATE: actor}}, receive, send)

    return Visitor(door)


async def posted(visitor: Visitor, body: dict[str, Any], path: str = "overrides") -> tuple[int, str]:
    reply = await visitor.post(f"/api/v1/{path}", json.dumps(body).encode(), content_type="application/json")
    return reply.status, reply.text


def stands_in(client: Client, who: str, **more: Any) -> Done:
    """Somebody comes for bo."""
    return client.add_override("primary", BEGIN, END, "replace", "bo is ill", "bo", (who,), **more)


async def test_an_override_is_made_listed_seen_in_the_shifts_and_removed(beside: Terminal) -> None:
    dee = beside.client("dee")

    done = await typed(stands_in, dee, "cem")
    (row,) = await typed(dee.overrides)
    shifts = await typed(dee.shifts, "primary", BEGIN, END)
    (now, *_) = [each for each in await typed(dee.oncall, BEGIN) if each.rotation == "primary"]
    removed = await typed(dee.remove_override, row.id)

    assert (done.override, "cem instead of bo", "dee", "bo is ill") == (row.id, row.says, row.by, row.why)
    assert [(("cem",), True)] == [(shift.people, shift.override) for shift in shifts]
    assert ("cem",) == now.now.people
    assert [f"override {row.id} removed by dee (cli): primary, cem instead of bo, "] == [
        sentence.partition("2026")[0] for sentence in removed.did
    ]
    assert () == await typed(dee.overrides)


async def test_of_two_who_decide_the_same_at_once_exactly_one_wins_and_the_other_is_told(
    beside: Terminal,
) -> None:
    askers = [beside.client(who) for who in ("dee", "cem")]

    outcomes = await asyncio.gather(
        *(typed(stands_in, client, "cem") for client in askers), return_exceptions=True
    )

    (won,) = [each for each in outcomes if isinstance(each, Done)]
    (lost,) = [each for each in outcomes if isinstance(each, Refused)]
    assert f"o1 by {won.by} says that already: primary, cem instead of bo, " in str(lost)
    assert 1 == len(await typed(askers[0].overrides))


async def test_of_two_who_contradict_each_other_the_second_must_say_whom_it_overrules(
    beside: Terminal,
) -> None:
    dee = beside.client("dee")
    await typed(stands_in, dee, "cem")

    with pytest.raises(Refused, match="it contradicts o1 by dee: primary, cem instead of bo"):
        await typed(stands_in, dee, "ann")
    await typed(stands_in, dee, "ann", overruled=("o1",))

    assert [("ann",)] == [shift.people for shift in await typed(dee.shifts, "primary", BEGIN, END)]


async def test_the_same_key_is_done_once(sources: Sources) -> None:
    visitor = asker(sources, "dee", Role.OPERATOR)
    body = json.dumps({key: value for key, value in STAND_IN.items() if key != "start"}).encode()

    headers = {"content_type": "application/json", "idempotency_key": "a-key-of-dees"}
    first = await visitor.post("/api/v1/overrides", body, **headers)
    again = await visitor.post("/api/v1/overrides", body, **headers)

    assert (200, first.text) == (again.status, again.text)


TEAMLESS = {**STAND_IN, "rotation": "database", "who": "eve", "people": ["dee"]}


@pytest.mark.parametrize(
    ("by", "role", "teams", "body", "expected"),
    [
        ("ann", Role.VIEWER, {"support": Role.RESPONDER}, STAND_IN, 200),
        ("ann", Role.VIEWER, {"payments": Role.RESPONDER}, STAND_IN, 403),
        ("bo", Role.VIEWER, {"payments": Role.RESPONDER}, STAND_IN, 200),
        ("cem", Role.VIEWER, {"payments": Role.RESPONDER}, STAND_IN, 403),
        (
            "cem",
            Role.VIEWER,
            {"payments": Role.RESPONDER},
            {**STAND_IN, "kind": "add", "who": None},
            200,
        ),
        (
            "cem",
            Role.VIEWER,
            {"payments": Role.RESPONDER},
            {**STAND_IN, "kind": "all", "who": None},
            403,
        ),
        ("ann", Role.VIEWER, {}, STAND_IN, 403),
        ("dee", Role.OPERATOR, {}, TEAMLESS, 200),
        ("program", Role.RESPONDER, {}, TEAMLESS, 200),
    ],
)
async def test_whose_shifts_somebody_may_change(
    sources: Sources, by: str, role: Role, teams: dict[str, Role], body: dict[str, Any], expected: int
) -> None:
    status, text = await posted(asker(sources, by, role, **teams), body)

    assert expected == status, text


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"rotation": "primry"}, 422, "did you mean `primary`?"),
        ({"people": ["cam"]}, 422, "there is no person cam"),
        ({"people": ["support"]}, 422, "there is no person support, it is a team"),
        ({"people": ["support"]}, 422, "name its people: "),
        ({"who": "primary"}, 422, "there is no person primary, it is a rotation"),
        ({"who": "boo"}, 422, "did you mean `bo`?"),
        ({"layer": "weakly"}, 422, "did you mean `weekly`?"),
        ({"kind": "swap"}, 422, "`kind`"),
        ({"who": None}, 422, "`replace` and `who` do not fit"),
        ({"people": []}, 422, "`replace` and `people` do not fit"),
        ({"people": ["bo"]}, 409, "bo cannot stand in for themselves"),
        ({"start": "2026-12-01T15:00:00"}, 422, "`start`"),
        ({"end": "2026-12-01T15:00:00Z"}, 409, "it must end after it begins"),
        ({"start": "2026-11-01T15:00:00Z", "end": "2026-11-02T15:00:00Z"}, 409, "it is in the past"),
        ({"start": None, "end": "0001-01-01T00:00:00Z"}, 409, "it is in the past"),
        ({"end": "2027-12-31T15:00:00Z"}, 409, "longer than 366 days"),
        ({"end": "9999-12-31T23:59:59-23:00"}, 422, "the calendar ends before"),
        ({"why": " "}, 422, "`why`"),
    ],
)
async def test_what_makes_no_override_says_what_would(
    sources: Sources, more: dict[str, Any], status: int, says: str
) -> None:
    found, text = await posted(asker(sources, "dee", Role.OPERATOR), {**STAND_IN, **more})

    assert (status, True) == (found, says in text), text


async def test_one_that_changes_nothing_is_made_and_says_so(beside: Terminal) -> None:
    dee = beside.client("dee")

    done = await typed(dee.add_override, "primary", BEGIN, END, "remove", "not needed", "cem")

    assert done.did[-1].startswith("as things stand it changes nothing")


async def test_what_is_not_there_cannot_be_removed(beside: Terminal) -> None:
    with pytest.raises(Refused, match="there is no override o9, or it is over"):
        await typed(beside.client("dee").remove_override, "o9")
    with pytest.raises(WrongUse):
        await typed(beside.client("dee").remove_override, "o" * 300)


# Swaps.


def asks(client: Client, taker: str = "bo", **more: Any) -> Done:
    """Ann asks for her shift of the first days of December to be taken."""
    return client.ask_swap("primary", ANNS, ANNS + timedelta(days=1), taker, "a wedding", **more)


async def test_a_swap_that_is_accepted_changes_hands_both_ways(beside: Terminal) -> None:
    ann, bo = beside.client("ann"), beside.client("bo")

    asked = await typed(asks, ann, back=ANNS + timedelta(days=7))
    (row,) = await typed(bo.swaps)
    before = await typed(bo.overrides)
    await typed(bo.accept_swap, row.id)

    assert (asked.swap, "ann", "bo", ANNS, "a wedding") == (
        row.id,
        row.giver,
        row.taker,
        row.lapses,
        row.why,
    )
    assert () == before
    assert ["bo instead of ann", "ann instead of bo"] == [row.says for row in await typed(bo.overrides)]
    assert () == await typed(bo.swaps)


async def test_of_two_who_answer_at_once_one_answer_counts(beside: Terminal) -> None:
    ann, bo = beside.client("ann"), beside.client("bo")
    await typed(asks, ann)

    outcomes = await asyncio.gather(
        typed(bo.accept_swap, "w1"), typed(ann.decline_swap, "w1"), return_exceptions=True
    )

    assert [Done, Refused] == sorted((type(each) for each in outcomes), key=lambda kind: kind.__name__)


async def test_nobody_accepts_for_somebody_else(beside: Terminal) -> None:
    await typed(asks, beside.client("ann"))

    with pytest.raises(Refused, match="w1 asks bo; nobody else can accept it"):
        await typed(beside.client("dee").accept_swap, "w1")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"taker": "ann"}, "ann cannot swap with themselves"),
        ({"taker": "boo"}, "did you mean `bo`?"),
        ({"giver": "anne"}, "did you mean `ann`?"),
        ({"rotation": "primry"}, "did you mean `primary`?"),
        (
            {"start": "2026-11-01T15:00:00Z", "end": "2026-11-02T15:00:00Z"},
            "it has begun already, or is over",
        ),
        ({"back": "2026-11-27T15:00:00Z"}, "bo is not on call in primary at 2026-11-27 09:00 CST"),
        ({"back": "2026-11-27T15:00:00"}, "`back`"),
    ],
)
async def test_what_cannot_be_swapped_says_why(sources: Sources, more: dict[str, Any], says: str) -> None:
    body = {
        "rotation": "primary",
        "start": "2026-11-24T15:00:00Z",
        "end": "2026-11-25T15:00:00Z",
        "taker": "bo",
        "why": "a wedding",
    }
    status, text = await posted(asker(sources, "ann", Role.RESPONDER), {**body, **more}, "swaps")

    assert (True, True) == (status in (409, 422), says in text), text


# The command line.


async def test_a_swap_by_hand_from_its_beginning_to_its_end(beside: Terminal, tmp_path: Path) -> None:
    main = named_tree(tmp_path)
    swap = ("override", "swap")
    day = ("--from", "2026-11-24 09:00", "--for", "24h", "--why", "a wedding")

    none = await run(main, *swap, "list")
    asked = await run(main, *swap, "ask", "primary", *day, "--ask", "bo", "--by", "ann")
    listed = await run(main, *swap, "list")
    wrong = await run(main, *swap, "accept", "w9", "--by", "bo")
    declined = await run(main, *swap, "decline", "w1", "--by", "bo")

    what = "primary, bo for ann 2026-11-24 09:00 to 2026-11-25 09:00 CST"
    assert "No swap waits for an answer.\n" == none.output
    assert f"swap w1 asked for by ann (cli): {what}: a wedding\n" == asked.output
    assert f"w1  lapses 2026-11-24 09:00:00 CST  {what}  ann: a wedding\n" == listed.output
    assert (1, True) == (
        wrong.exit_code,
        "`monitord override swap list` lists the swaps that wait for an answer" in wrong.output,
    )
    assert "swap w1 declined by bo (cli)\n" == declined.output


async def run(main: Path, *words: str) -> Result:
    return await typed(CliRunner().invoke, cli, ["--config", str(main), *words], env=ENVIRONMENT)


ADD = ("override", "add", "primary", "--why", "bo is ill", "--by", "dee")
SPAN = ("--from", "2026-12-01 09:00", "--to", "2026-12-01 21:00")


async def test_an_override_by_hand_from_its_beginning_to_its_end(beside: Terminal, tmp_path: Path) -> None:
    main = named_tree(tmp_path)
    none = await run(main, "override", "list")
    added = await run(main, *ADD, *SPAN, "--replace", "bo", "--with", "cem")
    listed = await run(main, "override", "list")
    (row,) = json.loads((await run(main, "override", "list", "--json")).stdout)
    removed = await run(main, "override", "remove", "o1", "--by", "dee")

    what = "primary, cem instead of bo, 2026-12-01 09:00 to 2026-12-01 21:00 CST"
    assert "No overrides were made at run time.\n" == none.output
    assert f"override o1 by dee (cli): {what}: bo is ill\n" == added.output
    span = "from 2026-12-01 09:00:00 CST until 2026-12-01 21:00:00 CST"
    assert f"o1  primary  {span}  cem instead of bo  dee: bo is ill\n" == listed.output
    assert ("o1", "2026-12-01T15:00:00Z", "replace") == (row["id"], row["start"], row["kind"])
    assert (0, True) == (removed.exit_code, removed.output.startswith("override o1 removed by dee (cli)"))


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("override", "add", "primry", *SPAN, "--add", "bo", "--why", "a"), 2, "did you mean `primary`?"),
        ((*ADD, *SPAN, "--add", "boo"), 2, "did you mean `bo`?"),
        ((*ADD, *SPAN, "--add", "cem", "--layer", "weakly"), 2, "did you mean `weekly`?"),
        ((*ADD, *SPAN), 2, "say one of --replace PERSON --with PERSON, --all, --add, --remove"),
        ((*ADD, *SPAN, "--add", "cem", "--remove", "bo"), 2, "say one of --replace"),
        ((*ADD, *SPAN, "--replace", "bo"), 2, "say both"),
        ((*ADD, *SPAN, "--with", "bo"), 2, "say both"),
        ((*ADD, "--add", "cem"), 2, "say either --to T or --for SPAN"),
        ((*ADD, *SPAN, "--for", "2h", "--add", "cem"), 2, "say either --to T or --for SPAN"),
        (
            (*ADD, "--from", "2027-03-14 02:30", "--for", "2h", "--add", "cem"),
            2,
            "does not exist in America/Chicago: the clock changes; "
            "write 2027-03-14T01:30:00-06:00 or 2027-03-14T03:30:00-05:00",
        ),
        (
            (*ADD, "--from", "2027-11-07 01:30", "--for", "2h", "--add", "cem"),
            2,
            "exists twice in America/Chicago: the clock changes; "
            "write 2027-11-07T01:30:00-05:00 or 2027-11-07T01:30:00-06:00",
        ),
        ((*ADD, "--to", "tomorrow", "--add", "cem"), 2, "is not an instant"),
        (
            (*ADD, "--to", "2026-12-01 09:00", "--from", "2026-12-01 10:00", "--add", "cem"),
            1,
            "must end after",
        ),
        ((*ADD, "--to", "2025-12-01 09:00", "--add", "cem"), 1, "it is in the past"),
        (("override", "remove", "o9"), 1, "`monitord override list` lists the overrides"),
    ],
)
async def test_what_is_typed_wrong_is_refused_with_what_would_be_right(
    beside: Terminal, tmp_path: Path, words: tuple[str, ...], code: int, says: str
) -> None:
    ran = await run(named_tree(tmp_path), *words)

    assert (code, True) == (ran.exit_code, says in ran.output), ran.output


ROTATION = """\
rotation: primary
time_zone: America/Chicago
layers:
  - {people: [ann, bo], start: 2026-01-05 09:00, turn: 1 week}
"""


async def test_where_only_the_daemon_may_read_the_store_it_is_asked(beside: Terminal, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    main = tree(elsewhere, ROTATION)
    await typed(stands_in, beside.client("dee"), "cem")
    words = ["--config", str(main), "oncall", "primary", "--at", "2026-12-01T16:00:00Z", "--json"]
    environment = {**ENVIRONMENT, "STATE_DIRECTORY": str(elsewhere / "state")}

    alone = await typed(CliRunner().invoke, cli, words, env=environment)
    asked = await typed(
        CliRunner().invoke, cli, words, env={**environment, "RUNTIME_DIRECTORY": str(tmp_path / "var")}
    )

    assert [["bo"], ["cem"]] == [json.loads(ran.stdout)[0]["people"] for ran in (alone, asked)]
    assert not (elsewhere / "state").exists()
