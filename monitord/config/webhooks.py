"""What people write about other systems that hear of tickets."""

from typing import Annotated, Literal

from pydantic import Field

from monitord.config import limits
from monitord.config.shapes import Identified
from monitord.config.words import Ids
from monitord.core.organization import Priority
from monitord.core.webhook import Webhook

Urgency = Literal["urgent", "high", "medium", "low"]
EventName = Literal[
    "incident.triggered",
    "incident.acknowledged",
    "incident.unacknowledged",
    "incident.resolved",
    "incident.reopened",
    "incident.escalated",
    "incident.reassigned",
    "incident.delegated",
    "incident.annotated",
    "incident.priority_updated",
    "incident.responder.added",
    "incident.responder.replied",
]


class WebhookShape(Identified):
    """Another system; what is left out stands for everything. The keys of the channel `webhook` stand beside
    these.
    """

    services: Ids = ()
    priorities: Annotated[tuple[Urgency, ...], Field(max_length=limits.NAMES_MAX)] = ()
    events: Annotated[tuple[EventName, ...], Field(max_length=limits.NAMES_MAX)] = ()


def webhook(id: str, shape: WebhookShape) -> Webhook:
    priorities = tuple(Priority(word) for word in shape.priorities)
    return Webhook(id, shape.services, priorities, tuple(shape.events))
