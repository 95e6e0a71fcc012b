"""observe: what was seen becomes a signal."""

from dataclasses import replace

from monitord.core.check import CheckResult
from monitord.core.facts import ConfigurationAccepted
from monitord.core.health import Health, observe
from monitord.core.report import heartbeat_source
from monitord.core.restored import EpochBegun, InstallationRestored
from monitord.core.signal import Signal, SignalCleared, SignalMoved, SignalRaised, from_flip, source_removed
from monitord.core.stages import listen
from monitord.core.stages.rename import follow_renamed
from monitord.core.world import Configuration, Draft, Stage


def observe_check(draft: Draft, result: CheckResult) -> None:
    """Count the result; a late one of a probe that is no longer configured is dropped."""
    probe = draft.configuration.probes.get(result.probe)
    if probe is None:
        return
    health = draft.get(Health, probe.id) or Health(probe.id)
    after, flips = observe(health, result, probe)
    if after is not health:
        draft.put(after)
    for flip in flips:
        draft.tell(flip)
        say(draft, from_flip(flip, probe.service, draft.now))


def say(draft: Draft, signal: Signal) -> None:
    draft.put(signal)
    draft.tell(SignalRaised(signal) if signal.raised else SignalCleared(signal))


def forget_removed_probes(draft: Draft, fact: ConfigurationAccepted) -> None:
    """What nobody checks any more can neither be down nor recover: its signals are cleared, its count starts
    anew.
    """
    probes = draft.configuration.probes
    for signal in draft.all(Signal):
        if signal.probe is not None and signal.probe not in probes:
            say(
                draft,
                source_removed(signal, draft.now, f"probe {signal.probe} was removed from the configuration"),
            )
    for health in draft.all(Health):
        if health.probe not in probes and health != Health(health.probe):
            draft.put(Health(health.probe))


def accept(draft: Draft, fact: ConfigurationAccepted) -> None:
    """Look at everything that was known under another configuration."""
    follow_renamed(draft)
    forget_removed_probes(draft, fact)
    listen.accept(draft, fact)
    follow_moved(draft, fact)


def follow_moved(draft: Draft, fact: ConfigurationAccepted) -> None:
    """A probe or a heartbeat may answer for another service now: so does what it has raised."""
    for signal in draft.all(Signal):
        service = answers_for(draft.configuration, signal)
        if service not in (None, signal.service):
            moved = replace(signal, service=service)
            draft.put(moved)
            draft.tell(SignalMoved(moved, signal.service))


def answers_for(configuration: Configuration, signal: Signal) -> str | None:
    """The service of a signal's probe or heartbeat; an integration says the service itself."""
    probe = configuration.probes.get(signal.probe or "")
    _, _, which = signal.source.partition("/")
    heartbeat = configuration.heartbeats.get(which) if signal.source == heartbeat_source(which) else None
    source = probe or heartbeat
    return source.service if source else None


def begin_anew(draft: Draft, fact: EpochBegun) -> None:
    """The same installation, as a new epoch; no number is given twice."""
    before = draft.installation
    draft.put(replace(before, epoch=fact.epoch, next_ticket=max(before.next_ticket, fact.next_ticket)))
    draft.tell(InstallationRestored(fact.epoch, before.epoch))


OBSERVE: Stage = {
    EpochBegun: begin_anew,
    CheckResult: observe_check,
    ConfigurationAccepted: accept,
    **listen.LISTEN,
}
