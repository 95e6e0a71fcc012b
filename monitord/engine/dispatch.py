"""Dispatch: a message is handed to its channel, within a deadline; whatever happens is an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from structlog.typing import FilteringBoundLogger

from monitord.config.settings import Broken, Settings
from monitord.core.delivery import Delivery, DeliveryRefused, DeliverySent
from monitord.core.ticket import Ticket
from monitord.core.world import World
from monitord.engine.clock import Clock, DeadlinePassed, within
from monitord.engine.letters import compose
from monitord.engine.links import Links
from monitord.engine.metrics import Metrics
from monitord.kinds import Channel, Letter, Refused, Sent
from monitord.net import Net


@dataclass(frozen=True, slots=True)
class Way:
    """A configured channel: its kind, and the options it was given."""

    channel: Channel[Any]
    options: Any


class Dispatch:
    """Hands over; `ways` are the configured channels by name, and may be replaced at any time."""

    def __init__(
        self,
        ways: Mapping[str, Way],
        links: Links,
        settings: Settings,
        net: Net,
        clock: Clock,
        log: FilteringBoundLogger,
        metrics: Metrics,
    ) -> None:
        self.ways, self.links, self.settings, self.net = ways, links, settings, net
        self.clock, self.log, self.metrics = clock, log, metrics
        self.bugs: set[tuple[str, str]] = set()

    def accept(self, settings: Settings, ways: Mapping[str, Way]) -> None:
        """From now on, these are the channels; what is being sent ends as it began."""
        self.settings, self.ways = settings, ways

    async def outcome(self, delivery: Delivery, world: World) -> DeliverySent | DeliveryRefused:
        """Try once, and say what came of it."""
        found = await self.answer(delivery, world)
        word = "sent" if isinstance(found, Sent) else "refused"
        self.metrics.deliveries.labels(delivery.channel, delivery.purpose.value, word).inc()
        if isinstance(found, Sent):
            return DeliverySent(delivery.id, found.receipt)
        return DeliveryRefused(delivery.id, found.why, found.permanent, found.ambiguous)

    async def answer(self, delivery: Delivery, world: World) -> Sent | Refused:
        way = self.ways.get(delivery.channel)
        if way is None:
            why = f"there is no channel `{delivery.channel}` in the configuration"
            return Refused(why, permanent=True)
        if isinstance(way.options, Broken):
            return Refused(f"the channel {delivery.channel} is broken: {way.options.why}", permanent=False)
        try:
            return await self.send(self.letter(delivery, world), way)
        except Exception as error:  # noqa: BLE001 - a bug in one channel costs this attempt only
            return self.bug(delivery, error)

    async def send(self, letter: Letter, way: Way) -> Sent | Refused:
        """Within the channel's deadline; after it nobody knows whether the message has left."""
        seconds = way.channel.deadline.total_seconds()
        try:
            return await within(self.clock, seconds, way.channel.send(way.options, letter, self.net))
        except DeadlinePassed:
            return Refused(f"no answer within {seconds:g} s", permanent=False, ambiguous=True)

    def letter(self, delivery: Delivery, world: World) -> Letter:
        person = world.configuration.people.get(delivery.person or "")
        ticket = None if delivery.ticket is None else world.get(Ticket, delivery.ticket)
        return compose(delivery, self.links, self.settings, person, ticket)

    def bug(self, delivery: Delivery, error: Exception) -> Refused:
        """Ours to mend: said with every attempt, told at length once."""
        name = type(error).__name__
        if (delivery.channel, name) not in self.bugs:
            self.bugs.add((delivery.channel, name))
            self.log.error("channel failed", channel=delivery.channel, exc_info=error)
        return Refused(f"the channel {delivery.channel} failed: {name}", permanent=False)
