"""One ticket's way up to top management: tiers, repeats, answers, lapses."""

from dataclasses import replace

import pytest

from monitord.core.climbing import REVIEW_EVERY, Reach, begin
from monitord.core.escalation import (
    LastResortJoined,
    NobodyToPage,
    NothingToClimb,
    PageRequested,
    RoundReason,
    RoundStarted,
    TierReached,
    TierRepeated,
    TierSkipped,
)
from monitord.core.holding import advance, hurry, shifted
from monitord.core.policy import Deadline, DeadlineKind, Policy, Tier
from tests.fakes.climb import MINUTE, START, UP, minute, paged, reach, started, told


def story(policy: Policy, steps: int, asked: Reach) -> list[tuple[float, tuple[str, ...]]]:
    """Who is paged when, in minutes, if nobody ever answers."""
    step = begin(7, policy, 1, RoundReason.OPENED, START, asked)
    at, pages = START, [(0.0, paged(step))]
    for _ in range(steps):
        at = step[0].deadline.at
        step = advance(step[0], at, asked)
        pages.append(((at - START) / MINUTE, paged(step)))
    return pages


# Up the tiers.


def test_the_first_step_pages_tier_one_at_once() -> None:
    escalation, events = started()

    assert (
        RoundStarted(7, 1, RoundReason.OPENED),
        TierReached(7, 1, 1, ("ann",)),
        PageRequested(7, 1, 1, "ann"),
    ) == events
    assert Deadline(DeadlineKind.TIER, minute(5), 5 * MINUTE) == escalation.deadline
    assert (7, True, minute(5)) == (escalation.key, escalation.live, escalation.due)


def test_the_circle_widens_tier_by_tier_and_the_top_is_told_again_and_again() -> None:
    everybody = ("ann", "bo", "cem", "dee")

    assert [
        (0, ("ann",)),
        (5, ("ann", "bo")),
        (15, everybody),
        (30, everybody),
        (45, (*everybody, "sue")),
        (60, (*everybody, "sue")),
        (75, (*everybody, "sue")),
        (105, (*everybody, "sue")),
        (165, (*everybody, "sue")),
        (225, (*everybody, "sue")),
    ] == story(UP, 9, reach("sue"))


def test_the_last_resort_joins_from_the_second_repeat_on() -> None:
    third = advance(advance(started()[0], minute(5), reach("sue", "ann"))[0], minute(15), reach("sue", "ann"))

    first_repeat = advance(third[0], minute(30), reach("sue", "ann"))
    second_repeat = advance(first_repeat[0], minute(45), reach("sue", "ann"))
    third_repeat = advance(second_repeat[0], minute(60), reach("sue", "ann"))

    assert [TierRepeated] == told(first_repeat)
    assert (TierRepeated(7, 1, 3, 2), LastResortJoined(7, ("sue",))) == second_repeat[1][:2]
    assert [TierRepeated] == told(third_repeat)


def test_a_tier_with_nobody_on_call_is_skipped_at_once_and_said() -> None:
    empty = Policy("up", (Tier(("nobody",), 5 * MINUTE), Tier(("ann",), 10 * MINUTE)))

    escalation, events = started(empty)

    assert (
        RoundStarted(7, 1, RoundReason.OPENED),
        TierSkipped(7, 1, ("nobody",)),
        TierReached(7, 1, 2, ("ann",)),
        PageRequested(7, 1, 1, "ann"),
    ) == events
    assert minute(10) == escalation.deadline.at


def test_an_empty_top_is_skipped_and_the_rest_told_again_at_its_pace() -> None:
    empty = Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("nobody",), 10 * MINUTE)))

    step = advance(started(empty)[0], minute(5), reach())

    assert [TierSkipped, TierRepeated] == told(step)
    assert (("ann",), minute(15)) == (paged(step), step[0].deadline.at)


def test_somebody_who_comes_on_call_joins_at_the_next_step() -> None:
    night = Reach(lambda targets: ("ann",))
    morning = Reach(lambda targets: ("bo",) if targets == ("ann",) else ("cem",))
    policy = Policy("up", (Tier(("ann",), 5 * MINUTE), Tier(("x",), 5 * MINUTE)))

    step = advance(begin(7, policy, 1, RoundReason.OPENED, START, night)[0], minute(5), morning)

    assert ("ann", "bo", "cem") == paged(step)


