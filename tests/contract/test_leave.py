"""Leave at run time by API, client and command line: who may enter it, and that everything counts it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from icalendar import Calendar

from monitord.cli import cli
from monitord.client import Refused
from monitord.config.calendars import id_of
from monitord.core.absence import Absence
from monitord.core.almanac import CalendarNotRead, CalendarRead, CalendarSource, Days
from monitord.core.rotation import with_absences
from monitord.web.access.roles import STATE, Actor, Role
from monitord.web.feeds.feeds import Subject
from monitord.web.ops.api import shared_api
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import ops_app
from tests.fakes.shop import logbook
from tests.fakes.signed_in import signed_in
from tests.fakes.sunday_night import words
from tests.fakes.terminal import Terminal, named_tree, typed
from tests.fakes.visitor import Visitor
from tests.unit.cli import ENVIRONMENT
from tests.unit.config_tree import tree

DAY = timedelta(days=1)
BEGIN = datetime(2026, 11, 24, 6, tzinfo=UTC)  # midnight in Chicago, in ann's week
END = BEGIN + 2 * DAY
AWAY = {"person": "ann", "start": "2026-11-24T06:00:00Z", "end": "2026-11-26T06:00:00Z", "why": "skiing"}


async def posted(sources: Sources, actor: Actor, path: str, body: dict[str, Any]) -> tuple[int, str]:
    """The API alone, asked by that actor."""
    application = shared_api(sources)

    async def door(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {STATE: actor}}, receive, send)

    reply = await Visitor(door).post(
        f"/api/v1/{path}", json.dumps(body).encode(), content_type="application/json"
    )
    return reply.status, reply.text


async def test_leave_is_entered_listed_counted_everywhere_and_removed(
    sources: Sources, beside: Terminal
) -> None:
    ann = beside.client("ann")

    done = await typed(ann.add_leave, END, None, BEGIN, "skiing", "cem")
    (row,) = await typed(ann.leave)
    shifts = await typed(ann.shifts, "primary", BEGIN, END)
    (now, *_) = [each for each in await typed(ann.oncall, BEGIN) if each.rotation == "primary"]
    feed = await sources.feeds.content(Subject("person", "cem"))
    events = Calendar.from_ical(feed.plain.body.decode()).walk("VEVENT")
    removed = await typed(ann.remove_leave, row.id)

    assert (done.leave, "ann", "cem", "skiing", "run time") == (
        row.id,
        row.person,
        row.cover,
        row.why,
        row.origin,
    )
    assert {("cem",)} == {shift.people for shift in shifts}
    assert ("cem",) == now.now.people
    assert BEGIN in {event["DTSTART"].dt for event in events}
    assert ("leave l1 removed by ann (cli): ann, 2026-11-24 00:00 to 2026-11-26 00:00 CST, cem covers",) == (
        removed.did
    )
    assert () == await typed(ann.leave)
    assert [("ann",)] == [each.people for each in await typed(ann.shifts, "primary", END, END + DAY)]


async def test_what_files_say_stands_beside_it_and_cannot_be_removed_here(
    sources: Sources, beside: Terminal
) -> None:
    here, filed = sources.configuration, Absence("bo", BEGIN, END, "fishing")
    sources.engine.world.accept(replace(here, absences=(filed,)))
    await typed(beside.client("ann").add_leave, END, "ann", BEGIN)

    rows = await typed(beside.client().leave)

    assert [("l1", "ann", "run time"), (None, "bo", "file")] == [
        (row.id, row.person, row.origin) for row in rows
    ]
    assert ["bo"] == [row.person for row in await typed(beside.client().leave, "bo")]
    with pytest.raises(Refused, match="there is no leave l9, or it is over"):
        await typed(beside.client().remove_leave, "l9")


async def test_where_it_leaves_nobody_on_call_that_is_said_at_once(
    sources: Sources, beside: Terminal
) -> None:
    here = sources.engine.world.configuration
    primary = with_absences(here.rotations["primary"], [Absence("bo", BEGIN - DAY, END + DAY)])
    sources.engine.world.accept(replace(here, rotations={**here.rotations, "primary": primary}))

    done = await typed(beside.client("ann").add_leave, END, "ann", BEGIN)

    assert "nobody is on call in primary from 2026-11-24 00:00 to 2026-11-24 09:00 CST" in done.did


async def test_it_is_said_of_every_rotation_also_where_it_is_another_ones_turn(
    sources: Sources, beside: Terminal
) -> None:
    """Ann stood in for bo, who is away already."""
    here = sources.engine.world.configuration
    bo = [Absence("bo", BEGIN - DAY, END + DAY)]
    both = {name: with_absences(here.rotations[name], bo) for name in ("primary", "secondary")}
    sources.engine.world.accept(replace(here, rotations={**here.rotations, **both}))

    done = await typed(beside.client("ann").add_leave, END, "ann", BEGIN)

    told = [said.split()[5] for said in done.did if said.startswith("nobody is on call in")]
    assert {"primary", "secondary"} == set(told)


@pytest.mark.parametrize(
    ("by", "role", "teams", "expected"),
    [
        ("ann", Role.VIEWER, {"support": Role.RESPONDER}, 200),  # herself
        ("bo", Role.VIEWER, {"support": Role.RESPONDER}, 403),  # a colleague
        ("dee", Role.VIEWER, {"support": Role.OPERATOR}, 200),  # her manager
        ("cem", Role.VIEWER, {"payments": Role.OPERATOR}, 403),  # somebody else's
        ("cem", Role.RESPONDER, {}, 403),
        ("cem", Role.OPERATOR, {}, 200),
        ("ann", Role.VIEWER, {}, 403),
    ],
)
async def test_who_may_say_that_ann_is_away(
    sources: Sources, by: str, role: Role, teams: dict[str, Role], expected: int
) -> None:
    actor = Actor(by, "api", role, tuple(teams.items()))

    status, text = await posted(sources, actor, "leave", AWAY)
    dee = Actor("dee", "api", Role.OPERATOR)
    await posted(sources, dee, "leave", {**AWAY, "end": "2026-11-27T06:00:00Z"})
    removed, _ = await posted(sources, actor, "leave/l1/remove", {})

    assert (expected, expected) == (status, removed), text


@pytest.mark.parametrize(
    ("more", "status", "says"),
    [
        ({"person": "anne"}, 422, "did you mean `ann`?"),
        ({"cover": "boo"}, 422, "did you mean `bo`?"),
        ({"cover": "ann"}, 409, "ann cannot stand in for themselves"),
        ({"start": "2026-11-24T06:00:00"}, 422, "`start`"),
        ({"end": "2026-11-24T06:00:00Z"}, 409, "it must end after it begins"),
        ({"start": "2026-10-01T06:00:00Z", "end": "2026-10-02T06:00:00Z"}, 409, "it is in the past"),
        ({"start": None, "end": "0001-01-01T00:00:00Z"}, 409, "it is in the past"),
        ({"end": "2029-12-31T06:00:00Z"}, 409, "longer than 1100 days"),
        ({"end": "9999-12-31T23:59:59-23:00"}, 422, "the calendar ends before"),
        ({"why": "x" * 20_000}, 422, "`why`"),
        ({"until": "tomorrow"}, 422, "until"),
    ],
)
async def test_what_is_no_leave_says_what_would_be(
    sources: Sources, more: dict[str, Any], status: int, says: str
) -> None:
    found, text = await posted(sources, Actor("dee", "api", Role.OPERATOR), "leave", {**AWAY, **more})

    assert (status, True) == (found, says in text), text


# The command line.


async def run(main: Path, *said: str) -> Result:
    return await typed(CliRunner().invoke, cli, ["--config", str(main), *said], env=ENVIRONMENT)


async def test_leave_by_hand_from_its_beginning_to_its_end(beside: Terminal, tmp_path: Path) -> None:
    main = named_tree(tmp_path)
    none = await run(main, "away", "list")
    wanted = ("away", "add", "ann", "2026-12-24", "2026-12-27", "--cover", "cem", "--why", "skiing")
    added = await run(main, *wanted, "--by", "ann")
    listed = await run(main, "away", "list", "ann")
    (row,) = json.loads((await run(main, "away", "list", "--json")).stdout)
    now = await run(main, "away", "add", "bo", "now", "2026-11-22 18:00", "--by", "dee")
    removed = await run(main, "away", "remove", "l1", "--by", "ann")

    what = "ann, 2026-12-24 00:00 to 2026-12-28 00:00 CST, cem covers"
    assert "Nobody is away.\n" == none.output
    assert f"leave l1 by ann (cli): {what}: skiing\n" == added.output
    span = "from 2026-12-24 00:00:00 CST until 2026-12-28 00:00:00 CST"
    assert f"l1  ann  {span}  cem covers  ann: skiing\n" == listed.output
    assert ("l1", "2026-12-24T06:00:00Z", "cem") == (row["id"], row["start"], row["cover"])
    assert "leave l2 by dee (cli): bo, 2026-11-22 02:36 to 2026-11-22 18:00 CST\n" in now.output
    assert (0, f"leave l1 removed by ann (cli): {what}\n") == (removed.exit_code, removed.output)


ADD = ("away", "add", "ann", "--by", "dee")


@pytest.mark.parametrize(
    ("typed_words", "code", "says"),
    [
        (("away", "add", "anne", "now", "2026-12-01"), 2, "did you mean `ann`?"),
        (("away", "list", "anne"), 2, "did you mean `ann`?"),
        ((*ADD, "2026-12-24", "2026-12-27", "--cover", "boo"), 2, "did you mean `bo`?"),
        ((*ADD, "2026-12-24", "2026-12-23"), 1, "it must end after it begins"),
        ((*ADD, "2026-02-30", "2026-12-23"), 2, "does not exist"),
        ((*ADD, "tomorrow", "2026-12-23"), 2, "write a date, as 2026-12-24"),
        (
            (*ADD, "2027-03-14 02:30", "2027-03-15"),
            2,
            "does not exist in America/Chicago: the clock changes; "
            "write 2027-03-14T01:30:00-06:00 or 2027-03-14T03:30:00-05:00",
        ),
        (
            (*ADD, "2027-11-06", "2027-11-07 01:30"),
            2,
            "exists twice in America/Chicago: the clock changes; "
            "write 2027-11-07T01:30:00-05:00 or 2027-11-07T01:30:00-06:00",
        ),
        (("away", "remove", "l9"), 1, "`monitord away list` lists who is away"),
    ],
)
async def test_what_is_typed_wrong_is_refused_with_what_would_be_right(
    beside: Terminal, tmp_path: Path, typed_words: tuple[str, ...], code: int, says: str
) -> None:
    ran = await run(named_tree(tmp_path), *typed_words)

    assert (code, True) == (ran.exit_code, says in ran.output), ran.output


PEOPLE = "rotation: primary\nlayers: [{people: [ann, bo], start: 2026-01-05 09:00, turn: 1 week}]\n"


async def test_where_only_the_daemon_may_read_the_store_it_is_asked(beside: Terminal, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    main = tree(elsewhere, PEOPLE)
    await typed(beside.client("dee").add_leave, END, "ann", BEGIN, "", "cem")
    command = ["--config", str(main), "oncall", "primary", "--at", "2026-11-24T16:00:00Z", "--json"]
    environment = {**ENVIRONMENT, "STATE_DIRECTORY": str(elsewhere / "state")}

    alone = await typed(CliRunner().invoke, cli, command, env=environment)
    asked = await typed(
        CliRunner().invoke, cli, command, env={**environment, "RUNTIME_DIRECTORY": str(tmp_path / "var")}
    )

    assert [["ann"], ["cem"]] == [json.loads(ran.stdout)[0]["people"] for ran in (alone, asked)]


# Calendars elsewhere.

HR = CalendarSource("hr", "hr.example.org", "UTC", leave_of=("ann",))
SKIING = CalendarRead("hr", (Days(BEGIN.date(), END.date(), "skiing"),), left_out=(("cancelled", 2),))


async def heard(sources: Sources, *facts: CalendarRead | CalendarNotRead) -> None:
    """The engine is told what was read; ann's leave is in that calendar."""
    sources.engine.world.accept(replace(sources.configuration, calendars={"hr": HR}))
    for fact in facts:
        await sources.engine.submit(fact)


