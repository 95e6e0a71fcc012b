"""By hand: a person sends a ticket to the next tier, or says that it is not over after all."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from monitord.core.check import CheckResult, Outcome, Probe
from monitord.core.command import (
    Acknowledge,
    CallEverybody,
    Escalate,
    OpenTicket,
    PageAlso,
    Reopen,
    Resolve,
    Snooze,
)
from monitord.core.escalation import Escalation, PageRequested
from monitord.core.flow import Decision
from monitord.core.invariants import violations
from monitord.core.organization import Priority, Service
from monitord.core.policy import Policy, Tier
from monitord.core.report import Integration, Report
from monitord.core.ticket import CommandIgnored, State, Ticket, TicketEscalated, TicketReopened
from monitord.core.webhook import Webhook
from monitord.core.workhours import Workhours
from monitord.core.world import Configuration
from tests.fakes.house import START, House
from tests.transcripts.scene import CAST

MINUTE = timedelta(minutes=1)
HOUR = 60 * MINUTE
TIERS = (Tier(("ann",), HOUR), Tier(("bo",), HOUR), Tier(("cem",), HOUR))


def shop(policy: Policy | None = None) -> House:
    """ann, then bo, then cem; web is watched."""
    known = policy or Policy("up", TIERS)
    return House(
        Configuration(
            "Shop",
            people=CAST,
            probes={"web": Probe("web", "web", MINUTE, failures=1, passes=1)},
            services={"web": Service("web", policies=(("default", known.id),))},
            policies={known.id: known},
            webhooks={"audit": Webhook("audit")},
            integrations={"prom": Integration("prom", "generic", service="web")},
        )
    )


def opened(policy: Policy | None = None) -> House:
    house = shop(policy)
    house.do(OpenTicket("slow", "web", Priority.HIGH, "dee"))
    house.now += MINUTE
    return house


def ticket(house: House) -> Ticket:
    found = house.world.get(Ticket, 1)
    assert found is not None and not violations(house.world, house.now)
    return found


def paged(decision: Decision) -> list[str]:
    return [event.person for event in decision.events if isinstance(event, PageRequested)]


def ignored(decision: Decision) -> str:
    (only,) = decision.events
    assert isinstance(only, CommandIgnored)
    return only.why


# To the next tier.


def test_sent_up_it_pages_the_next_tier_and_the_circle_at_once() -> None:
    house = opened()

    decided = house.do(Escalate(1, "dee"))

    assert TicketEscalated(1, "dee", "cli") in decided.events
    assert ["ann", "bo"] == paged(decided)
    climbing = house.world.get(Escalation, 1)
    assert climbing is not None and house.now + HOUR == climbing.deadline.at


def test_who_had_it_gives_it_up_and_is_not_asked_again() -> None:
    house = opened()
    house.do(Acknowledge(1, "ann"))

    decided = house.do(Escalate(1, "ann"))

    assert ["bo"] == paged(decided)
    assert (State.OPEN, None, "ann") == (ticket(house).state, ticket(house).holder, ticket(house).last_holder)


def test_at_the_top_everybody_is_told_again() -> None:
    house = opened()
    house.do(Escalate(1, "dee"))
    house.do(Escalate(1, "dee"))

    assert ["ann", "bo", "cem"] == paged(house.do(Escalate(1, "dee")))


def test_what_sleeps_is_woken_by_it() -> None:
    house = opened()
    house.do(Snooze(1, "ann", house.now + HOUR))

    assert ["ann", "bo"] == paged(house.do(Escalate(1, "dee")))
    assert ticket(house).snoozed_until is None


def test_a_persons_word_does_not_wait_for_working_hours() -> None:
    never = Workhours((5,), ((time(1), time(2)),))
    house = opened(Policy("calm", TIERS, only=never))

    assert ["ann"] == paged(house.do(Escalate(1, "dee")))


def test_past_a_tier_that_adds_nobody_it_does_not_wait_for_them_either() -> None:
    office = Workhours((), ((time(9), time(17)),))
    tiers = (Tier(("ann",), HOUR), Tier(("ann",), HOUR), Tier(("cem",), HOUR))
    house = shop(Policy("calm", tiers, only=office))
    house.now = START.replace(hour=10)
    house.do(OpenTicket("slow", "web", Priority.HIGH, "dee"))
    house.do(Acknowledge(1, "ann"))
    house.now = START.replace(hour=20)

    assert ["cem"] == paged(house.do(Escalate(1, "ann")))
    climbing = house.world.get(Escalation, 1)
    assert climbing is not None and house.now + HOUR == climbing.deadline.at


def test_without_tiers_there_is_nobody_to_send_it_to() -> None:
    house = opened(Policy("nobody", ()))

    assert "its service has no policy for it; page somebody by name" == ignored(house.do(Escalate(1, "dee")))


def test_a_catastrophe_has_called_everybody_already() -> None:
    house = opened()
    house.do(CallEverybody(1, "dee"))

    assert "everybody is called for it already" == ignored(house.do(Escalate(1, "dee")))


def test_who_was_called_by_name_stays_in_the_circle() -> None:
    house = opened()
    house.do(Acknowledge(1, "ann"))
    house.do(PageAlso(1, "ann", ("dee",)))

    assert ["dee", "bo"] == paged(house.do(Escalate(1, "ann")))


# Not over after all.


def fails(house: House) -> None:
    house.do(CheckResult("web", Outcome.CRITICAL, house.now, "refused"))
    house.now += MINUTE


def passes(house: House) -> None:
    house.do(CheckResult("web", Outcome.OK, house.now, "fine"))
    house.now += MINUTE


def test_what_has_recovered_is_open_again_until_a_person_resolves_it() -> None:
    house = shop()
    fails(house)
    house.do(Acknowledge(1, "bo"))
    passes(house)

    decided = house.do(Reopen(1, "dee", "carts are empty"))

    why = "dee says that it is not over (cli): carts are empty"
    assert TicketReopened(1, why, "bo", "dee") in decided.events
    assert ["bo"] == paged(decided)
    assert (State.OPEN, 1, (), "dee") == (
        ticket(house).state,
        ticket(house).reopened,
        ticket(house).signals,
        ticket(house).reopened_by,
    )
    house.do(Resolve(1, "dee"))
    assert (State.RESOLVED, None) == (ticket(house).state, ticket(house).reopened_by)


def test_what_fails_again_joins_it_and_ends_it_when_it_recovers() -> None:
    house = shop()
    fails(house)
    passes(house)
    house.do(Reopen(1, "dee"))

    fails(house)
    with_signal = ticket(house).signals
    passes(house)

    assert (("probe/web:down",), State.RESOLVED) == (with_signal, ticket(house).state)


def test_what_was_resolved_by_hand_and_fails_still_is_watched_at_once() -> None:
    house = shop()
    fails(house)
    house.do(Resolve(1, "ann"))

    house.do(Reopen(1, "bo"))
    reopened = ticket(house).signals
    passes(house)

    assert (("probe/web:down",), State.RESOLVED) == (reopened, ticket(house).state)


def test_what_is_said_once_and_for_all_stays_open() -> None:
    house = shop()
    house.do(Report("in/prom", "disk", True, "web", Priority.HIGH, "disk full", once=True))
    house.do(Resolve(1, "ann"))
    house.do(Reopen(1, "bo"))

    house.now += 30 * MINUTE
    house.tick()

    assert State.OPEN is ticket(house).state


def test_a_signal_that_is_on_another_ticket_by_now_stays_there() -> None:
    house = shop()
    house.world.accept(replace(house.world.accepted, reopen_within=timedelta(0)))
    fails(house)
    house.do(Resolve(1, "ann"))
    house.now += HOUR
    house.tick()

    house.do(Reopen(1, "bo"))

    other = house.world.get(Ticket, 2)
    assert ((), ("probe/web:down",)) == (ticket(house).signals, other.signals if other else None)


def test_it_has_a_target_again() -> None:
    house = shop()
    house.do(OpenTicket("slow", "web", Priority.LOW, "dee", severity=1))
    house.do(Resolve(1, "ann"))
    house.now += MINUTE

    house.do(Reopen(1, "bo"))

    assert START + MINUTE + HOUR == ticket(house).target


def test_a_catastrophe_that_comes_back_is_none() -> None:
    house = opened()
    house.do(CallEverybody(1, "dee"))
    house.do(Resolve(1, "ann"))

    house.do(Reopen(1, "bo"))

    assert (False, Priority.URGENT) == (ticket(house).catastrophic, ticket(house).priority)


@pytest.mark.parametrize(("command", "why"), [(Reopen(1, "bo"), "nobody has it")])
def test_what_is_not_over_is_not_reopened(command: Reopen, why: str) -> None:
    assert why == ignored(opened().do(command))
