"""Rotations: who is on call, shift by shift, with layers and overrides."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from time import tzset

import pytest

from monitord.core.rotation import (
    Layer,
    Layering,
    Override,
    OverrideKind,
    Rotation,
    Shift,
    Turn,
    Unit,
    next_change,
    on_call,
    shift_at,
    shifts,
)
from monitord.core.wallclock import instant_of, zone_of

CHICAGO = "America/Chicago"
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
WORKDAYS = (MON, TUE, WED, THU, FRI)
ALL, REPLACE, ADD, REMOVE = OverrideKind


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def instant(text: str, zone: str = "UTC") -> datetime:
    return instant_of(wall(text), zone_of(zone))


def turns(names: str, start: str, turn: str, days: tuple[int, ...] = (), *hours: str) -> Layer:
    """A layer: people by name ("ann bo+cem"), a start, turns as in "1 weeks", and its restrictions."""
    people = tuple(tuple(name.split("+")) if name != "nobody" else () for name in names.split())
    count, unit = turn.split()
    edges = tuple(tuple(time.fromisoformat(edge) for edge in span.split("-")) for span in hours)
    return Layer("weekly", people, wall(start), Turn(int(count), Unit(unit)), days=days, hours=edges)  # type: ignore[arg-type]


def rotation(*layers: Layer, zone: str = "UTC", layering: Layering = Layering.STACK) -> Rotation:
    return Rotation("primary", zone, layering, layers)


def overridden(base: Rotation, *overrides: Override) -> Rotation:
    return replace(base, overrides=overrides)


def override(
    start: str, end: str, kind: OverrideKind, who: str | None = None, by: str = "", **more: object
) -> Override:
    made = Override("one", instant(start), instant(end), kind, who, tuple(by.split()))
    return replace(made, **more)  # type: ignore[arg-type]


def told(found: list[Shift]) -> list[str]:
    """Shifts as lines: "01-05 09:00 ann bo"."""
    return [" ".join([f"{shift.start:%m-%d %H:%M}", *shift.people]) for shift in found]


def days_of(base: Rotation, first: str, count: int) -> str:
    """Who is on call at noon of so many days, one word a day."""
    noon = instant(f"{first} 12:00")
    answers = [on_call(base, noon + timedelta(days=day)) for day in range(count)]
    return " ".join("+".join(people) or "-" for people in answers)


# Turns


@pytest.mark.parametrize(
    ("utc", "expected"),
    [
        ("2026-01-05 14:59", ("cem", "dee")),  # before its start a rotation extends backwards
        ("2026-01-05 15:00", ("ann",)),
        ("2026-01-12 14:59", ("ann",)),
        ("2026-01-12 15:00", ("bo",)),
        ("2026-01-19 15:00", ("cem", "dee")),
        ("2026-03-09 13:59", ("cem", "dee")),  # on daylight saving time
        ("2026-03-09 14:00", ("ann",)),
    ],
)
def test_handoff_is_on_the_wall_clock(utc: str, expected: tuple[str, ...]) -> None:
    weekly = rotation(turns("ann bo cem+dee", "2026-01-05 09:00", "1 weeks"), zone=CHICAGO)

    assert expected == on_call(weekly, instant(utc))


def test_a_person_named_twice_is_on_call_once() -> None:
    assert ("ann", "bo") == on_call(
        rotation(turns("ann+bo+ann", "2026-01-05", "1 weeks")), instant("2026-01-05")
    )


D11 = rotation(turns("ann bo", "2020-06-01 03:00", "10 hours"))
D13 = rotation(turns("ann bo", "2017-01-01 00:00", "12 hours"), zone=CHICAGO)
D14 = rotation(turns("ann bo", "2018-12-10 00:00", "1 days"))


@pytest.mark.parametrize(
    ("name", "base", "at", "start", "end"),
    [
        ("D11", D11, "2020-06-02 09:00", "2020-06-02 09:00", "2020-06-02 19:00"),
        ("D12", D11, "2020-05-30 21:00", "2020-05-30 21:00", "2020-05-31 07:00"),
        ("D13", D13, "2017-01-03 12:00", "2017-01-03 06:00", "2017-01-03 18:00"),
        ("D14", D14, "2018-12-05 00:00", "2018-12-05 00:00", "2018-12-06 00:00"),
        ("D14, just before", D14, "2018-12-04 23:59:59.999999", "2018-12-04 00:00", "2018-12-05 00:00"),
    ],
)
def test_a_shift_is_found_whole(name: str, base: Rotation, at: str, start: str, end: str) -> None:
    found = shift_at(base, instant(at))

    assert (instant(start), instant(end)) == (found.start, found.end), name
    assert instant(end) == next_change(base, instant(at)), name


@pytest.mark.parametrize(
    ("zone", "start", "first_day", "time_of_day"),
    [
        ("US/Pacific", "2017-02-06 10:30", "2017-02-06", "10:30"),
        ("US/Central", "2016-10-31 11:00", "2016-10-24", "11:00"),
        ("US/Central", "2016-10-30 01:30", "2016-10-23", "01:30"),  # the ambiguous hour of 6 November
        ("US/Central", "2017-03-05 02:30", "2017-02-19", "02:30"),  # the gap of 12 March
    ],
)
def test_weekly_shifts_touch_across_daylight_saving(
    zone: str, start: str, first_day: str, time_of_day: str
) -> None:
    """LinkedIn's oncall: each begins at the same local time, each ends where the next begins."""
    weekly = rotation(turns("ann bo", start, "1 weeks"), zone=zone)
    begins = [wall(f"{first_day} {time_of_day}") + timedelta(weeks=week) for week in range(5)]
    expected = [instant_of(begin, zone_of(zone)) for begin in begins]
    found = shifts(weekly, expected[0], expected[-1])

    assert expected[:-1] == [shift.start for shift in found]
    assert expected[1:] == [shift.end for shift in found]


