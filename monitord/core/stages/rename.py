"""rename: what is known of a probe goes on under its new id.

Theory of operation. A probe that says `renamed_from` takes over what is known of the old id: its health, what
it has raised, the verdicts on that, and where tickets, stories and silences name it. Nothing is raised or
cleared, so the later stages have nothing to do. That it is done stands in the health (`formerly`): the
key may stay in the configuration, and a probe may be called what it was called once. A probe that has a life
of its own under its new id keeps that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitord.core.check import Probe, ProbeId
from monitord.core.facts import Record
from monitord.core.health import Health, ProbeRenamed
from monitord.core.signal import DOWN, UNKNOWN, probe_source, signal_key
from monitord.core.silence import Matcher, Silence
from monitord.core.ticket import Ticket
from monitord.core.verdict import Action, Reason, Verdict
from monitord.core.world import Configuration, Draft

NAMES_PROBES = (Reason.DEPENDENCY_DOWN, Reason.DEPENDENCY_SUSPECT, Reason.DEPENDENCY_RECOVERED)


@dataclass(frozen=True, slots=True)
class Renaming:
    """From which id to which; `own`: the probe is a service of its own, so that is renamed as well."""

    before: ProbeId
    now: ProbeId
    own: bool

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys of what the probe may raise."""
        old, new = probe_source(self.before), probe_source(self.now)
        return {signal_key(old, name): signal_key(new, name) for name in (DOWN, UNKNOWN)}

    def probe(self, id: str) -> str:
        return self.now if id == self.before else id

    def service(self, id: str) -> str:
        return self.probe(id) if self.own else id

    def matcher(self, matcher: Matcher) -> Matcher:
        """A pattern is kept as somebody has written it."""
        named = {"probe": self.before, "source": probe_source(self.before)}
        called = {"probe": self.now, "source": probe_source(self.now)}
        if self.own:
            named["service"], called["service"] = self.before, self.now
        if matcher.is_regex or named.get(matcher.name) != matcher.value:
            return matcher
        return replace(matcher, value=called[matcher.name])


def follow_renamed(draft: Draft) -> None:
    for probe in draft.configuration.probes.values():
        before = probe.renamed_from
        if before is not None and before not in draft.configuration.probes and is_new(draft, probe.id):
            rename(draft, Renaming(before, probe.id, is_own(draft.configuration, probe, before)))


def is_new(draft: Draft, probe: ProbeId) -> bool:
    """Is nothing known under this id?"""
    known = draft.get(Health, probe) or Health(probe)
    return known == Health(probe) and not draft.find("signals by probe", probe)


def is_own(configuration: Configuration, probe: Probe, before: ProbeId) -> bool:
    return probe.service == probe.id and before not in configuration.services


def rename(draft: Draft, renaming: Renaming) -> None:
    rename_health(draft, renaming)
    rename_signals(draft, renaming)
    rename_verdicts(draft, renaming)
    rename_tickets(draft, renaming)
    rename_silences(draft, renaming)
    if renaming.own:
        for story in draft.find("incidents by service", renaming.before):
            put_if_new(draft, story, replace(story, service=renaming.now))
    draft.tell(ProbeRenamed(renaming.now, renaming.before))


def rename_health(draft: Draft, renaming: Renaming) -> None:
    old = draft.get(Health, renaming.before) or Health(renaming.before)
    draft.put(replace(old, probe=renaming.now, formerly=renaming.before))
    if old != Health(renaming.before):
        draft.put(Health(renaming.before))


def rename_signals(draft: Draft, renaming: Renaming) -> None:
    """What stood under the old key ends there, and nobody is told that it is over."""
    for signal in draft.find("signals by probe", renaming.before):
        source, service = probe_source(renaming.now), renaming.service(signal.service)
        draft.put(replace(signal, raised=False))
        draft.put(replace(signal, source=source, probe=renaming.now, service=service))


def rename_verdicts(draft: Draft, renaming: Renaming) -> None:
    """On what it has raised itself, and on what waits for it."""
    for verdict in draft.all(Verdict):
        key = renaming.keys.get(verdict.signal, verdict.signal)
        if key != verdict.signal:
            draft.put(replace(verdict, action=Action.CLEAR, until=None, waits_on=()))
        waits_on = tuple(map(renaming.probe, verdict.waits_on))
        because = verdict.because
        if verdict.reason in NAMES_PROBES:
            because = ", ".join(map(renaming.probe, because.split(", ")))
        put_if_new(draft, verdict, replace(verdict, signal=key, waits_on=waits_on, because=because))


def rename_tickets(draft: Draft, renaming: Renaming) -> None:
    """Ended ones as well: they may be reopened, or hold back what was resolved by hand."""
    for ticket in draft.all(Ticket):
        keys = renaming.keys
        if ticket.probe == renaming.before or ticket.cause in keys or set(ticket.signals) & keys.keys():
            moved = replace(
                ticket,
                signals=tuple(keys.get(each, each) for each in ticket.signals),
                cause=keys.get(ticket.cause, ticket.cause),
                probe=ticket.probe and renaming.probe(ticket.probe),
                service=renaming.service(ticket.service),
            )
            draft.put(moved)


def rename_silences(draft: Draft, renaming: Renaming) -> None:
    for silence in draft.all(Silence):
        matchers = tuple(map(renaming.matcher, silence.matchers))
        put_if_new(draft, silence, replace(silence, matchers=matchers))


def put_if_new(draft: Draft, before: Record, after: Record) -> None:
    if after != before:
        draft.put(after)
