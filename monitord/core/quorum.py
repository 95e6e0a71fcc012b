"""A quorum: how many of a tier's people must acknowledge before the pages stop.

Theory of operation. Each tier that a round has reached has a quorum of its own; the ticket is acknowledged as
soon as one of them is met. Counted are the people for whom the tier stood when it was last paged, and who
acknowledged while they were on call in it. A tier never needs more people than it has. Where one is enough,
anybody is, whether they stand in the tier or not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitord.core.check import PersonId
from monitord.core.policy import Target, Tier

People = tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Quorum:
    """So many of these people."""

    people: People
    needed: int


@dataclass(frozen=True, slots=True)
class AcknowledgementCounted:
    """`by` has it, but that is not enough yet: `have` of `needed`."""

    ticket: int
    by: PersonId
    via: str
    have: int
    needed: int


def quorum(tier: Tier, people: People, before: Quorum | None, acknowledged: People) -> Quorum:
    """Of the tier's people now, and of those who acknowledged while they were on call in it."""
    stayed = tuple(person for person in acknowledged if before is not None and person in before.people)
    together = tuple(dict.fromkeys((*stayed, *people)))
    return Quorum(together, max(1, min(tier.acknowledge, len(together))))


def quorums(
    tiers: tuple[Tier, ...],
    whom: Callable[[tuple[Target, ...]], People],
    before: tuple[Quorum, ...],
    acknowledged: People,
) -> tuple[Quorum, ...]:
    """One for each of these tiers, as `whom` answers for them now; `before` are those of the last step."""
    known = (*before[: len(tiers)], *(None for _ in tiers[len(before) :]))
    return tuple(
        quorum(tier, whom(tier.page), was, acknowledged) for tier, was in zip(tiers, known, strict=True)
    )


def have(each: Quorum, acknowledged: People) -> int:
    """How many of those who are needed have acknowledged."""
    if each.needed == 1:
        return min(1, len(acknowledged))
    return sum(person in acknowledged for person in each.people)


def nearest(quorums: Iterable[Quorum], acknowledged: People) -> Quorum:
    """The quorum that lacks the fewest; the later one of two, because its people were asked last."""
    several = tuple(quorums) or (Quorum((), 1),)
    return min(reversed(several), key=lambda each: each.needed - have(each, acknowledged))


def enough(quorums: Iterable[Quorum], acknowledged: People) -> bool:
    """Whether the pages may stop."""
    found = nearest(quorums, acknowledged)
    return have(found, acknowledged) >= found.needed
