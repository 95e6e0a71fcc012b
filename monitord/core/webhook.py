"""A webhook: another system that hears of tickets.

Theory of operation. What happens to a ticket becomes a *notice* for each webhook that wants it: a snapshot of
the ticket as the decision leaves it, in a delivery with an id of its own, stored in the same commit. The
notices of one ticket for one webhook are a chain and leave one after the other: only the first that is not
settled has its turn. What is refused for a while is tried again for two days, under the same id. Three in a
row that are refused for good disable the webhook for a day: what waits is withdrawn, what happens meanwhile
is recorded as not sent, and monitord says so as it says everything that is wrong with itself. A webhook is
never waited for: it has no part in any ticket's way up.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from monitord.core.check import Instant
from monitord.core.escalation import Escalation
from monitord.core.organization import Priority, Service
from monitord.core.ticket import Ticket

DROPS_MAX = 3
DISABLED_FOR = timedelta(hours=24)
CHANNEL = "webhook"

TRIGGERED = "incident.triggered"
ACKNOWLEDGED = "incident.acknowledged"
UNACKNOWLEDGED = "incident.unacknowledged"
RESOLVED = "incident.resolved"
REOPENED = "incident.reopened"
ESCALATED = "incident.escalated"
REASSIGNED = "incident.reassigned"
DELEGATED = "incident.delegated"
ANNOTATED = "incident.annotated"
PRIORITY_UPDATED = "incident.priority_updated"
RESPONDER_ADDED = "incident.responder.added"
RESPONDER_REPLIED = "incident.responder.replied"
EVENTS = (
    TRIGGERED,
    ACKNOWLEDGED,
    UNACKNOWLEDGED,
    RESOLVED,
    REOPENED,
    ESCALATED,
    REASSIGNED,
    DELEGATED,
    ANNOTATED,
    PRIORITY_UPDATED,
    RESPONDER_ADDED,
    RESPONDER_REPLIED,
)

Named = tuple[str, str]  # an id, and what it is called


@dataclass(frozen=True, slots=True)
class Webhook:
    """What one is told of; what is empty stands for everything."""

    id: str
    services: tuple[str, ...] = ()
    priorities: tuple[Priority, ...] = ()
    events: tuple[str, ...] = ()

    def wants(self, event: str, ticket: Ticket) -> bool:
        """It follows what it has once heard of, whatever becomes of that: no beginning without an end."""
        return (not self.events or event in self.events) and (self.id in ticket.told or self.meant(ticket))

    def meant(self, ticket: Ticket) -> bool:
        return (not self.services or ticket.service in self.services) and (
            not self.priorities or ticket.priority in self.priorities
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """One event of one ticket, as it was: `id` is the event's, whoever hears of it; `agent` did it (None:
    monitord itself), `note` is what was said, `called` are those it is about.
    """

    id: str
    event: str
    at: Instant
    agent: Named | None
    number: int
    title: str
    state: str
    key: str
    created: Instant
    service: Named
    priority: Priority
    summary: str = ""
    team: str = ""
    policy: str = ""
    assignees: tuple[Named, ...] = ()
    resolution: str = ""
    note: str = ""
    called: tuple[Named, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WebhookStanding:
    """How many in a row it refused for good, and until when it is disabled for that."""

    webhook: str
    drops: int = 0
    disabled_until: Instant | None = None

    @property
    def key(self) -> str:
        return self.webhook

    @property
    def live(self) -> bool:
        return self.drops > 0 or self.disabled_until is not None

    def disabled(self, now: Instant) -> bool:
        return self.disabled_until is not None and now < self.disabled_until


@dataclass(frozen=True, slots=True)
class WebhookDisabled:
    webhook: str
    until: Instant
    why: str


def noticed(
    epoch: str,
    event: str,
    ticket: Ticket,
    escalation: Escalation | None,
    service: Service,
    agent: Named | None,
    note: str,
    now: Instant,
) -> Notice:
    """The snapshot; who is assigned is whoever has it, else everybody who is asked."""
    asked = (ticket.holder,) if ticket.holder else escalation.circle if escalation else ()
    return Notice(
        id=f"{epoch}/{ticket.number}/{ticket.notices}",
        event=event,
        at=now,
        agent=agent,
        number=ticket.number,
        title=ticket.title,
        state=ticket.state.value,
        key=f"{epoch}/{ticket.number}",
        created=ticket.opened,
        service=(service.id, service.name or service.id),
        priority=ticket.priority,
        summary=ticket.summary,
        team=service.team,
        policy=escalation.policy.id if escalation else "",
        assignees=tuple((person, person) for person in asked),
        resolution=ticket.resolution.value if ticket.resolution else "",
        note=note,
        details=ticket.details,
        links=ticket.links,
    )


def refused_for_good(standing: WebhookStanding, now: Instant) -> WebhookStanding:
    """One more in a row; the third disables it for a day, and the count begins anew."""
    if standing.drops + 1 < DROPS_MAX:
        return replace(standing, drops=standing.drops + 1)
    return replace(standing, drops=0, disabled_until=now + DISABLED_FOR)


def channel_of(webhook: str) -> str:
    """Each webhook is a channel of its own, so that none waits for another."""
    return f"{CHANNEL}/{webhook}"


def chain_of(epoch: str, ticket: int, webhook: str) -> str:
    """What the notices of one ticket for one webhook have in common."""
    return f"{epoch}/{ticket}/{CHANNEL}/{webhook}"


def place_of(delivery: str) -> tuple[str, str] | None:
    """The chain and the webhook of a delivery, by its id; None if it is not for a webhook."""
    chain, _, _ = delivery.rpartition("/")
    parts = chain.split("/")
    return (chain, parts[3]) if len(parts) == 4 and parts[2] == CHANNEL else None
