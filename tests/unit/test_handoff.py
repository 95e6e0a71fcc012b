"""Handoffs: whoever comes and goes hears so, once; nobody is paged for it, and nobody woken."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from monitord.core.command import OpenTicket
from monitord.core.contact import Contact, digest
from monitord.core.delivery import Purpose
from monitord.core.handoff import (
    ContactsDoubted,
    Duty,
    HandoffHappened,
    LookAtContacts,
    LookAtDuty,
    ShiftAtRisk,
    moved,
)
from monitord.core.organization import Access, ContactMethod, Person, Priority, Quiet, Service
from monitord.core.policy import Policy, Tier
from monitord.core.rotation import Layer, Override, OverrideKind, Rotation, Turn, Unit
from monitord.core.world import Configuration
from tests.fakes.house import START, House

HOUR = timedelta(hours=1)
TWO_WAYS = (ContactMethod("email", "x@example.org"), ContactMethod("sms", "+1"))
PRIMARY = Rotation(
    "primary", "UTC", layers=(Layer("all", (("ann",), ("bo",)), datetime(2026, 1, 5), Turn(12, Unit.HOURS)),)
)


def person(name: str, **changes: object) -> Person:
    return replace(Person(name, name.title(), reach=TWO_WAYS), **changes)  # type: ignore[arg-type]


def company(**people: Person) -> House:
    cast = {name: person(name) for name in ("ann", "bo")} | people
    policy = Policy("up", (Tier(("primary",), HOUR),))
    configuration = Configuration(
        people=cast,
        rotations={"primary": PRIMARY},
        policies={"up": policy},
        services={"web": Service("web", policies=(("default", "up"),))},
    )
    return House(configuration, records=verified(cast))


def verified(cast: dict[str, Person]) -> tuple[Contact, ...]:
    """Everybody has said all their codes."""
    return tuple(
        Contact(each.id, way.channel, digest(way.address), START)
        for each in cast.values()
        for way in each.reach
    )


def looked(house: House, hours: float) -> list[tuple[str, str]]:
    """Who heard what when somebody looked so many hours after the start."""
    house.now = START + hours * HOUR
    house.do(LookAtDuty("primary"))
    return [(each.person or "", each.text.subject) for each in house.deliver() if each.ticket is None]


def test_the_first_look_tells_nobody() -> None:
    assert [] == looked(company(), 1)


def test_a_handoff_is_told_to_both() -> None:
    house = company()
    looked(house, 1)

    assert [("bo", "You are on call: primary"), ("ann", "You are off call: primary")] == looked(house, 12)


def test_it_is_told_once_over_restarts_and_late_looks() -> None:
    house = company()
    looked(house, 1)
    looked(house, 13)
    reborn = replace(house, records=(*house.records, *house.world.all(Duty)), journal=[], sent=[])

    assert [] == looked(reborn, 14)


def test_what_happened_while_nobody_looked_is_told_late() -> None:
    house = company()
    looked(house, 1)
    reborn = replace(house, records=(*house.records, *house.world.all(Duty)), journal=[], sent=[])

    assert ["bo", "ann"] == [who for who, _ in looked(reborn, 20)]


def test_it_says_until_when_who_had_it_and_what_is_open() -> None:
    house = company(bo=person("bo", time_zone="Europe/Berlin"))
    looked(house, 1)
    house.do(OpenTicket("the disk fills up", "web", Priority.LOW, "ann"))
    house.now = START + 12 * HOUR
    house.do(LookAtDuty("primary"))

    assert (
        "You are on call in primary now until Tue 6 Jan 2026, 01:00 CET.",
        "Before you: Ann.",
        "Open: ticket 1, low: the disk fills up",
    ) == next(each.text.lines for each in house.waiting.values() if each.person == "bo" and not each.ticket)


def test_it_is_news_and_waits_in_quiet_hours() -> None:
    house = company(bo=person("bo", quiet=Quiet(((time(12), time(14)),))))
    looked(house, 1)

    assert ["ann"] == [who for who, _ in looked(house, 12)]
    assert [("bo", START + 14 * HOUR, Purpose.NEWS)] == [
        (each.person, each.due, each.purpose) for each in house.waiting.values()
    ]


def test_who_wants_to_hear_nothing_of_handoffs_hears_nothing() -> None:
    house = company(ann=person("ann", handoff_news=False))
    looked(house, 1)

    assert ["bo"] == [who for who, _ in looked(house, 12)]


def test_an_override_is_a_handoff_like_any() -> None:
    house = company()
    looked(house, 1)
    override = Override("o", START + 2 * HOUR, START + 3 * HOUR, OverrideKind.REPLACE_ALL, None, ("bo",))
    changed = {"primary": replace(PRIMARY, overrides=(override,))}
    house.world.accept(replace(house.world.accepted, rotations=changed))

    assert ["bo", "ann"] == [who for who, _ in looked(house, 2)]
    assert ["ann", "bo"] == [who for who, _ in looked(house, 3)]


def test_nobody_after_somebody_is_said_loudly() -> None:
    house = company()
    looked(house, 1)
    gone = {"primary": replace(PRIMARY, layers=())}
    house.world.accept(replace(house.world.accepted, rotations=gone))
    house.now = START + 2 * HOUR
    decision = house.do(LookAtDuty("primary"))

    assert (HandoffHappened("primary", ("ann",), ()),) == decision.events
    assert "NOBODY is on call in primary now." in next(iter(house.waiting.values())).text.lines


def test_who_comes_soon_and_has_one_way_only_is_warned_once_a_shift() -> None:
    house = company(bo=person("bo", reach=TWO_WAYS[:1]))
    first = looked(house, 1)
    again = looked(house, 2)
    looked(house, 12)
    warning = ("bo", "Before your shift: you are reached by email alone")

    assert ([warning], []) == (first, again)
    assert warning in looked(house, 24)


def test_the_warning_is_an_event() -> None:
    house = company(bo=person("bo", reach=TWO_WAYS[:1]))
    decision = house.do(LookAtDuty("primary"))

    assert (ShiftAtRisk("primary", "bo", START + 12 * HOUR, "is reached by email alone"),) == decision.events


def test_a_rotation_that_is_gone_is_forgotten() -> None:
    house = company()
    looked(house, 1)
    house.world.accept(replace(house.world.accepted, rotations={}))
    house.do(LookAtDuty("primary"))

    assert [] == house.world.all(Duty)


def test_who_stays_neither_comes_nor_goes() -> None:
    assert (("cem",), ("ann",)) == moved(Duty("r", ("ann", "bo"), START), ("bo", "cem"))


def test_once_a_day_administrators_hear_who_on_call_may_not_be_reached() -> None:
    house = company(ann=person("ann", reach=TWO_WAYS[:1]), dee=person("dee"))
    house.world.accept(replace(house.world.accepted, access=Access(administrators=("dee",))))
    decision = house.do(LookAtContacts())

    assert (ContactsDoubted((("ann", "is reached by email alone"),), ("dee",)),) == decision.events
    assert [("dee", "1 person on call may not be reached")] == [
        (each.person, each.text.subject) for each in house.deliver()
    ]


def test_if_everybody_can_be_reached_nobody_hears_of_it() -> None:
    assert () == company().do(LookAtContacts()).records
