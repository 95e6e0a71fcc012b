"""What the client asks about who and what there is, what is heard, and what was."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitord.client.access import AuditRow
from monitord.client.arranging import Arranging
from monitord.client.asking import spelled
from monitord.client.contacting import Contacting
from monitord.client.directory import (
    AddressRow,
    ArrivalRow,
    EventStory,
    FeedRow,
    HeartbeatRow,
    IntegrationRow,
    PersonRow,
    PolicyRow,
    RevisionRow,
    RotationRow,
    ServiceRow,
    SilenceRow,
    SubscriberRow,
    TeamRow,
)
from monitord.client.leaving import Leaving
from monitord.client.shapes import CheckRow, DeliveryRow, Done, ShiftRow, TicketRow
from monitord.client.simulation import Simulated


class Lists(Arranging, Leaving, Contacting):
    """Questions and acts; a list that may be long takes `limit`, and `all_tickets` reads every page."""

    # Who and what there is.

    def people(self) -> tuple[PersonRow, ...]:
        return self.get(tuple[PersonRow, ...], "people")

    def teams(self) -> tuple[TeamRow, ...]:
        return self.get(tuple[TeamRow, ...], "teams")

    def services(self) -> tuple[ServiceRow, ...]:
        return self.get(tuple[ServiceRow, ...], "services")

    def policies(self) -> tuple[PolicyRow, ...]:
        return self.get(tuple[PolicyRow, ...], "policies")

    def rotations(self) -> tuple[RotationRow, ...]:
        return self.get(tuple[RotationRow, ...], "rotations")

    def shifts(
        self, rotation: str, start: datetime | None = None, end: datetime | None = None
    ) -> tuple[ShiftRow, ...]:
        """Who is on call when, from now for four weeks unless said."""
        span = {"from": written(start), "to": written(end)}
        return self.get(tuple[ShiftRow, ...], f"rotations/{spelled(rotation)}/shifts", **span)

    def simulation(self, **asked: str | int | float | datetime | None) -> Simulated:
        """Who would be called: `probe`, `service` or `ticket`, and what else the route takes."""
        query = {
            key: written(value) if isinstance(value, datetime) else value for key, value in asked.items()
        }
        return self.get(Simulated, "simulation", **query)

    def feed(self, whose: str) -> FeedRow:
        """Where calendars read the shifts of a person or a rotation."""
        return self.get(FeedRow, f"feeds/{spelled(whose)}")

    def renew_feed(self, whose: str) -> FeedRow:
        """Another address; the old one is dead."""
        return self.done(FeedRow, f"feeds/{spelled(whose)}/renew", {})

    def subscribers(self, limit: int | None = None) -> tuple[SubscriberRow, ...]:
        return self.get(tuple[SubscriberRow, ...], "subscribers", limit=limit)

    def all_subscribers(self) -> Iterator[SubscriberRow]:
        """Every page of them."""
        return self.pages(SubscriberRow, "subscribers", limit=500)

    def remove_subscriber(self, subscriber: str) -> Done:
        """Nothing of the address is kept."""
        return self.act(f"subscribers/{spelled(subscriber)}/remove")

    # What is heard, and what is kept quiet.

    def heartbeats(self) -> tuple[HeartbeatRow, ...]:
        return self.get(tuple[HeartbeatRow, ...], "heartbeats")

    def integrations(self) -> tuple[IntegrationRow, ...]:
        return self.get(tuple[IntegrationRow, ...], "integrations")

    def events(self, integration: str | None = None, limit: int | None = None) -> tuple[ArrivalRow, ...]:
        """What came in, newest first."""
        return self.get(tuple[ArrivalRow, ...], "events", integration=integration, limit=limit)

    def event(self, number: int) -> EventStory:
        """One thing that came in, and what became of it."""
        return self.get(EventStory, f"events/{number}")

    def addresses(self) -> tuple[AddressRow, ...]:
        """Where integrations and heartbeats are spoken to, with their secrets."""
        return self.get(tuple[AddressRow, ...], "addresses")

    def silences(self) -> tuple[SilenceRow, ...]:
        return self.get(tuple[SilenceRow, ...], "silences")

    def add_silence(
        self,
        matchers: Sequence[Mapping[str, Any]],
        reason: str,
        end: datetime,
        start: datetime | None = None,
    ) -> Done:
        """A matcher has `name` and `value`, and `is_regex` and `is_equal` if they are not false and true."""
        said = [dict(each) for each in matchers]
        return self.act("silences", matchers=said, reason=reason, end=written(end), start=written(start))

    def end_silence(self, silence: str) -> Done:
        return self.act(f"silences/{spelled(silence)}/end")

    # What was.

    def all_tickets(self, **wanted: Any) -> Iterator[TicketRow]:
        """Every page of what is wanted: state, service, priority, q, sort, limit."""
        return self.pages(TicketRow, "tickets", **wanted)

    def messages(self, state: str | None = None, limit: int | None = None) -> tuple[DeliveryRow, ...]:
        """Every message, newest first."""
        return self.get(tuple[DeliveryRow, ...], "deliveries", state=state, limit=limit)

    def results(
        self, probe: str, since: datetime | None = None, limit: int | None = None
    ) -> tuple[CheckRow, ...]:
        """The checks of a probe since then, oldest first."""
        asked = {"probe": probe, "since": written(since), "limit": limit}
        return self.get(tuple[CheckRow, ...], "results", **asked)

    def audit(self, by: str | None = None, limit: int | None = None) -> tuple[AuditRow, ...]:
        """Who did what, newest first."""
        return self.get(tuple[AuditRow, ...], "audit", by=by, limit=limit)

    def revisions(self, limit: int | None = None) -> tuple[RevisionRow, ...]:
        """The configurations that were accepted, newest first."""
        return self.get(tuple[RevisionRow, ...], "revisions", limit=limit)


def written(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