def test_s15_daily_turns_begin_at_midnight_in_new_york() -> None:
    daily = rotation(turns("ann bo", "2026-03-07 00:00", "1 days"), zone="America/New_York")

    assert ["03-07 05:00 ann", "03-08 05:00 bo", "03-09 04:00 ann"] == told(
        shifts(daily, instant("2026-03-07 05:00"), instant("2026-03-10 04:00"))
    )


def test_s13_a_window_is_cut_at_both_ends() -> None:
    daily = rotation(turns("ann bo", "2025-12-01 00:00", "1 days"))

    assert ["12-02 06:00 bo", "12-03 00:00 ann"] == told(
        shifts(daily, instant("2025-12-02 06:00"), instant("2025-12-03 23:00"))
    )


def test_a_swallowed_turn_is_not_listed_but_counts() -> None:
    """Hourly turns of three people over Chicago's gap: 02:00 would be cem's."""
    hourly = rotation(turns("ann bo cem", "2017-03-12 00:00", "1 hours"), zone=CHICAGO)

    assert ["03-12 06:00 ann", "03-12 07:00 bo", "03-12 08:00 ann", "03-12 09:00 bo"] == told(
        shifts(hourly, instant("2017-03-12 06:00"), instant("2017-03-12 10:00"))
    )


def test_a_handoff_is_listed_even_if_the_same_person_stays() -> None:
    alone = rotation(turns("ann", "2026-01-05 09:00", "1 weeks"))

    assert ["01-05 00:00 ann", "01-05 09:00 ann", "01-12 09:00 ann"] == told(
        shifts(alone, instant("2026-01-05"), instant("2026-01-15"))
    )


# Restrictions


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2017-07-21 20:00", "2017-07-22 08:00"),
        ("2017-07-22 20:00", "2017-07-24 08:00"),
        ("2017-07-24 20:00", "2017-07-28 08:00"),
    ],
)
def test_w06_a_gap_ends_at_the_next_window(at: str, expected: str) -> None:
    some_days = rotation(turns("ann", "2017-07-03 00:00", "52 weeks", (FRI, SAT, MON), "08:00-20:00"))

    assert () == on_call(some_days, instant(at))
    assert instant(expected) == next_change(some_days, instant(at))


