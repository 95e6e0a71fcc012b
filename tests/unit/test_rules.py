"""Rules: whose a report is, and how pressing; and never nobody's."""

import pytest

from monitord.config.inlets import SEVERITIES, Inlet, Rule
from monitord.core.organization import Priority
from monitord.engine.rules import report
from monitord.kinds import Said

RULES = (
    Rule((("team", "db"),), (), "database", Priority.HIGH),
    Rule((), (("instance", "test-.*"),), "", Priority.LOW),
    Rule((("severity", "odd"), ("region", "")), (), "odd"),
    Rule((("team", "cards"),), (), "pay", Priority.URGENT, 1),
    Rule((), (("instance", "web.*"),), "web"),
)


def inlet(service: str = "shop", priority: Priority = Priority.URGENT) -> Inlet:
    return Inlet("any", "generic", None, service, priority, SEVERITIES, RULES)


def said(severity: str = "", **labels: str) -> Said:
    return Said("k", True, "title", severity=severity, labels=tuple(labels.items()))


@pytest.mark.parametrize(
    ("what", "service", "priority"),
    [
        (said(), "shop", Priority.URGENT),
        (said("Warning "), "shop", Priority.MEDIUM),
        (said("unheard of"), "shop", Priority.URGENT),
        (said("info", team="db"), "database", Priority.HIGH),
        (said("critical", instance="test-1"), "shop", Priority.LOW),
        (said("critical", instance="a-test-1"), "shop", Priority.URGENT),
        (said("error", instance="web1", team="db"), "database", Priority.HIGH),
        (said("error", instance="web1"), "web", Priority.HIGH),
        (said("odd"), "odd", Priority.URGENT),
        (said("odd", region="eu"), "shop", Priority.URGENT),
    ],
)
def test_the_first_rule_that_fits_counts(what: Said, service: str, priority: Priority) -> None:
    found = report(inlet(), what)

    assert (service, priority) == (found.service, found.priority)


def test_a_rule_may_say_how_bad_it_is() -> None:
    found = report(inlet(), said("info", team="cards"))

    assert ("pay", Priority.URGENT, 1) == (found.service, found.priority, found.severity)
    assert report(inlet(), said()).severity is None


def test_what_belongs_to_nobody_comes_to_whoever_looks_after_monitord() -> None:
    assert "monitord" == report(inlet(""), said()).service


def test_the_integration_says_what_is_meant_by_nothing() -> None:
    assert Priority.LOW is report(inlet(priority=Priority.LOW), said()).priority


def test_everything_else_goes_along() -> None:
    what = Said("k", False, "t", "s", labels=(("a", "b"),), group="g", links=(("source", "https://x"),))
    found = report(inlet(), what)

    assert ("in/any", "k", False, "t", "s", "g") == (
        found.source,
        found.name,
        found.raised,
        found.title,
        found.summary,
        found.group,
    )
    assert ((("a", "b"),), (("source", "https://x"),)) == (found.details, found.links)
