"""`monitord simulate`: who would be paged, when, by what, in words and as JSON."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitord.config.loading import load
from monitord.core.amendment import AddOverride
from monitord.core.check import CheckResult, Outcome
from monitord.core.override import OverrideKind
from monitord.play.house import House
from monitord.store import Batch, Entry, Store
from tests.fakes.new_store import new_store
from tests.unit.cli import answer, run, run_in
from tests.unit.config_tree import tree

EXAMPLE = Path(__file__).parents[2] / "config" / "monitord.yaml"
MONDAY = "2026-12-21 08:00"
EIGHT = datetime(2026, 12, 21, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
TREE = """\
services: {shop: {policies: {default: up, low: calm}}}
probes: [{name: web, kind: http, url: "http://127.0.0.1:1/", service: shop, failures: 2}]
policies:
  up: {tiers: [{page: [primary], for: 5m}, {page: [cem], for: 10m}]}
  calm: {tiers: [{page: [night], for: 5m}]}
"""
ROTATIONS = {
    "primary": "rotation: primary\nlayers: [{people: [ann, bo], start: 2026-12-21 09:00, turn: 1 week}]\n",
    "night": 'rotation: night\nlayers: [{people: [ann], hours: ["20:00-08:00"]}]\n',
}


def simulated(folder: Path, *words: str) -> Any:
    return answer(run_in(folder, TREE, "simulate", *words, "--json", **ROTATIONS))


def pages(found: Any) -> list[tuple[str, int, str]]:
    return [(page["at"][11:16], page["tier"], page["person"]) for page in found["pages"]]


def test_the_shipped_example_is_told_up_to_management() -> None:
    ran = run("simulate", "probe", "shop", "--at", MONDAY, "--config", EXAMPLE)

    assert 0 == ran.exit_code
    assert """\
Probe shop goes down on Mon 2026-12-21 08:00 CST: urgent, policy urgent
08:00        opened, urgent: down
             tier 1: bo joins, 1 person in the circle
               bo   email  bo@example.org   on call in primary
08:05        tier 2: ann joins, 2 people in the circle
               bo   email  bo@example.org   told again
               ann  email  ann@example.org  on call in secondary
08:10        tier 3: cem joins, 3 people in the circle
               bo   email  bo@example.org   told again
               ann  email  ann@example.org  told again
               cem  email  cem@example.org  in support
