"""What a changed configuration would alter in the days ahead: who is called when, tier by tier.

Theory of operation. Who is called for a trouble depends on its service, its priority and the instant.
Services and priorities that go by the same policy, before and after, are one *way*. Along a way the answer
can change only where a rotation that it names changes; between two such instants one question to each
configuration is enough. The people of a tier are found by the function that the escalation asks.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import accumulate, pairwise, zip_longest

from monitord.core.check import Instant, PersonId
from monitord.core.organization import ContactMethod, Priority, Quiet
from monitord.core.policy import Policy
from monitord.core.rotation import shifts
from monitord.core.wallclock import instant_of, zone_of
from monitord.core.whom import meant, unreachable
from monitord.core.workhours import Workhours
from monitord.core.world import Configuration

People = tuple[PersonId, ...]
Ladder = tuple[People, ...]  # whom each tier calls
Times = tuple[timedelta, ...]  # how long after the first page each tier has its turn
Written = str | timedelta | Workhours | Quiet | None
NIGHT = time(3)  # when everybody is asleep


@dataclass(frozen=True, slots=True)
class Way:
    """The troubles that go by one policy before the change, and by one after it; either may be missing."""

    before: str | None
    after: str | None
    troubles: tuple[tuple[str, str], ...]  # service and priority


@dataclass(frozen=True, slots=True)
class Differs:
    """From start to end other people are called, or the same at other times."""

    start: Instant
    end: Instant
    before: Ladder
    after: Ladder
    times_before: Times = ()
    times_after: Times = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """From start to end nobody who can be reached is in a tier of a policy; `page` is whom it names."""

    policy: str
    tier: int
    page: tuple[str, ...]
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Nights:
    """How often somebody would be the first to be called at night for something urgent."""

    person: PersonId
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody is reached."""

    person: PersonId
    before: tuple[ContactMethod, ...]
    after: tuple[ContactMethod, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Something else about a policy or a person that is written otherwise."""

    of: str
    what: str
    before: Written
    after: Written


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that differs between `start` and `end`; `dead_ends` are policies that end in nobody now."""

    start: Instant
    end: Instant
    ways: tuple[tuple[Way, tuple[Differs, ...]], ...]
    opened: tuple[Gap, ...]
    closed: tuple[Gap, ...]
    dead_ends: tuple[str, ...]
    nights: tuple[Nights, ...]
    reach: tuple[Reach, ...]
    rules: tuple[Rule, ...] = ()

    @property
    def harms(self) -> bool:
        """Is there an instant at which somebody was called, and nobody is any more?"""
        return bool(self.opened or self.dead_ends)


def compare(
    before: Configuration,
    after: Configuration,
    start: Instant,
    span: timedelta,
    only: tuple[str, str] | None = None,
) -> Change:
    """What the change alters in that time; `only` one service and priority, if it is given."""
    end = start + span
    ways = tuple(ways_of(before, after, only))
    compared = [(way, Comparison(before, after, way, start, end)) for way in ways]
    differing = tuple((way, found) for way, each in compared if (found := each.differences()))
    opened = [gap for _, each in compared for gap in each.gaps(each.after, each.before)]
    closed = [gap for _, each in compared for gap in each.gaps(each.before, each.after)]
    dead = [way_name(way) for way, each in compared if each.ends_in_nobody()]
    return Change(
        start=start,
        end=end,
        ways=differing,
        opened=tuple(dict.fromkeys(opened)),
        closed=tuple(dict.fromkeys(closed)),
        dead_ends=tuple(dict.fromkeys(dead)),
        nights=tuple(nights(before, after, start, end, only)),
        reach=tuple(reached(before, after)),
        rules=tuple(dict.fromkeys((*policy_rules(ways, before, after), *quiet_rules(before, after)))),
    )


def way_name(way: Way) -> str:
    return way.after or ", ".join(f"{service} ({priority})" for service, priority in way.troubles)


def ways_of(before: Configuration, after: Configuration, only: tuple[str, str] | None) -> Iterator[Way]:
    """Every service and priority, those that go by the same policies together."""
    troubles: dict[tuple[str | None, str | None], list[tuple[str, str]]] = {}
    for service in sorted({*before.services, *after.services}):
        for priority in Priority:
            trouble = (service, priority.value)
            if only is None or only == trouble:
                pair = (policy_of(before, *trouble), policy_of(after, *trouble))
                troubles.setdefault(pair, []).append(trouble)
    for (old, new), found in troubles.items():
        if old is not None or new is not None:
            yield Way(old, new, tuple(found))


def policy_of(configuration: Configuration, service: str, priority: str) -> str | None:
    found = configuration.services.get(service)
    policy = found.policy_for(priority) if found else None
    return policy if policy in configuration.policies else None


@dataclass(frozen=True, slots=True)
class Side:
    """One configuration, and the policy by which it goes."""

    configuration: Configuration
    policy: Policy | None

    def ladder(self, at: Instant) -> Ladder:
        """Whom each tier calls then: those who can be reached."""
        return tuple(self.called(tier.page, at) for tier in (self.policy.tiers if self.policy else ()))

    def times(self, ladder: Ladder) -> Times:
        """A tier that calls nobody is passed over at once."""
        tiers = self.policy.tiers if self.policy else ()
        lasting = (tier.lasts if people else timedelta(0) for tier, people in zip(tiers, ladder, strict=True))
        return tuple(accumulate(lasting, initial=timedelta(0)))[: len(ladder)]

    def called(self, page: tuple[str, ...], at: Instant) -> People:
        known = self.configuration
        return tuple(person for person in meant(known, page, at) if not unreachable(known, person))

    def changes(self, start: Instant, end: Instant) -> set[Instant]:
        """When somebody else may be on call."""
        tiers = self.policy.tiers if self.policy else ()
        named = {target for tier in tiers for target in tier.page} & set(self.configuration.rotations)
        found = (shifts(self.configuration.rotations[name], start, end) for name in named)
        return {shift.start for listed in found for shift in listed}


class Comparison:
    """A way, walked before and after the change."""

    def __init__(
        self, before: Configuration, after: Configuration, way: Way, start: Instant, end: Instant
    ) -> None:
        self.before = Side(before, before.policies.get(way.before or ""))
        self.after = Side(after, after.policies.get(way.after or ""))
        instants = {start, *self.before.changes(start, end), *self.after.changes(start, end)}
        self.steps = [
            (at, until, self.before.ladder(at), self.after.ladder(at))
            for at, until in pairwise([*sorted(instants), end])
        ]

    def differences(self) -> tuple[Differs, ...]:
        """Where people or times differ; what follows each other and is the same, as one."""
        found: list[Differs] = []
        for start, end, before, after in self.steps:
            times = self.before.times(before), self.after.times(after)
            last = found[-1] if found else None
            if last == Differs(last.start, start, before, after, *times) if last else False:
                found[-1] = replace(found[-1], end=end)
            elif (before, times[0]) != (after, times[1]):
                found.append(Differs(start, end, before, after, *times))
        return tuple(found)

    def gaps(self, side: Side, other: Side) -> list[Gap]:
        """Where a tier of this side has nobody, and the other side's has somebody, or is not there at all."""
        found: list[Gap] = []
        tiers = side.policy.tiers if side.policy else ()
        for position, tier in enumerate(tiers):
            for start, end, before, after in self.steps:
                mine, theirs = (after, before) if side is self.after else (before, after)
                if mine[position] or (theirs and not theirs[min(position, len(theirs) - 1)]):
                    continue
                assert side.policy is not None, "it has tiers"
                gap = Gap(side.policy.id, position + 1, tier.page, start, end)
                if found and found[-1].tier == gap.tier and found[-1].end == start:
                    gap = Gap(gap.policy, gap.tier, gap.page, found.pop().start, end)
                found.append(gap)
        return found

    def ends_in_nobody(self) -> bool:
        """At some instant the last tier has nobody, and before it had; or there is no policy any more."""
        return any(before and before[-1] and not (after and after[-1]) for _, _, before, after in self.steps)


# Who sleeps


def nights(
    before: Configuration, after: Configuration, start: Instant, end: Instant, only: tuple[str, str] | None
) -> Iterator[Nights]:
    """Who is called first on how many nights, where that changes."""
    was, will = (Counter(woken(each, start, end, only)) for each in (before, after))
    for person in sorted({*was, *will}):
        if was[person] != will[person]:
            yield Nights(person, was[person], will[person])


def woken(
    configuration: Configuration, start: Instant, end: Instant, only: tuple[str, str] | None
) -> Iterator[PersonId]:
    """Everybody who is called first, once a night."""
    troubles = [only] if only else [(service, Priority.URGENT.value) for service in configuration.services]
    policies = {policy for trouble in troubles if (policy := policy_of(configuration, *trouble))}
    for at in small_hours(configuration.time_zone, start, end):
        ladders = (Side(configuration, configuration.policies[name]).ladder(at) for name in sorted(policies))
        yield from {person for ladder in ladders for person in next(filter(None, ladder), ())}


def small_hours(zone: str, start: Instant, end: Instant) -> Iterator[Instant]:
    """Three o'clock of every night in between, on the wall of the organization."""
    wall = zone_of(zone)
    first = start.astimezone(wall).date()
    for day in range((end - start).days + 2):
        at = instant_of(datetime.combine(first + timedelta(days=day), NIGHT), wall)
        if start <= at < end:
            yield at


def reached(before: Configuration, after: Configuration) -> Iterable[Reach]:
    """Whose contact methods change."""
    for person in sorted({*before.people} & {*after.people}):
        was, will = before.people[person].reach, after.people[person].reach
        if was != will:
            yield Reach(person, was, will)


# What else is written otherwise


def policy_rules(ways: Iterable[Way], before: Configuration, after: Configuration) -> Iterator[Rule]:
    """How many must acknowledge, how long that lasts, and the hours; of the policies that troubles go by."""
    for way in ways:
        if way.before is None or way.after is None:
            continue
        was, will = before.policies[way.before], after.policies[way.after]
        for number, (old, new) in enumerate(zip_longest(was.tiers, will.tiers), 1):
            if old and new and old.enough != new.enough:
                yield Rule(will.id, f"acknowledgements that tier {number} takes", old.enough, new.enough)
        lasting = was.acknowledgement_lasts, will.acknowledgement_lasts
        if lasting[0] != lasting[1]:
            yield Rule(will.id, "how long an acknowledgement lasts", *lasting)
        if was.only != will.only:
            yield Rule(will.id, "the hours in which it pages", was.only, will.only)


def quiet_rules(before: Configuration, after: Configuration) -> Iterator[Rule]:
    """Whose quiet hours are others."""
    for person in sorted({*before.people} & {*after.people}):
        was, will = before.people[person].quiet, after.people[person].quiet
        if was != will:
            yield Rule(person, "quiet hours", was, will)
