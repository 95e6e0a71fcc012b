"""`monitord oncall`: who, in which shift, until when; in the order and the words that others rely on."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitord.engine.clock import RealClock
from tests.unit.cli import answer, run_in

ROTATION = """\
rotation: primary
time_zone: America/Chicago
layers:
  - {name: weekly, people: [ann, [bo, cem]], start: 2026-01-05 09:00, turn: 1 week}
overrides:
  - {from: 2026-01-07 09:00, to: 2026-01-08 09:00, replace: ann, with: cem}
"""
OFFICE = """\
rotation: office
layers:
  - {name: office, people: [ann], hours: ["09:00-17:00"]}
"""
ENDED = "rotation: ended\nlayers: [{people: [ann], until: 2020-01-01 00:00}]\n"
PEOPLE = "people: {ann: {reach: [{email: ann@example.org}]}, eve: {}}\n"
MUTE = "rotation: mute\nlayers: [{people: [eve]}]\n"
FOREVER = "rotation: forever\nlayers: [{people: [ann]}]\n"


def test_a_rotation_is_answered_in_one_line_on_its_own_wall_clock(tmp_path: Path) -> None:
    ran = run_in(tmp_path, ROTATION, "oncall", "primary", "--at", "2026-01-05 09:00")

    assert (0, "primary  ann  until Wed 2026-01-07 09:00 CST\n") == (ran.exit_code, ran.stdout)


def test_as_json_people_are_ids_and_instants_are_utc(tmp_path: Path) -> None:
    said = answer(run_in(tmp_path, ROTATION, "oncall", "--at", "2026-01-12T15:00:00Z", "--json"))

    assert [
        {
            "rotation": "primary",
            "at": "2026-01-12T15:00:00Z",
            "people": ["bo", "cem"],
            "layer": "weekly",
            "override": False,
            "until": "2026-01-19T15:00:00Z",
        }
    ] == said


def test_nobody_on_call_is_the_answer_no(tmp_path: Path) -> None:
    ran = run_in(tmp_path, OFFICE, "oncall", "office", "--at", "2026-01-05 08:59")

    assert (1, "office  NOBODY  until Mon 2026-01-05 09:00 UTC\n") == (ran.exit_code, ran.stdout)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("gap", "there is no rotation gap; did you mean `monitord oncall gaps`?"),
        ("shift primary", "there is no rotation shift; did you mean `monitord oncall shifts`?"),
        ("x" * 1000, f"there is no rotation {'x' * 60}…; there are: primary"),
        ("primary --at=", "`` is not an instant; write it as 2026-01-05 09:00 (in America/Chicago) or"),
    ],
)
def test_what_is_no_rotation_is_said_shortly_with_what_would_be_right(
    words: str, why: str, tmp_path: Path
) -> None:
    ran = run_in(tmp_path, ROTATION, "oncall", *words.split())

    assert (2, True) == (ran.exit_code, ran.stderr.startswith(f"monitord: {why}")), ran.stderr


def test_an_unknown_rotation_is_wrong_use(tmp_path: Path) -> None:
    ran = run_in(tmp_path, ROTATION, "oncall", "primry")

    assert (2, "monitord: there is no rotation primry; did you mean `primary`?\n") == (
        ran.exit_code,
        ran.stderr,
    )


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (
            "2026-03-08 02:30",
            "does not exist in America/Chicago: the clock changes; write 2026-03-08T01:30:00-06:00",
        ),
        (
            "2026-11-01 01:30",
            "exists twice in America/Chicago: the clock changes; write 2026-11-01T01:30:00-05:00",
        ),
        ("tomorrow", "is not an instant; write it as 2026-01-05 09:00 (in America/Chicago)"),
    ],
)
def test_an_instant_that_is_none_is_refused_with_what_would_be_right(
    at: str, why: str, tmp_path: Path
) -> None:
    ran = run_in(tmp_path, ROTATION, "oncall", "primary", "--at", at)

    assert 2 == ran.exit_code
    assert f"monitord: `{at}` {why}" in ran.stderr


def shifts(tmp_path: Path, rotation: str, start: str, end: str) -> list[dict[str, object]]:
    name = rotation.splitlines()[0].removeprefix("rotation: ")
    ran = run_in(tmp_path, rotation, "oncall", "shifts", name, "--from", start, "--to", end, "--json")
    assert (0, "") == (ran.exit_code, ran.stderr)
    found: list[dict[str, object]] = answer(ran)
    return found


def row(
    start: str, end: str, *people: str, layer: str | None = "weekly", override: bool = False
) -> dict[str, object]:
    return {"start": start, "end": end, "people": list(people), "layer": layer, "override": override}


def test_shifts_are_cut_at_both_ends_and_say_their_override(tmp_path: Path) -> None:
    found = shifts(tmp_path, ROTATION, "2026-01-06 00:00", "2026-01-13 00:00")

    assert [
        row("2026-01-06T06:00:00Z", "2026-01-07T15:00:00Z", "ann"),
        row("2026-01-07T15:00:00Z", "2026-01-08T15:00:00Z", "cem", override=True),
        row("2026-01-08T15:00:00Z", "2026-01-12T15:00:00Z", "ann"),
        row("2026-01-12T15:00:00Z", "2026-01-13T06:00:00Z", "bo", "cem"),
    ] == found


def test_a_gap_is_a_shift_of_nobody(tmp_path: Path) -> None:
    found = shifts(tmp_path, OFFICE, "2026-01-05T16:00:00Z", "2026-01-06T10:00:00Z")

    assert [
        row("2026-01-05T16:00:00Z", "2026-01-05T17:00:00Z", "ann", layer="office"),
        row("2026-01-05T17:00:00Z", "2026-01-06T09:00:00Z", layer=None),
        row("2026-01-06T09:00:00Z", "2026-01-06T10:00:00Z", "ann", layer="office"),
    ] == found


def test_shifts_over_both_clock_changes_are_contiguous(tmp_path: Path) -> None:
    found = shifts(tmp_path, ROTATION, "2026-01-01 00:00", "2027-01-01 00:00")

    assert [each["end"] for each in found[:-1]] == [each["start"] for each in found[1:]]
    handoffs = {datetime.fromisoformat(str(each["start"])).hour for each in found[1:]}
    assert {14, 15} == handoffs  # 09:00 in summer and in winter


def test_shifts_backwards_are_wrong_use(tmp_path: Path) -> None:
    span = ("--from", "2026-01-06 00:00", "--to", "2026-01-05 00:00")

    ran = run_in(tmp_path, ROTATION, "oncall", "shifts", "primary", *span)

    assert (2, "monitord: --to must be after --from, and at most 3660 days later\n") == (
        ran.exit_code,
        ran.stderr,
    )


def test_shifts_for_people_name_the_override(tmp_path: Path) -> None:
    span = ("--from", "2026-01-07 09:00", "--to", "2026-01-08 09:00")

    ran = run_in(tmp_path, ROTATION, "oncall", "shifts", "primary", *span)

    assert "Wed 2026-01-07 09:00 CST – Thu 2026-01-08 09:00 CST  cem  (override)\n" == ran.stdout


def test_no_gap_is_said_in_a_sentence(tmp_path: Path) -> None:
    ran = run_in(tmp_path, FOREVER, "oncall", "gaps", "--days", "7")

    said = "Somebody who can be reached is on call in every rotation for 7 days.\n"
    assert (0, said) == (ran.exit_code, ran.stdout)


@pytest.mark.parametrize(("rotation", "why"), [(ENDED, "nobody is on call"), (MUTE, "eve cannot be reached")])
def test_a_gap_is_the_answer_no(rotation: str, why: str, tmp_path: Path) -> None:
    ran = run_in(tmp_path, rotation, "oncall", "gaps", "--json", people=PEOPLE)

    assert 1 == ran.exit_code
    assert [why] == [gap["why"] for gap in answer(ran)]


def test_a_gap_that_goes_on_has_no_end_for_people_and_is_cut_for_programs(tmp_path: Path) -> None:
    said = run_in(tmp_path, ENDED, "oncall", "gaps", "--days", "1").stdout
    gap = answer(run_in(tmp_path, ENDED, "oncall", "gaps", "--days", "1", "--json"))[0]
    start, end = (datetime.fromisoformat(gap[edge]) for edge in ("start", "end"))

    assert re.fullmatch(
        r"ended: from \w{3} [0-9: -]+ UTC on, with no end within 1 day  nobody is on call\n", said
    )
    assert timedelta(days=1) == end - start


AWAY_PEOPLE = """
people:
  ann: {reach: [{email: ann@example.org}], away: [{from: 2026-01-06, to: 2026-01-07, why: skiing}]}
  bo: {reach: [{email: bo@example.org}]}
