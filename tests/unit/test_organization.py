"""People, teams, services, and what the public sees."""

import pytest

from monitord.core.organization import ComponentState, Service

SHOP = Service("shop", policies=(("urgent", "up"), ("default", "slow")))


@pytest.mark.parametrize(
    ("service", "priority", "expected"),
    [
        (SHOP, "urgent", "up"),
        (SHOP, "low", "slow"),
        (Service("shop", policies=(("urgent", "up"),)), "low", None),
        (Service("shop"), "urgent", None),
    ],
)
def test_the_policy_for_a_priority_else_the_default(
    service: Service, priority: str, expected: str | None
) -> None:
    assert expected == service.policy_for(priority)


def test_states_are_ranked_from_best_to_worst() -> None:
    worst_last = sorted(ComponentState, key=lambda state: state.rank)

    assert ["operational", "maintenance", "degraded", "partial outage", "major outage"] == [
        state.words for state in worst_last
    ]
