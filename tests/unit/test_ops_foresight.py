"""foresight: what the console promises is what the core does at the deadline."""

from dataclasses import replace
from datetime import timedelta

from monitord.core.check import CheckResult, Outcome
from monitord.core.command import Acknowledge, HandOver
from monitord.core.policy import Policy
from monitord.core.world import Configuration
from monitord.web.ops.foresight import next_step
from tests.fakes.house import House
from tests.fakes.shop import configuration

MINUTE = timedelta(minutes=1)


def burning(told: Configuration | None = None) -> House:
    """A house whose shop has just failed for the third time: ann is asked first, then bo, then cem."""
    house = House(told or configuration())
    for _ in range(3):
        house.do(CheckResult("web", Outcome.CRITICAL, house.now, "503"))
    house.deliver()
    return house


def promised(house: House) -> str:
    step = next_step(house.world, 1, house.now)
    return step.says if step else ""


def test_the_next_tier_is_named_with_who_is_told_again() -> None:
    house = burning()

    assert "bo is paged in 5 min, and ann again" == promised(house)
    house.wait(5 * MINUTE)
    assert "cem is paged in 5 min, and ann, bo again" == promised(house)


def test_the_top_is_told_again_and_then_the_last_resort_joins() -> None:
    house = burning()
    house.wait(10 * MINUTE)

    assert "ann, bo, cem are told again in 5 min (repeat 1)" == promised(house)
    house.wait(5 * MINUTE)
    assert "the last resort (dee) joins and ann, bo, cem, dee are told again in 5 min (repeat 2)" == promised(
        house
    )


def test_whoever_is_promised_is_whoever_is_paged() -> None:
    house = burning()
    for _ in range(8):
        step = next_step(house.world, 1, house.now)
        assert step is not None
        before = len(house.journal)
        house.wait(step.at - house.now)
        asked = [
            event.person
            for _, _, decision in house.journal[before:]
            for event in decision.events
            if type(event).__name__ == "PageRequested"
        ]
        assert list(step.pages) == asked


def test_the_holder_is_asked_and_then_the_others() -> None:
    house = burning()
    house.do(Acknowledge(1, "bo"))
    assert "bo is asked in 25 min whether still on it" == promised(house)

    house.wait(25 * MINUTE)
    assert "without a word from bo, ann is paged too in 5 min" == promised(house)


def test_somebody_asked_alone_is_followed_by_the_first_tier() -> None:
    house = burning()
    house.do(HandOver(1, "ann", "dee"))

    assert "ann is paged in 5 min, and dee again" == promised(house)


def test_a_tier_that_nobody_stands_in_is_said() -> None:
    told = configuration()
    house = burning(replace(told, people={name: each for name, each in told.people.items() if name != "bo"}))

    assert "cem is paged in 5 min, and ann again (tier 2 has nobody)" == promised(house)


def test_a_policy_without_tiers_pages_nobody() -> None:
    house = burning(replace(configuration(), policies={"urgent": Policy("urgent", ())}))

    assert "nobody is paged, its service has no policy for it; it is looked at again in 1 d" == promised(
        house
    )


def test_an_urgent_ticket_without_a_policy_is_the_last_resorts() -> None:
    house = burning(replace(configuration(), policies={}))

    assert "cem, dee are told again in 15 min (repeat 1)" == promised(house)


def test_what_is_over_has_no_next_step() -> None:
    house = burning()
    for _ in range(2):
        house.do(CheckResult("web", Outcome.OK, house.now))

    assert "" == promised(house)


def test_asking_changes_nothing() -> None:
    house = burning()
    first = promised(house)
    dues = house.world.next_deadline()

    assert first == promised(house)
    assert dues == house.world.next_deadline()