def test_w05_windows_that_touch_are_one_shift() -> None:
    two_days = rotation(turns("ann", "2017-07-03 00:00", "52 weeks", (MON, TUE), "08:00-08:00"))

    assert Shift(
        instant("2017-07-24 08:00"), instant("2017-07-26 08:00"), ("ann",), "weekly", override=False
    ) == shift_at(two_days, instant("2017-07-25 20:00"))


def test_w07_the_next_night_ends_a_week_later() -> None:
    nights = rotation(turns("ann", "2017-07-03 00:00", "52 weeks", (MON,), "20:00-08:00"))
    off = shift_at(nights, instant("2017-07-25 08:00"))

    assert () == off.people
    assert instant("2017-08-01 08:00") == next_change(nights, off.end)


def test_s14_half_days_have_gaps_between() -> None:
    half_days = rotation(turns("ann bo", "2025-12-01 00:00", "1 days", (), "00:00-12:00"))

    assert ["12-01 00:00 ann", "12-01 12:00", "12-02 00:00 bo", "12-02 12:00"] == told(
        shifts(half_days, instant("2025-12-01"), instant("2025-12-03"))
    )


def test_s16_office_hours_are_five_blocks() -> None:
    office = rotation(turns("ann", "2025-12-01 00:00", "1 weeks", WORKDAYS, "09:00-17:00"))
    found = shifts(office, instant("2025-12-01"), instant("2025-12-08"))

    assert [f"12-0{day} 09:00 ann" for day in range(1, 6)] == told([shift for shift in found if shift.people])
    assert {timedelta(hours=8)} == {shift.end - shift.start for shift in found if shift.people}


def test_s17_weekdays_are_judged_in_the_rotation_s_zone() -> None:
    """Monday in Los Angeles has hours that are still Sunday elsewhere; nobody is on call in any of them."""
    sundays = rotation(turns("ann", "2025-12-01 00:00", "1 days", (SUN,)), zone="America/Los_Angeles")
    monday = shifts(sundays, instant("2025-12-01 08:00"), instant("2025-12-02 08:00"))

    assert ["12-01 08:00"] == told(monday)
    assert ("ann",) == on_call(sundays, instant("2025-12-01 07:59"))


@pytest.mark.parametrize(
    ("day", "hours", "expected"),
    [
        ("2026-11-01 05:00", "01:30-05:00", ["06:30-11:00"]),  # autumn: 01:30 at 06:30 and 07:30 UTC
        ("2026-11-01 05:00", "00:00-01:30", ["05:00-06:30"]),
        ("2026-11-01 05:00", "01:15-01:45", ["06:15-06:45"]),
        ("2026-03-08 06:00", "02:30-05:00", ["08:00-10:00"]),  # spring: 03:00 follows 02:00, at 08:00 UTC
        ("2026-03-08 06:00", "00:00-02:30", ["06:00-08:00"]),
        ("2026-03-08 06:00", "02:15-02:45", []),
    ],
)
def test_hours_that_a_clock_change_repeats_or_skips_count_once_and_from_the_first_instant(
    day: str, hours: str, expected: list[str]
) -> None:
    layer = turns("ann", "2026-01-05 00:00", "1 weeks", (), hours)
    begin = instant(day)
    found = shifts(rotation(layer, zone=CHICAGO), begin, begin + timedelta(hours=20))

    assert expected == [f"{shift.start:%H:%M}-{shift.end:%H:%M}" for shift in found if shift.people]


def test_the_night_before_keeps_its_person_over_the_weekly_handoff() -> None:
    nights = rotation(turns("ann bo", "2026-01-05 00:00", "1 weeks", (), "20:00-08:00"))

    assert ["01-11 20:00 ann", "01-12 08:00", "01-12 20:00 bo", "01-13 08:00"] == told(
        shifts(nights, instant("2026-01-11 20:00"), instant("2026-01-13 09:00"))
    )


