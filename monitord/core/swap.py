"""Swaps: somebody asks somebody else to take a shift, perhaps in exchange for one of theirs.

Theory of operation. A request changes nobody's turn. Who was asked accepts it, and then there are overrides
(amendment.py), made by whoever accepted; declines it; or says nothing, and it lapses when the first of the
shifts begins. Instants are on the wall, so a clock that is set moves nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitord.core.amendment import AHEAD, LONGEST, AddOverride
from monitord.core.check import Instant, PersonId
from monitord.core.organization import Person
from monitord.core.override import OverrideKind
from monitord.core.rotation import Rotation, shift_at, shifts
from monitord.core.wallclock import day_and_time, span_on_wall
from monitord.core.wording import Link, NameOf, Text, naming, shown

PREFIX = "w"
SWAPS_MAX = 500  # that nobody has answered yet


@dataclass(frozen=True, slots=True)
class Span:
    """A time in which somebody is to be on call for somebody else: [start, end)."""

    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class Swap:
    """`giver` asks `taker` to be on call for them in `given`, and would be on call for them in `back`."""

    id: str
    rotation: str
    giver: PersonId
    taker: PersonId
    given: Span
    by: PersonId
    why: str
    back: Span | None = None
    via: str = "cli"
    over: bool = False
    time_zone: str = ""  # on whose wall it is spoken of: the rotation's; see spoken.py if it is not said

    @property
    def key(self) -> str:
        return self.id

    @property
    def live(self) -> bool:
        return not self.over

    @property
    def number(self) -> int:
        """As its link says it."""
        return int(self.id.removeprefix(PREFIX))

    @property
    def due(self) -> Instant | None:
        """When it lapses: nobody may hear in the middle of a shift that it is theirs."""
        return min(span.start for span in self.spans) if self.live else None

    @property
    def spans(self) -> tuple[Span, ...]:
        return (self.given,) if self.back is None else (self.given, self.back)


@dataclass(frozen=True, slots=True)
class AskSwap:
    """`back` is any instant of the taker's shift that the giver would take."""

    rotation: str
    giver: PersonId
    taker: PersonId
    start: Instant
    end: Instant
    by: PersonId
    why: str
    back: Instant | None = None
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class AcceptSwap:
    swap: str
    by: PersonId
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class DeclineSwap:
    """Whoever was asked will not; or whoever asked wants it no more."""

    swap: str
    by: PersonId
    via: str = "cli"


@dataclass(frozen=True, slots=True)
class SwapDue:
    """A fact: the shift begins, and nobody has answered."""

    swap: str


@dataclass(frozen=True, slots=True)
class SwapAsked:
    swap: Swap

    @property
    def by(self) -> PersonId:
        return self.swap.by


@dataclass(frozen=True, slots=True)
class SwapAccepted:
    swap: Swap
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class SwapDeclined:
    """By whoever was asked, or withdrawn by whoever had asked."""

    swap: Swap
    by: PersonId
    via: str


@dataclass(frozen=True, slots=True)
class SwapLapsed:
    """Nobody has answered in time: whose turn it was, it is."""

    swap: Swap


@dataclass(frozen=True, slots=True)
class SwapRefused:
    by: PersonId
    why: str


SwapAnswered = SwapAccepted | SwapDeclined | SwapLapsed


# What stands in the way of one.


def objection(command: AskSwap, now: Instant) -> str:
    """What is wrong with it whatever else there is; empty if nothing is."""
    if not command.by or not command.why.strip():
        return "a swap is asked for by a named person, and has a reason; say who and why"
    if command.giver == command.taker:
        return f"{command.giver} cannot swap with themselves, only with somebody else"
    if command.end <= command.start:
        return "it must end after it begins; give a later end"
    if command.start <= now:
        return "it has begun already, or is over: nobody could answer in time; an override changes it at once"
    if command.end - command.start > LONGEST:
        return f"it would last longer than {LONGEST.days} days; put it into the configuration"
    return "" if command.end <= now + AHEAD else f"it would end more than {AHEAD.days} days from now"


def asked(command: AskSwap, number: int, rotation: Rotation, now: Instant) -> Swap | str:
    """The request, or why those shifts cannot be swapped."""
    given = Span(command.start, command.end)
    if not any(command.giver in shift.people for shift in shifts(rotation, given.start, given.end)):
        return (
            f"{command.giver} is not on call in {rotation.id} then; see who is with `monitord oncall shifts`"
        )
    back = returned(command, rotation, now) if command.back is not None else None
    if isinstance(back, str):
        return back
    if back is not None and back.start < given.end and given.start < back.end:
        return "the two shifts overlap; swap shifts that follow each other"
    return Swap(
        f"{PREFIX}{number}",
        rotation.id,
        command.giver,
        command.taker,
        given,
        command.by,
        command.why,
        back,
        command.via,
        time_zone=rotation.time_zone,
    )


