"""Calendar feeds: what a calendar reads is what the escalation asks, in every zone, whatever clocks do."""

from datetime import UTC, datetime, time, timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar

from monitord.core.override import Override, OverrideKind
from monitord.core.rotation import Layer, Rotation, Turn, Unit, shifts
from monitord.web.feeds.entries import ENTRIES_MAX, Span, of_person, of_rotation, span_around
from monitord.web.feeds.ics import Page, written

NAMES = {"ann": "Ann Example", "bo": "Bo, the second; \\ of \u202ethem\nall", "cem": "Cem Example"}
PAGE = Page(
    "On call: primary", "", NAMES, "https://ops.example.org", datetime(2026, 1, 5, tzinfo=UTC), b"k" * 32
)
ZONES = (
    "UTC",
    "America/Chicago",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)
OFFICE = (time(9), time(17))
NOW, WEEK = timedelta(0), timedelta(days=7)
SPRING, AUTUMN = datetime(2026, 3, 20, 12, tzinfo=UTC), datetime(2026, 10, 20, 12, tzinfo=UTC)


def rotation(
    zone: str = "America/Chicago", turn: Turn | None = None, *overrides: Override, **more: object
) -> Rotation:
    layer = Layer(
        "weekly",
        (("ann",), ("bo", "cem"), ("cem",)),
        datetime(2026, 1, 5, 2, 30),
        turn or Turn(1, Unit.DAYS),
        **more,  # type: ignore[arg-type]
    )
    return Rotation("primary", zone, layers=(layer,), overrides=overrides)


def read(body: bytes, span: Span) -> list[tuple[datetime, datetime, str]]:
    """As a calendar program understands it."""
    found = recurring_ical_events.of(Calendar.from_ical(body)).between(span.start, span.end)
    rows = ((each["DTSTART"].dt, each["DTEND"].dt, str(each["SUMMARY"])) for each in found)
    return sorted(rows)


@pytest.mark.parametrize("now", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize(
    ("zone", "turn"),
    [
        *((zone, Turn(1, Unit.DAYS)) for zone in ZONES),
        *((zone, Turn(1, Unit.WEEKS)) for zone in ZONES),
        (ZONES[1], Turn(12, Unit.HOURS)),
        (ZONES[1], Turn(1, Unit.MONTHS)),
    ],
    ids=str,
)
def test_a_calendar_reads_what_the_escalation_asks(now: datetime, zone: str, turn: Turn) -> None:
    on_call, span = rotation(zone, turn), span_around(now)
    seen = read(written(PAGE, of_rotation(on_call, span)), span)
    expected = shifts(on_call, seen[0][0], seen[-1][1])

    assert [(each.start, each.end) for each in expected] == [(start, end) for start, end, _ in seen]
    assert seen[0][0] <= now - timedelta(days=30) and now + timedelta(days=90) <= seen[-1][1]


def test_names_come_through_whatever_is_in_them() -> None:
    span = span_around(SPRING)
    summaries = {summary for _, _, summary in read(written(PAGE, of_rotation(rotation(), span)), span)}

    assert {
        "Ann Example (primary)",
        "Bo, the second; \\ of them\nall, Cem Example (primary)",
        "Cem Example (primary)",
    } == summaries


def test_a_gap_is_an_event_of_its_own() -> None:
    on_call, span = rotation(hours=(OFFICE,)), span_around(SPRING)
    seen = read(written(PAGE, of_rotation(on_call, span)), span)
    gaps = [(start, end) for start, end, summary in seen if summary == "NOBODY is on call: primary"]

    assert gaps
    assert [
        (each.start, each.end) for each in shifts(on_call, seen[0][0], seen[-1][1]) if not each.people
    ] == gaps


def test_ones_own_feed_has_ones_own_shifts_alone() -> None:
    on_call, span = rotation(), span_around(SPRING)
    mine = of_person([on_call], "cem", span)

    assert [each for each in of_rotation(on_call, span) if "cem" in each.people] == mine
    assert b"SUMMARY:On call: primary\r\n" in written(
        Page("Cem", "cem", NAMES, "https://ops.example.org", span.start, b"k" * 32), mine
    )


def test_an_override_moves_an_event_and_the_next_refresh_knows_it() -> None:
    """Ids stay: a calendar moves its events instead of having them twice."""
    span = span_around(SPRING)
    day = datetime(2026, 3, 24, 7, 30, tzinfo=UTC)  # 02:30 in Chicago
    noon = Override(
        "o1", day + timedelta(hours=10), day + timedelta(hours=12), OverrideKind.REPLACE_ALL, by=("bo",)
    )
    before, after = (
        ids(written(PAGE, of_rotation(each, span)))
        for each in (rotation(), rotation("America/Chicago", None, noon))
    )

    assert set(before) < set(after)
    assert 2 == len(set(after) - set(before))
    assert len(after) == len(set(after))


def test_the_next_week_keeps_the_ids() -> None:
    this, following = (
        set(ids(written(PAGE, of_rotation(rotation(), span_around(SPRING + timedelta(days=each))))))
        for each in (0, 7)
    )

    assert 7 == len(this - following) == len(following - this)


def test_a_shift_without_a_beginning_keeps_its_id() -> None:
    """Nobody, ever: the event begins with what is looked at, and is the same event next week."""
    never = Rotation("primary", "UTC")
    first, second = (
        ids(written(PAGE, of_rotation(never, span_around(SPRING + each)))) for each in (NOW, WEEK)
    )

    assert first == second and 1 == len(first)


def test_nothing_changes_within_a_week() -> None:
    monday = datetime(2026, 3, 16, tzinfo=UTC)

    assert span_around(monday + timedelta(days=2)) == span_around(monday + timedelta(days=2, hours=23))


def test_lines_are_as_the_standard_wants_them() -> None:
    body = written(PAGE, of_rotation(rotation(), span_around(SPRING)))

    assert body.startswith(b"BEGIN:VCALENDAR\r\n") and body.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 75
    assert b"DTSTART:20260" in body and b"TZID" not in body


def test_a_feed_has_an_end() -> None:
    hourly = rotation("UTC", Turn(1, Unit.HOURS))

    assert ENTRIES_MAX == len(of_rotation(hourly, span_around(SPRING)))


def ids(body: bytes) -> list[str]:
    return [str(each["UID"]) for each in Calendar.from_ical(body).walk("VEVENT")]
