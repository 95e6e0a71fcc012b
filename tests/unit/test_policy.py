"""The deadlines of a policy: how long the top is waited for, and an acknowledgement lasts."""

from datetime import UTC, datetime, timedelta

import pytest

from monitord.core.policy import Deadline, DeadlineKind, Policy, after, asked_for, asks_after, pause

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("lasts", "repeats", "expected"),
    [
        (10, 1, 10),
        (10, 2, 10),
        (10, 3, 10),
        (10, 4, 20),
        (10, 5, 40),
        (10, 6, 60),
        (10, 7, 60),
        (10, 10_000, 60),
        (60, 4, 60),
        (90, 3, 90),
        (90, 4, 90),  # longer than an hour already: it keeps its own time
        (1 / 60, 9, 64 / 60),
    ],
)
def test_the_pause_doubles_after_three_repeats_up_to_an_hour(
    lasts: float, repeats: int, expected: float
) -> None:
    assert minutes(expected) == pause(minutes(lasts), repeats)


@pytest.mark.parametrize(
    ("lasts", "asked_after", "has"),
    [(30, 25, 5), (60, 55, 5), (15, 10, 5), (6, 4, 2), (0.05, 0.1 / 3, 0.05 / 3)],
)
def test_the_holder_is_asked_five_minutes_before_the_lapse_or_a_third(
    lasts: float, asked_after: float, has: float
) -> None:
    policy = Policy("up", (), minutes(lasts))

    assert (minutes(asked_after), minutes(has)) == (asks_after(policy), asked_for(policy))
    assert policy.acknowledgement_lasts == asks_after(policy) + asked_for(policy)


def test_a_deadline_remembers_its_span() -> None:
    assert Deadline(DeadlineKind.TIER, NOW + minutes(5), minutes(5)) == after(
        DeadlineKind.TIER, NOW, minutes(5)
    )
