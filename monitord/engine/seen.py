"""Seen: what an integration may see: what it has raised itself, and the silences made for that."""

from monitord.core.check import Instant
from monitord.core.report import inbound_source
from monitord.core.signal import Signal
from monitord.core.silence import Silence
from monitord.core.world import World
from monitord.kinds import Stood

OURS = "integration"  # the label by which a silence is kept to one integration


def seen_by(integration: str, world: World, now: Instant) -> tuple[tuple[Stood, ...], tuple[Silence, ...]]:
    """Its signals, each with the silences that hold it, and the silences of its own."""
    source, fits = inbound_source(integration), world.configuration.fits
    running = [each for each in world.all(Silence) if each.running(now)]
    signals = tuple(
        Stood(signal, tuple(each.id for each in running if each.covers(signal, fits)))
        for signal in world.all(Signal)
        if signal.source == source
    )
    return signals, tuple(each for each in world.all(Silence) if is_own(each, integration))


def is_own(silence: Silence, integration: str) -> bool:
    return any((one.name, one.value) == (OURS, integration) for one in silence.matchers)
