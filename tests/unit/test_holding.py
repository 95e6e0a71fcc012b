"""What an answer does to an escalation: it is held, its holder is asked, it lapses; others decline."""

from dataclasses import replace

from monitord.core.climbing import begin
from monitord.core.escalation import (
    AcknowledgementLapsed,
    HolderAsked,
    PageRequested,
    RoundReason,
    RoundStarted,
    SnoozeEnded,
    TierReached,
    TierRepeated,
    TierSkipped,
)
from monitord.core.holding import advance, count, decline, hold, join, relaxed, snooze
from monitord.core.policy import EACH, Deadline, DeadlineKind, Policy, Tier
from tests.fakes.climb import MINUTE, START, UP, minute, paged, reach, started, told


def test_an_acknowledgement_stops_the_steps_and_starts_a_clock() -> None:
    held = hold(started()[0], "bo", minute(2))

    assert ("bo", 1, Deadline(DeadlineKind.ASK, minute(27), 25 * MINUTE)) == (
        held.holder,
        held.renewals,
        held.deadline,
    )


def test_the_holder_is_asked_before_the_acknowledgement_lapses() -> None:
    held = hold(started()[0], "bo", minute(2))

    asked, events = advance(held, minute(27), reach())

    assert Deadline(DeadlineKind.LAPSE, minute(32), 5 * MINUTE) == asked.deadline
    assert (HolderAsked(7, 1, 1, "bo", minute(32)),) == events


def test_no_answer_begins_a_round_with_the_holder_and_tier_one() -> None:
    held = advance(hold(started()[0], "bo", minute(2)), minute(27), reach())[0]

    anew, events = advance(held, minute(32), reach())

    assert (
        AcknowledgementLapsed(7, "bo"),
        RoundStarted(7, 2, RoundReason.LAPSED),
        TierReached(7, 2, 1, ("bo", "ann")),
        PageRequested(7, 2, 1, "bo"),
        PageRequested(7, 2, 1, "ann"),
    ) == events
    assert (2, None, minute(37)) == (anew.round, anew.holder, anew.deadline.at)


def test_a_holder_who_is_gone_is_not_waited_for_when_it_lapses() -> None:
    held = advance(hold(started()[0], "eve", minute(2)), minute(27), reach())[0]

    step = advance(held, minute(32), reach(missing=frozenset({"eve", "ann"})))

    assert ("bo",) == paged(step)


def test_a_renewal_starts_the_clock_anew() -> None:
    asked = advance(hold(started()[0], "bo", minute(2)), minute(27), reach())[0]

    renewed = hold(asked, "bo", minute(30))

    assert (2, Deadline(DeadlineKind.ASK, minute(55), 25 * MINUTE)) == (renewed.renewals, renewed.deadline)


def test_who_declines_is_not_asked_again_while_the_others_are() -> None:
    wide = advance(started()[0], minute(5), reach())[0]

    without, nothing = decline(wide, "ann", minute(6), reach())
    next_step = advance(without, minute(15), reach())

    assert ((), wide.deadline) == (nothing, without.deadline)
    assert ("bo", "cem", "dee") == paged(next_step)
    assert ("ann", "bo", "cem", "dee") == next_step[0].circle


def test_when_nobody_is_left_to_answer_the_next_step_is_taken_at_once() -> None:
    step = decline(started()[0], "ann", minute(1), reach())

    assert (("bo",), minute(11)) == (paged(step), step[0].deadline.at)


def test_when_everybody_has_declined_the_top_is_told_again() -> None:
    one = Policy("up", (Tier(("ann",), 5 * MINUTE),))

    step = decline(started(one)[0], "ann", minute(1), reach())

    assert ([TierRepeated], ("ann",)) == (told(step), paged(step))


def test_a_round_does_not_wait_for_a_tier_whose_people_gave_it_back() -> None:
    step = begin(7, UP, 2, RoundReason.DECLINED, START, reach(), declined=("ann",))

    assert (("bo",), 1, 1, minute(10)) == (paged(step), step[0].tier, step[0].step, step[0].deadline.at)


def test_skipped_tiers_are_said_even_if_the_next_has_declined() -> None:
    policy = Policy("up", (Tier(("nobody",), MINUTE), Tier(("ann",), MINUTE), Tier(("bo",), MINUTE)))

    step = begin(7, policy, 2, RoundReason.DECLINED, START, reach(), declined=("ann",))

    assert [RoundStarted, TierSkipped, TierReached] == told(step)
    assert ("bo",) == paged(step)


