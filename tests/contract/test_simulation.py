"""Who would be called: the API, the picture in the console and the command line say the same."""

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from weakref import ref

import pytest
import pytest_asyncio

from monitord.config.loading import load
from monitord.core.escalation import Escalation
from monitord.play.house import House
from monitord.play.simulation import Question, Simulation
from monitord.play.trouble import probe_down
from monitord.web.access.roles import STATE, Actor, Role
from monitord.web.ops.api import shared_api
from monitord.web.ops.limits import SIMULATED_PAGES_MAX, SIMULATION_WITHIN, SIMULATIONS_WAITING_MAX
from monitord.web.ops.simulator import Patience, TooMuch
from monitord.web.ops.sources import Sources
from monitord.web.ops_door import OpsDoor
from tests.fakes.daemon import until
from tests.fakes.signed_in import signed_in
from tests.fakes.sunday_night import sunday_night, words
from tests.fakes.terminal import terminal
from tests.fakes.terminal import typed as typed_at
from tests.fakes.visitor import Reply, Visitor
from tests.unit.cli import run

EXAMPLE = Path(__file__).parents[2] / "config" / "monitord.yaml"
CHRISTMAS = "2026-12-24 03:00"
UTC_CHRISTMAS = "2026-12-24T09:00:00Z"


@pytest_asyncio.fixture
async def sources(tmp_path: Path) -> AsyncIterator[Sources]:
    async with sunday_night(tmp_path / "store") as made:
        yield made


def asker(sources: Sources, role: Role = Role.RESPONDER) -> Visitor:
    """The API alone, asked by somebody with that role."""
    application = shared_api(sources)

    async def asked(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {STATE: Actor("cem", "api", role)}}, receive, send)

    return Visitor(asked)


async def ask(sources: Sources, role: Role = Role.RESPONDER, **query: Any) -> Reply:
    return await asker(sources, role).get(f"/api/v1/simulation?{urlencode(query)}")


async def told(sources: Sources, role: Role = Role.RESPONDER, **query: Any) -> Any:
    reply = await ask(sources, role, **query)
    assert 200 == reply.status, reply.text
    return json.loads(reply.text)


async def shown(door: OpsDoor, who: str = "ann", **query: str) -> str:
    return words((await (await signed_in(door, who)).get(f"/simulate?{urlencode(query)}")).text)


def typed(*line: str) -> Any:
    """What `monitord simulate` prints for programs."""
    return json.loads(run("simulate", *line, "--json", "--config", EXAMPLE).stdout)


def example(sources: Sources) -> Sources:
    """The daemon runs the tree that is shipped."""
    sources.engine.world.accept(load(EXAMPLE).configuration)
    return sources


QUESTIONS: tuple[tuple[tuple[str, ...], dict[str, Any], dict[str, str]], ...] = (
    (("probe", "shop"), {"probe": "shop"}, {"of": "probe:shop"}),
    (
        ("service", "shop", "--priority", "low"),
        {"service": "shop", "priority": "low"},
        {"of": "service:shop", "priority": "low"},
    ),
    (
        ("probe", "shop", "--acknowledged-by", "ann", "--after", "6m"),
        {"probe": "shop", "acknowledged_by": "ann", "after": 360},
        {"of": "probe:shop", "by": "ann", "after": "6m"},
    ),
    (
        ("probe", "shop", "--unreachable", "ann", "--unreachable", "bo"),
        {"probe": "shop", "unreachable": "ann/bo"},
        {"of": "probe:shop", "out": "ann", "also": "bo"},
    ),
)


@pytest.mark.parametrize(("line", "query", "form"), QUESTIONS)
async def test_command_line_api_and_picture_say_the_same(
    door: OpsDoor, sources: Sources, line: tuple[str, ...], query: dict[str, Any], form: dict[str, str]
) -> None:
    expected = typed(*line, "--at", CHRISTMAS)
    answered = await told(example(sources), at=UTC_CHRISTMAS, **query)
    page = await shown(door, at="2026-12-24T03:00", **form)
    names = {id: person.name for id, person in sources.configuration.people.items()}

    assert {**expected, "left_out": 0} == answered
    assert [
        f"{each['circle']} {'person' if each['circle'] == 1 else 'people'} asked by then"
        for each in expected["widenings"]
    ] == [said for said in pieces(page) if said.endswith("asked by then")]
    for call in expected["pages"]:
        assert call["address"] in page, call
    for each in expected["not_called"]:
        assert names[each["person"]] in page.partition("Not called")[2], each
    assert f"{expected['ends'][0].upper()}{expected['ends'][1:]}." in page


def pieces(page: str) -> list[str]:
    """`3 people asked by then`, as often as the page says it."""
    parts = page.split(" asked by then")[:-1]
    return [" ".join([*part.split()[-2:], "asked by then"]) for part in parts]