async def test_what_a_calendar_says_counts_and_says_how_old_it_is(sources: Sources, beside: Terminal) -> None:
    await heard(sources, SKIING, CalendarNotRead("hr", "it answered 500"))
    client = beside.client("ann")

    (row,) = await typed(client.leave, "ann")
    (calendar,) = await typed(client.calendars)
    (whole,) = await typed(client.calendars, entries=True)
    (doubt,) = (await typed(client.status)).calendars

    assert (None, "ann", BEGIN, "skiing", "calendar", sources.now) == (
        row.id,
        row.person,
        row.start,
        row.why,
        row.origin,
        row.read,
    )
    assert ("hr.example.org", 1, [("cancelled", 2)], sources.now, sources.now, "it answered 500", ()) == (
        calendar.host,
        calendar.entries,
        [(each.why, each.count) for each in calendar.left_out],
        calendar.read,
        calendar.failing,
        calendar.why,
        calendar.days,
    )
    assert ("hr", [("skiing", "2026-11-24")]) == (doubt.id, [(each.why, each.first) for each in whole.days])


async def test_calendars_by_hand(sources: Sources, beside: Terminal, tmp_path: Path) -> None:
    main = named_tree(tmp_path)
    none = await run(main, "away", "calendars")
    await heard(sources)
    new = await run(main, "away", "calendars")
    await heard(sources, SKIING, CalendarNotRead("hr", "it answered 500"))
    failing = await run(main, "away", "calendars")
    listed = await run(main, "away", "list")
    (row,) = json.loads((await run(main, "away", "calendars", "--json")).stdout)

    assert "No calendar elsewhere is configured.\n" == none.output
    assert "hr.example.org  leave of ann  not read yet\n" == new.output
    assert "1 entry, read 2026-" in failing.output and "2 left out (cancelled)" in failing.output
    assert failing.output.rstrip().endswith(": it answered 500")
    assert "(calendar, read 2026-" in listed.output
    assert ("hr", "2026-11-22") == (row["id"], row["read"][:10])


