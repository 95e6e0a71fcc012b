"""Swaps: who is asked, who hears of it, what an answer changes, and that silence changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from monitord.core.amendment import AHEAD, LONGEST, AddOverride, Amendment
from monitord.core.organization import ContactMethod, Person, Quiet
from monitord.core.override import OverrideKind
from monitord.core.roster import in_force
from monitord.core.rotation import Layer, Rotation, Turn, Unit, shifts
from monitord.core.swap import AcceptSwap, AskSwap, DeclineSwap, Swap, SwapDue, SwapRefused
from monitord.core.timeline import about, by_of, sentence
from monitord.core.world import Configuration
from tests.fakes.house import START, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMES = ("ann", "bo", "cem")
MAIN = Layer("main", (("ann",), ("bo",)), START.replace(tzinfo=None), Turn(1, Unit.DAYS))
SHOP = Configuration(
    people={
        name: Person(name, name, "Europe/Berlin", (ContactMethod("sms", name), ContactMethod("email", name)))
        for name in NAMES
    },
    rotations={"primary": Rotation("primary", "UTC", layers=(MAIN,))},
    calling_channels=frozenset({"sms"}),
)
ANNS = START + 2 * DAY
ASK = AskSwap("primary", "ann", "bo", ANNS, ANNS + DAY, "ann", "a wedding")
BACK = replace(ASK, back=ANNS + DAY + HOUR)


@pytest.fixture
def house() -> House:
    return House(SHOP)


def refusals(house: House, *commands: AskSwap | AcceptSwap | DeclineSwap | AddOverride) -> list[str]:
    """Why the last of these was refused; [] if it was not."""
    decisions = [house.do(command) for command in commands]
    return [event.why for event in decisions[-1].events if isinstance(event, SwapRefused)]


def days(house: House) -> list[tuple[str, ...]]:
    """Who is on call in ann's shift, and in bo's behind it."""
    rotation = in_force(house.world).rotations["primary"]
    return [shift.people for shift in shifts(rotation, ANNS, ANNS + 2 * DAY)]


UNCHANGED = [("ann",), ("bo",)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (replace(ASK, why=" "), "a swap is asked for by a named person, and has a reason; say who and why"),
        (replace(ASK, taker="ann"), "ann cannot swap with themselves, only with somebody else"),
        (replace(ASK, end=ANNS), "it must end after it begins; give a later end"),
        (
            replace(ASK, start=START),
            "it has begun already, or is over: nobody could answer in time; an override changes it at once",
        ),
        (
            replace(ASK, end=ANNS + LONGEST + HOUR),
            "it would last longer than 366 days; put it into the configuration",
        ),
        (
            replace(ASK, start=START + AHEAD, end=START + AHEAD + HOUR),
            "it would end more than 732 days from now",
        ),
        (replace(ASK, rotation="prim"), "there is no rotation prim"),
        (replace(ASK, taker="zoe"), "there is no person zoe"),
        (
            replace(ASK, giver="cem"),
            "cem is not on call in primary then; see who is with `monitord oncall shifts`",
        ),
        (replace(ASK, back=ANNS + HOUR), "bo is not on call in primary at 2026-01-07 01:00 UTC"),
        (replace(ASK, back=START - HOUR), "bo's shift at 2026-01-04 23:00 UTC has begun already, or is over"),
        (
            replace(ASK, back=datetime.min.replace(tzinfo=UTC)),
            "bo's shift at 0001-01-01 00:00 UTC has begun already, or is over",
        ),
        (replace(ASK, back=START + 2 * AHEAD), "it would end more than 732 days from now"),
        (
            replace(BACK, end=ANNS + DAY + HOUR),
            "the two shifts overlap; swap shifts that follow each other",
        ),
    ],
)
def test_what_cannot_be_swapped(house: House, command: AskSwap, expected: str) -> None:
    assert [expected] == refusals(house, command)
    assert [] == house.world.all(Swap)


def test_a_request_waits_for_the_end_of_quiet_hours() -> None:
    """The story begins at one o'clock in Berlin; bo sleeps until six."""
    bo = replace(SHOP.people["bo"], quiet=Quiet(((time(22), time(6)),)))
    house = House(replace(SHOP, people={**SHOP.people, "bo": bo}))
    house.do(ASK)
    house.wait(4 * HOUR)
    assert [] == house.sent

    house.wait(2 * HOUR)

    assert ["bo"] == [letter.person for letter in house.sent]


