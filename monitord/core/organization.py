"""Who and what there is: people and how to reach them, teams, services, and what the public sees of them."""

from dataclasses import dataclass
from datetime import time, timedelta
from enum import Enum
from string import ascii_lowercase, ascii_uppercase

from monitord.core.check import PersonId


class Priority(Enum):
    """Decides, alone, who is woken."""

    URGENT = "urgent"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def outranks(self, other: "Priority") -> bool:
        """Is it more pressing than the other one?"""
        return URGENCY[self] < URGENCY[other]


URGENCY = {priority: rank for rank, priority in enumerate(Priority)}
SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


def folded(address: str) -> str:
    """As addresses are compared: hosts, and nearly all mailboxes, make none between a and A. Whatever
    is not ASCII is only itself (RFC 6531): `lower` makes a k of the KELVIN SIGN, which is another mailbox.
    """
    return address.translate(SMALL)


@dataclass(frozen=True, slots=True)
class ContactMethod:
    """A channel, an address, how long after the start of a page it is tried unless somebody answered, and for
    which priorities; for all if none is named.
    """

    channel: str
    address: str
    after: timedelta = timedelta(0)
    priorities: tuple[Priority, ...] = ()

    def serves(self, priority: Priority) -> bool:
        """Is it meant for pages of this priority?"""
        return not self.priorities or priority in self.priorities


@dataclass(frozen=True, slots=True)
class Quiet:
    """When a person wants to be left alone: [begin, end) of these days (0 is Monday); of every day if none is
    named, the whole day if no hours are. An end that is not after its begin lies on the next day.
    """

    hours: tuple[tuple[time, time], ...] = ()
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be paged; `quiet` is read in their own zone."""

    id: PersonId
    name: str
    time_zone: str = "UTC"
    reach: tuple[ContactMethod, ...] = ()
    quiet: Quiet | None = None
    handoff_news: bool = True

    def methods(self, priority: Priority) -> tuple[tuple[int, ContactMethod], ...]:
        """What a page of this priority is sent by, each with its place in `reach`. Where nothing is meant for
        it, the first is used: a page is never lost.
        """
        places = tuple(enumerate(self.reach))
        return tuple(each for each in places if each[1].serves(priority)) or places[:1]


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    members: tuple[PersonId, ...] = ()
    managers: tuple[PersonId, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do what in the whole organisation: people, teams, or `everybody`; see web/access/roles.py."""

    administrators: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    responders: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()


class ComponentState(Enum):
    """What the public sees of a component, from best to worst; maintenance is a state of its own."""

    OPERATIONAL = "operational"
    MAINTENANCE = "maintenance"
    DEGRADED = "degraded"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"

    @property
    def rank(self) -> int:
        """0 is best; the worst of several is what is shown."""
        return RANKS[self]

    @property
    def words(self) -> str:
        return self.value.replace("_", " ")


RANKS = {state: rank for rank, state in enumerate(ComponentState)}


@dataclass(frozen=True, slots=True)
class Component:
    id: str
    name: str
    group: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class StatusPage:
    id: str
    name: str
    components: tuple[Component, ...] = ()
    audience: str = "public"


@dataclass(frozen=True, slots=True)
class PublicEffect:
    """What a failure means to customers, and how long it may last before it is said in a post."""

    effect: ComponentState = ComponentState.DEGRADED
    publish_after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Service:
    """What a team answers for. `policies` maps a priority's word, or `default`, to a policy's id."""

    id: str
    name: str = ""
    team: str = ""
    policies: tuple[tuple[str, str], ...] = ()
    components: tuple[str, ...] = ()
    public: PublicEffect = PublicEffect()
    links: tuple[tuple[str, str], ...] = ()

    def policy_for(self, priority: str) -> str | None:
        """The id of the policy for that priority, else of the default one."""
        chosen = dict(self.policies)
        return chosen.get(priority, chosen.get("default"))