def test_a_policy_without_anybody_takes_the_last_resort_at_once() -> None:
    empty = Policy("up", (Tier(("nobody",), 5 * MINUTE),))

    step = begin(7, empty, 1, RoundReason.OPENED, START, reach("sue"))

    assert [RoundStarted, TierSkipped, TierRepeated, LastResortJoined] == told(step)
    assert ("sue",) == paged(step)


def test_the_worst_policy_says_so_and_tries_again() -> None:
    empty = Policy("up", (Tier(("nobody",), 5 * MINUTE),))

    step = started(empty)
    again = advance(step[0], minute(5), reach())

    assert NobodyToPage(7, "up") in step[1]
    assert ((NobodyToPage(7, "up"),), minute(10)) == (again[1], again[0].deadline.at)


def test_a_policy_without_tiers_is_looked_at_every_day() -> None:
    escalation, events = started(Policy("none", ()))
    later = advance(escalation, START + REVIEW_EVERY, reach())

    assert (RoundStarted(7, 1, RoundReason.OPENED), NothingToClimb(7)) == events
    assert Deadline(DeadlineKind.REVIEW, START + REVIEW_EVERY, REVIEW_EVERY) == escalation.deadline
    assert ((NothingToClimb(7),), START + 2 * REVIEW_EVERY) == (later[1], later[0].deadline.at)


# Asked first, or alone.


def test_somebody_may_be_asked_alone_for_the_time_of_tier_one() -> None:
    alone = started(first=("dee",), alone=True)
    tier_one = advance(alone[0], minute(5), reach())

    assert (TierReached(7, 1, 0, ("dee",)), PageRequested(7, 1, 1, "dee")) == alone[1][1:]
    assert minute(5) == alone[0].deadline.at
    assert TierReached(7, 1, 1, ("ann",)) == tier_one[1][0]
    assert (("dee", "ann"), 2, 0) == (paged(tier_one), tier_one[0].step, tier_one[0].tier)


def test_somebody_may_be_asked_first_together_with_tier_one() -> None:
    assert ("dee", "ann") == paged(started(first=("dee",)))


def test_nobody_cannot_be_asked_alone() -> None:
    assert ("ann",) == paged(started(first=(), alone=True))


def test_who_is_asked_alone_is_asked_even_where_there_are_no_tiers() -> None:
    """Handing over is a named person's act: it pages whether or not a policy would."""
    step = started(Policy("none", ()), first=("dee",), alone=True)
    later = advance(step[0], START + REVIEW_EVERY, reach())

    assert (("dee",), Deadline(DeadlineKind.REVIEW, START + REVIEW_EVERY, REVIEW_EVERY)) == (
        paged(step),
        step[0].deadline,
    )
    assert (NothingToClimb(7),) == later[1]


def test_a_round_without_tiers_asks_who_had_it() -> None:
    assert ("dee",) == paged(started(Policy("none", ()), first=("dee",)))


# Hurry, and clocks that are set.


def test_when_nobody_could_be_reached_the_next_tier_is_due_now() -> None:
    hurried = hurry(started()[0], minute(1))

    assert Deadline(DeadlineKind.TIER, minute(1), 5 * MINUTE) == hurried.deadline


@pytest.mark.parametrize("holder", [None, "bo"])
def test_the_top_keeps_its_pace_and_so_does_what_somebody_has(holder: str | None) -> None:
    top = replace(started()[0], tier=2, holder=holder)
    held = replace(started()[0], holder="bo")

    assert top is hurry(top, minute(1))
    assert held is hurry(held, minute(1))


@pytest.mark.parametrize(
    ("by", "at", "expected"),
    [
        (-60, -57, -55),  # set back an hour: three of five minutes are over, two are left
        (60, 63, 65),  # set forward: the same
        (0, 3, 5),
        (-60, -61, -56),  # the shift would be more than the span: the span is all it may be
    ],
)
def test_a_clock_that_is_set_leaves_the_time_that_was_left(by: float, at: float, expected: float) -> None:
    escalation = shifted(started()[0], by * MINUTE, minute(at), {})

    assert Deadline(DeadlineKind.TIER, minute(expected), 5 * MINUTE) == escalation.deadline