async def test_the_console_says_what_calendars_say_and_how_old_that_is(sources: Sources) -> None:
    await heard(sources, SKIING, CalendarNotRead("hr", "it answered 500"))

    page = words((await (await signed_in(ops_app(sources, logbook()[0]))).get("/oncall/away")).text)

    assert "skiing · from a calendar, as it was" in page
    assert "hr.example.org leave of ann · 1 entry, read" in page and "2 left out: cancelled" in page
    assert "it answered 500. What it said then stays in force." in page


async def test_a_calendar_counts_where_only_the_daemon_may_read_the_store(
    sources: Sources, beside: Terminal, tmp_path: Path
) -> None:
    address = "https://hr.example.org/ann.ics"
    elsewhere = tmp_path / "elsewhere"
    main = tree(
        elsewhere, primary=PEOPLE, people=f"people: {{ann: {{away_calendar: '{address}'}}, bo: {{}}}}\n"
    )
    hr = replace(HR, id=id_of(address))
    sources.engine.world.accept(replace(sources.configuration, calendars={hr.id: hr}))
    await sources.engine.submit(replace(SKIING, calendar=hr.id))
    command = ["--config", str(main), "oncall", "primary", "--at", "2026-11-24T16:00:00Z", "--json"]
    environment = {
        **ENVIRONMENT,
        "STATE_DIRECTORY": str(elsewhere / "state"),
        "RUNTIME_DIRECTORY": str(tmp_path / "var"),
    }

    ran = await typed(CliRunner().invoke, cli, command, env=environment)

    assert ["bo"] == json.loads(ran.stdout)[0]["people"]
