"""What happens to a ticket if nobody does anything: the core is asked, and its answer thrown away.

The sentence is made of the very decision that the engine will take at the deadline, with the rotations as
they are configured now; so no view can promise somebody whom the engine would not call.
"""

from typing import Any, TypeVar

from monitord.client.shapes import NextStep
from monitord.core.check import Instant
from monitord.core.escalation import (
    AcknowledgementLapsed,
    Escalation,
    EscalationDue,
    HolderAsked,
    LastResortJoined,
    NobodyToPage,
    PageRequested,
    SnoozeEnded,
    TierReached,
    TierRepeated,
    TierSkipped,
)
from monitord.core.flow import react
from monitord.core.wording import names, spell
from monitord.core.workhours import HoursAwaited
from monitord.core.world import World

E = TypeVar("E")


def next_step(world: World, ticket: int, now: Instant) -> NextStep | None:
    """The next step of a ticket's escalation; None when it has none."""
    escalation = world.get(Escalation, ticket)
    if escalation is None:
        return None
    at = escalation.deadline.at
    foreseen = react(world, EscalationDue(ticket), max(at, now)).events
    pages = tuple(event.person for event in foreseen if isinstance(event, PageRequested))
    when = f"in {spell(at - now)}" if at > now else "now"
    says = said(foreseen, pages).format(when=when)
    return NextStep(at=at, kind=escalation.deadline.kind.value, says=says, pages=pages)


def said(foreseen: tuple[Any, ...], pages: tuple[str, ...]) -> str:
    """The step as a sentence, with `{when}` in it."""
    if first(HoursAwaited, foreseen):
        return "it waits for the policy's working hours {when}"
    if asked := first(HolderAsked, foreseen):
        return f"{escaped(asked.person)} is asked {{when}} whether still on it"
    if lapsed := first(AcknowledgementLapsed, foreseen):
        others = tuple(person for person in pages if person != lapsed.holder)
        return f"without a word from {escaped(lapsed.holder)}, {asked_again(others)} {{when}}"
    if first(SnoozeEnded, foreseen):
        return f"it wakes {{when}}, and {escaped(names(pages))} {are(pages)} paged"
    if first(NobodyToPage, foreseen):
        return "the policy is tried again {when}; nobody can be paged at present"
    if repeated := first(TierRepeated, foreseen):
        return f"{told_again(foreseen, pages)} {{when}} (repeat {repeated.repeat})"
    return widened(foreseen, pages)


def asked_again(others: tuple[str, ...]) -> str:
    return f"{escaped(names(others))} {are(others)} paged too" if others else "a new round begins"


def told_again(foreseen: tuple[Any, ...], pages: tuple[str, ...]) -> str:
    joined = first(LastResortJoined, foreseen)
    again = f"{escaped(names(pages))} {are(pages)} told again"
    return f"the last resort ({escaped(names(joined.people))}) joins and {again}" if joined else again


def widened(foreseen: tuple[Any, ...], pages: tuple[str, ...]) -> str:
    """`bo is paged in 4 min, and ann again; tier 3 is skipped`."""
    reached = first(TierReached, foreseen)
    if reached is None:
        return "nobody is paged, its service has no policy for it; it is looked at again {when}"
    new = tuple(person for person in reached.people if person in pages)
    again = tuple(person for person in pages if person not in new)
    if not new:
        return f"{escaped(names(again))} {are(again)} told again {{when}}" + skipped(foreseen)
    also = f", and {escaped(names(again))} again" if again else ""
    return f"{escaped(names(new))} {are(new)} paged {{when}}{also}{skipped(foreseen)}"


def skipped(foreseen: tuple[Any, ...]) -> str:
    """Nobody is on call there."""
    empty = [str(event.tier) for event in foreseen if isinstance(event, TierSkipped)]
    return f" (tier {', '.join(empty)} has nobody)" if empty else ""


def are(people: tuple[str, ...]) -> str:
    return "is" if len(people) == 1 else "are"


def first(kind: type[E], events: tuple[Any, ...]) -> E | None:
    return next((event for event in events if isinstance(event, kind)), None)


def escaped(text: str) -> str:
    """Ids may hold braces, which `format` would read."""
    return text.replace("{", "{{").replace("}", "}}")
