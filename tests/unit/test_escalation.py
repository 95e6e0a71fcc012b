"""An escalation as a value: when it is due, and by which policy."""

from dataclasses import replace

from monitord.core.escalation import Escalation
from tests.fakes.climb import UP, started


def test_an_escalation_that_has_ended_has_no_deadline() -> None:
    ended = replace(started()[0], ended=True)

    assert (None, False) == (ended.due, ended.live)


def test_it_carries_its_policy_with_it() -> None:
    escalation: Escalation = started()[0]

    assert UP is escalation.policy
