"""publish: what customers feel becomes a component's state, a public incident, and posts."""

from collections.abc import Iterator
from dataclasses import replace

from monitord.core.check import ClockSet
from monitord.core.facts import ConfigurationAccepted
from monitord.core.health import ProbeRenamed
from monitord.core.organization import ComponentState, Service
from monitord.core.report import inbound_source
from monitord.core.signal import Signal, SignalMoved, SignalWorsened, probe_source, signal_key
from monitord.core.statuspage import (
    ComponentsChanged,
    Incident,
    IncidentDue,
    Post,
    PostPublished,
    PostRefused,
    WritePost,
    begun,
    first_post,
    joined,
    obeyed,
    objection,
    recovered,
    returned,
    showing,
    shows,
    told_from,
)
from monitord.core.verdict import Action, Judged, Reason, Verdict
from monitord.core.world import Draft, Stage


def follow(draft: Draft, event: Judged) -> None:
    """Customers feel what is raised, and what is held only because something else is down too."""
    service = draft.configuration.services.get(event.signal.service)
    verdict = event.verdict
    if verdict.action is Action.CLEAR or verdict.reason is Reason.MAINTENANCE:
        felt_here = event.before is not None and event.before.felt and not has_moved(draft, event.signal)
        if felt_here:
            heal(draft, event.signal.service, verdict.reason)
    elif service is not None and shown(service) and verdict.felt:
        show(draft, service, event.signal, silent=verdict.action is Action.HOLD)


def shown(service: Service) -> bool:
    """Can customers see this service fail at all?"""
    return bool(service.components) and service.public.effect is not ComponentState.OPERATIONAL


def look_again(draft: Draft, fact: ConfigurationAccepted) -> None:
    """A service may have other components now, or other probes; and the clock may be another one."""
    for signal in draft.all(Signal):
        show_if_felt(draft, signal)
    for story in draft.all(Incident):
        sooner = unstretch(draft, story)
        if sooner != story:
            draft.put(sooner)


def follow_worse(draft: Draft, event: SignalWorsened) -> None:
    """What was harmless may be a failure now."""
    show_if_felt(draft, event.signal)


def move(draft: Draft, event: SignalMoved) -> None:
    """The service that a signal has left may have nothing else that keeps its story alive; the other has one
    more. Who moved a probe or a heartbeat away watches the old service no longer; who reports another service
    now has said that nothing was wrong with the old one.
    """
    show_if_felt(draft, event.signal)
    if was_felt(draft, event.signal):
        reported = event.signal.source.startswith(inbound_source(""))
        heal(draft, event.before, Reason.RECOVERED if reported else Reason.REMOVED)


def was_felt(draft: Draft, signal: Signal) -> bool:
    """Did customers feel this signal until now?"""
    verdict = draft.below.get(Verdict, key_before(draft, signal))
    return verdict is not None and verdict.felt


def key_before(draft: Draft, signal: Signal) -> str:
    """Under which key it was known until now; its probe may just have been renamed."""
    for event in draft.events:
        if isinstance(event, ProbeRenamed) and event.probe == signal.probe:
            return signal_key(probe_source(event.before), signal.name)
    return signal.key


def has_moved(draft: Draft, signal: Signal) -> bool:
    """Was it another service's until now?"""
    return any(isinstance(event, SignalMoved) and event.signal.key == signal.key for event in draft.events)


def show_if_felt(draft: Draft, signal: Signal) -> None:
    service, verdict = draft.configuration.services.get(signal.service), draft.get(Verdict, signal.key)
    if service is not None and shown(service) and verdict is not None and verdict.felt:
        show(draft, service, signal, silent=verdict.action is Action.HOLD)


def unstretch(draft: Draft, story: Incident) -> Incident:
    """The clock may have been set back while we were not running: no post waits longer than was meant."""
    service = draft.configuration.services.get(story.service or "")
    if service is None or story.publish_at is None:
        return story
    return replace(story, publish_at=min(story.publish_at, draft.now + service.public.publish_after))


def show(draft: Draft, service: Service, signal: Signal, *, silent: bool) -> None:
    """The components change at once; unless `silent`, a post follows after the service's time."""
    names = draft.configuration.component_names(service.components)
    before = current(draft, service)
    story = before or begun(draft.installation.epoch, service, names, signal.key, signal.since, draft.now)
    story = joined(story, signal.since)
    if not silent:
        story = told_from(story, service.public.publish_after, draft.now)

    if story.publish_at is not None and story.publish_at <= draft.now:
        publish(draft, *first_post(showing(story, service), names, draft.now))
    elif not shows(story, service):
        again = (
            returned(story, service, names, draft.now) if story.public else (showing(story, service), None)
        )
        publish(draft, *again)
    elif story is not before:
        publish(draft, story, None)


def current(draft: Draft, service: Service) -> Incident | None:
    stories = draft.find("incidents by service", service.id)
    return stories[0] if stories else None


def heal(draft: Draft, service: str, reason: Reason) -> None:
    """One signal less; without any the story ends, or waits for the person who wrote on it."""
    if any(felt_signals(draft, service)):
        return
    for story in draft.find("incidents by service", service):
        if story.affects:
            affected = [component for component, _ in story.affects]
            elsewhere = (component for component in affected if fails_elsewhere(draft, story, component))
            names = draft.configuration.component_names
            publish(draft, *recovered(story, names(affected), draft.now, reason, names(elsewhere)))
            changed(draft, story)


def fails_elsewhere(draft: Draft, story: Incident, component: str) -> bool:
    """Does another story say that this component is not well?"""
    others = (each for each in draft.find("incidents by component", component) if each.id != story.id)
    return any(dict(each.affects)[component] is not ComponentState.OPERATIONAL for each in others)


def felt_signals(draft: Draft, service: str | None) -> Iterator[str]:
    """The signals of the service that customers feel, in no order."""
    for key in draft.keys("signals by service", service):
        verdict = draft.get(Verdict, key)
        if verdict is not None and verdict.felt:
            yield key


def publish(draft: Draft, story: Incident, post: Post | None) -> None:
    draft.put(story)
    if post is not None:
        draft.put(post)
        draft.tell(PostPublished(post))
    changed(draft, story)


def changed(draft: Draft, story: Incident) -> None:
    if story.affects:
        draft.tell(ComponentsChanged(story.id, tuple(component for component, _ in story.affects)))


def say_first(draft: Draft, fact: IncidentDue) -> None:
    """Nobody has posted and it has not recovered: monitord says it."""
    story = draft.get(Incident, fact.incident)
    if story is not None and story.due is not None and story.due <= draft.now:
        names = draft.configuration.component_names(component for component, _ in story.affects)
        publish(draft, *first_post(story, names, draft.now))


def write(draft: Draft, command: WritePost) -> None:
    story = draft.get(Incident, command.incident) if command.incident else None
    felt = min(felt_signals(draft, story.service), default=None) if story else None
    why_not = objection(story, command, felt)
    if why_not:
        draft.tell(PostRefused(command.incident or "", command.by, why_not))
        return
    publish(draft, *obeyed(story, command, draft.installation.epoch, draft.now))


def shift(draft: Draft, fact: ClockSet) -> None:
    for story in draft.all(Incident):
        if story.publish_at is not None:
            draft.put(replace(story, publish_at=story.publish_at + fact.by))


PUBLISH: Stage = {
    Judged: follow,
    IncidentDue: say_first,
    WritePost: write,
    ConfigurationAccepted: look_again,
    SignalMoved: move,
    SignalWorsened: follow_worse,
    ClockSet: shift,
}
