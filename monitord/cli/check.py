"""`monitord check [PROBE…]`: run probes once, now; nothing is stored and nobody is paged."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from monitord.cli.faults import NO
from monitord.cli.options import chosen, config_option, json_option, named, print_json
from monitord.config import options
from monitord.config.loading import load
from monitord.core.check import Outcome, Phases, Probe
from monitord.engine.clock import RealClock
from monitord.kinds import Finding
from monitord.net import Net

AT_ONCE = 64
MARKS = {
    Outcome.OK: ("✓", "green"),
    Outcome.WARNING: ("!", "yellow"),
    Outcome.CRITICAL: ("✗", "red"),
    Outcome.UNKNOWN: ("?", "magenta"),
}
PHASES = ("resolve", "connect", "tls", "first_byte", "transfer")


@dataclass(frozen=True, slots=True)
class Checked:
    probe: Probe
    finding: Finding
    took: timedelta


@click.command()
@click.argument("names", metavar="[PROBE]...", nargs=-1)
@config_option
@json_option
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], path: Path | None, as_json: bool) -> None:
    """Run probes once, now; show what was found and how long each phase took. Exit code 1 if one fails."""
    loaded = load(chosen(ctx, path))
    asked = named("probe", names, loaded.configuration.probes)
    results = [without_secrets(each, loaded.hush) for each in asyncio.run(run_all(asked))]
    if as_json:
        print_json([row(result) for result in results])
    elif not results:
        click.echo("There are no probes in the configuration.")
    else:
        for result in results:
            show(result)
    if any(result.finding.outcome in (Outcome.CRITICAL, Outcome.UNKNOWN) for result in results):
        ctx.exit(NO)


async def run_all(probes: list[Probe]) -> list[Checked]:
    """All of them, some at once; in the order they were asked for."""
    clock = RealClock()
    net = Net(now=clock.now)
    places = asyncio.Semaphore(AT_ONCE)
    kinds = options.probers().kinds

    async def one(probe: Probe) -> Checked:
        async with places:
            begun = clock.monotonic()
            finding = await found(kinds[probe.kind].spec, probe, net)
            return Checked(probe, finding, timedelta(seconds=clock.monotonic() - begun))

    try:
        return list(await asyncio.gather(*map(one, probes)))
    finally:
        await net.close()


async def found(kind: Any, probe: Probe, net: Net) -> Finding:
    """As the daemon judges it: silence is a failure, a bug in the kind is none of the target's."""
    seconds = probe.timeout.total_seconds()
    try:
        async with asyncio.timeout(seconds):
            finding: Finding = await kind.check(probe.options, net)
            return finding
    except TimeoutError:
        return Finding(Outcome.CRITICAL, f"no answer within {seconds:g} s")
    except Exception as error:  # noqa: BLE001 - a bug in one kind costs its own probes only
        return Finding(
            Outcome.UNKNOWN, f"not known: the kind {probe.kind} has failed ({type(error).__name__})"
        )


def without_secrets(result: Checked, hush: Callable[[str], str]) -> Checked:
    """A finding may quote what was asked for."""
    return replace(result, finding=replace(result.finding, summary=hush(result.finding.summary)))


def show(result: Checked) -> None:
    mark, color = MARKS[result.finding.outcome]
    click.secho(f"{mark} {result.probe.id}", fg=color, bold=True, nl=False)
    click.echo(f"  {result.finding.summary}  ({milliseconds(result.took)})")
    times = phase_times(result.finding.phases)
    if times:
        click.secho("  " + "  ".join(f"{name} {time:.1f} ms" for name, time in times.items()), dim=True)


def phase_times(phases: Phases | None) -> dict[str, float]:
    """Milliseconds by phase, in the order they happen."""
    if phases is None:
        return {}
    spans = {name: getattr(phases, name) for name in PHASES}
    return {name: span / timedelta(milliseconds=1) for name, span in spans.items() if span is not None}


def milliseconds(span: timedelta) -> str:
    return f"{span / timedelta(milliseconds=1):.0f} ms"


def row(result: Checked) -> dict[str, object]:
    return {
        "probe": result.probe.id,
        "outcome": result.finding.outcome,
        "summary": result.finding.summary,
        "took_ms": round(result.took / timedelta(milliseconds=1), 3),
        "phases_ms": {name: round(time, 3) for name, time in phase_times(result.finding.phases).items()},
    }