"""
TURNS = "rotation: turns\nlayers: [{people: [ann, bo], start: 2026-01-05 00:00, turn: 1 week}]\n"


def test_a_shift_says_who_is_away_and_who_took_over(tmp_path: Path) -> None:
    span = ("--from", "2026-01-05 00:00", "--to", "2026-01-09 00:00")
    ran = run_in(tmp_path, TURNS, "oncall", "shifts", "turns", *span, people=AWAY_PEOPLE)
    rows = answer(run_in(tmp_path, TURNS, "oncall", "shifts", "turns", *span, "--json", people=AWAY_PEOPLE))

    assert [
        "Mon 2026-01-05 00:00 UTC – Tue 2026-01-06 00:00 UTC  ann",
        "Tue 2026-01-06 00:00 UTC – Thu 2026-01-08 00:00 UTC  bo  (ann away)",
        "Thu 2026-01-08 00:00 UTC – Fri 2026-01-09 00:00 UTC  ann",
    ] == ran.stdout.splitlines()
    assert [None, ["ann"], None] == [row.get("away") for row in rows]


ALONE = "rotation: alone\nlayers: [{people: [ann]}]\naway: gap\n"


@pytest.mark.parametrize("rule", ["gap", "next"])
def test_a_gap_by_absence_names_who_is_away(tmp_path: Path, rule: str) -> None:
    people = near_absence()
    rotation = ALONE.replace("gap", rule)
    gaps = run_in(tmp_path, rotation, "oncall", "gaps", "--json", people=people)
    check = run_in(tmp_path, rotation, "config", "check", people=people)

    assert ["nobody is on call: ann away"] == [gap["why"] for gap in answer(gaps)]
    assert "warning: alone: nobody is on call: ann away, " in check.stderr


def test_a_gap_by_absence_that_goes_on_is_told_without_an_end(tmp_path: Path) -> None:
    check = run_in(tmp_path, ALONE, "config", "check", people=near_absence(days=200))

    assert re.search(
        r"nobody is on call: ann away, from [\w :-]+ UTC on, with no end within 90 days\n", check.stderr
    )


def near_absence(days: int = 30) -> str:
    """Ann is away from yesterday on, for a month."""
    today = RealClock().now()
    begin, end = today - timedelta(days=1), today + timedelta(days=days)
    away = f"{{from: {begin:%Y-%m-%d}, to: {end:%Y-%m-%d}}}"
    return f"people: {{ann: {{reach: [{{email: ann@example.org}}], away: [{away}]}}}}\n"
