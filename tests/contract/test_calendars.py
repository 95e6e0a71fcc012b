"""Calendars elsewhere, read from real servers that behave, or are down, huge, broken, endless, slow."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from monitord.core.absence import Origin
from monitord.core.almanac import Almanac, AlmanacStanding, CalendarSource, Days, Span
from monitord.core.check import Instant
from monitord.core.roster import in_force
from monitord.engine.calendars import AT_ONCE, EVERY, FIRST_PAUSE, Calendars
from monitord.engine.clock import RealClock
from monitord.engine.engine import EngineBusy
from monitord.net import Net
from tests.fakes.daemon import until
from tests.fakes.patience import WITHIN
from tests.fakes.shop import MORNING, Shop, configuration
from tests.fakes.zoo import (
    Behaviour,
    answer,
    cage,
    close_early,
    dead_port,
    hang,
    in_turn,
    redirects,
    repeats,
    reset,
    says,
)

SECRET = "ann-0123456789"
EVENT = "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n{lines}\r\nEND:VEVENT\r\n"
HR = CalendarSource("hr", "127.0.0.1", "America/Chicago", leave_of=("ann",))
BEGIN = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//HR//EN\r\n"
END = "END:VCALENDAR\r\n"


class Today(RealClock):
    """Runs as time does, on the first morning of every story."""

    def now(self) -> Instant:
        return MORNING


def events(*each: str) -> bytes:
    """A calendar with these events; `|` ends a line."""
    told = (
        EVENT.format(uid=number, lines="\r\n".join(lines.split("|"))) for number, lines in enumerate(each)
    )
    return f"{BEGIN}{''.join(told)}{END}".encode()


def served(body: bytes, **headers: str) -> Behaviour:
    return says(answer(body, content_type="text/calendar", **headers))


SKIING = events("DTSTART;VALUE=DATE:20260110|DTEND;VALUE=DATE:20260114|SUMMARY:Skiing\\, far away")
KNOWN = Days(date(2026, 1, 10), date(2026, 1, 14), "Skiing, far away")


class Reader:
    """A shop whose daemon reads the calendar at one address."""

    def __init__(self, url: str, **within: float) -> None:
        told = configuration()
        people = {**told.people, "ann": replace(told.people["ann"], time_zone="America/Chicago")}
        self.shop = Shop(replace(told, people=people, calendars={"hr": HR}))
        self.world = self.shop.world
        self.net = Net(now=self.shop.clock.now)
        self.calendars = Calendars({"hr": SecretStr(url)}, self.shop.engine, self.net, Today(), **within)

    async def reads(self) -> None:
        """Whether it is time or not."""
        for turn in self.calendars.turns.values():
            turn.due = 0.0
        await self.calendars.read_due()

    @property
    def almanac(self) -> Almanac | None:
        return self.world.get(Almanac, "hr")

    @property
    def why(self) -> str:
        standing = self.world.get(AlmanacStanding, "hr")
        return standing.why if standing else "nothing was ever read"


@asynccontextmanager
async def reader(behaviour: Behaviour, **within: float) -> AsyncIterator[Reader]:
    async with cage(behaviour) as it:
        found = Reader(f"{it.url}{SECRET}.ics", **within)
        async with found.shop.running():
            yield found
        await found.net.close()


async def test_leave_in_a_calendar_is_leave() -> None:
    async with reader(served(SKIING)) as it:
        await it.reads()

        assert it.almanac == Almanac("hr", (KNOWN,))
        (absence,) = in_force(it.world).absences
        assert ("ann", Origin.CALENDAR, "Skiing, far away") == (absence.person, absence.origin, absence.why)
        assert datetime(2026, 1, 10, 6, tzinfo=UTC) == absence.start, "midnight where ann is"


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("DTSTART;VALUE=DATE:20260110", [("2026-01-10", "2026-01-11")]),
        (
            "DTSTART;VALUE=DATE:20260110|RRULE:FREQ=WEEKLY;COUNT=3|EXDATE;VALUE=DATE:20260117",
            [("2026-01-10", "2026-01-11"), ("2026-01-24", "2026-01-25")],
        ),
        (
            "DTSTART;TZID=Europe/Berlin:20260110T120000|DTEND;TZID=Europe/Berlin:20260110T180000",
            [("2026-01-10 11:00", "2026-01-10 17:00")],
        ),
        (
            "DTSTART;TZID=W. Europe Standard Time:20260110T120000|DURATION:PT6H",
            [("2026-01-10 11:00", "2026-01-10 17:00")],
        ),
        ("DTSTART:20260110T120000|DURATION:PT6H", [("2026-01-10 18:00", "2026-01-11 00:00")]),
    ],
)
async def test_what_an_event_is(event: str, expected: list[tuple[str, str]]) -> None:
    """All day, again and again, in a zone, in a zone by the name that Windows has, in none: then in ours."""
    async with reader(served(events(event))) as it:
        await it.reads()

        assert it.almanac is not None, it.why
        found = [(f"{each.first}", f"{each.last}") for each in it.almanac.days]
        found += [(f"{each.start:%Y-%m-%d %H:%M}", f"{each.end:%Y-%m-%d %H:%M}") for each in it.almanac.spans]
        assert expected == found


@pytest.mark.parametrize(
    ("event", "why"),
    [
        ("DTSTART;VALUE=DATE:20260110|STATUS:CANCELLED", "cancelled"),
        ("DTSTART;VALUE=DATE:20260110|STATUS:TENTATIVE", "tentative"),
        ("DTSTART;TZID=Mars/Phobos:20260110T120000|DURATION:PT6H", "in an unknown time zone"),
        ("DTSTART:20260110T120000Z|DURATION:PT1S|RRULE:FREQ=SECONDLY", "more than once a day"),
        ("DTSTART:20260110T120000Z|DURATION:PT1S|RRULE:FREQ=DAILY;BYHOUR=1,2,3", "more than once a day"),
        ("DTSTART;VALUE=DATE:20260110|DTEND;VALUE=DATE:20360110", "without a length, or too long"),
        ("DTSTART:20260110T120000Z|DTEND:20260110T120000Z", "without a length, or too long"),
        ("DTSTART:00010101T000000Z|DTEND:99991231T235959Z", "without a length, or too long"),
        ("DTSTART;VALUE=DATE:00010101|DTEND;VALUE=DATE:99991231", "without a length, or too long"),
        ("DTSTART;VALUE=DATE:20260110|RRULE:FREQ=WEEKLY;BYDAY=XX", "broken"),
        ("DTSTART;VALUE=DATE:20260110|DTEND;VALUE=DATE:20260109", "ending before it begins"),
        ("DTSTART:20260110T120000Z|DTEND;TZID=Asia/Tokyo:20260110T200000", "ending before it begins"),
        ("DTSTART:20260110T120000|DTEND:20260110T110000", "ending before it begins"),
        ("DTSTART:20260110T120000Z|DURATION:-P1D", "ending before it begins"),
        ("SUMMARY:at no time", "broken"),
        ("DTSTART;VALUE=DATE:20260110|DTSTART;VALUE=DATE:20260111", "broken"),
        ("DTSTART;VALUE=PERIOD:20260110T000000Z/PT1H", "broken"),
        ("DTSTART;VALUE=TIME:100000", "broken"),
        ("DTSTART:20260110T120000Z|DTEND;VALUE=DURATION:PT1H", "broken"),
        ("DTSTART:20260110T120000Z|DURATION:P999999999D", "broken"),
        ("DTSTART;VALUE=DATE:20260110|RRULE:FREQ=DAILY;INTERVAL=0", "broken"),
    ],
)
async def test_what_is_no_leave_is_left_out_and_counted_and_the_rest_counts(event: str, why: str) -> None:
    skiing = "DTSTART;VALUE=DATE:20260110|DTEND;VALUE=DATE:20260114|SUMMARY:Skiing\\, far away"
    async with reader(served(events(event, skiing))) as it:
        await it.reads()

        assert it.almanac == Almanac("hr", (KNOWN,), (), ((why, 1),)), it.why


@pytest.mark.parametrize("of", ["CLASS:PRIVATE", "CLASS:X-SECRET", "CLASS:PRIVATE|CLASS:PUBLIC"])
async def test_what_is_private_says_nothing_of_why(of: str) -> None:
    private = f"DTSTART:20260110T120000Z|DURATION:PT6H|SUMMARY:Dentist|{of}"
    async with reader(served(events(private))) as it:
        await it.reads()

        noon = datetime(2026, 1, 10, 12, tzinfo=UTC)
        assert it.almanac == Almanac("hr", spans=(Span(noon, noon.replace(hour=18)),)), it.why


async def test_a_calendar_of_public_holidays_is_no_leave() -> None:
    async with reader(served(SKIING)) as it:
        days_off = replace(HR, leave_of=(), holidays_of=("ann", "bo"))
        it.world.accept(replace(it.world.accepted, calendars={"hr": days_off}))
        await it.reads()

        assert {("ann", Origin.HOLIDAY), ("bo", Origin.HOLIDAY)} == {
            (each.person, each.origin) for each in in_force(it.world).absences
        }


# Trouble.

BOMBS = events(*["DTSTART;VALUE=DATE:20000101|RRULE:FREQ=DAILY"] * 4000)
BIG = BEGIN.encode() + b"X-PADDING:" + b"x" * (10 << 20) + b"\r\n" + END.encode()
MANY = events(*["DTSTART;VALUE=DATE:20260110"] * 5001)
LONG = events(*["DTSTART;VALUE=DATE:20260110|RRULE:FREQ=DAILY"] * 10)
DEEP = BEGIN.encode() * 5000 + END.encode() * 5000
PACKED = {"content_encoding": "gzip"}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\n\r\n"


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        pytest.param(says(answer(b"", "500 Oh dear")), "127.0.0.1 answered 500", id="500"),
        pytest.param(says(answer(b"", "404 Not Found")), "127.0.0.1 answered 404", id="404"),
        pytest.param(served(b"<!DOCTYPE html><title>Sign in</title>"), "it is no calendar", id="a page"),
        pytest.param(served(b""), "it is no calendar", id="nothing"),
        pytest.param(served(SKIING[:90]), "it is broken, or ends too early", id="half of it"),
        pytest.param(served(bytes(1000)), "it is no calendar", id="zeros"),
        pytest.param(served(BIG), "it is longer than 1 MiB", id="10 MB"),
        pytest.param(served(gzip.compress(BIG), **PACKED), "it is longer than 1 MiB", id="a bomb"),
        pytest.param(repeats(HEAD, b"X" * 65536), "it is longer than 1 MiB", id="endless"),
        pytest.param(served(MANY), "it has more than 5000 events", id="many events"),
        pytest.param(served(LONG), "it has more than 2000 entries in the days ahead", id="many days"),
        pytest.param(close_early, "127.0.0.1", id="hangs up"),
        pytest.param(reset, "127.0.0.1 reset the connection", id="slams the door"),
        pytest.param(redirects("/again"), "127.0.0.1 redirects more than 5 times", id="in a circle"),
        pytest.param(says(b"SSH-2.0-OpenSSH_9.2\r\n"), "127.0.0.1", id="no web server"),
    ],
)
async def test_what_cannot_be_read_says_why_and_what_was_known_stays(behaviour: Behaviour, why: str) -> None:
    async with reader(in_turn(served(SKIING), behaviour)) as it:
        await it.reads()
        await it.reads()

        assert why in it.why
        assert SECRET not in it.why, "whoever knows the address can read the calendar"
        assert it.almanac == Almanac("hr", (KNOWN,))
        standing = it.world.get(AlmanacStanding, "hr")
        assert standing is not None and (MORNING, MORNING) == (standing.read, standing.failing)


async def test_a_server_that_is_gone_is_said() -> None:
    it = Reader(f"http://127.0.0.1:{dead_port()}/{SECRET}")
    async with it.shop.running():
        await it.reads()

    assert "127.0.0.1 refused the connection" == it.why


@pytest.mark.parametrize("slow", [hang, repeats(HEAD, b"X", 0.02)], ids=["silent", "dripping"])
async def test_a_server_that_takes_its_time_is_not_waited_for(slow: Behaviour) -> None:
    async with reader(slow, fetch_within=0.5) as it:
        await it.reads()

        assert "it was not there within 0.5 s" == it.why


async def test_what_nests_without_end_is_nobodys_leave() -> None:
    async with reader(served(DEEP)) as it:
        await it.reads()

        assert it.almanac in (None, Almanac("hr"))


async def test_what_would_unfold_for_ever_is_given_up() -> None:
    async with reader(served(BOMBS), unfold_within=1.5) as it:
        await it.reads()

        assert "it could not be unfolded within 1.5 s" == it.why


# In time.


async def test_what_has_not_changed_is_not_stored_again() -> None:
    async with reader(served(SKIING)) as it:
        await it.reads()
        await it.reads()
        again = Calendars(it.calendars.addresses, it.shop.engine, it.net, Today())
        await again.read_due()

        assert ["CalendarRead", "CalendarReadAgain", "CalendarReadAgain"] == [
            type(fact).__name__ for fact in it.shop.store.facts
        ]


async def test_one_that_fails_is_asked_sooner_and_then_more_and_more_rarely() -> None:
    async with reader(says(answer(b"", "500 Oh dear"))) as it:
        pauses = []
        for _ in range(8):
            await it.reads()
            pauses.append(round(it.calendars.pause() / 60))

        assert [1, 2, 4, 8, 16, 32, 60, 60] == pauses
    async with reader(served(SKIING)) as it:
        await it.reads()
        assert EVERY.total_seconds() / 60 == round(it.calendars.pause() / 60)


async def test_one_that_nobody_names_any_more_is_forgotten_and_another_is_read_at_once() -> None:
    async with reader(served(SKIING)) as it:
        await it.reads()
        it.world.accept(replace(it.world.accepted, calendars={"days": replace(HR, id="days")}))
        it.calendars.accept({"days": it.calendars.addresses["hr"]})
        await it.calendars.drop()
        await it.calendars.read_due()

        assert ["days"] == [each.calendar for each in it.world.all(Almanac)]
        assert it.calendars.changed.is_set()


async def test_those_that_hang_keep_nobody_waiting() -> None:
    names = [f"c{number}" for number in range(2 * AT_ONCE)]
    bad = names[: AT_ONCE - 1]
    async with cage(served(SKIING)) as well, cage(hang) as silent:
        it = Reader(well.url, fetch_within=WITHIN)
        it.world.accept(replace(it.world.accepted, calendars={name: replace(HR, id=name) for name in names}))
        it.calendars.accept({name: SecretStr(silent.url if name in bad else well.url) for name in names})
        async with it.shop.running(), asyncio.TaskGroup() as group:
            reading = group.create_task(it.calendars.read_due())
            await until(lambda: len(it.world.all(Almanac)) == len(names) - len(bad))
            reading.cancel()

    assert set(names) - set(bad) == {each.calendar for each in it.world.all(Almanac)}


async def test_one_that_could_not_be_stored_is_read_again_soon() -> None:
    async with reader(served(SKIING)) as it:

        async def busy(fact: object, lane: object) -> None:
            raise EngineBusy("too much")

        it.calendars.engine = type("Busy", (), {"world": it.world, "submit": staticmethod(busy)})()  # type: ignore[assignment]
        await it.reads()

        assert FIRST_PAUSE.total_seconds() == pytest.approx(it.calendars.pause(), abs=30)


async def test_one_whose_address_is_gone_in_the_middle_of_a_reload_waits() -> None:
    async with reader(served(SKIING)) as it:
        await it.reads()
        it.calendars.addresses, it.calendars.turns["hr"].due = {}, 0.0
        await it.calendars.read("hr")

        assert it.almanac == Almanac("hr", (KNOWN,))
        assert it.calendars.turns["hr"].due > it.shop.clock.monotonic()
