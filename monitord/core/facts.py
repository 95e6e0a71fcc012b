"""All facts and all records: whatever can happen, and whatever is stored of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from monitord.core.almanac import Almanac, AlmanacStanding, CalendarFact
from monitord.core.amendment import AddOverride, Amendment, OverrideDue, RemoveOverride
from monitord.core.check import CheckResult, ClockSet
from monitord.core.command import Command, OpenTicket
from monitord.core.contact import AskForCode, Contact, SayCode
from monitord.core.delivery import (
    AttemptStarted,
    Delivery,
    DeliveryInterrupted,
    DeliveryRefused,
    DeliverySent,
)
from monitord.core.employment import Employ, Employment, RemoveEmployment
from monitord.core.escalation import Escalation, EscalationDue
from monitord.core.gap import LookForGaps
from monitord.core.handoff import Duty, LookAtContacts, LookAtDuty
from monitord.core.health import Health
from monitord.core.heartbeat import Deaf, Pinged, Pulse, PulseDue
from monitord.core.leave import AddLeave, Leave, LeaveDue, RemoveLeave
from monitord.core.report import Report
from monitord.core.restored import EpochBegun
from monitord.core.signal import Signal, SignalDue
from monitord.core.silence import AddSilence, EndSilence, Silence, SilenceDue
from monitord.core.statuspage import Incident, IncidentDue, Post, WritePost
from monitord.core.subscription import (
    Broadcast,
    ConfirmSubscription,
    ExpandBroadcast,
    Subscribe,
    Subscriber,
    SubscriberDue,
    Unsubscribe,
)
from monitord.core.swap import AcceptSwap, AskSwap, DeclineSwap, Swap, SwapDue
from monitord.core.ticket import Ticket, TicketDue
from monitord.core.verdict import Verdict, VerdictDue
from monitord.core.way_in import WarnOwner
from monitord.core.webhook import WebhookStanding


@dataclass(frozen=True, slots=True)
class Installation:
    """What this store is: its epoch (drawn when it was created), and the numbers that come next."""

    epoch: str
    next_ticket: int = 1
    next_silence: int = 1
    next_override: int = 1
    next_swap: int = 1
    next_leave: int = 1
    next_employment: int = 1

    @property
    def key(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class ConfigurationAccepted:
    """A fact: the world's configuration is now this revision."""

    revision: str


Record = (
    Installation
    | Health
    | Signal
    | Verdict
    | Ticket
    | Escalation
    | Delivery
    | Incident
    | Post
    | Subscriber
    | Broadcast
    | WebhookStanding
    | Pulse
    | Silence
    | Amendment
    | Almanac
    | AlmanacStanding
    | Swap
    | Duty
    | Contact
    | Leave
    | Employment
)
RECORDS: tuple[type[Any], ...] = get_args(Record)
Due = (
    VerdictDue
    | TicketDue
    | EscalationDue
    | IncidentDue
    | SubscriberDue
    | SignalDue
    | PulseDue
    | SilenceDue
    | OverrideDue
    | SwapDue
    | LeaveDue
)
Fact = (
    CheckResult
    | Report
    | Pinged
    | Deaf
    | AddSilence
    | EndSilence
    | LookAtDuty
    | LookAtContacts
    | LookForGaps
    | AskForCode
    | SayCode
    | WarnOwner
    | AddOverride
    | RemoveOverride
    | CalendarFact
    | AddLeave
    | RemoveLeave
    | Employ
    | RemoveEmployment
    | AskSwap
    | AcceptSwap
    | DeclineSwap
    | ClockSet
    | ConfigurationAccepted
    | Due
    | Command
    | OpenTicket
    | WritePost
    | Subscribe
    | ConfirmSubscription
    | Unsubscribe
    | ExpandBroadcast
    | AttemptStarted
    | DeliverySent
    | DeliveryRefused
    | DeliveryInterrupted
    | EpochBegun
)

DUE_FACTS: dict[type[Any], Callable[[Any], Due]] = {
    Verdict: VerdictDue,
    Ticket: TicketDue,
    Escalation: EscalationDue,
    Incident: IncidentDue,
    Subscriber: SubscriberDue,
    Signal: SignalDue,
    Pulse: PulseDue,
    Silence: SilenceDue,
    Amendment: OverrideDue,
    Swap: SwapDue,
    Leave: LeaveDue,
}