08:20        tier 4: dee joins, 4 people in the circle
""" == "".join(ran.stdout.splitlines(keepends=True)[:12])
    assert ran.stdout.endswith(
        "4 people reached: bo at once, ann after 5 min, cem after 10 min, dee after 20 min.\n"
        "Shown until 08:50: they are told again and again, until somebody answers.\n"
    )


def test_a_page_is_a_row_of_a_documented_shape(tmp_path: Path) -> None:
    found = simulated(tmp_path, "probe", "web", "--at", MONDAY)

    assert {
        "at": "2026-12-21T08:00:00Z",
        "tier": 1,
        "round": 1,
        "person": "bo",
        "channel": "email",
        "address": "bo@example.org",
        "why": "on call in primary",
        "outcome": "handed over",
    } == found["pages"][0]
    assert [("08:00", ["bo"], 1), ("08:05", ["cem"], 2), ("08:15", [], 2), ("08:25", [], 2)] == [
        (step["at"][11:16], step["joins"], step["circle"]) for step in found["widenings"]
    ]


def test_the_priority_chooses_the_policy(tmp_path: Path) -> None:
    found = simulated(
        tmp_path, "service", "shop", "--priority", "low", "--at", "2026-12-21 03:00", "--for", "1m"
    )

    assert ("calm", [("03:00", 1, "ann")]) == (found["policy"], pages(found))


def test_nobody_reached_is_the_answer_no(tmp_path: Path) -> None:
    ran = run_in(
        tmp_path,
        TREE,
        "simulate",
        "service",
        "shop",
        "--priority",
        "low",
        "--at",
        MONDAY,
        "--for",
        "10m",
        **ROTATIONS,
    )

    assert 1 == ran.exit_code
    assert "NOBODY would be reached.\n" in ran.stdout
    assert "NOBODY to page: policy calm and the last resort are empty" in ran.stdout


def test_who_cannot_be_reached_brings_the_next_tier_at_once(tmp_path: Path) -> None:
    found = simulated(tmp_path, "probe", "web", "--at", MONDAY, "--unreachable", "bo", "--for", "1m")

    assert [("bo", "refused"), ("bo", "refused"), ("cem", "handed over")] == [
        (page["person"], page["outcome"]) for page in found["pages"]
    ]
    assert {"2026-12-21T08:00:00Z"} == {page["at"] for page in found["pages"]}


def test_who_answers_when_paged_stops_the_way_up(tmp_path: Path) -> None:
    found = simulated(tmp_path, "probe", "web", "--at", MONDAY, "--acknowledged-by", "bo", "--for", "20m")

    assert [("08:00", 1, "bo")] == pages(found)


def test_who_answers_later_lets_it_widen_until_then(tmp_path: Path) -> None:
    words = ("--acknowledged-by", "bo", "--after", "12m", "--for", "20m")
    found = simulated(tmp_path, "probe", "web", "--at", MONDAY, *words)

    assert [("08:00", 1, "bo"), ("08:05", 2, "bo"), ("08:05", 2, "cem")] == pages(found)


def test_an_acknowledgement_that_lapses_is_told_to_the_next_round(tmp_path: Path) -> None:
    found = simulated(tmp_path, "probe", "web", "--at", MONDAY, "--acknowledged-by", "bo")

    assert ("08:30", 1, "bo") == pages(found)[-1]
    assert 2 == found["pages"][-1]["round"]
    assert "the way up begins anew" == found["ends"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("probe", "wbe"), "there is no probe wbe; did you mean `web`?"),
        (("service", "shp"), "there is no service shp; did you mean `shop`?"),
        (("probe", "web", "--unreachable", "eve"), "there is no person eve; "),
        (
            ("probe", "web", "--unreachable", "support"),
            "no person support, it is a team; name its people: ann",
        ),
        (("service", "shop", "--by", "night"), "no person night, it is a rotation; name its people: ann"),
        (("probe", "web", "--after", "5m"), "--after says when somebody answers: say who with"),
        (("probe", "web", "--for", "soon"), "--for: `soon` is not a duration; write a number and its unit"),
        (
            ("probe", "web", "--acknowledged-by", ""),
            "the name of a person is empty; there are: ann, bo or cem",
        ),
        (
            ("probe", "web", "--change", ".", "--for", "2h"),
            "--for says nothing beside --change; leave it out",
        ),
        (("probe", "web", "--for", "0s"), "--for: `0s` is no span of time; it must be longer than nothing"),
        (("probe", "web", "--for", "999d"), "--for: 999d is too long; 90d at most"),
        (("probe", "web", "--at", "tomorrow"), "--at: `tomorrow` is not an instant; write it as"),
        (("probe", "web", "--at", "2200-01-01 00:00"), "is too far away; take a year from 1970 to 2199"),
        (("probe", "web", "--at", "1969-12-31 23:59"), "is too far away; take a year from 1970 to 2199"),
        (("ticket", "7"), "so there are no tickets"),
    ],
)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...], why: str, tmp_path: Path) -> None:
    ran = run_in(tmp_path, TREE, "simulate", *words, **ROTATIONS)

    assert 2 == ran.exit_code
    assert why in ran.stderr


def test_an_instant_that_exists_twice_is_refused_with_both_readings() -> None:
    ran = run("simulate", "probe", "shop", "--at", "2026-11-01 01:30", "--config", EXAMPLE)

    assert 2 == ran.exit_code
    assert "write 2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00" in ran.stderr


@pytest.fixture
def running(tmp_path: Path) -> Path:
    """The main file of a tree whose store has an open ticket since Monday, eight o'clock, and an override."""
    main = tree(tmp_path, TREE, **ROTATIONS)
    loaded = load(main)
    store = Store.open(new_store(Path(loaded.settings.store)), now=EIGHT)
    try:
        store.accept_revision(loaded.revision, loaded.content, EIGHT, "2026a", "start")
        installation = store.load(loaded.configuration).installation
        house = House(loaded.configuration, EIGHT, records=(installation,))
        house.do(CheckResult("web", Outcome.CRITICAL, EIGHT))
        house.do(CheckResult("web", Outcome.CRITICAL, EIGHT))
        house.deliver()
        house.do(
            AddOverride(
                rotation="primary",
                end=EIGHT + 2 * HOUR,
                kind=OverrideKind.REPLACE_ALL,
                by="cem",
                why="bo is ill",
                start=EIGHT + HOUR,
                people=("ann",),
            )
        )
        entries = tuple(Entry(fact, at, said.records, said.events) for at, fact, said in house.journal)
        store.commit(Batch(store.begin_term(), loaded.revision, entries))
    finally:
        store.close()
    return main


