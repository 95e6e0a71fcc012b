"""The tables of `live.sqlite3`, and what of each record is a column of its own.

Theory of operation. A record is its body (JSON), its key, and whether it is *live*, that is: loaded at the
start. A further column exists only where a question is asked by it. Everything else stands in the body, so
that a new field of the core needs no migration. Instants are whole microseconds since 1970 in UTC: they sort,
and lose nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

from monitord.core.almanac import Almanac, AlmanacStanding
from monitord.core.amendment import Amendment
from monitord.core.contact import Contact
from monitord.core.delivery import Delivery
from monitord.core.employment import Employment
from monitord.core.escalation import Escalation
from monitord.core.facts import Installation
from monitord.core.handoff import Duty
from monitord.core.health import Health
from monitord.core.heartbeat import Pulse
from monitord.core.leave import Leave
from monitord.core.signal import Signal
from monitord.core.silence import Silence
from monitord.core.statuspage import Incident, Post
from monitord.core.subscription import Broadcast, Subscriber
from monitord.core.swap import Swap
from monitord.core.ticket import Ticket
from monitord.core.verdict import Verdict
from monitord.core.webhook import WebhookStanding

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Moment(TypeDecorator[datetime]):
    """An instant, as microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Span(TypeDecorator[timedelta]):
    """A duration, as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


LIVE = MetaData()


def record_table(name: str, *columns: Column[Any], key: type[TypeEngine[Any]] = Text) -> Table:
    """A table of records; the index finds those that are loaded at the start."""
    own = Column("key", key, primary_key=True, nullable=False, autoincrement=False)
    rest = (Column("live", Boolean, nullable=False), *columns, Column("body", Text, nullable=False))
    live = Index(f"{name}_live", "key", sqlite_where=text("live = 1"))
    return Table(name, LIVE, own, *rest, live)


health = record_table("health")
signal = record_table("signal")
verdict = record_table("verdict")
escalation = record_table("escalation", key=Integer)
installation = record_table("installation")
subscriber = record_table("subscriber", Column("state", Text, nullable=False))
pulse = record_table("pulse")
webhook = record_table("webhook")
silence = record_table("silence")
amendment = record_table("amendment")
swap = record_table("swap")
duty = record_table("duty")
contact = record_table("contact")
leave = record_table("leave")
employment = record_table("employment")
almanac = record_table("almanac")
almanac_standing = record_table("almanac_standing")
broadcast = record_table("broadcast", Column("incident", Text, nullable=False))
ticket = record_table(
    "ticket",
    Column("state", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("opened", Moment, nullable=False),
    Column("resolved", Moment),
    Column("priority", Text, nullable=False, server_default=""),
    Column("words", Text, nullable=False, server_default=""),
    key=Integer,
)
delivery = record_table(
    "delivery",
    Column("ticket", Integer),
    Column("person", Text),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("post", Text),
    Column("date", Moment, nullable=False),
)
incident = record_table(
    "incident",
    Column("phase", Text, nullable=False),
    Column("started", Moment, nullable=False),
    Column("resolved", Moment),
)
post = record_table(
    "post",
    Column("incident", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("ticket_state", ticket.c.state, ticket.c.key)
Index("ticket_service", ticket.c.service, ticket.c.key)
Index("ticket_priority", ticket.c.priority, ticket.c.key)
Index("ticket_unfinished", ticket.c.key, sqlite_where=text("resolved IS NULL"))
Index("delivery_ticket", delivery.c.ticket, sqlite_where=text("ticket IS NOT NULL"))
Index("delivery_newest", delivery.c.date, delivery.c.key)
Index("delivery_state", delivery.c.state, delivery.c.date)
Index("delivery_settled", delivery.c.date, sqlite_where=text("live = 0"))
Index("incident_started", incident.c.started)
Index("post_incident", post.c.incident, post.c.number)

# One row: who may write (term), how far the journal has come (seq), and the key of all signed links.
ledger = Table(
    "ledger",
    LIVE,
    Column("id", Integer, primary_key=True),
    Column("term", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("created", Moment, nullable=False),
    Column("alive", Moment),
)
journal = Table(
    "journal",
    LIVE,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("term", Integer, nullable=False),
    Column("revision", Text, nullable=False),
    Column("fact_kind", Text, nullable=False),
    Column("fact", Text, nullable=False),
    Column("records", Text, nullable=False),
)
event = Table(
    "event",
    LIVE,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("ticket", Integer),
    Column("about", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("actor", Text),
)
Index("event_acts", event.c.id, sqlite_where=text("actor IS NOT NULL"))
Index("event_actor", event.c.actor, event.c.id, sqlite_where=text("actor IS NOT NULL"))
Index("event_seq", event.c.seq)
Index("event_ticket", event.c.ticket, sqlite_where=text("ticket IS NOT NULL"))
Index("event_about", event.c.about, event.c.at)
Index("event_passing", event.c.at, sqlite_where=text("ticket IS NULL"))
revision = Table(
    "revision",
    LIVE,
    Column("id", Integer, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("tzdata", Text, nullable=False),
    Column("who", Text, nullable=False),
)
quarantine = Table(
    "quarantine",
    LIVE,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("fact_kind", Text, nullable=False),
    Column("fact", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("trace", Text, nullable=False),
)


# Who may sign in, and who is: nothing that the core knows of. Ids are digests of what a browser holds.
account = Table(
    "account",
    LIVE,
    Column("name", Text, primary_key=True),
    Column("password", Text, nullable=False),
    Column("administrator", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("person", Boolean, nullable=False, server_default=false()),
)
session = Table(
    "session",
    LIVE,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("client", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("passkey", Text, nullable=False, server_default=""),
)
passkey = Table(
    "passkey",
    LIVE,
    Column("id", Text, primary_key=True),
    Column("credential", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("created", Moment, nullable=False),
    Column("used", Moment),
    Column("suspected", Moment),
)
Index("passkey_account", passkey.c.account)
sign_in_link = Table(
    "sign_in_link",
    LIVE,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("ends", Moment, nullable=False),
)
access_log = Table(
    "access_log",
    LIVE,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("did", Text, nullable=False),
    Column("client", Text, nullable=False),
)
Index("access_log_at", access_log.c.at)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where records of a kind stand, and their columns besides key, live and body."""

    table: Table
    columns: Callable[[Any], Mapping[str, Any]]


