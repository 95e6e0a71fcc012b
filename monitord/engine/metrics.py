"""What monitord says of itself to Prometheus, in a registry of its own."""

from collections.abc import Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

from monitord.core.check import CheckResult, Outcome, ProbeId

CHECK_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
BATCH_FACTS = (1, 4, 16, 64, 256)


class Metrics:
    """Every figure by name; a probe's label sets are made when it is first seen, and go with it."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        own = self.registry = CollectorRegistry()
        self.checks = Counter("monitord_checks", "Finished checks.", ["probe", "outcome"], registry=own)
        self.took = Gauge(
            "monitord_check_latest_seconds", "How long the latest check took.", ["probe"], registry=own
        )
        self.check_seconds = Histogram(
            "monitord_check_seconds", "How long checks took.", buckets=CHECK_SECONDS, registry=own
        )
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
        self.counted: dict[ProbeId, dict[Outcome, Counter]] = {}
        self.timed: dict[ProbeId, Gauge] = {}

    def checked(self, result: CheckResult) -> None:
        """Count a check; the label sets are looked up once a probe, because this is the busiest line."""
        counted = self.counted.get(result.probe)
        if counted is None:
            counted = self.counted[result.probe] = {}
            self.timed[result.probe] = self.took.labels(result.probe)
        counter = counted.get(result.outcome)
        if counter is None:
            counter = counted[result.outcome] = self.checks.labels(result.probe, result.outcome.value)
        counter.inc()
        seconds = result.took.total_seconds()
        self.timed[result.probe].set(seconds)
        self.check_seconds.observe(seconds)

    def keep_only(self, probes: Iterable[ProbeId]) -> None:
        """Forget the label sets of every probe that is no longer there."""
        for probe in self.counted.keys() - set(probes):
            for outcome in self.counted.pop(probe):
                self.checks.remove(probe, outcome.value)
            self.took.remove(probe)
            del self.timed[probe]

    def text(self) -> bytes:
        """Everything in the exposition format; takes a while with many probes, so call it in a thread."""
        return generate_latest(self.registry)
