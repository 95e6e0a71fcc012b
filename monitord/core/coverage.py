"""Coverage: when a tier of a policy has nobody who is on call, told days ahead.

A person, a team with members, and `everybody` are always there; a rotation is as far as somebody is on call
in it. A tier is empty while all that it names is. What a policy never pages at, outside its working hours, is
no hole.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitord.core.check import Instant
from monitord.core.policy import Policy, Target
from monitord.core.rotation import Rotation, shifts
from monitord.core.workhours import Holidays, opens
from monitord.core.world import Configuration

Span = tuple[Instant, Instant]


@dataclass(frozen=True, slots=True)
class Holes:
    """When this tier (1 is the first) has nobody, in order; `last` says that nobody follows it."""

    policy: str
    tier: int
    page: tuple[Target, ...]
    spans: tuple[Span, ...]
    last: bool


def holes(configuration: Configuration, start: Instant, end: Instant) -> Iterator[Holes]:
    """The tiers that are empty at some instant of [start, end), with all of those instants."""
    empty = {
        id: gaps_of(rotation, start, end)
        for id, rotation in configuration.rotations.items()
        if id in named(configuration)
    }
    for policy in configuration.policies.values():
        for number, tier in enumerate(policy.tiers, 1):
            if any(target not in empty for target in tier.page):
                continue
            spans = [
                span
                for span in together([empty[each] for each in tier.page])
                if matters(policy, span, configuration.holidays)
            ]
            if spans:
                last = number == len(policy.tiers)
                yield Holes(policy.id, number, tier.page, tuple(spans), last)


def named(configuration: Configuration) -> set[Target]:
    """What policies page."""
    return {each for policy in configuration.policies.values() for tier in policy.tiers for each in tier.page}


def gaps_of(rotation: Rotation, start: Instant, end: Instant) -> list[Span]:
    return [(each.start, each.end) for each in shifts(rotation, start, end) if not each.people]


def together(several: Sequence[Sequence[Span]]) -> list[Span]:
    """What lies in all of them."""
    first, *others = several or [[]]
    common = list(first)
    for spans in others:
        common = [
            (max(one[0], other[0]), min(one[1], other[1]))
            for one in common
            for other in spans
            if max(one[0], other[0]) < min(one[1], other[1])
        ]
    return common


def matters(policy: Policy, span: Span, holidays: Holidays) -> bool:
    """Is it open at some instant of the span?"""
    begins = opens(policy.only, span[0], holidays)
    return begins is None or begins < span[1]
