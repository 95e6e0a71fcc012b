"""What was made before it said on whose wall it is told, is told on the wall of its rotation or person."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitord.core.amendment import AddOverride, Amendment, OverrideAdded, RemoveOverride
from monitord.core.facts import Fact, Record
from monitord.core.leave import AddLeave, Leave, LeaveAdded, RemoveLeave
from monitord.core.organization import Person
from monitord.core.override import Override, OverrideKind
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.spoken import event_spoken, spoken
from monitord.core.swap import AskSwap, DeclineSwap, Span, Swap, SwapAsked
from monitord.core.timeline import sentence
from monitord.core.world import Configuration
from monitord.store.codec import decode, encode
from tests.fakes.house import START, House

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAIN = Layer("main", (("ann",),), START.replace(tzinfo=None), Turn(1, Unit.DAYS))
SHOP = Configuration(
    time_zone="Europe/Kyiv",
    people={name: Person(name, name, "Asia/Tokyo") for name in ("ann", "bo", "cem")},
    rotations={"primary": Rotation("primary", "Europe/Berlin", layers=(MAIN,))},
)
FROM, TO = START + 2 * DAY, START + 3 * DAY
BO = Override("o1", FROM, TO, OverrideKind.REPLACE_ALL, by=("bo",))
OVERRIDE = Amendment("o1", "primary", BO, "cem", "ill")
LEAVE = Leave("l1", "ann", FROM, TO, "cem", START)
SWAP = Swap("w1", "primary", "ann", "bo", Span(FROM, TO), "ann", "a wedding")
ON_BERLINS_WALL = "2026-01-07 01:00 to 2026-01-08 01:00 CET"
ON_TOKYOS_WALL = "2026-01-07 09:00 to 2026-01-08 09:00 JST"


def old(record: Any) -> str:
    """As it was stored before it said so."""
    fields = json.loads(encode(record))
    del fields["time_zone"]
    return json.dumps(fields)


@pytest.mark.parametrize(
    ("record", "zone"), [(OVERRIDE, "Europe/Berlin"), (LEAVE, "Asia/Tokyo"), (SWAP, "Europe/Berlin")]
)
def test_an_old_one_is_told_on_the_wall_of_its_rotation_or_person(record: Any, zone: str) -> None:
    world = House(SHOP).world
    read = decode(type(record).__name__, old(record))

    assert "" == read.time_zone
    assert zone == spoken(read, world).time_zone
    assert "Asia/Kolkata" == spoken(replace(record, time_zone="Asia/Kolkata"), world).time_zone


@pytest.mark.parametrize("record", [OVERRIDE, LEAVE, SWAP])
def test_of_what_is_gone_the_wall_is_the_organizations(record: Any) -> None:
    world = House(Configuration(time_zone="Europe/Kyiv")).world

    assert "Europe/Kyiv" == spoken(record, world).time_zone


@pytest.mark.parametrize(
    ("record", "fact", "expected"),
    [
        (OVERRIDE, RemoveOverride("o1", "dee"), ON_BERLINS_WALL),
        (
            OVERRIDE,
            AddOverride("primary", TO, OverrideKind.REPLACE_ALL, "dee", "ill", FROM, people=("bo",)),
            ON_BERLINS_WALL,
        ),
        (LEAVE, RemoveLeave("l1", "cem"), ON_TOKYOS_WALL),
        (LEAVE, AddLeave("ann", TO, "cem", FROM), ON_TOKYOS_WALL),
        (SWAP, DeclineSwap("w1", "bo"), ""),
        (SWAP, AskSwap("primary", "ann", "bo", FROM, TO, "cem", "a wedding"), ON_BERLINS_WALL),
    ],
)
def test_what_becomes_of_an_old_one_is_told_there_too(record: Record, fact: Fact, expected: str) -> None:
    decision = House(SHOP, records=(record,)).do(fact)

    assert expected in sentence(decision.events[0])


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (OverrideAdded(OVERRIDE), ON_BERLINS_WALL),
        (LeaveAdded(LEAVE), ON_TOKYOS_WALL),
        (SwapAsked(SWAP), ON_BERLINS_WALL),
    ],
)
def test_what_was_told_of_it_is_told_there(event: Any, expected: str) -> None:
    assert expected in sentence(event_spoken(event, House(SHOP).world))


def test_what_has_no_wall_of_its_own_stays_as_it_is() -> None:
    decision = House(SHOP).do(RemoveLeave("l7", "cem"))

    assert decision.events[0] is event_spoken(decision.events[0], House(SHOP).world)
