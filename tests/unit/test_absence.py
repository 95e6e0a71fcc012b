"""Absences: who takes over, turn by turn."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitord.core.absence import Absence, AwayRule, Instead, Origin, absences_at, in_order, with_more
from monitord.core.override import Override, OverrideKind
from monitord.core.rotation import Layer, Layering, Rotation, Turn, Unit, on_call, shifts, with_absences
from monitord.core.wallclock import instant_of, zone_of

NEXT, GAP = AwayRule(), AwayRule(Instead.GAP)
COVER = AwayRule(Instead.COVER, "eve")
DAY = timedelta(days=1)


def instant(text: str) -> datetime:
    return instant_of(datetime.fromisoformat(text), zone_of("UTC"))


def weekly(names: str, rule: AwayRule = NEXT, name: str = "weekly") -> Rotation:
    """Weeks from Monday 5 January 2026; "ann bo+cem" are two turns."""
    people = tuple(tuple(entry.split("+")) if entry != "nobody" else () for entry in names.split())
    layer = Layer(name, people, datetime(2026, 1, 5), Turn(1, Unit.WEEKS))
    return Rotation("primary", "UTC", Layering.STACK, (layer,), away=rule)


def away(of: Rotation, *told: str) -> Rotation:
    """With absences as "ann 01-05 01-07"; a last word makes it a public holiday, or names a cover."""
    found = []
    for each in told:
        person, start, end, *last = each.split()
        origin = Origin.HOLIDAY if last == ["holiday"] else Origin.FILE
        cover = last[0] if last and origin is Origin.FILE else None
        found.append(Absence(person, instant(f"2026-{start}"), instant(f"2026-{end}"), "", origin, cover))
    return with_absences(of, found)


def days(of: Rotation, count: int = 7) -> str:
    """Who is on call at noon of so many days from Monday on, one word a day."""
    noon = instant("2026-01-05 12:00")
    return " ".join("+".join(on_call(of, noon + day * DAY)) or "-" for day in range(count))


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (NEXT, "ann bo bo ann ann ann ann"),
        (COVER, "ann eve eve ann ann ann ann"),
        (GAP, "ann - - ann ann ann ann"),
    ],
)
def test_the_rule_says_who_takes_over_and_the_shift_splits(rule: AwayRule, expected: str) -> None:
    found = away(weekly("ann bo cem", rule), "ann 01-06 01-08")

    assert expected == days(found)
    assert [instant("2026-01-05"), instant("2026-01-06"), instant("2026-01-08")] == [
        shift.start for shift in shifts(found, instant("2026-01-05"), instant("2026-01-12"))
    ]


def test_a_shift_says_whose_turn_it_is_and_who_is_away() -> None:
    found = away(weekly("ann bo"), "ann 01-06 01-08")

    assert [(("ann",), ()), (("bo",), ("ann",)), (("ann",), ())] == [
        (shift.people, shift.away) for shift in shifts(found, instant("2026-01-05"), instant("2026-01-12"))
    ]


def test_later_turns_do_not_move() -> None:
    assert " ".join(["bo"] * 14 + ["cem"] * 7) == days(away(weekly("ann bo cem"), "ann 01-05 01-12"), 21)


def test_the_next_who_is_away_too_is_passed_over() -> None:
    assert "cem bo" == days(away(weekly("ann bo cem"), "ann 01-05 01-12", "bo 01-05 01-06"), 2)


def test_a_turn_of_nobody_is_nobody_s_and_takes_over_for_nobody() -> None:
    found = away(weekly("nobody ann bo"), "ann 01-12 01-19")

    assert "- - - - - - - bo" == days(found, 8)


@pytest.mark.parametrize("rule", [NEXT, GAP])
def test_of_people_together_the_others_stay(rule: AwayRule) -> None:
    assert "bo" == days(away(weekly("ann+bo cem", rule), "ann 01-05 01-12"), 1)


def test_the_cover_stands_in_the_place_of_the_one_away() -> None:
    assert "eve+bo" == days(away(weekly("ann+bo cem", COVER), "ann 01-05 01-12"), 1)


def test_a_cover_who_is_away_covers_nobody() -> None:
    assert "-" == days(away(weekly("ann bo", COVER), "ann 01-05 01-12", "eve 01-05 01-12"), 1)


def test_all_away_is_a_gap() -> None:
    assert "-" == days(away(weekly("ann bo"), "ann 01-05 01-12", "bo 01-05 01-12"), 1)


@pytest.mark.parametrize(("rule", "expected"), [(NEXT, "ann"), (COVER, "ann"), (GAP, "-")])
def test_a_public_holiday_of_all_leaves_the_turn_where_it_is(rule: AwayRule, expected: str) -> None:
    everybody = [f"{person} 01-05 01-06 holiday" for person in ("ann", "bo", "eve")]

    assert expected == days(away(weekly("ann bo", rule), *everybody), 1)


def test_a_public_holiday_passes_the_turn_on_and_leave_is_leave() -> None:
    holiday = away(weekly("ann bo"), "ann 01-05 01-06 holiday")

    assert "bo ann" == days(holiday, 2)
    assert "ann" == days(away(holiday, "bo 01-05 01-06"), 1)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (("ann 01-05 01-12 dee",), "dee"),
        (("ann 01-05 01-12 dee", "dee 01-05 01-12"), None),  # whoever covers is away, too: the rule again
        (("ann 01-05 01-12 dee", "ann 01-05 01-06 eve"), "dee"),
        (("ann 01-04 01-12 eve", "ann 01-05 01-06 dee"), "dee"),  # the last to begin
        (("ann 01-05 01-06 holiday", "ann 01-05 01-06 dee"), "dee"),
    ],
)
@pytest.mark.parametrize(("rule", "otherwise"), [(NEXT, "bo"), (COVER, "eve"), (GAP, "-")])
def test_a_cover_that_somebody_has_named_comes_before_the_rule(
    rule: AwayRule, otherwise: str, told: tuple[str, ...], expected: str | None
) -> None:
    assert (expected or otherwise) == days(away(weekly("ann bo", rule), *told), 1)


def test_a_named_cover_stands_in_for_own_turns_only() -> None:
    """In ann's week bo would be next; that bo has named dee for his own turns makes nobody hers."""
    found = away(weekly("ann bo cem"), "ann 01-05 01-19", "bo 01-05 01-19 dee")

    assert " ".join(["cem"] * 7 + ["dee"] * 7) == days(found, 14)