def nothing_more(record: Any) -> Mapping[str, Any]:
    return {}


SHELVES: dict[type[Any], Shelf] = {
    Installation: Shelf(installation, nothing_more),
    Health: Shelf(health, nothing_more),
    Signal: Shelf(signal, nothing_more),
    Verdict: Shelf(verdict, nothing_more),
    Escalation: Shelf(escalation, nothing_more),
    Ticket: Shelf(
        ticket,
        lambda r: {
            "state": r.state.value,
            "service": r.service,
            "opened": r.opened,
            "resolved": r.resolved,
            "priority": r.priority.value,
            "words": f"{r.title} {r.service} {r.summary}",
        },
    ),
    Delivery: Shelf(
        delivery,
        lambda r: {
            "ticket": r.ticket,
            "person": r.person,
            "channel": r.channel,
            "state": r.state.value,
            "post": r.post,
            "date": r.date,
        },
    ),
    Incident: Shelf(
        incident, lambda r: {"phase": r.phase.value, "started": r.started, "resolved": r.resolved}
    ),
    Post: Shelf(post, lambda r: {"incident": r.incident, "number": r.number, "at": r.at}),
    Subscriber: Shelf(subscriber, lambda r: {"state": r.state.value}),
    Broadcast: Shelf(broadcast, lambda r: {"incident": r.incident}),
    WebhookStanding: Shelf(webhook, nothing_more),
    Pulse: Shelf(pulse, nothing_more),
    Silence: Shelf(silence, nothing_more),
    Amendment: Shelf(amendment, nothing_more),
    Swap: Shelf(swap, nothing_more),
    Duty: Shelf(duty, nothing_more),
    Contact: Shelf(contact, nothing_more),
    Leave: Shelf(leave, nothing_more),
    Employment: Shelf(employment, nothing_more),
    Almanac: Shelf(almanac, nothing_more),
    AlmanacStanding: Shelf(almanac_standing, nothing_more),
}
