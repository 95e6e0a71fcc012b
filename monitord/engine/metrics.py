"""What monitord says of itself to Prometheus, in a registry of its own.

Theory of operation. What is counted at every check is kept in plain numbers by probe, and written in
Prometheus' words only when it asks, which is a few times a minute.
"""

from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from monitord.core.check import CheckResult, Outcome, ProbeId

CHECK_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
BATCH_FACTS = (1, 4, 16, 64, 256)


class Checks(Collector):
    """How often each probe was checked and with what outcome, how long its latest check took, and all of
    them: `lasting` counts those up to each bound of CHECK_SECONDS and above the one before.
    """

    def __init__(self) -> None:
        self.finished: dict[ProbeId, Tally[Outcome]] = {}
        self.took: dict[ProbeId, float] = {}
        self.lasting = [0] * (len(CHECK_SECONDS) + 1)
        self.seconds = 0.0

    def add(self, result: CheckResult) -> None:
        seconds = result.took.total_seconds()
        tally = self.finished.get(result.probe)
        if tally is None:
            tally = self.finished[result.probe] = Tally()
        tally[result.outcome] += 1
        self.took[result.probe] = seconds
        self.lasting[bisect_left(CHECK_SECONDS, seconds)] += 1
        self.seconds += seconds

    def keep_only(self, probes: Iterable[ProbeId]) -> None:
        for probe in self.finished.keys() - set(probes):
            del self.finished[probe], self.took[probe]

    def collect(self) -> Iterator[Metric]:
        """Called in a thread, while checks go on: so it looks at copies."""
        finished = CounterMetricFamily("monitord_checks", "Finished checks.", labels=["probe", "outcome"])
        for probe, tally in self.finished.copy().items():
            for outcome, number in tally.copy().items():
                finished.add_metric([probe, outcome.value], number)
        took = GaugeMetricFamily(
            "monitord_check_latest_seconds", "How long the latest check took.", labels=["probe"]
        )
        for probe, latest in self.took.copy().items():
            took.add_metric([probe], latest)
        upto = zip((*map(floatToGoString, CHECK_SECONDS), "+Inf"), accumulate(self.lasting), strict=True)
        seconds = HistogramMetricFamily(
            "monitord_check_seconds", "How long checks took.", list(upto), self.seconds
        )
        return iter((finished, took, seconds))


class Metrics:
    """Every figure by name; what is said of a probe goes with it."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        own = self.registry = CollectorRegistry()
        self.checks = Checks()
        own.register(self.checks)
        self.late = Counter("monitord_checks_late", "Checks begun over a second late.", registry=own)
        self.skipped = Counter(
            "monitord_checks_skipped", "Checks left out: the one before was still running.", registry=own
        )
        self.abandoned = Counter(
            "monitord_checks_abandoned", "Checks that did not stop when they were told to.", registry=own
        )
        self.dropped = Counter(
            "monitord_measurements_dropped", "Measurements the store was too slow for.", registry=own
        )
        self.deliveries = Counter(
            "monitord_deliveries", "Attempts to send.", ["channel", "purpose", "outcome"], registry=own
        )
        self.commit_seconds = Histogram(
            "monitord_commit_seconds", "How long commits took.", buckets=COMMIT_SECONDS, registry=own
        )
        self.commits_failed = Counter("monitord_commits_failed", "Commits to be tried again.", registry=own)
        self.batch_facts = Histogram(
            "monitord_batch_facts", "Facts decided at once.", buckets=BATCH_FACTS, registry=own
        )
        self.quarantined = Counter(
            "monitord_facts_quarantined", "Facts that could not be decided.", registry=own
        )
        self.violations = Gauge(
            "monitord_invariant_violations", "What the auditor found in disorder.", registry=own
        )
        self.alarms = Gauge(
            "monitord_alarm", "1 for each alarm about monitord itself that is raised.", ["name"], registry=own
        )
        self.backup_made = Gauge(
            "monitord_backup_latest_timestamp_seconds", "When the newest backup was made.", registry=own
        )
        self.backups_failed = Counter("monitord_backups_failed", "Nights without a backup.", registry=own)
        self.disk_free = Gauge("monitord_store_free_bytes", "Room on the store's disk.", registry=own)
        self.events = Counter(
            "monitord_events", "What came in from outside.", ["integration", "status"], registry=own
        )
        self.tickets_open = Gauge("monitord_tickets_open", "Tickets that have not ended.", registry=own)

    def checked(self, result: CheckResult) -> None:
        """Count a check."""
        self.checks.add(result)

    def keep_only(self, probes: Iterable[ProbeId]) -> None:
        """Forget every probe that is no longer there."""
        self.checks.keep_only(probes)

    def text(self) -> bytes:
        """Everything in the exposition format; takes a while with many probes, so call it in a thread."""
        return generate_latest(self.registry)