S = {
    "S01": ("2024-08-01", "1 days", (FRI,), "A B C", "2024-08-02", 15, "A - - - - - - B - - - - - - C"),
    "S02": ("2024-08-05", "1 days", WORKDAYS, "A B C D E", "2024-08-05", 12, "A B C D E - - A B C D E"),
    "S03": ("2024-08-05", "2 days", WORKDAYS, "A B C D", "2024-08-05", 12, "A A B B C - - C D D A A"),
    "S04": ("2024-08-05", "1 weeks", (MON, FRI), "A B", "2024-08-05", 12, "A - - - A - - B - - - B"),
    "weeks start at start": (
        "2024-08-07",
        "1 weeks",
        (MON, WED),
        "A B",
        "2024-08-05",
        10,
        "B - A - - - - A - B",
    ),
    "hours count nights": ("2024-08-05", "24 hours", WORKDAYS, "A B C", "2024-08-05", 8, "A B C A B - - B"),
    "nobody has a turn": ("2024-08-05", "1 days", (), "A nobody B+C", "2024-08-05", 4, "A - B+C A"),
}


@pytest.mark.parametrize("name", S)
def test_who_is_on_call_under_a_mask_of_weekdays(name: str) -> None:
    start, turn, days, people, first, count, expected = S[name]

    assert expected == days_of(rotation(turns(people, start, turn, days)), first, count)


# Layers


DAYTIME = turns("bo", "2026-01-05 00:00", "1 weeks", (), "09:00-17:00")
COVER = [turns("ann", "2026-01-05 00:00", "1 weeks"), replace(DAYTIME, name="daytime")]


def test_f05_in_a_stack_the_last_layer_covers_the_earlier() -> None:
    found = shifts(rotation(*COVER), instant("2026-01-05"), instant("2026-01-06"))

    assert ["01-05 00:00 ann", "01-05 09:00 bo", "01-05 17:00 ann"] == told(found)
    assert ["weekly", "daytime", "weekly"] == [shift.layer for shift in found]


def test_f06_in_a_union_both_layers_are_on_call() -> None:
    found = shifts(rotation(*COVER, layering=Layering.UNION), instant("2026-01-05"), instant("2026-01-06"))

    assert ["01-05 00:00 ann", "01-05 09:00 ann bo", "01-05 17:00 ann"] == told(found)
    assert ["weekly", "weekly, daytime", "weekly"] == [shift.layer for shift in found]


def test_a_turn_of_nobody_lets_the_layer_below_show_through() -> None:
    odd_weeks = replace(turns("bo nobody", "2026-01-05", "1 weeks"), name="odd")

    assert "bo ann" == days_of(rotation(COVER[0], odd_weeks), "2026-01-11", 2)


def test_a_covered_handoff_ends_no_shift() -> None:
    above = replace(turns("bo", "2026-01-05", "4 weeks"), name="above")

    assert ["01-06 00:00 bo"] == told(
        shifts(rotation(COVER[0], above), instant("2026-01-06"), instant("2026-01-20"))
    )


def test_layers_follow_the_sun_in_their_own_zones() -> None:
    berlin = turns("ann", "2026-01-05 00:00", "1 weeks", (), "09:00-21:00")
    tokyo = turns("bo", "2026-01-05 00:00", "1 weeks", (), "09:00-17:00")
    sun = rotation(
        replace(berlin, zone="Europe/Berlin", name="berlin"), replace(tokyo, zone="Asia/Tokyo", name="tokyo")
    )

    assert ["01-06 00:00 bo", "01-06 08:00 ann", "01-06 20:00"] == told(
        shifts(sun, instant("2026-01-06"), instant("2026-01-07"))
    )


def test_a_rotation_without_layers_is_a_gap() -> None:
    assert [Shift(instant("2026-01-05"), instant("2026-01-06"), (), None, override=False)] == shifts(
        rotation(), instant("2026-01-05"), instant("2026-01-06")
    )
    assert next_change(rotation(), instant("2026-01-05")) is None


# Overrides


BASE = rotation(turns("foobar", "2026-01-05 00:00", "1 days", (), "08:00-10:00"))
EIGHT_TO_NINE = (instant("2026-01-05 08:00"), instant("2026-01-05 09:00"))


def test_f04_an_override_of_everything_is_alone_on_call() -> None:
    changed = overridden(BASE, override("2026-01-05 08:00", "2026-01-05 09:30", ALL, by="bo"))

    assert ("bo",) == on_call(changed, instant("2026-01-05 08:00:01"))
    assert Shift(*EIGHT_TO_NINE, ("bo",), None, override=True) in shifts(changed, *EIGHT_TO_NINE)