# Snoozes, priorities that are lowered, people who are called.


def test_what_sleeps_begins_anew_with_its_holder_and_tier_one() -> None:
    slept = snooze(started()[0], "bo", minute(120), minute(2))

    anew, events = advance(slept, minute(120), reach())

    assert Deadline(DeadlineKind.SNOOZE, minute(120), 118 * MINUTE) == slept.deadline
    assert (
        SnoozeEnded(7, "bo"),
        RoundStarted(7, 2, RoundReason.WOKEN),
        TierReached(7, 2, 1, ("bo", "ann")),
        PageRequested(7, 2, 1, "bo"),
        PageRequested(7, 2, 1, "ann"),
    ) == events
    assert (2, None) == (anew.round, anew.holder)


def test_a_lowered_priority_goes_on_by_its_own_policy_and_pages_nobody_now() -> None:
    calm = Policy("calm", (Tier(("ann",), 30 * MINUTE),))
    wide = advance(started()[0], minute(5), reach())[0]

    calmer = relaxed(wide, calm, minute(6))
    later = advance(calmer, minute(36), reach())

    assert (("ann", "bo"), 0, Deadline(DeadlineKind.TIER, minute(36), 30 * MINUTE)) == (
        calmer.circle,
        calmer.tier,
        calmer.deadline,
    )
    assert ("ann", "bo") == paged(later)


def test_a_lowered_priority_without_a_policy_is_looked_at_daily() -> None:
    calmer = relaxed(started()[0], Policy("none", ()), minute(1))

    assert DeadlineKind.REVIEW is calmer.deadline.kind
    assert () == paged(advance(calmer, calmer.deadline.at, reach()))


def test_a_lowered_priority_leaves_what_somebody_has_to_them() -> None:
    held = hold(started()[0], "bo", minute(2))

    assert held.deadline == relaxed(held, Policy("none", ()), minute(3)).deadline


def test_who_is_called_joins_the_circle_and_is_paged_alone() -> None:
    wide = decline(advance(started()[0], minute(5), reach())[0], "bo", minute(6), reach())[0]

    joined, events = join(wide, ("bo", "dee"), "ann", "please")

    assert (("ann", "bo", "dee"), (), 3, wide.deadline) == (
        joined.circle,
        joined.declined,
        joined.step,
        joined.deadline,
    )
    assert (
        PageRequested(7, 1, 3, "bo", "ann", "please"),
        PageRequested(7, 1, 3, "dee", "ann", "please"),
    ) == events


def test_a_step_that_was_heard_stays_heard_when_somebody_is_called() -> None:
    first = started()[0]

    assert 2 == join(replace(first, heard=1), ("dee",), "ann", "")[0].heard
    assert 0 == join(first, ("dee",), "ann", "")[0].heard


# Several who must acknowledge.

PAIR = Policy("pair", (Tier(("ann", "bo"), 5 * MINUTE, EACH), Tier(("cem",), 5 * MINUTE)))


def test_one_of_two_is_paged_no_more_and_the_other_is() -> None:
    counted, nothing = count(started(PAIR)[0], "ann", minute(1), reach())
    widened = advance(counted, minute(5), reach())

    assert ((), ("ann",)) == (nothing, counted.acknowledged)
    assert ("bo", "cem") == paged(widened)
    assert ("ann", "bo", "cem") == widened[0].circle


def test_when_the_other_declines_the_next_tier_is_paged_at_once() -> None:
    counted = count(started(PAIR)[0], "ann", minute(1), reach())[0]

    step = decline(counted, "bo", minute(2), reach())

    assert (("cem",), ("ann",), ("bo",)) == (paged(step), step[0].acknowledged, step[0].declined)


def test_who_has_it_may_give_it_back() -> None:
    counted = count(started(PAIR)[0], "ann", minute(1), reach())[0]

    without = decline(counted, "ann", minute(2), reach())[0]

    assert ((), ("ann",)) == (without.acknowledged, without.declined)


def test_when_nobody_else_is_left_who_has_it_is_asked_again() -> None:
    """bo left the company in between: ann alone must be enough, and hear of it."""
    one = Policy("one", (Tier(("ann", "bo"), 5 * MINUTE, EACH),))
    counted = count(started(one)[0], "ann", minute(1), reach())[0]
    gone = replace(counted, circle=("ann",))

    step = advance(gone, minute(5), reach(missing=frozenset({"bo"})))

    assert (("ann",), (), 1) == (paged(step), step[0].acknowledged, step[0].quorums[0].needed)
