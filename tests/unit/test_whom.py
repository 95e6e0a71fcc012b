"""Whom a name means at an instant, and whom a page can reach."""

from datetime import timedelta

import pytest

from monitord.core.organization import ContactMethod, Person, Team
from monitord.core.rotation import Layer, Rotation, Turn, Unit
from monitord.core.whom import meant, stands_for, unreachable, why_nobody
from monitord.core.world import Configuration
from tests.fakes.house import START

WEEKLY = Layer("weekly", (("bo",),), (START - timedelta(hours=1)).replace(tzinfo=None), Turn(1, Unit.WEEKS))
EMAIL = (ContactMethod("email", "x@example.org"),)
HERE = Configuration(
    people={
        "ann": Person("ann", "Ann", reach=EMAIL),
        "bo": Person("bo", "Bo", reach=EMAIL),
        "cem": Person("cem", "Cem"),
    },
    teams={"support": Team("support", ("cem", "ann"), ("dee",)), "empty": Team("empty")},
    rotations={"primary": Rotation("primary", "UTC", layers=(WEEKLY,)), "gap": Rotation("gap", "UTC")},
)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("primary", ("bo",)),
        ("support", ("cem", "ann")),
        ("everybody", ("ann", "bo", "cem")),
        ("dee", ("dee",)),
        ("gone", ("gone",)),
    ],
)
def test_whom_a_target_means(target: str, expected: tuple[str, ...]) -> None:
    assert expected == stands_for(HERE, target, START)


def test_who_is_meant_twice_is_meant_once() -> None:
    assert ("bo", "cem", "ann") == meant(HERE, ("primary", "support", "bo"), START)


@pytest.mark.parametrize(
    ("person", "expected"),
    [("ann", ""), ("cem", "has no contact method"), ("gone", "no longer in the configuration")],
)
def test_why_no_page_can_reach_somebody(person: str, expected: str) -> None:
    assert expected == unreachable(HERE, person)


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        (("support",), ""),
        (("cem", "primary"), ""),
        (("cem",), "cem has no contact method"),
        (("cem", "gone"), "cem has no contact method; gone no longer in the configuration"),
        (("gap",), "nobody is on call in gap now"),
        (("gap", "empty"), "nobody is on call in gap, empty now"),
    ],
)
def test_why_nobody_of_them_can_be_paged(targets: tuple[str, ...], expected: str) -> None:
    assert expected == why_nobody(HERE, targets, START)
