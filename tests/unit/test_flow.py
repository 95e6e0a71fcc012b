"""react(): one fact becomes one decision, or nothing at all; the world is only read."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from monitord.core import flow
from monitord.core.check import CheckResult, ClockSet, Outcome, Probe
from monitord.core.command import Acknowledge
from monitord.core.escalation import EscalationDue, PageRequested
from monitord.core.facts import ConfigurationAccepted, Fact, Installation
from monitord.core.flow import NOTHING_CHANGED, STAGES, Decision, react, run
from monitord.core.health import Health, ProbeWentDown
from monitord.core.organization import ContactMethod, Person, Service
from monitord.core.policy import Policy, Tier
from monitord.core.signal import SignalRaised
from monitord.core.ticket import TicketDue, TicketOpened
from monitord.core.verdict import Judged, VerdictDue
from monitord.core.world import Configuration, Draft, World
from tests.fakes.house import START, House

MINUTE = timedelta(minutes=1)
SHOP = Configuration(
    probes={"web": Probe("web", "shop", failures=1, passes=1)},
    services={"shop": Service("shop", policies=(("default", "up"),))},
    people={"ann": Person("ann", "Ann", reach=(ContactMethod("email", "ann@example.org"),))},
    policies={"up": Policy("up", (Tier(("ann",), 5 * MINUTE),))},
)
DOWN = CheckResult("web", Outcome.CRITICAL, START, "refused")
UP = CheckResult("web", Outcome.OK, START, "200 OK")


def world() -> World:
    return World(SHOP, Installation("e1"))


def tables(seen: World) -> Any:
    """A copy of all that a world holds."""
    return copy.deepcopy((seen.shelf.tables, seen.shelf.indexes, seen.armed, seen.deadlines))


def test_a_fact_flows_through_all_stages() -> None:
    decision = react(world(), DOWN, START)

    assert [ProbeWentDown, SignalRaised, Judged, TicketOpened] == [
        type(event) for event in decision.events[:4]
    ]
    assert PageRequested(1, 1, 1, "ann") == decision.events[-1]
    assert ["Health", "Signal", "Verdict", "Installation", "Ticket", "Escalation", "Delivery"] == [
        type(record).__name__ for record in decision.records
    ]


def test_the_stages_stand_in_their_order() -> None:
    folder = "monitord.core.stages."

    modules = [next(iter(stage.values())).__module__.removeprefix(folder) for stage in STAGES]

    assert [
        "staff",
        "arrange",
        "absent",
        "consult",
        "exchange",
        "observe",
        "judge",
        "track",
        "escalate",
        "reconsider",
        "page",
        "verify",
        "warn",
        "duty",
        "foresee",
        "publish",
        "announce",
        "inform",
    ] == modules


@pytest.mark.parametrize(
    "fact",
    [DOWN, UP, Acknowledge(1, "ann"), EscalationDue(1), ClockSet(-60 * MINUTE), ConfigurationAccepted("2")],
    ids=lambda fact: type(fact).__name__,
)
def test_the_world_is_only_read(fact: Fact) -> None:
    house = House(SHOP)
    house.do(DOWN)
    house.now += 5 * MINUTE
    before = tables(house.world)

    react(house.world, fact, house.now)

    assert before == tables(house.world)


def test_a_steady_result_changes_nothing() -> None:
    house = House(SHOP)
    house.do(UP)

    assert NOTHING_CHANGED is react(house.world, UP, START)


def test_a_steady_failure_changes_nothing_either() -> None:
    house = House(SHOP)
    house.do(DOWN)

    assert NOTHING_CHANGED is react(house.world, DOWN, START + MINUTE)


@pytest.mark.parametrize(
    "fact",
    [
        CheckResult("gone", Outcome.CRITICAL, START, "a probe that is no longer configured"),
        EscalationDue(7),
        TicketDue(7),
        VerdictDue("probe/web:down"),
        ConfigurationAccepted("1"),
        ClockSet(MINUTE),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_fact_about_what_is_not_there_changes_nothing(fact: Fact) -> None:
    assert NOTHING_CHANGED is react(world(), fact, START)


def test_the_same_facts_give_the_same_decisions() -> None:
    assert react(world(), DOWN, START) == react(world(), DOWN, START)


def test_a_batch_decides_each_fact_on_what_the_ones_before_made_of_the_world() -> None:
    batch = Draft(world(), START)
    batch.put(*react(batch, DOWN, START).records)

    decision = react(batch, Acknowledge(1, "ann"), START)

    assert "TicketAcknowledged" == type(decision.events[0]).__name__


def test_an_exception_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(draft: Draft, event: Any) -> None:
        raise ZeroDivisionError

    full = world()
    before = tables(full)
    monkeypatch.setattr(flow, "STAGES", (*STAGES, {PageRequested: fail}))

    with pytest.raises(ZeroDivisionError):
        react(full, DOWN, START)

    assert before == tables(full)


def test_nothing_flows_up() -> None:
    """A stage is shown what was told before it, never what it tells itself."""
    heard: list[str] = []

    def echo(draft: Draft, event: str) -> None:
        heard.append(event)
        draft.tell(f"{event}!")

    draft = Draft(world(), START)
    draft.tell("before")

    run({str: echo}, draft, "fact")  # type: ignore[arg-type]

    assert ["fact", "before"] == heard
    assert ["before", "fact!", "before!"] == draft.events


def test_a_decision_is_empty_when_nothing_changed() -> None:
    assert Decision((), ()) == NOTHING_CHANGED


def test_what_only_counts_is_a_record_without_an_event() -> None:
    three = World(Configuration(probes={"web": Probe("web", "shop")}), Installation("e1"))

    decision = react(three, DOWN, START)

    assert Decision((Health("web", streak=1, streak_since=START),), ()) == decision
