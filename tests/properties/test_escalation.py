"""An escalation, whatever is answered: the circle only widens, and there is always one next deadline."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitord.core.climbing import Reach, begin
from monitord.core.escalation import Escalation, PageRequested, RoundReason, RoundStarted, TierReached
from monitord.core.holding import advance, decline, hold, hurry, shifted
from monitord.core.policy import DeadlineKind, Policy, Tier, pause

START = datetime(2026, 1, 5, tzinfo=UTC)
CAST = ("ann", "bo", "cem", "dee")
PEOPLE = st.sampled_from(CAST)
SPANS = st.integers(1, 7200).map(lambda seconds: timedelta(seconds=seconds))
TIERS = st.builds(Tier, st.lists(PEOPLE, max_size=3).map(tuple), SPANS)
POLICIES = st.builds(Policy, st.just("up"), st.lists(TIERS, max_size=4).map(tuple), SPANS)
REACHES = st.builds(
    lambda there, resort, urgent: Reach(
        lambda targets: tuple(dict.fromkeys(name for name in targets if name in there)), resort, urgent
    ),
    st.sets(PEOPLE),
    st.lists(PEOPLE, max_size=2, unique=True).map(tuple),
    st.booleans(),
)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(("due", "due", "due", "hold", "decline", "hurry", "shift", "later")),
        PEOPLE,
        REACHES,
        st.integers(-90, 90).map(lambda minutes: timedelta(minutes=minutes)),
    ),
    max_size=25,
)
FIRST = st.lists(PEOPLE, max_size=1).map(tuple)


class Climb:
    """An escalation, its clock, and everything it has said."""

    def __init__(self, policy: Policy, reach: Reach, first: tuple[str, ...], alone: bool) -> None:
        self.now, self.events = START, []
        self.escalation: Escalation
        self.take(begin(7, policy, 1, RoundReason.OPENED, START, reach, first, alone))

    def take(self, step: tuple[Escalation, tuple[Any, ...]]) -> None:
        self.escalation, told = step
        self.events = list(told)

    def act(self, act: str, person: str, reach: Reach, span: timedelta) -> None:
        """One thing that may happen; what has no place is left out."""
        self.events = []
        held = self.escalation.holder is not None
        if act == "due":
            self.now = max(self.now, self.escalation.deadline.at)
            self.take(advance(self.escalation, self.now, reach))
        elif act == "hold":
            self.escalation = hold(self.escalation, person, self.now)
        elif act == "decline" and not held:
            self.take(decline(self.escalation, person, self.now, reach))
        elif act == "hurry":
            self.escalation = hurry(self.escalation, self.now)
        elif act == "shift":
            self.now += span
            self.escalation = shifted(self.escalation, span, self.now, {})
        elif act == "later":
            self.now = min(self.now + abs(span), self.escalation.deadline.at)


@given(POLICIES, REACHES, FIRST, st.booleans(), ACTS)
def test_the_circle_only_widens_and_everybody_in_it_is_paged_but_who_declined(
    policy: Policy, reach: Reach, first: tuple[str, ...], alone: bool, acts: list[Any]
) -> None:
    climb = Climb(policy, reach, first, alone)
    for act in acts:
        before = climb.escalation
        climb.act(*act)
        after = climb.escalation

        assert after.round in (before.round, before.round + 1)
        assert (after.round > before.round) == any(isinstance(e, RoundStarted) for e in climb.events)
        if after.round == before.round:
            assert after.circle[: len(before.circle)] == before.circle
            assert after.step in (before.step, before.step + 1)
        assert len(after.circle) == len(set(after.circle))
        paged = [event.person for event in climb.events if isinstance(event, PageRequested)]
        if after.step > before.step or after.round > before.round:
            assert [person for person in after.circle if person not in after.declined] == paged
        else:
            assert [] == paged


@given(POLICIES, REACHES, FIRST, st.booleans(), ACTS)
def test_there_is_always_one_deadline_of_the_right_kind_and_never_too_far_away(
    policy: Policy, reach: Reach, first: tuple[str, ...], alone: bool, acts: list[Any]
) -> None:
    climb = Climb(policy, reach, first, alone)
    for act in acts:
        climb.act(*act)
        deadline = climb.escalation.deadline

        waiting = (DeadlineKind.TIER,) if policy.tiers else (DeadlineKind.REVIEW,)
        held = (DeadlineKind.ASK, DeadlineKind.LAPSE)
        assert deadline.kind in (held if climb.escalation.holder else waiting)
        assert deadline.at <= climb.now + deadline.span
        assert deadline.span <= longest(policy)


def longest(policy: Policy) -> timedelta:
    """The most that any deadline under this policy may be away."""
    if not policy.tiers:
        return max(timedelta(days=1), policy.acknowledgement_lasts)
    tiers = [tier.lasts for tier in policy.tiers]
    return max(*tiers, pause(tiers[-1], 99), policy.acknowledgement_lasts)


@given(POLICIES, REACHES)
def test_if_nobody_ever_answers_every_tier_with_somebody_is_reached_in_order_and_then_the_top_repeats(
    policy: Policy, reach: Reach
) -> None:
    climb = Climb(policy, reach, (), False)
    reached = [event.tier for event in climb.events if isinstance(event, TierReached)]
    for _ in range(len(policy.tiers) + 3):
        climb.act("due", "ann", reach, timedelta(0))
        reached += [event.tier for event in climb.events if isinstance(event, TierReached)]

    peopled = [number for number, tier in enumerate(policy.tiers, 1) if reach.whom(tier.page)]
    assert peopled == reached
    everybody = {person for tier in policy.tiers for person in reach.whom(tier.page)}
    resort = set(reach.last_resort) if policy.tiers and (reach.urgent or not everybody) else set()
    assert everybody | resort == set(climb.escalation.circle)