def test_f07_replacing_somebody_splits_the_shift() -> None:
    changed = overridden(BASE, override("2026-01-05 08:30", "2026-01-05 08:45", REPLACE, "foobar", "binbaz"))
    found = shifts(changed, *EIGHT_TO_NINE)

    assert ["01-05 08:00 foobar", "01-05 08:30 binbaz", "01-05 08:45 foobar"] == told(found)
    assert [(False, "weekly"), (True, "weekly"), (False, "weekly")] == [
        (shift.override, shift.layer) for shift in found
    ]


def test_f08_adding_somebody_leaves_the_others_on_call() -> None:
    changed = overridden(
        BASE,
        override("2026-01-05 08:00", "2026-01-05 08:15", ADD, by="binbaz"),
        override("2026-01-05 08:30", "2026-01-05 08:45", ADD, by="binbaz"),
    )

    assert [
        "01-05 08:00 foobar binbaz",
        "01-05 08:15 foobar",
        "01-05 08:30 foobar binbaz",
        "01-05 08:45 foobar",
    ] == told(shifts(changed, *EIGHT_TO_NINE))


@pytest.mark.parametrize(
    ("kind", "who", "by", "layer", "expected"),
    [
        (ALL, None, "bo", None, ["01-05 06:00 bo"]),
        (ALL, None, "bo", "weekly", ["01-05 06:00 bo"]),
        (ADD, None, "bo", None, ["01-05 06:00 bo"]),
        (ADD, None, "bo", "weekly", ["01-05 06:00 bo"]),
        (REPLACE, "foobar", "bo", None, ["01-05 06:00"]),
        (REMOVE, "foobar", "", None, ["01-05 06:00"]),
        (ADD, None, "bo", "another layer", ["01-05 06:00"]),
    ],
)
def test_an_override_fills_a_gap_only_if_it_needs_nobody_to_be_there(
    kind: OverrideKind, who: str | None, by: str, layer: str | None, expected: list[str]
) -> None:
    changed = overridden(BASE, override("2026-01-05 00:00", "2026-01-06 00:00", kind, who, by, layer=layer))

    assert expected == told(shifts(changed, instant("2026-01-05 06:00"), instant("2026-01-05 08:00")))


def test_removing_the_only_person_makes_a_gap_and_says_why() -> None:
    changed = overridden(BASE, override("2026-01-05 08:00", "2026-01-05 09:00", REMOVE, "foobar"))

    assert [Shift(*EIGHT_TO_NINE, (), None, override=True)] == shifts(changed, *EIGHT_TO_NINE)


def test_removing_somebody_from_a_rotation_brings_up_nobody_but_from_a_layer_it_may() -> None:
    at = instant("2026-01-05 12:00")
    day = ("2026-01-05", "2026-01-06")

    assert () == on_call(overridden(rotation(*COVER), override(*day, REMOVE, "bo")), at)
    assert ("ann",) == on_call(
        overridden(rotation(*COVER), override(*day, REMOVE, "bo", layer="daytime")), at
    )


def test_an_override_of_a_covered_layer_shows_only_where_the_layer_does() -> None:
    changed = overridden(
        rotation(*COVER), override("2026-01-05", "2026-01-06", REPLACE, "ann", "cem", layer="weekly")
    )

    assert ["01-05 00:00 cem", "01-05 09:00 bo", "01-05 17:00 cem"] == told(
        shifts(changed, instant("2026-01-05"), instant("2026-01-06"))
    )


def test_in_a_union_an_override_of_one_layer_leaves_the_other() -> None:
    both = rotation(COVER[0], replace(COVER[0], name="second"), layering=Layering.UNION)
    changed = overridden(both, override("2026-01-05", "2026-01-06", REPLACE, "ann", "cem", layer="second"))

    assert ("ann", "cem") == on_call(changed, instant("2026-01-05"))


DAY = ("2026-01-05", "2026-01-06")
FRESH = instant("2026-01-04")


