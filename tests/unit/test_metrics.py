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


def test_how_long_checks_took_is_counted_up_to_each_bound() -> None:
    metrics = Metrics()
    for milliseconds in (5, 30, 60_000):
        metrics.checked(CheckResult("web", Outcome.OK, MORNING, took=timedelta(milliseconds=milliseconds)))

    value = metrics.registry.get_sample_value
    counted = [value("monitord_check_seconds_bucket", {"le": le}) for le in ("0.005", "0.02", "30.0", "+Inf")]
    assert [1, 1, 2, 3] == counted
    assert 3 == value("monitord_check_seconds_count")
    assert 60.035 == value("monitord_check_seconds_sum")


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
