"""How many of a tier must acknowledge, and whether enough have."""

from datetime import timedelta

import pytest

from monitord.core.policy import ANY, EACH, Tier
from monitord.core.quorum import Quorum, enough, have, nearest, quorum, quorums

MINUTE = timedelta(minutes=1)
ANN_AND_BO = ("ann", "bo")


def tier(acknowledge: int) -> Tier:
    return Tier(("support",), MINUTE, acknowledge)


@pytest.mark.parametrize(
    ("acknowledge", "people", "needed"),
    [
        (ANY, ANN_AND_BO, 1),
        (2, ("ann", "bo", "cem"), 2),
        (3, ANN_AND_BO, 2),  # a tier with fewer needs all of them
        (EACH, ANN_AND_BO, 2),
        (EACH, (), 1),
    ],
)
def test_a_tier_needs_as_many_as_it_says_and_never_more_than_it_has(
    acknowledge: int, people: tuple[str, ...], needed: int
) -> None:
    assert Quorum(people, needed) == quorum(tier(acknowledge), people, None, ())


def test_who_acknowledged_before_the_handoff_still_counts() -> None:
    """ann had it when bo came on call instead of cem."""
    before = Quorum(("ann", "cem"), 2)

    after = quorum(tier(EACH), ("bo",), before, ("ann",))

    assert Quorum(("ann", "bo"), 2) == after
    assert 1 == have(after, ("ann",))


def test_the_tiers_are_judged_one_by_one() -> None:
    tiers = (tier(2), tier(ANY))

    first = quorums(tiers[:1], lambda page: ANN_AND_BO, (), ())
    both = quorums(tiers, lambda page: ANN_AND_BO, first, ("ann",))

    assert (Quorum(ANN_AND_BO, 2),) == first
    assert (Quorum(ANN_AND_BO, 2), Quorum(ANN_AND_BO, 1)) == both


@pytest.mark.parametrize(
    ("acknowledged", "expected"),
    [((), False), (("ann",), False), (("eve",), False), (ANN_AND_BO, True), (("bo", "ann"), True)],
)
def test_where_two_are_needed_only_the_tiers_people_count(
    acknowledged: tuple[str, ...], expected: bool
) -> None:
    assert expected is enough((Quorum(ANN_AND_BO, 2),), acknowledged)


def test_where_one_is_enough_anybody_is() -> None:
    assert enough((Quorum(ANN_AND_BO, 2), Quorum(("cem",), 1)), ("eve",))
    assert enough((), ("eve",))  # somebody asked alone, or a policy without tiers
    assert not enough((), ())


def test_what_is_nearest_is_what_people_are_told() -> None:
    two, three = Quorum(("cem", "dee"), 2), Quorum(("ann", "bo", "sue"), 3)

    assert two == nearest((three, two), ())
    assert three == nearest((three, two), ("ann", "bo"))
