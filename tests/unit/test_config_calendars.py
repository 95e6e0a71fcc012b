"""Calendars elsewhere in files: whose they are, where they are, and that nobody is shown where."""

from pathlib import Path

import pytest

from monitord.config.kept import load_kept
from monitord.config.loading import Loaded, load
from monitord.config.problem import ConfigurationRefused
from monitord.config.show import sections
from monitord.core.almanac import CalendarSource
from tests.unit.config_tree import HEAD, tree

ADDRESS = "https://hr.example.org/feeds/ann-0123456789.ics"


def loaded(folder: Path, people: str, head: str = "", environ: dict[str, str] | None = None) -> Loaded:
    return load(tree(folder, head=HEAD + head, people=f"people:\n{people}"), environ or {})


def sources(found: Loaded) -> list[CalendarSource]:
    return list(found.configuration.calendars.values())


def test_a_calendar_says_when_a_person_is_away(tmp_path: Path) -> None:
    found = loaded(tmp_path, f"  ann: {{time_zone: Asia/Tokyo, away_calendar: '{ADDRESS}'}}\n")

    (source,) = sources(found)
    assert ("hr.example.org", "Asia/Tokyo", ("ann",), ()) == (
        source.host,
        source.time_zone,
        source.leave_of,
        source.holidays_of,
    )
    assert {source.id: ADDRESS} == {
        id: address.get_secret_value() for id, address in found.settings.calendars.items()
    }


def test_one_calendar_of_holidays_is_for_everybody_who_has_none_of_their_own(tmp_path: Path) -> None:
    people = "  ann: {}\n  bo: {time_zone: Asia/Tokyo}\n  cem: {public_holidays: {country: none}}\n"
    found = loaded(tmp_path, people, f"public_holidays: {{calendar: '{ADDRESS}'}}\n")

    (source,) = sources(found)
    assert (("ann", "bo"), ()) == (source.holidays_of, source.leave_of)
    assert found.configuration.time_zone == source.time_zone, "not everybody is at the same place"


def test_links_for_calendar_programs_are_understood(tmp_path: Path) -> None:
    one = loaded(tmp_path / "one", f"  ann: {{away_calendar: '{ADDRESS}'}}\n")
    two = loaded(tmp_path / "two", f"  ann: {{away_calendar: '{ADDRESS.replace('https', 'webcal')}'}}\n")

    assert one.configuration.calendars == two.configuration.calendars


@pytest.mark.parametrize("of", ["away_calendar: {}", "public_holidays: {{calendar: {}}}"])
def test_where_it_is_is_shown_to_nobody(tmp_path: Path, of: str) -> None:
    found = loaded(tmp_path, f"  ann: {{{of.format(repr(ADDRESS))}}}\n")

    assert "0123456789" not in f"{found.settings}{found.configuration}{sections(found.written)}"
    assert "***" in str(sections(found.written))


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("away_calendar: nowhere-0123456789", "this is not the address of a calendar"),
        ("away_calendar: 'ftp://hr.example.org/0123456789'", "this is not the address of a calendar"),
        (f"away_calendar: 'https://hr.example.org/{'0123456789' * 300}'", "this is not the address of a"),
        ("away_calendar: [0123456789]", "this is not the address of a calendar"),
        ("public_holidays: {}", "these public holidays are nowhere, or in two places"),
        (f"public_holidays: {{country: US, calendar: '{ADDRESS}'}}", "nowhere, or in two places"),
        (f"public_holidays: {{subdivision: IL, calendar: '{ADDRESS}'}}", "this subdivision is of no country"),
    ],
)
def test_what_is_no_calendar_is_said_without_its_address(tmp_path: Path, said: str, wrong: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        loaded(tmp_path, f"  ann: {{{said}}}\n")

    told = "\n".join(map(str, refused.value.problems))
    assert (True, False) == (wrong in told, "0123456789" in told), told


def test_an_accepted_tree_whose_address_is_gone_goes_on_without_that_calendar(tmp_path: Path) -> None:
    said = "  ann: {away_calendar: '${env:ANN}', public_holidays: {calendar: '${env:DAYS}'}}\n"
    environ = {"ANN": ADDRESS, "DAYS": "https://days.example.org/"}
    content = loaded(tmp_path, said, environ=environ).content

    kept = load_kept(content, {"DAYS": "https://days.example.org/"})

    assert ["days.example.org"] == [source.host for source in sources(kept)]
