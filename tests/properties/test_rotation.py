"""Rotations against a slow, obvious definition: the wall clock watched every quarter of an hour, turns
counted one by one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice, pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitord.core.absence import Absence, AwayRule, Instead, Origin, in_order
from monitord.core.rotation import (
    Layer,
    Layering,
    Override,
    OverrideKind,
    Rotation,
    Shift,
    Turn,
    Unit,
    answers,
    next_change,
    on_call,
    shift_at,
    shifts,
    standing,
    steps,
)

QUARTER = timedelta(minutes=15)
MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
LONG_AGO = datetime(1900, 1, 1)
EVENINGS = {  # before the clocks change; an hour forward or back unless it is said
    "America/Chicago": ["2026-03-07", "2026-10-31"],
    "America/Havana": ["2026-03-07", "2026-10-31"],  # repeats the hour before 01:00
    "America/Sao_Paulo": ["2018-11-03", "2018-02-17"],  # at midnight
    "Europe/Dublin": ["2026-03-28", "2026-10-24"],  # winter time is the one that saves
    "Africa/Casablanca": ["2026-02-14", "2026-03-21"],
    "Australia/Lord_Howe": ["2026-04-04", "2026-10-03"],  # half an hour
    "Antarctica/Troll": ["2026-03-28", "2026-10-24"],  # two hours
    "Pacific/Apia": ["2011-12-29", "2012-03-31"],  # skips 30 December
    "Asia/Kathmandu": ["2026-03-28"],  # never
    "UTC": ["2026-03-28"],
}
NIGHTS = [(zone, date.fromisoformat(day)) for zone, days in EVENINGS.items() for day in days]
ZONES = list(EVENINGS)
PEOPLE = ["ann", "bo", "cem", "dee"]

# The slow definition


def highest_walls(zone: str, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """Each quarter of an hour with the highest time the wall has shown up to then."""
    marks, mark, at = [], LONG_AGO, first - 2 * DAY
    while at < last:
        mark = max(mark, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0))
        marks.append((at, mark))
        at += QUARTER
    return marks


def handoffs(layer: Layer, first: datetime, last: datetime) -> list[tuple[datetime, int]]:
    """The walls at which turns begin, with their numbers: at least those between `first` and `last` and one
    before."""
    found = []
    for step, beyond in ((1, lambda begin: begin > last), (-1, lambda begin: begin < first)):
        for number in count(0 if step == 1 else -1, step):
            found.append((handoff(layer, number), number))
            if beyond(found[-1][0]):
                break
    before = [pair for pair in found if pair[0] < first]
    return [max(before), *(pair for pair in found if pair[0] >= first)]


def handoff(layer: Layer, number: int) -> datetime:
    amount = number * layer.turn.count
    if layer.turn.unit is Unit.MONTHS:
        return months_after(layer.start, amount)
    if layer.turn.unit is Unit.DAYS and layer.days:
        return masked_day(layer, amount)
    return layer.start + amount * timedelta(**{layer.turn.unit.value: 1})


def months_after(start: datetime, months: int) -> datetime:
    year, month = start.year, start.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        year, month = {0: (year - 1, 12), 13: (year + 1, 1)}.get(month, (year, month))
    day = start.day
    while True:
        try:
            return start.replace(year=year, month=month, day=day)
        except ValueError:
            day -= 1


def masked_day(layer: Layer, number: int) -> datetime:
    """The start for 0; else so many days of the mask on, or back, from the first one not before the start."""
    if number == 0:
        return layer.start
    day = layer.start
    while number > 0 and day.weekday() not in layer.days:
        day += DAY
    for _ in range(abs(number)):
        day += DAY if number > 0 else -DAY
        while day.weekday() not in layer.days:
            day += DAY if number > 0 else -DAY
    return day


def watched(layer: Layer, zone: str, first: datetime, last: datetime) -> dict[datetime, int | None]:
    """The number of the turn on call at each quarter of an hour."""
    marks = highest_walls(zone, first, last)
    begins = handoffs(layer, marks[0][1] - DAY, marks[-1][1])
    started = min(quarters_from_start(layer, zone))
    day_ends = {mark.date(): at for at, mark in marks}
    answers: dict[datetime, int | None] = {}
    for at, mark in marks:
        if at < first:
            continue
        answers[at] = None
        day = owner(layer, mark)
        if day is None or (layer.since and mark < layer.since) or (layer.until and mark >= layer.until):
            continue
        midnight = datetime.combine(day + DAY, time())
        if layer.turn.unit is Unit.HOURS and 24 % layer.turn.count:
            elapsed = min(at, last_quarter(day_ends, day)) - started
            answers[at] = elapsed // timedelta(hours=layer.turn.count)
        else:
            answers[at] = max(number for begin, number in begins if begin <= mark and begin < midnight)
    return answers


def last_quarter(day_ends: dict[date, datetime], day: date) -> datetime:
    """The last quarter of an hour of a day; of the day before it, where the calendar skips it."""
    return max(end for found, end in day_ends.items() if found <= day)


def quarters_from_start(layer: Layer, zone: str) -> list[datetime]:
    """The quarters of an hour, around the start, at which the wall has reached it."""
    near = layer.start.replace(tzinfo=UTC)
    return [at for at, mark in highest_walls(zone, near - DAY, near + 3 * DAY) if mark >= layer.start]


def owner(layer: Layer, mark: datetime) -> date | None:
    """The day whose window has `mark` in it, today before yesterday; None if there is none."""
    for day in (mark.date(), mark.date() - DAY):
        for begin, end in layer.hours or [(time(), time())]:
            opens, closes = datetime.combine(day, begin), datetime.combine(day, end)
            closes += DAY if closes <= opens else timedelta(0)
            if opens <= mark < closes and (not layer.days or day.weekday() in layer.days):
                return day
    return None


# What is tried

quarters = (st.integers(0, 12) | st.integers(0, 95)).map(
    lambda quarter: (LONG_AGO + quarter * QUARTER).time()
)
changes = st.sampled_from(sorted({day for _, day in NIGHTS}))
days = st.frozensets(st.integers(0, 6), max_size=6).map(lambda found: tuple(sorted(found)))
hours = st.lists(st.tuples(quarters, quarters), max_size=2).map(tuple)
lengths = st.builds(Turn, st.sampled_from([1, 2, 3, 5, 7, 8, 12]), st.sampled_from(Unit))
entries = st.lists(st.sampled_from(PEOPLE), max_size=2).map(tuple)
circles = st.lists(entries, min_size=1, max_size=4).map(tuple)
far = st.integers(-40, 40)
bounds = st.none() | st.integers(-300, 300)
zones = st.sampled_from(ZONES)
own_zones = st.none() | zones
any_days = st.just(()) | days
any_hours = st.just(()) | hours


@st.composite
def layers(draw: st.DrawFn, name: str, near: date) -> Layer:
    start = datetime.combine(near + draw(far) * DAY, draw(quarters))
    since, until = draw(bounds), draw(bounds)
    midnight = datetime.combine(near, time())
    return Layer(
        name=name,
        people=draw(circles),
        start=start,
        turn=draw(lengths),
        zone=draw(own_zones),
        since=None if since is None else midnight + since * QUARTER,
        until=None if until is None else midnight + until * QUARTER,
        days=draw(any_days),
        hours=draw(any_hours),
    )


instants = st.builds(
    lambda day, quarter: datetime.combine(day, time(), UTC) + quarter * QUARTER,
    changes,
    st.integers(-96, 288),
)

kinds = st.sampled_from(OverrideKind)
people = st.sampled_from(PEOPLE)
lasting = st.integers(1, 200)
layer_names = st.sampled_from([None, "lower", "upper"])
made_ats = st.none() | instants


@st.composite
def overrides(draw: st.DrawFn, order: int = 0) -> Override:
    kind = draw(kinds)
    takes_away = kind in (OverrideKind.REPLACE, OverrideKind.REMOVE)
    start = draw(instants)
    return Override(
        id=f"override {order}",
        start=start,
        end=start + draw(lasting) * QUARTER,
        kind=kind,
        who=draw(people) if takes_away else None,
        by=() if kind is OverrideKind.REMOVE else draw(entries),
        layer=draw(layer_names),
        made_at=draw(made_ats),
        order=order,
    )


overrides_counts = st.integers(0, 4)
absences_counts = st.integers(0, 3)
layers_counts = st.integers(0, 2)
layerings = st.sampled_from(Layering)


@st.composite
def rotations(draw: st.DrawFn) -> Rotation:
    made = [draw(overrides(order)) for order in range(draw(overrides_counts))]
    return Rotation(
        id="primary",
        time_zone=draw(zones),
        layering=draw(layerings),
        layers=tuple(draw(layers(name, draw(changes))) for name in ("lower", "upper")[: draw(layers_counts)]),
        overrides=tuple(made),
        absences=in_order(draw(absences(draw(instants))) for _ in range(draw(absences_counts))),
        away=draw(rules),
    )


windows = st.tuples(instants, st.integers(0, 400)).map(lambda pair: (pair[0], pair[0] + pair[1] * QUARTER))

YEARS = range(2018, 2028)
FORTY = [
    *EVENINGS,
    "Africa/Cairo",
    "Africa/Lagos",
    "America/Anchorage",
    "America/Argentina/Buenos_Aires",
    "America/Asuncion",
    "America/Caracas",
    "America/Halifax",
    "America/Los_Angeles",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kolkata",
    "Asia/Pyongyang",
    "Asia/Shanghai",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Asia/Yangon",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Eucla",
    "Europe/Berlin",
    "Europe/Istanbul",
    "Europe/Volgograd",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Norfolk",
    "Pacific/Tongatapu",
]


@st.composite
def absences(draw: st.DrawFn, near: datetime) -> Absence:
    start = near + draw(st.integers(-400, 400)) * QUARTER
    end = start + draw(lasting) * QUARTER
    origin, cover = draw(st.sampled_from([Origin.FILE, Origin.HOLIDAY])), draw(st.none() | people)
    return Absence(draw(people), start, end, "", origin, cover)


rules = st.sampled_from(
    [
        AwayRule(),
        AwayRule(Instead.GAP),
        AwayRule(Instead.COVER, "eve"),
        AwayRule(Instead.COVER, "ann"),
    ]
)


@st.composite
def anywhere(draw: st.DrawFn) -> tuple[Rotation, datetime]:
    """A rotation in one of forty zones, with people away, and an instant in one of ten years."""
    near = date(draw(st.sampled_from(YEARS)), 1, 1) + draw(st.integers(0, 364)) * DAY
    at = datetime.combine(near, time(), UTC) + draw(st.integers(0, 95)) * QUARTER
    made = tuple(draw(layers(name, near)) for name in ("lower", "upper")[: draw(st.integers(1, 2))])
    moved = tuple(replace(each, zone=each.zone and draw(st.sampled_from(FORTY))) for each in made)
    gone = in_order(draw(absences(at)) for _ in range(draw(st.integers(0, 4))))
    rotation = Rotation(
        "primary", draw(st.sampled_from(FORTY)), draw(layerings), moved, (), gone, draw(rules)
    )
    return rotation, at


def obvious(rotation: Rotation, start: datetime, end: datetime) -> list[tuple[datetime, object]]:
    """The slow definition: asked anew every quarter of an hour, where it is another answer."""
    found: list[tuple[datetime, object]] = []
    at = start
    while at < end:
        said = standing(rotation, at)
        if not found or found[-1][1] != said:
            found.append((at, said))
        at += QUARTER
    return found


# The properties


def test_there_are_forty_zones_to_try() -> None:
    assert 40 == len(FORTY)


@settings(max_examples=60)
@given(anywhere())
def test_walking_finds_what_asking_each_quarter_of_an_hour_finds(told: tuple[Rotation, datetime]) -> None:
    """Handoffs, windows and absences begin on quarters of an hour; so do the clocks of the world change."""
    rotation, start = told

    assert obvious(rotation, start, start + 6 * DAY) == list(steps(rotation, start, start + 6 * DAY))


@settings(max_examples=80)
@given(anywhere(), st.integers(1, 3600))
def test_a_long_walk_agrees_with_asking_at_each_of_its_steps(
    told: tuple[Rotation, datetime], length: int
) -> None:
    rotation, start = told
    walked = list(islice(answers(rotation, start, start + length * DAY), 400))

    assert walked == [(at, standing(rotation, at)) for at, _ in walked]
    for (_, said), (until, _) in pairwise(walked):
        assert said == standing(rotation, until - MOMENT)


@settings(max_examples=60)
@given(st.data(), st.sampled_from(NIGHTS))
def test_a_layer_says_what_the_watched_clock_says(data: st.DataObject, night: tuple[str, date]) -> None:
    zone, day = night
    layer = data.draw(layers("weekly", day))
    first = datetime.combine(day, time(), UTC) - DAY
    numbered = replace(layer, zone=None, people=tuple((f"turn {number}",) for number in range(7)))
    rotation = Rotation("primary", zone, Layering.STACK, (numbered,))
    expected = watched(layer, zone, first, first + 4 * DAY)

    for at, number in expected.items():
        assert (() if number is None else (f"turn {number % 7}",)) == on_call(rotation, at), at


@settings(max_examples=60)
@given(rotations(), windows)
def test_shifts_cover_a_window_and_touch(rotation: Rotation, window: tuple[datetime, datetime]) -> None:
    start, end = window
    found = shifts(rotation, start, end)

    assert (start < end) == bool(found)
    assert [start, *(shift.end for shift in found)] == [*(shift.start for shift in found), end]
    assert all(shift.start < shift.end for shift in found)
    assert all(shift.people or shift.layer is None for shift in found)
    assert not any(b._replace(start=a.start, end=a.end) == a for a, b in pairwise(found) if not a.people)


@settings(max_examples=60)
@given(rotations(), windows, st.data())
def test_shifts_say_what_on_call_says(
    rotation: Rotation, window: tuple[datetime, datetime], data: st.DataObject
) -> None:
    for shift in shifts(rotation, *window):
        length = (shift.end - shift.start) // MOMENT
        within = shift.start + data.draw(st.integers(0, length - 1)) * MOMENT
        for at in (shift.start, within, shift.end - MOMENT):
            assert shift.people == on_call(rotation, at)


@settings(max_examples=60)
@given(rotations(), windows)
def test_no_answer_changes_between_two_shifts_of_a_window(
    rotation: Rotation, window: tuple[datetime, datetime]
) -> None:
    """Every quarter of an hour of the window has exactly one shift, and its people are on call."""
    start, end = window
    found = shifts(rotation, start, end)
    at = start
    while at < end:
        assert [on_call(rotation, at)] == [shift.people for shift in found if shift.start <= at < shift.end]
        at += QUARTER


@settings(max_examples=60)
@given(rotations(), windows, st.integers(0, 400), st.integers(0, 400))
def test_clipping_a_window_changes_nothing(
    rotation: Rotation, window: tuple[datetime, datetime], left: int, right: int
) -> None:
    start, end = window
    inner = (min(start + left * QUARTER, end), max(end - right * QUARTER, min(start + left * QUARTER, end)))

    assert clipped(shifts(rotation, start, end), *inner) == shifts(rotation, *inner)


def clipped(found: list[Shift], start: datetime, end: datetime) -> list[Shift]:
    cut = [shift._replace(start=max(shift.start, start), end=min(shift.end, end)) for shift in found]
    return [shift for shift in cut if shift.start < shift.end]


@settings(max_examples=50)
@given(rotations(), instants)
def test_the_next_change_ends_the_shift(rotation: Rotation, at: datetime) -> None:
    change = next_change(rotation, at)
    found = shifts(rotation, at, at + 60 * DAY)

    assert (change if change and change < at + 60 * DAY else at + 60 * DAY) == found[0].end


@settings(max_examples=15)
@given(rotations(), instants)
def test_a_shift_is_the_one_of_a_wide_window(rotation: Rotation, at: datetime) -> None:
    wide = shifts(rotation, at - 100 * DAY, at + 100 * DAY)
    expected = next(shift for shift in wide if shift.start <= at < shift.end)

    assert [expected] == clipped([shift_at(rotation, at)], wide[0].start, wide[-1].end)


@settings(max_examples=60)
@given(rotations(), instants, st.randoms(use_true_random=False))
def test_the_order_in_which_overrides_are_kept_is_nothing(
    rotation: Rotation, at: datetime, dice: "st.random.Random"
) -> None:
    mixed = list(rotation.overrides)
    dice.shuffle(mixed)

    assert on_call(rotation, at) == on_call(replace(rotation, overrides=tuple(mixed)), at)


@given(
    st.lists(st.sampled_from(PEOPLE), unique=True, max_size=4),
    st.dictionaries(
        st.sampled_from(PEOPLE), st.lists(st.sampled_from(["eve", "sub"]), unique=True, max_size=2)
    ),
    st.permutations(range(4)),
    st.sampled_from(Layering),
)
@example(["ann", "bo"], {"ann": ["eve"], "bo": []}, [1, 0, 2, 3], Layering.STACK)
def test_overrides_about_different_people_compose(
    together: list[str], instead: dict[str, list[str]], ages: list[int], layering: Layering
) -> None:
    """Whoever is replaced or removed: it is as if each had been asked about alone, in any order of making."""
    at = datetime(2026, 1, 5, tzinfo=UTC)
    made = tuple(
        Override(who, at, at + DAY, OverrideKind.REPLACE, who, tuple(by), order=age)
        for (who, by), age in zip(instead.items(), ages, strict=False)
    )
    layer = Layer("weekly", (tuple(together),), LONG_AGO, Turn(1, Unit.WEEKS))
    expected = [person for who in together for person in instead.get(who, [who])]

    assert tuple(dict.fromkeys(expected)) == on_call(Rotation("primary", "UTC", layering, (layer,), made), at)