@pytest.mark.parametrize(
    ("older", "newer", "expected"),
    [
        (override(*DAY, REPLACE, "ann", "bo"), override(*DAY, REPLACE, "ann", "cem", order=1), "cem"),
        (
            override(*DAY, REPLACE, "ann", "bo", order=9),
            override(*DAY, REPLACE, "ann", "cem", made_at=FRESH),
            "cem",
        ),
        (
            override(*DAY, REPLACE, "ann", "bo", layer="weekly"),
            override(*DAY, REPLACE, "ann", "cem", order=1),
            "cem",
        ),
        (
            override(*DAY, REPLACE, "ann", "bo"),
            override(*DAY, REPLACE, "ann", "cem", order=1, layer="weekly"),
            "cem",
        ),
        (override(*DAY, REMOVE, "ann"), override(*DAY, ADD, by="ann", order=1, layer="weekly"), "ann"),
        (override(*DAY, ALL, by="bo"), override(*DAY, ALL, by="cem", order=1, layer="weekly"), "cem"),
        (override(*DAY, ALL, by="bo", layer="weekly"), override(*DAY, ALL, by="cem", order=1), "cem"),
        (override(*DAY, ADD, by="bo"), override(*DAY, REMOVE, "bo", order=1), "ann"),
        (override(*DAY, ADD, by="bo"), override(*DAY, ALL, by="cem", order=1), "cem"),
        (override(*DAY, ALL, by="bo"), override(*DAY, ADD, by="cem", order=1), "bo cem"),
    ],
)
@pytest.mark.parametrize("layering", Layering)
def test_of_contradicting_overrides_the_newer_wins(
    layering: Layering, older: Override, newer: Override, expected: str
) -> None:
    alone = rotation(turns("ann", "2026-01-05", "1 weeks"), layering=layering)
    instants = [instant("2026-01-05 12:00")] * 2
    written = [overridden(alone, older, newer), overridden(alone, newer, older)]

    assert [tuple(expected.split())] * 2 == [on_call(*pair) for pair in zip(written, instants, strict=True)]


# Edges


def test_a_turned_round_window_is_refused() -> None:
    with pytest.raises(ValueError, match="no time span"):
        shifts(BASE, instant("2026-01-06"), instant("2026-01-05"))


def test_an_endless_window_is_refused() -> None:
    with pytest.raises(ValueError, match="3660 days long"):
        shifts(BASE, instant("2026-01-06"), instant("2036-02-05"))


def test_an_empty_window_has_no_shifts() -> None:
    assert [] == shifts(BASE, instant("2026-01-06"), instant("2026-01-06"))


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        on_call(BASE, wall("2026-01-05 09:00"))


def test_the_process_s_time_zone_never_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    base = rotation(*COVER, zone=CHICAGO)
    window = (instant("2026-03-01"), instant("2026-03-15"))
    before = shifts(base, *window)
    try:
        monkeypatch.setenv("TZ", "Asia/Kathmandu")
        tzset()
        assert before == shifts(base, *window)
    finally:
        monkeypatch.undo()
        tzset()


def test_a_rotation_that_is_over_has_no_next_change() -> None:
    over = rotation(replace(turns("ann", "2026-01-05", "1 weeks"), until=wall("2026-02-01 00:00")))

    assert instant("2026-02-01") == next_change(over, instant("2026-01-26"))
    assert next_change(over, instant("2026-02-01")) is None


def test_the_search_for_a_change_ends() -> None:
    empty = rotation(turns("nobody", "2026-01-05", "1 weeks", (), "09:00-17:00"))

    assert next_change(empty, instant("2026-01-05")) is None
    assert () == shift_at(empty, instant("2026-01-05")).people


def test_the_end_of_the_calendar_ends_the_search() -> None:
    long_turns = rotation(turns("ann", "2026-01-05", "1000 months"))

    assert instant("2109-05-05") == next_change(long_turns, instant("2026-01-05"))
    assert next_change(rotation(turns("nobody", "2026-01-05", "1000 months")), instant("2026-01-05")) is None


def test_a_far_away_from_is_found_at_once() -> None:
    later = rotation(replace(turns("ann", "2026-01-05", "1 hours"), since=wall("2029-01-01 00:00")))

    assert instant("2029-01-01") == next_change(later, instant("2026-01-05"))
