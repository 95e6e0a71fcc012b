"""When a tier of a policy has nobody on call, told days ahead."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from monitord.core.coverage import Holes, holes
from monitord.core.organization import Person, Team
from monitord.core.policy import Policy, Tier
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.workhours import Workhours
from monitord.core.world import Configuration

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALWAYS = datetime(2001, 1, 1)
WEEKLY = Turn(1, Unit.WEEKS)


def rotation(name: str, *hours: tuple[time, time]) -> Rotation:
    """ann, in those hours."""
    return Rotation(name, "UTC", layers=(Layer("all", (("ann",),), ALWAYS, WEEKLY, hours=hours),))


DAYTIME = rotation("day", (time(8), time(20)))
NIGHT = rotation("night", (time(20), time(8)))
LATE = rotation("late", (time(22), time(8)))


def company(*tiers: tuple[str, ...], only: Workhours | None = None) -> Configuration:
    policy = Policy("up", tuple(Tier(page, HOUR) for page in tiers), only=only)
    return Configuration(
        people={name: Person(name, name) for name in ("ann", "bo")},
        teams={"support": Team("support", ("ann", "bo"))},
        rotations={each.id: each for each in (DAYTIME, NIGHT, LATE)},
        policies={"up": policy},
    )


def found(configuration: Configuration) -> list[Holes]:
    return list(holes(configuration, START, START + DAY))


def test_people_teams_and_everybody_are_always_there() -> None:
    assert [] == found(company(("bo",), ("support",), ("everybody",)))


def test_a_rotation_is_there_as_far_as_somebody_is_on_call() -> None:
    nights = ((START, START + 8 * HOUR), (START + 20 * HOUR, START + DAY))

    assert [Holes("up", 1, ("day",), nights, last=False)] == found(company(("day",), ("bo",)))


def test_a_policy_that_does_not_end_in_people_is_said_so() -> None:
    last = found(company(("bo",), ("day",)))[0]

    assert (2, True) == (last.tier, last.last)


def test_a_tier_is_empty_while_all_that_it_names_is() -> None:
    assert [] == found(company(("day", "night")))
    assert ((START + 20 * HOUR, START + 22 * HOUR),) == found(company(("day", "late")))[0].spans
    assert [] == found(company(("day", "bo")))


def test_what_is_never_paged_at_is_no_hole() -> None:
    office = Workhours((), ((time(9), time(17)),))
    longer = Workhours((), ((time(7), time(17)),))

    assert [] == found(company(("day",), only=office))
    assert ((START, START + 8 * HOUR),) == found(company(("day",), only=longer))[0].spans


def test_a_holiday_on_which_nothing_is_paged_is_no_hole() -> None:
    closed = company(("day",), only=Workhours((), ((time(7), time(17)),), holidays_of="US"))

    assert [] == found(replace(closed, holidays={"US": frozenset({START.date()})}))