async def test_a_client_asks_the_daemon_beside_it(sources: Sources, tmp_path: Path) -> None:
    async with terminal(sources, tmp_path / "store") as beside:
        found = await typed_at(
            beside.client("ann").simulation, service="shop", acknowledged_by="bo", at=sources.now
        )

    assert ("Service shop has a problem", sources.now, ("bo",)) == (found.subject, found.at, found.people)
    assert [("bo", "email", "on call in primary")] == [
        (each.person, each.channel, each.why) for each in found.pages[:1]
    ]


async def test_an_open_ticket_goes_on_from_where_it_is(door: OpsDoor, sources: Sources) -> None:
    answered = await told(sources, ticket=3)
    page = await shown(door, of="ticket:3")

    assert "Ticket 3" == answered["subject"] and answered["people"]
    assert "Ticket 3 Sun 22 Nov" in page
    assert "If nobody answers Who would be called?" in words(
        (await (await signed_in(door)).get("/tickets/3")).text
    )


async def test_who_was_asked_already_does_not_join_again(door: OpsDoor, sources: Sources) -> None:
    before = sources.world.get(Escalation, 3)
    assert before is not None and ("bo", "ann") == before.circle
    answered = await told(sources, ticket=3)

    assert ["cem"] == answered["widenings"][0]["joins"]
    assert {"bo": "told again", "ann": "told again", "cem": "in support"} == {
        each["person"]: each["why"] for each in answered["pages"][:3]
    }
    assert "Told again: Bo Example, Ann Example" in await shown(door, of="ticket:3")


@pytest.mark.parametrize(
    ("at", "offered"),
    [
        ("2026-11-01T01:30", ["2026-11-01T06%3A30%3A00Z", "2026-11-01T07%3A30%3A00Z"]),
        ("2027-03-14T02:30", ["2027-03-14T07%3A30%3A00Z", "2027-03-14T08%3A30%3A00Z"]),
    ],
)
async def test_of_a_time_that_the_clock_repeats_or_skips_both_readings_are_a_touch_away(
    door: OpsDoor, at: str, offered: list[str]
) -> None:
    ann = await signed_in(door)
    html = (await ann.get(f"/simulate?of=probe:shop&at={at}")).text
    links = [unescape(each) for each in re.findall(r'href="([^"]+)" id="reading-', html)]

    assert f'type="datetime-local" value="{at}"' in html
    assert [f"/simulate?of=probe%3Ashop&at={each}" for each in offered] == links
    assert ["is called at once"] * 2 == [
        "is called at once" if "is called at once" in words((await ann.get(each)).text) else ""
        for each in links
    ]


async def test_a_viewer_reads_no_address(door: OpsDoor, sources: Sources) -> None:
    masked = await told(sources, Role.VIEWER, probe="shop")
    page = await shown(door, "eve", of="probe:shop")

    assert {"email": "b…@example.org", "sms": "…01"} == {
        each["channel"]: each["address"] for each in masked["pages"] if each["person"] == "bo"
    }
    assert "bo@example.org" not in page and "b…@example.org" in page
    assert "bo@example.org" in await shown(door, of="probe:shop")


async def test_the_answer_is_one_sentence_first(door: OpsDoor) -> None:
    page = await shown(door, of="probe:shop")

    assert "Bo Example is called at once, 4 people after 20 min. Management Dee Example, after 20 min" in page
    assert "Eve Example in no tier of policy urgent" in page


async def test_nobody_is_said_loudly(door: OpsDoor) -> None:
    page = await shown(door, of="probe:shop", out="ann/bo/cem/dee/eve")

    assert "Nobody would be reached." in page


async def test_what_is_supposed_is_taken_back_by_a_touch(door: OpsDoor) -> None:
    ann = await signed_in(door)
    html = (await ann.get("/simulate?of=probe:shop&by=dee&after=5m&out=bo")).text

    assert "Dee Example acknowledges after 5m" in words(html)
    assert 'href="/simulate?of=probe%3Ashop&amp;out=bo"' in html
    assert 'href="/simulate?of=probe%3Ashop&amp;by=dee&amp;after=5m"' in html