def test_of_people_together_a_named_cover_takes_the_place_of_one() -> None:
    assert "dee+bo" == days(away(weekly("ann+bo cem"), "ann 01-05 01-12 dee"), 1)


def test_where_all_have_a_public_holiday_a_named_cover_is_still_asked_first() -> None:
    holidays = [f"{person} 01-05 01-06 holiday" for person in ("ann", "bo", "dee")]

    assert "dee" == days(away(weekly("ann bo"), "ann 01-05 01-06 dee", *holidays), 1)


def test_a_layer_may_have_a_rule_of_its_own_and_its_gap_shows_the_layer_below() -> None:
    below, above = weekly("dee").layers[0], replace(weekly("ann bo").layers[0], name="above", away=GAP)
    found = away(Rotation("primary", "UTC", Layering.STACK, (below, above)), "ann 01-06 01-07")

    assert "ann dee ann" == days(found, 3)


def test_in_a_union_each_layer_is_judged_alone() -> None:
    layers = (weekly("ann bo").layers[0], replace(weekly("ann cem").layers[0], name="second"))
    found = away(Rotation("primary", "UTC", Layering.UNION, layers), "ann 01-06 01-07")

    assert "ann bo+cem ann" == days(found, 3)


def overridden(of: Rotation, kind: OverrideKind, who: str | None, *by: str) -> Rotation:
    made = Override("o1", instant("2026-01-05"), instant("2026-01-12"), kind, who, by)
    return replace(of, overrides=(made,))


@pytest.mark.parametrize(
    ("kind", "who", "by", "expected"),
    [
        (OverrideKind.REPLACE_ALL, None, ("ann",), "ann"),
        (OverrideKind.ADD, None, ("ann",), "bo+ann"),
        (OverrideKind.REPLACE, "ann", ("cem",), "cem"),  # made because ann is away: cem, not whoever is next
        (OverrideKind.REPLACE, "bo", ("ann",), "ann"),
        (OverrideKind.REMOVE, "ann", (), "bo"),
    ],
)
def test_what_a_person_said_counts(
    kind: OverrideKind, who: str | None, by: tuple[str, ...], expected: str
) -> None:
    found = away(overridden(weekly("ann bo"), kind, who, *by), "ann 01-05 01-12")

    assert expected == days(found, 1)


def test_others_absences_are_no_matter_of_a_rotation() -> None:
    assert () == away(weekly("ann bo"), "dee 01-05 01-12").absences


def test_of_thousands_those_in_force_are_found() -> None:
    start = instant("2000-01-01")
    many = in_order(Absence("ann", start + day * DAY, start + (day + 2) * DAY) for day in range(9000))

    assert [start + 99 * DAY, start + 100 * DAY] == [
        each.start for each in absences_at(many, start + 100 * DAY)
    ]


@pytest.mark.parametrize("count", [0, 3, 40])
def test_more_absences_find_their_places_each_once(count: int) -> None:
    start = instant("2026-01-05")
    known = in_order(Absence("ann", start + day * DAY, start + (day + 2) * DAY) for day in range(count))
    more = [
        Absence("bo", start + 2 * DAY, start + 4 * DAY),
        Absence("ann", start + 2 * DAY, start + 4 * DAY, "skiing"),
        *known[1:3],
        Absence("bo", start + 2 * DAY, start + 4 * DAY),
        Absence("ann", start - DAY, start),
    ]

    found = with_more(known, more)

    assert set(in_order((*known, *more))) == set(found)
    assert len(set(found)) == len(found)
    assert sorted(each.start for each in found) == [each.start for each in found]
