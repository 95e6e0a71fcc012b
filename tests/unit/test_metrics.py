"""metrics: what is counted, and what is forgotten with its probe."""

from datetime import timedelta

from monitord.core.check import CheckResult, Outcome
from monitord.engine.metrics import Metrics
from tests.fakes.shop import MORNING


def result(probe: str, outcome: Outcome) -> CheckResult:
    return CheckResult(probe, outcome, MORNING, took=timedelta(milliseconds=30))


def test_checks_are_counted_by_probe_and_outcome() -> None:
    metrics = Metrics()
    for outcome in (Outcome.OK, Outcome.OK, Outcome.CRITICAL):
        metrics.checked(result("web", outcome))

    text = metrics.text().decode()
    assert 'monitord_checks_total{outcome="ok",probe="web"} 2.0' in text
    assert 'monitord_checks_total{outcome="critical",probe="web"} 1.0' in text
    assert 'monitord_check_latest_seconds{probe="web"} 0.03' in text
    assert "_created" not in text


def test_a_removed_probe_leaves_nothing_behind() -> None:
    metrics = Metrics()
    metrics.checked(result("web", Outcome.OK))
    metrics.checked(result("db", Outcome.CRITICAL))

    metrics.keep_only(["db"])

    assert b"web" not in metrics.text()
    assert b'probe="db"' in metrics.text()


def test_two_daemons_in_one_process_do_not_share_figures() -> None:
    one, two = Metrics(), Metrics()
    one.quarantined.inc()

    assert b"monitord_facts_quarantined_total 0.0" in two.text()
