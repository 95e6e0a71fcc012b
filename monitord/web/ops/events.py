"""What came in, as the API and the console show it: the arrival, what was read in it, what became of it."""

from collections.abc import Iterator
from typing import Any

from monitord.client.directory import AddressRow, ArrivalRow, EventStory, SaidRow
from monitord.client.shapes import Line, Pair
from monitord.core.check import Instant
from monitord.core.heartbeat import Pinged
from monitord.core.report import heartbeat_source
from monitord.core.signal import DOWN, signal_key
from monitord.engine.intake import Intake
from monitord.engine.keyring import HEARTBEAT
from monitord.store.inbox import Event, Listed
from monitord.store.reads import Reads
from monitord.web.ops.sources import Sources
from monitord.web.ops.tickets import lines

BODY_CHARS_MAX = 20_000
SAID_MAX = 100
ABOUT_MAX = 10  # signals whose story is told
LINES_MAX = 100


async def event_story(sources: Sources, event: Event) -> EventStory:
    """One arrival, and why it did or did not open a ticket."""
    arrival = event.arrival
    facts = understood(sources.intake, event)
    return EventStory(
        event=arrival_row(event.listed),
        headers=pairs(arrival.headers),
        query=pairs(arrival.query),
        body=arrival.body[: BODY_CHARS_MAX * 4].decode("utf-8", "replace")[:BODY_CHARS_MAX],
        said=tuple(said_row(each, sources) for each in facts[:SAID_MAX]),
        since=await since(sources, [about(each) for each in facts[:ABOUT_MAX]], arrival.at),
    )


def understood(intake: Intake | None, event: Event) -> tuple[Any, ...]:
    """What is read in it today; nothing if it cannot be."""
    try:
        return intake.understood(event) if intake is not None and event.arrival.reports else ()
    except Exception:  # noqa: BLE001 - a kind may be anybody's code, and may have changed since
        return ()


async def since(sources: Sources, keys: list[str], at: Instant) -> tuple[Line, ...]:
    """What has happened to these signals since then."""
    found: list[tuple[Instant, Any]] = []
    for key in dict.fromkeys(keys):
        found += await sources.store.ask(Reads.events_about, key, at)
    return lines(sorted(found, key=lambda told: told[0])[:LINES_MAX])


def about(fact: Any) -> str:
    return signal_key(heartbeat_source(fact.heartbeat), DOWN) if isinstance(fact, Pinged) else str(fact.key)


def said_row(fact: Any, sources: Sources) -> SaidRow:
    if not isinstance(fact, Pinged):
        priority = fact.priority.value
        return SaidRow(about(fact), fact.raised, fact.title, fact.summary, fact.service, priority)
    known = sources.configuration.heartbeats.get(fact.heartbeat)
    code = f" {fact.exit_code}" if fact.exit_code else ""
    service, priority = (known.service, known.priority.value) if known else ("", "")
    return SaidRow(about(fact), None, f"{fact.what.value}{code}", fact.text[:1000], service, priority)


def arrival_row(listed: Listed) -> ArrivalRow:
    return ArrivalRow(
        id=listed.id,
        at=listed.at,
        integration=listed.integration,
        method=listed.method,
        path=listed.path,
        bytes=listed.bytes,
        times=listed.times,
        reports=listed.reports,
        decided=listed.decided,
        status=listed.status,
        outcome=listed.outcome,
    )


def pairs(several: tuple[tuple[str, str], ...]) -> tuple[Pair, ...]:
    return tuple(Pair(name, value) for name, value in several)


def addresses(sources: Sources) -> list[AddressRow]:
    """Where to speak to whom; whoever knows the secret may."""
    return list(every_address(sources.intake)) if sources.intake is not None else []


def every_address(intake: Intake) -> Iterator[AddressRow]:
    door, keyring = intake.url, intake.keyring
    for id, inlet in keyring.inlets.items():
        secret = keyring.of[id][0]
        path = f"/ping/{secret}" if inlet.kind == HEARTBEAT else f"/in/{id}"
        yield AddressRow(id, inlet.kind, False, f"{door}{path}", secret)
    for id, (key, *_) in keyring.heartbeat_keys.items():
        yield AddressRow(id, HEARTBEAT, True, f"{door}/ping/{key}", key)
