"""Probes as the API says and the screens show them: hard state, streak, the last result, what is held."""

from collections.abc import Iterable
from datetime import timedelta

from monitord.client.shapes import CheckRow, Held, PhaseTimes, ProbeNow
from monitord.core.check import Phases, Probe
from monitord.core.health import Health
from monitord.core.signal import Signal
from monitord.core.ticket import Ticket
from monitord.core.timeline import REASONS
from monitord.core.verdict import Action, Verdict
from monitord.core.world import World
from monitord.engine.agent import Observation
from monitord.engine.engine import Engine
from monitord.store.measurements import Measurement

STATES = ("down", "blind", "failing", "recovering", "new", "up")  # what to look at first
NO_PHASES = Phases()


def all_probes(engine: Engine) -> list[ProbeNow]:
    """Every probe, the worst first."""
    probes = (probe_now(probe, engine) for probe in engine.world.configuration.probes.values())
    return sorted(probes, key=lambda probe: (STATES.index(probe.state), probe.id))


def unwell(engine: Engine) -> list[ProbeNow]:
    """Those that are down, failing, coming back or blind; a probe that always passed is not looked at."""
    world, probes = engine.world, engine.world.configuration.probes
    healths: Iterable[Health] = world.shelf.table(Health).values()
    found = [each.probe for each in healths if each.blind or not each.up or each.streak]
    shown = (probe_now(probes[id], engine) for id in found if id in probes)
    return sorted(shown, key=lambda probe: (STATES.index(probe.state), probe.id))


def worst_first(engine: Engine, word: str = "") -> list[Probe]:
    """Every probe with that word in its name, service or target, without looking closer at any of them."""
    healths, probes = engine.world.shelf.table(Health), engine.world.configuration.probes
    by_state: dict[str, list[str]] = {state: [] for state in STATES}
    for id, probe in probes.items():
        if word and word not in f"{id} {probe.service} {probe.title}".lower():
            continue
        health, latest = healths.get(id), engine.latest.get(id)
        state = state_of(health, latest) if health else ("up" if latest else "new")
        by_state[state].append(id)
    return [probes[id] for ids in by_state.values() for id in sorted(ids)]


def probe_now(probe: Probe, engine: Engine) -> ProbeNow:
    world = engine.world
    health = world.get(Health, probe.id) or Health(probe.id)
    latest = engine.latest.get(probe.id)
    signals: list[Signal] = world.find("signals by probe", probe.id)
    return ProbeNow(
        id=probe.id,
        title=probe.title,
        kind=probe.kind,
        service=probe.service,
        state=state_of(health, latest),
        up=health.up,
        since=health.since,
        streak=health.streak,
        needed=probe.failures if health.up else probe.passes,
        unknowns=health.unknowns,
        every=probe.every.total_seconds(),
        failures=probe.failures,
        passes=probe.passes,
        depends_on=probe.depends_on,
        last=observed(latest) if latest else None,
        held=tuple(held for signal in signals if (held := hold_on(signal, world))),
        tickets=tickets_of(signals, world),
    )


def state_of(health: Health, latest: Observation | None) -> str:
    """One word for the hard and the soft state together."""
    if health.blind:
        return "blind"
    if not health.up:
        return "recovering" if health.streak else "down"
    if health.streak:
        return "failing"
    return "up" if latest or health.since else "new"


def hold_on(signal: Signal, world: World) -> Held | None:
    verdict = world.get(Verdict, signal.key)
    if verdict is None or verdict.action is not Action.HOLD:
        return None
    return Held(
        signal=signal.key,
        probe=signal.probe,
        summary=signal.summary,
        reason=REASONS[verdict.reason],
        because=verdict.because,
        since=verdict.at,
        until=verdict.until,
    )


def everything_held(world: World) -> list[Held]:
    """Every signal that is raised and wakes nobody."""
    return [held for signal in world.all(Signal) if (held := hold_on(signal, world))]


def tickets_of(signals: list[Signal], world: World) -> tuple[int, ...]:
    found: list[Ticket] = [
        ticket for signal in signals for ticket in world.find("tickets by signal", signal.key)
    ]
    return tuple(dict.fromkeys(ticket.number for ticket in found))


def observed(observation: Observation) -> CheckRow:
    result = observation.result
    return CheckRow(
        at=result.at,
        outcome=result.outcome.value,
        summary=result.summary,
        took=milliseconds(result.took),
        phases=phase_times(observation.phases or NO_PHASES),
    )


def measured(check: Measurement) -> CheckRow:
    return CheckRow(
        check.at, check.outcome.value, check.summary, milliseconds(check.took), phase_times(check.phases)
    )


def phase_times(phases: Phases) -> PhaseTimes:
    return PhaseTimes(
        resolve=maybe(phases.resolve),
        connect=maybe(phases.connect),
        tls=maybe(phases.tls),
        first_byte=maybe(phases.first_byte),
        transfer=maybe(phases.transfer),
    )


def maybe(span: timedelta | None) -> float | None:
    return None if span is None else milliseconds(span)


def milliseconds(span: timedelta) -> float:
    return round(span.total_seconds() * 1000, 3)