@pytest.mark.parametrize(
    ("filled", "says"),
    [
        ({"of": "probe:nothing"}, "There is no probe nothing."),
        ({"of": "service:shpo"}, "did you mean `shop`?"),
        ({"of": "ticket:1"}, "There is no open ticket 1."),
        ({"probe": "shop"}, "This address asks for `probe`, which is not known here."),
        ({"probe": "shop"}, "Write `of=probe:shop`, or choose below."),
        ({"of": "probe:shop", "untl": "x"}, "This address asks for `untl`, which is not known here."),
        ({"of": "probe:shop", "aftr": "5m"}, "did you mean `after`?"),
        ({"of": "moon"}, "Please choose a probe, a service or a ticket."),
        ({"of": "probe:shop", "by": "zoe"}, "There is no person zoe."),
        ({"of": "probe:shop", "out": "zoe"}, "There is no person zoe."),
        ({"of": "probe:shop", "by": "ann", "after": "soon"}, "is not a duration"),
        ({"of": "probe:shop", "by": "ann", "after": "1000d"}, "90 days at most"),
        ({"of": "probe:shop", "priority": "now"}, "Please choose a priority."),
        ({"of": "probe:shop", "at": "2027-03-14T02:30"}, "does not exist in America/Chicago"),
        ({"of": "probe:shop", "at": "2026-11-01T01:30"}, "exists twice in America/Chicago"),
        ({"of": "probe:shop", "at": "9000-12-31T23:00"}, "too far away"),
        ({"of": "probe:shop", "out": "/".join(f"p{n}" for n in range(900))}, "too many who cannot"),
    ],
)
async def test_what_cannot_be_asked_is_said(door: OpsDoor, filled: dict[str, str], says: str) -> None:
    assert says in await shown(door, **filled)


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ({}, 422, "it must be about one thing"),
        ({"probe": "shop", "service": "shop"}, 422, "it must be about one thing"),
        ({"probe": "nothing"}, 404, "there is no probe nothing"),
        ({"ticket": 1}, 404, "there is no open ticket 1"),
        ({"probe": "shop", "after": 60}, 422, "say who"),
        ({"probe": "shop", "for": 90 * 86_400 + 1}, 422, "query.for"),
        ({"probe": "shop", "unreachable": "zoe"}, 404, "there is no person zoe"),
        ({"probe": "shop", "at": "9999-12-31T23:00:00Z"}, 422, "too far away"),
    ],
)
async def test_the_api_says_what_would_be_right(
    sources: Sources, query: dict[str, Any], status: int, says: str
) -> None:
    reply = await ask(sources, **query)

    assert status == reply.status
    assert says in reply.text


async def test_a_question_leaves_no_trace(sources: Sources) -> None:
    before = {kind: dict(table) for kind, table in sources.world.shelf.tables.items()}
    await told(sources, service="shop")

    assert before == {kind: dict(table) for kind, table in sources.world.shelf.tables.items()}


async def test_nothing_is_kept_of_what_was_foreseen(sources: Sources) -> None:
    """Not even until Python looks for circles, which a daemon does once in ten minutes."""
    here, question = sources.configuration, Question(sources.now)
    house = House(here, sources.now)
    there = ref(house)
    trouble = probe_down(here, here.probes["shop"], sources.now)
    gc.disable()
    try:
        assert Simulation(house, question).run(trouble.facts).people
        del house
        assert there() is None
    finally:
        gc.enable()


async def test_only_a_few_wait(sources: Sources) -> None:
    """The first holds up the others, as one that takes long would."""
    async with asyncio.TaskGroup() as group, sources.simulator.turn:
        waiting = [group.create_task(ask(sources, probe="shop")) for _ in range(SIMULATIONS_WAITING_MAX)]
        await until(lambda: sources.simulator.waiting == SIMULATIONS_WAITING_MAX)
        refused = await ask(sources, probe="shop")

    assert (422, "others are simulating") == (refused.status, json.loads(refused.text)["error"]["what"][:21])
    assert {200} == {each.result().status for each in waiting}
    assert 0 == sources.simulator.waiting


async def test_what_takes_too_long_or_what_nobody_waits_for_ends(sources: Sources) -> None:
    late, left = Patience(sources.clock), Patience(sources.clock)
    for watch in (late, left):
        watch()
    left.left.set()
    late.began = sources.clock.monotonic() - SIMULATION_WITHIN - 1

    for watch in (late, left):
        with pytest.raises(TooMuch, match="takes more than 5 s"):
            watch()


async def test_of_a_crowd_the_picture_shows_some(door: OpsDoor, sources: Sources) -> None:
    here = sources.configuration
    bo = here.people["bo"]
    crowd = {name: replace(bo, id=name, name="") for name in (f"p{n:04}" for n in range(200))}
    team = replace(here.teams["support"], members=tuple(crowd))
    sources.engine.world.accept(replace(here, people={**here.people, **crowd}, teams={"support": team}))
    html = (await (await signed_in(door)).get("/simulate?of=probe:shop")).text
    answered = await told(sources, probe="shop")

    assert "+ 178" in words(html)
    assert len(html) < 200_000
    assert SIMULATED_PAGES_MAX == len(answered["pages"])
    assert 0 < answered["left_out"]