def returned(command: AskSwap, rotation: Rotation, now: Instant) -> Span | str:
    """The taker's shift that would be the giver's, whole."""
    assert command.back is not None, "asked only for those that have one"
    if command.back >= now + AHEAD:
        return f"it would end more than {AHEAD.days} days from now"
    when = day_and_time(command.back, rotation.time_zone)
    over = f"{command.taker}'s shift at {when} has begun already, or is over"
    if command.back <= now:
        return over
    shift = shift_at(rotation, command.back)
    if command.taker not in shift.people:
        return f"{command.taker} is not on call in {rotation.id} at {when}"
    if shift.start <= now:
        return over
    return Span(shift.start, shift.end)


def same(swap: Swap, known: Iterable[Swap]) -> Swap | None:
    """One that asks the same people about the same time."""
    return next((each for each in known if between(each) == between(swap)), None)


def between(swap: Swap) -> tuple[object, ...]:
    return swap.rotation, swap.giver, swap.taker, swap.given, swap.back


def overrides(swap: Swap, by: PersonId, via: str) -> Iterator[AddOverride]:
    """What is made of it once it is accepted."""
    pairs = ((swap.giver, swap.taker), (swap.taker, swap.giver))
    for span, (who, comes) in zip(swap.spans, pairs, strict=False):
        why = f"swap {swap.id}, asked for by {swap.by}: {swap.why}"
        yield AddOverride(
            swap.rotation, span.end, OverrideKind.REPLACE, by, why, span.start, who, (comes,), via=via
        )


# Words.


def told(swap: Swap) -> str:
    """`primary, bo for ann 2026-01-05 08:00 to 2026-01-06 08:00 CET, ann for bo … to … CET`."""
    given, *back = (span_on_wall(span.start, span.end, swap.time_zone) for span in swap.spans)
    exchange = f", {swap.giver} for {swap.taker} {back[0]}" if back else ""
    return f"{swap.rotation}, {swap.taker} for {swap.giver} {given}{exchange}"


def request(swap: Swap, person: Person, name_of: NameOf) -> Text:
    """To whoever is asked."""
    giver = name_of(swap.giver)
    back = (f"{giver} would be on call for you {between_words(swap.back, person)}.",) if swap.back else ()
    until = min(span.start for span in swap.spans)
    return Text(
        naming("{giver} asks you to take a shift in {rotation}", giver=giver, rotation=swap.rotation),
        (
            f"{giver} asks you to be on call in {swap.rotation} {between_words(swap.given, person)}.",
            *back,
            f"Why: {swap.why}",
            f"Until you accept, nothing changes; without an answer it lapses {shown(until, person)}.",
            "Answer by the link below, or in the console, under on call.",
            f"Or: monitord override swap accept {swap.id}",
        ),
        links=(Link("swap", "Answer", swap.number, who=swap.taker),),
    )


def between_words(span: Span, person: Person) -> str:
    return f"from {shown(span.start, person)} to {shown(span.end, person)}"


ANSWERS = {
    SwapAccepted: "{by} accepts: {taker} is on call for {giver} in {rotation}",
    SwapDeclined: "{by} declines: the swap in {rotation} is off",
    SwapLapsed: "No answer from {taker}: the swap in {rotation} has lapsed",
}


def answer(event: SwapAnswered, person: Person, name_of: NameOf) -> Text:
    """To whoever asked, and to whom it is about."""
    swap = event.swap
    giver, taker = name_of(swap.giver), name_of(swap.taker)
    words, by = ANSWERS[type(event)], name_of(getattr(event, "by", ""))
    named = {"by": by, "taker": taker, "giver": giver, "rotation": swap.rotation}
    named = {key: name for key, name in named.items() if f"{{{key}}}" in words}
    lines = [f"{words.format(**named)}."]
    changed = isinstance(event, SwapAccepted)
    verb = "is" if changed else "would have been"
    lines.append(f"{taker} {verb} on call {between_words(swap.given, person)}.")
    if swap.back:
        lines.append(f"In exchange {giver} {verb} on call {between_words(swap.back, person)}.")
    if not changed:
        lines.append("Nothing has changed: everybody keeps their turns.")
    return Text(naming(words, **named), tuple(lines))
