"""Whatever comes as a calendar, there is an answer: what it says, or why it cannot be read."""

import json
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitord.engine.calendars import read_of
from monitord.engine.unfold import LASTS_MAX, TOLD_MAX, answer

LINES = (
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VTIMEZONE",
    "END:VTIMEZONE",
    "BEGIN:VALARM",
    "END:VALARM",
    "TZID:Nowhere",
    "VERSION:2.0",
    "X-WR-TIMEZONE:Nowhere/At-All",
    "UID:1",
    "UID:2",
    "DTSTART;VALUE=DATE:20260110",
    "DTSTART;TZID=Nowhere:20260110T120000",
    "DTSTART:20260110T120000",
    "DTSTART:99991231T235959Z",
    "DTSTART:00010101T000000Z",
    "DTSTART:gibberish",
    "DTEND;VALUE=DATE:20260114",
    "DTEND:20260109T120000Z",
    "DTEND;TZID=Europe/Berlin:20260114T120000",
    "DURATION:P3D",
    "DURATION:-P3D",
    "DURATION:P99999999999D",
    "RRULE:FREQ=WEEKLY;COUNT=3",
    "RRULE:FREQ=YEARLY;UNTIL=20270101T000000Z",
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=",
    "RDATE;VALUE=PERIOD:20260120T000000Z/PT6H",
    "EXDATE:20260110T120000Z",
    "RECURRENCE-ID:20260110T120000Z",
    "STATUS:CANCELLED",
    "SUMMARY:Skiing\\, far\\n away",
    "SUMMARY:\u202eevil\x1b[2J",
    " folded",
    ":",
    "CLASS:PRIVATE",
)
EVENT = (
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "UID:1",
    "DTSTART;VALUE=DATE:20260110",
    "END:VEVENT",
    "END:VCALENDAR",
)


@st.composite
def calendars(draw: st.DrawFn) -> bytes:
    """Something like a calendar, with lines that belong nowhere."""
    lines = list(EVENT)
    for line in draw(st.lists(st.sampled_from(LINES) | st.text(max_size=20), max_size=8)):
        lines.insert(draw(st.integers(1, len(lines))), line)
    for _ in range(draw(st.integers(0, 2))):
        del lines[draw(st.integers(0, len(lines) - 1))]
    return "\r\n".join(lines).encode("utf-8", "surrogatepass")


@settings(max_examples=150, deadline=None)
@given(calendars() | st.binary(max_size=200))
def test_there_is_always_an_answer_that_can_be_read(content: bytes) -> None:
    told = json.loads(json.dumps(answer(content, "2025-12-01", "2027-02-01", "America/Chicago")))

    if "fault" in told:
        assert str(told["fault"]).startswith("it ")
        return
    read = read_of("hr", told)
    assert len(read.days) + len(read.spans) <= TOLD_MAX
    for days in read.days:
        assert timedelta(0) < days.last - days.first <= LASTS_MAX and days.why.isprintable()
    for span in read.spans:
        assert timedelta(0) < span.end - span.start <= LASTS_MAX and span.why.isprintable()