def test_what_people_arranged_at_run_time_counts(running: Path) -> None:
    at = ("--at", "2026-12-21 09:30", "--for", "1m", "--json")

    found = answer(run("simulate", "probe", "web", *at, "--config", running))

    assert [("09:30", 1, "ann")] == pages(found)


def test_an_open_ticket_is_told_from_where_it_stands(running: Path) -> None:
    ran = run(
        "simulate", "ticket", "1", "--at", "2026-12-21 08:03", "--for", "10m", "--json", "--config", running
    )

    assert [("08:05", 2, "bo"), ("08:05", 2, "cem")] == pages(answer(ran))


def test_a_ticket_that_is_not_open_is_refused_with_those_that_are(running: Path) -> None:
    ran = run("simulate", "ticket", "7", "--config", running)

    assert (2, "monitord: ticket 7 is not open; open tickets: 1\n") == (ran.exit_code, ran.stderr)


def test_urgent_by_hand_pages_the_whole_team_at_once() -> None:
    words = ("--by", "cem", "--at", MONDAY, "--for", "1m", "--json", "--config", EXAMPLE)
    found = answer(run("simulate", "service", "shop", *words))

    assert ["bo", "dee", "ann", "cem"] == found["people"]
    assert {"2026-12-21T14:00:00Z"} == {page["at"] for page in found["pages"]}


def test_a_catastrophe_calls_everybody_again_and_again() -> None:
    words = ("--by", "cem", "--catastrophic", "--at", MONDAY, "--json", "--config", EXAMPLE)
    found = answer(run("simulate", "service", "shop", *words))

    assert [4, 4, 4] == [step["circle"] for step in found["widenings"]]
    assert ["ann", "bo", "cem", "dee"] == found["people"]


def test_a_severity_is_set_by_a_person(tmp_path: Path) -> None:
    ran = run_in(tmp_path, TREE, "simulate", "service", "shop", "--severity", "1", **ROTATIONS)

    assert (2, "monitord: a severity is set by a person: say who with --by PERSON\n") == (
        ran.exit_code,
        ran.stderr,
    )


def test_a_store_that_cannot_be_read_is_said_and_left_out(tmp_path: Path) -> None:
    main = tree(tmp_path, TREE, **ROTATIONS)
    folder = Path(load(main).settings.store)
    folder.mkdir(parents=True)
    (folder / "live.sqlite3").write_bytes(b"no database at all, only so many words about it" * 100)

    ran = run("simulate", "probe", "web", "--at", MONDAY, "--config", main)

    assert 0 == ran.exit_code
    assert ran.stderr.startswith("monitord: what was changed at run time is not counted: ")


def test_what_is_held_pages_when_the_hold_ends_also_if_somebody_would_have_answered(tmp_path: Path) -> None:
    window = "maintenance: [{name: work, from: 2026-12-21 07:00, to: 2026-12-21 09:00, services: [shop]}]\n"
    words = ("--acknowledged-by", "bo", "--after", "5m", "--at", MONDAY, "--for", "80m", "--json")

    found = answer(run_in(tmp_path, TREE + window, "simulate", "probe", "web", *words, **ROTATIONS))

    assert ["09:00"] == [at for at, _, _ in pages(found)]
    assert (
        "probe/web:down held: maintenance (work) until 2026-12-21 09:00:00 UTC" == found["remarks"][0]["says"]
    )