def test_a_request_changes_nobody_and_whoever_is_asked_hears_of_it(house: House) -> None:
    house.do(BACK)
    house.wait(HOUR)

    assert UNCHANGED == days(house)
    (letter,) = house.sent
    assert ("bo", "email", "ann asks you to take a shift in primary") == (
        letter.person,
        letter.channel,
        letter.text.subject,
    )
    assert (
        "ann asks you to be on call in primary from Wed 7 Jan 2026, 01:00 CET to Thu 8 Jan 2026, 01:00 CET.",
        "ann would be on call for you from Thu 8 Jan 2026, 01:00 CET to Fri 9 Jan 2026, 01:00 CET.",
        "Why: a wedding",
        "Until you accept, nothing changes; without an answer it lapses Wed 7 Jan 2026, 01:00 CET.",
        "Answer by the link below, or in the console, under on call.",
        "Or: monitord override swap accept w1",
    ) == letter.text.lines


def test_what_is_accepted_changes_hands_both_ways_and_whoever_asked_hears_of_it(house: House) -> None:
    house.do(BACK)
    house.do(AcceptSwap("w1", "bo"))
    house.wait(HOUR)

    assert [("bo",), ("ann",)] == days(house)
    assert ["bo", "bo"] == [each.by for each in house.world.all(Amendment)]
    assert ["bo", "ann"] == [letter.person for letter in house.sent]
    assert "bo accepts: bo is on call for ann in primary" == house.sent[1].text.subject


def test_without_an_exchange_one_shift_changes_hands(house: House) -> None:
    house.do(ASK)
    house.do(AcceptSwap("w1", "bo"))

    assert [("bo",), ("bo",)] == days(house)


def test_an_unanswered_request_lapses_when_the_first_shift_begins_and_changes_nobody(house: House) -> None:
    house.do(replace(ASK, back=START + DAY + HOUR))
    house.do(SwapDue("w1"))
    early = [each.id for each in house.world.all(Swap)]

    house.wait(DAY + HOUR)

    assert ["w1"] == early
    assert ([], UNCHANGED) == (house.world.all(Swap), days(house))
    assert ["bo", "ann", "bo"] == [letter.person for letter in house.sent]
    assert "Nothing has changed: everybody keeps their turns." == house.sent[1].text.lines[-1]
    assert ["there is no swap w1, or it is over"] == refusals(house, AcceptSwap("w1", "bo"))


@pytest.mark.parametrize(("by", "word"), [("bo", "declined"), ("ann", "withdrawn")])
def test_it_is_declined_by_whoever_was_asked_and_withdrawn_by_whoever_asked(
    house: House, by: str, word: str
) -> None:
    house.do(ASK)

    (event,) = house.do(DeclineSwap("w1", by, "api")).events

    assert (f"swap w1 {word} by {by} (api)", by) == (sentence(event), by_of(event))
    assert ([], UNCHANGED) == (house.world.all(Swap), days(house))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (AcceptSwap("w1", "ann"), "w1 asks bo; nobody else can accept it"),
        (AcceptSwap("w2", "bo"), "there is no swap w2, or it is over"),
        (DeclineSwap("w1", "cem"), "w1 asks bo and is asked for by ann; nobody else can end it"),
        (DeclineSwap("w2", "bo"), "there is no swap w2, or it is over"),
    ],
)
def test_nobody_else_answers(house: House, command: AcceptSwap | DeclineSwap, expected: str) -> None:
    assert [expected] == refusals(house, ASK, command)


def test_it_is_asked_once(house: House) -> None:
    what = "primary, bo for ann 2026-01-07 00:00 to 2026-01-08 00:00 UTC"

    assert [f"w1 by ann asks that already: {what}"] == refusals(house, ASK, replace(ASK, by="cem"))


def test_of_both_shifts_none_changes_hands_if_one_cannot(house: House) -> None:
    taken = AddOverride(
        "primary", ANNS + 2 * DAY, OverrideKind.REPLACE, "cem", "ill", ANNS + DAY, "bo", ("cem",)
    )

    (why,) = refusals(house, BACK, taken, AcceptSwap("w1", "bo"))

    assert why.startswith("w1 cannot be done any more: it contradicts o1 by cem: ")
    assert ["w1"] == [each.id for each in house.world.all(Swap)]
    assert [("ann",), ("cem",)] == days(house)


def test_its_history_says_who_asked_and_why(house: House) -> None:
    (event,) = house.do(BACK).events

    assert (
        "swap w1 asked for by ann (cli): primary, "
        "bo for ann 2026-01-07 00:00 to 2026-01-08 00:00 UTC, "
        "ann for bo 2026-01-08 00:00 to 2026-01-09 00:00 UTC: a wedding"
    ) == sentence(event)
    assert ("rotation/primary", "ann") == (about(event), by_of(event))


def test_a_person_without_a_zone_reads_it_in_utc(house: House) -> None:
    people = {**SHOP.people, "bo": replace(SHOP.people["bo"], time_zone="Mars/Olympus")}
    house.world.accept(replace(SHOP, people=people))

    house.do(ASK)
    house.wait(HOUR)

    assert f"from {ANNS.astimezone(UTC):%a} 7 Jan 2026, 00:00 UTC" in house.sent[0].text.lines[0]
