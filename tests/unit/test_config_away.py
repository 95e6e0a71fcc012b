"""Absences in files: dates and instants, public holidays, and who takes over."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused
from monitord.config.public_holidays import public_holidays
from monitord.core.absence import Absence, AwayRule, Instead, Origin
from monitord.core.rotation import on_call, shifts
from tests.unit.config_tree import HEAD, tree

ROTATION = """
rotation: primary
time_zone: Europe/Berlin
layers:
  - {people: [ann, bo], start: 2026-01-05 09:00, turn: 1 week}
"""


def loaded(folder: Path, people: str, rotation: str = ROTATION, head: str = "") -> Loaded:
    return load(tree(folder, head=HEAD + head, people=f"people:\n{people}", primary=rotation), {})


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_dates_are_whole_days_in_the_person_s_zone_with_the_last_one(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "  ann: {time_zone: Asia/Tokyo, away: [{from: 2026-12-24, to: 2026-12-27, why: skiing}]}\n  bo: {}\n",
    )

    assert (
        Absence("ann", utc("2026-12-23 15:00"), utc("2026-12-27 15:00"), "skiing"),
    ) == found.configuration.absences


def test_instants_end_where_they_say(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "  ann: {away: [{from: 2026-01-06 12:00, to: 2026-01-06T18:00:00Z}]}\n  bo: {}\n",
    ).configuration

    assert [utc("2026-01-06 12:00"), utc("2026-01-06 18:00")] == [
        found.absences[0].start,
        found.absences[0].end,
    ]
    assert ("bo",) == on_call(found.rotations["primary"], utc("2026-01-06 17:59"))


def test_a_person_is_away_on_the_holidays_of_their_country(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "  ann: {time_zone: America/Chicago, public_holidays: {country: US, subdivision: IL}}\n  bo: {}\n",
    ).configuration
    lincoln = [
        each
        for each in found.rotations["primary"].absences
        if each.why == "Lincoln's Birthday" and each.start.year == 2026
    ]

    assert [
        Absence("ann", utc("2026-02-12 06:00"), utc("2026-02-13 06:00"), "Lincoln's Birthday", Origin.HOLIDAY)
    ] == lincoln


def test_the_organisation_s_holidays_are_those_of_all_who_have_none_of_their_own(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        "  ann: {}\n  bo: {public_holidays: {country: GB}}\n  cem: {public_holidays: {country: none}}\n",
        ROTATION.replace("[ann, bo]", "[ann, bo, cem]"),
        head="public_holidays: {country: DE}\n",
    ).configuration
    absences = found.rotations["primary"].absences
    unity = {each.person for each in absences if (each.start.month, each.start.day) == (10, 3)}

    assert {"ann"} == unity
    assert {"ann", "bo"} == {each.person for each in absences}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("next", AwayRule()),
        ("gap", AwayRule(Instead.GAP)),
        ("{cover: bo}", AwayRule(Instead.COVER, "bo")),
    ],
)
def test_a_rotation_and_a_layer_say_who_takes_over(tmp_path: Path, said: str, expected: AwayRule) -> None:
    rotation = f"{ROTATION}  - {{name: second, people: [ann], away: gap}}\naway: {said}\n"
    found = loaded(tmp_path, "  ann: {}\n  bo: {}\n", rotation).configuration.rotations["primary"]

    assert expected == found.away
    assert [None, AwayRule(Instead.GAP)] == [layer.away for layer in found.layers]


@pytest.mark.parametrize(
    ("people", "rotation", "expected"),
    [
        ("{away: [{from: 2026-12-24, to: 2026-12-20}]}", ROTATION, "this ends before it begins"),
        ("{away: [{from: 2020-12-24, to: 2026-12-20}]}", ROTATION, "nobody is away for more than 1100 days"),
        ("{away: [{from: soon, to: 2026-12-20}]}", ROTATION, "`soon` is not an instant; write a date"),
        ("{away: [{from: 2026-02-30, to: 2026-12-20}]}", ROTATION, "`2026-02-30` does not exist"),
        ("{away: [{from: 2026-02-03}]}", ROTATION, "`to` is missing"),
        ("{public_holidays: {country: DEU}}", ROTATION, "did you mean `DE`?"),
        ("{public_holidays: {country: DE, subdivision: BZ}}", ROTATION, "there is no subdivision of DE `BZ`"),
        ("{}", f"{ROTATION}away: later\n", "`later` does not say who takes over; write `next`"),
        ("{}", f"{ROTATION}away: {{cover: bob}}\n", "there is no person `bob`; did you mean `bo`?"),
    ],
)
def test_what_is_wrong_is_said_with_what_would_be_right(
    tmp_path: Path, people: str, rotation: str, expected: str
) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        loaded(tmp_path, f"  ann: {people}\n  bo: {{}}\n", rotation)

    assert expected in str([str(each) for each in refused.value.problems])


def test_a_policy_waits_over_no_countrys_holidays_that_there_is_not(tmp_path: Path) -> None:
    calm = "  calm: {tiers: [{page: [ann], for: 1h}], only: {public_holidays: {country: UX}}}\n"

    with pytest.raises(ConfigurationRefused) as refused:
        loaded(tmp_path, "  ann: {}\n  bo: {}\n", ROTATION, head=f"policies:\n{calm}")

    assert "there is no country `UX`" in str([str(each) for each in refused.value.problems])


def test_an_override_with_somebody_who_is_away_counts_and_is_warned_of(tmp_path: Path) -> None:
    rotation = f"{ROTATION}overrides:\n  - {{from: 2026-12-25 10:00, to: 2026-12-26 10:00, all: ann}}\n"
    people = "  ann: {away: [{from: 2026-12-24, to: 2026-12-27, why: skiing}]}\n  bo: {}\n"
    found = loaded(tmp_path, people, rotation)

    assert ("ann",) == on_call(found.configuration.rotations["primary"], utc("2026-12-25 12:00"))
    assert any("`ann` is away then (skiing)" in str(each) for each in found.warnings)


def test_holidays_of_thirty_years_slow_no_view_down(tmp_path: Path) -> None:
    people = "".join(f"  {name}: {{}}\n" for name in ("ann", "bo"))
    found = loaded(tmp_path, people, head="public_holidays: {country: US}\n").configuration
    year = shifts(found.rotations["primary"], utc("2026-01-01"), utc("2027-01-01"))

    assert 2 * len(public_holidays("US", None)) == len(found.rotations["primary"].absences)
    assert all(shift.people for shift in year)
