"""Who is not called in a simulation, each with the first reason that keeps a page from them."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from monitord.core.absence import Absence, Origin
from monitord.core.organization import ContactMethod, Person, Quiet, Team
from monitord.core.policy import Policy, Tier
from monitord.core.rotation import Layer, Rotation, Turn, Unit, with_absences
from monitord.core.world import Configuration
from monitord.play.uncalled import Way, uncalled

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PRIMARY = Rotation(
    "primary",
    "UTC",
    layers=(Layer("weekly", (("ann",), ("bo",), ("cem",)), datetime(2026, 1, 5), Turn(1, Unit.WEEKS)),),
)
POLICY = Policy("urgent", (Tier(("primary",), DAY), Tier(("support",), DAY), Tier(("dee",), DAY)))


def person(name: str) -> Person:
    return Person(name, name.title(), reach=(ContactMethod("email", f"{name}@example.org"),))


def shop(**changes: Any) -> Configuration:
    return replace(
        Configuration(
            people={name: person(name) for name in ("ann", "bo", "cem", "dee", "sub")},
            teams={"support": Team("support", ("ann", "bo"))},
            rotations={"primary": PRIMARY},
        ),
        **changes,
    )


def why(here: Configuration, climbed: int, *reached: str, refused: tuple[str, ...] = ()) -> dict[str, str]:
    way = Way(POLICY, AT, climbed, refused)
    return {each.person: each.why for each in uncalled(here, way, reached)}


def test_it_is_the_turn_of_somebody_else() -> None:
    assert "ann is on call in primary" == why(shop(), 1, "ann")["cem"]


def test_who_is_away_is_so_until_then() -> None:
    leave = Absence("ann", AT - DAY, AT + DAY, "a secret", Origin.RUN_TIME)
    here = shop(rotations={"primary": with_absences(PRIMARY, [leave])})

    assert "on leave until 2026-01-06 12:00 UTC" == why(here, 1, "bo")["ann"]


def test_a_tier_that_is_not_reached_says_which() -> None:
    assert {"bo": "ann is on call in primary", "dee": "tier 3 is not reached"}.items() <= why(
        shop(), 1, "ann"
    ).items()
    assert "tier 2 is not reached" == why(shop(rotations={}), 1)["bo"]


def test_who_is_in_no_tier_is_said_to_be_in_none() -> None:
    assert "in no tier of policy urgent" == why(shop(), 3, "ann", "bo", "dee")["sub"]


def test_who_has_no_contact_method_is_said_so_before_all_else() -> None:
    here = shop()
    here = replace(here, people={**here.people, "dee": Person("dee", "Dee")})

    assert "has no contact method" == why(here, 3, "ann", "bo")["dee"]


def test_whom_no_message_reached_was_tried() -> None:
    assert "no message reaches them" == why(shop(), 3, "bo", refused=("ann",))["ann"]


def test_quiet_hours_hold_a_message_back_until_their_end() -> None:
    here = shop()
    quiet = replace(here.people["dee"], quiet=Quiet(((time(10), time(14)),)))
    here = replace(here, people={**here.people, "dee": quiet})

    assert "has quiet hours until 2026-01-05 14:00 UTC" == why(here, 3, "ann", "bo")["dee"]


def test_without_a_policy_nobody_is_asked() -> None:
    assert {"nothing is asked of anybody"} == {
        each.why for each in uncalled(shop(), Way(None, AT, 0, ()), ())
    }


def test_who_was_reached_is_not_among_them() -> None:
    assert {"cem", "sub"} == set(why(shop(), 3, "ann", "bo", "dee"))
