"""Whose a report is, and how pressing: an integration's rules, in their order; and never nobody's."""

from collections.abc import Mapping

from monitord.config.inlets import Inlet, Rule
from monitord.config.patterns import fits
from monitord.core.organization import Priority
from monitord.core.report import SYSTEM, Report, inbound_source
from monitord.kinds import Said

SEVERITY = "severity"


def report(inlet: Inlet, said: Said) -> Report:
    """What was said, as the core wants to hear it; what no rule fits belongs to the integration's service,
    and without one to whoever looks after monitord.
    """
    labels = dict(said.labels)
    if said.severity:
        labels.setdefault(SEVERITY, said.severity)
    rule = first_that_fits(inlet.rules, labels)
    return Report(
        source=inbound_source(inlet.id),
        name=said.key,
        raised=said.raised,
        service=(rule.service if rule else "") or inlet.service or SYSTEM,
        priority=(rule.priority if rule else None) or by_severity(inlet, said.severity),
        title=said.title,
        summary=said.summary,
        since=said.since,
        ends=said.ends,
        details=said.labels,
        links=said.links,
        group=said.group,
        once=said.once,
        severity=rule.severity if rule else None,
    )


def by_severity(inlet: Inlet, word: str) -> Priority:
    """What the sender's word means; a word that is not known means what the integration says."""
    return inlet.severities.get(word.strip().casefold(), inlet.priority)


def first_that_fits(rules: tuple[Rule, ...], labels: Mapping[str, str]) -> Rule | None:
    return next((rule for rule in rules if applies(rule, labels)), None)


def applies(rule: Rule, labels: Mapping[str, str]) -> bool:
    """A label that is not there is empty."""
    return all(labels.get(name, "") == value for name, value in rule.where) and all(
        fits(pattern, labels.get(name, "")) for name, pattern in rule.like
    )
