"""The picture of a simulation: a stair that goes down with time and gets wider with everybody who joins.

Theory of operation. It draws what `monitord simulate` prints, and reckons nothing of its own: each widening
is a stair with everybody who is asked by then, those who join with their ways and reasons below it; what else
the timeline would say stands between the stairs, in its order. It is an ordered list, so that whoever hears
it instead of seeing it is told the same in the same order.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from monitord.core.check import Instant, PersonId
from monitord.core.wording import spell
from monitord.core.world import Configuration
from monitord.play.simulation import REFUSED, Call, Foreseen, Remark, Widening
from monitord.web.access.roles import Actor
from monitord.web.console.weeks import tints_of
from monitord.web.console.words import BAD, GOOD, PLAIN, WARN
from monitord.web.ops.discretion import address_for

STAIRS_MAX = 60  # with what stands between them
PEOPLE_MAX = 24  # on one stair
NAMES_MAX = 12
TONES = {
    "acknowledged": GOOD,
    "resolved": GOOD,
    "nobody": BAD,
    "the acknowledgement": WARN,
    "tier": WARN,
    "the target": BAD,
}


@dataclass(frozen=True, slots=True)
class Face:
    """Somebody on a stair; `looks` are its classes in the style sheet."""

    person: PersonId
    name: str
    brief: str
    looks: str


@dataclass(frozen=True, slots=True)
class Way:
    """One message; `later` is how long after its stair it leaves."""

    channel: str
    address: str
    later: str
    why: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody who joins, and how they are called on this stair."""

    face: Face
    why: str
    manager: bool
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Stair:
    """One widening: `asked` people by then, of whom `faces` are drawn."""

    at: Instant
    after: str
    title: str
    asked: int
    faces: tuple[Face, ...]
    joins: tuple[Joining, ...]
    again: str
    left_out: int


@dataclass(frozen=True, slots=True)
class Saying:
    """What the timeline would say between two stairs."""

    at: Instant
    after: str
    says: str
    tone: str


@dataclass(frozen=True, slots=True)
class Group:
    """People who are not called for one reason."""

    why: str
    people: str


@dataclass(frozen=True, slots=True)
class Simulated:
    """The whole picture; `first` says it in one sentence, `management` who of it is reached, and when."""

    tone: str
    first: str
    reached: int
    management: str
    steps: tuple[Stair | Saying, ...]
    left_out: int
    not_called: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks, at people of this configuration."""

    here: Configuration
    actor: Actor | None
    tints: Mapping[PersonId, int] = field(default_factory=dict)

    def name(self, person: PersonId) -> str:
        known = self.here.people.get(person)
        return (known.name if known else "") or person

    def names(self, people: Sequence[PersonId]) -> str:
        """Of many the first."""
        more = len(people) - NAMES_MAX
        shown = ", ".join(self.name(each) for each in people[:NAMES_MAX])
        return f"{shown} and {more} more" if more > 0 else shown

    def sentence(self, says: str) -> str:
        """With a capital, unless a person begins it."""
        first = says.partition(" ")[0]
        return says if first in self.here.people else f"{says[:1].upper()}{says[1:]}"

    def manages(self, person: PersonId) -> bool:
        """Is that a manager of a team? Where no team has any, the last resort is what is above."""
        managers = [each for team in self.here.teams.values() for each in team.managers]
        return person in (managers or self.here.last_resort)

    def face(self, person: PersonId, *, joins: bool, refused: bool) -> Face:
        looks = [f"tint-{self.tints.get(person, 0)}"]
        looks += ["joins"] if joins else []
        looks += ["refused"] if refused else []
        name = self.name(person)
        return Face(person, name, name.partition(" ")[0], " ".join(looks))


def drawn(found: Foreseen, here: Configuration, actor: Actor | None) -> Simulated:
    """The picture of what was foreseen, as this actor may see it."""
    reader = Reader(here, actor, tints_of(here.people))
    steps = [*steps_of(found, reader)]
    return Simulated(
        tone=PLAIN if found.people else BAD,
        first=in_short(found, reader),
        reached=len(found.people),
        management=management(found, reader),
        steps=tuple(steps[:STAIRS_MAX]),
        left_out=max(0, len(steps) - STAIRS_MAX),
        not_called=groups(found, reader),
    )


def steps_of(found: Foreseen, reader: Reader) -> Iterable[Stair | Saying]:
    """The story, with the messages of each widening gathered on its stair."""
    circle = dict.fromkeys(found.asked_before)
    round = 0
    for each, calls in gathered(found.story):
        if isinstance(each, Remark):
            yield Saying(each.at, how_soon(found.at, each.at), reader.sentence(each.says), tone_of(each.says))
            continue
        if round and each.round != round:
            circle = {}
        round = each.round
        circle |= dict.fromkeys(each.joins)
        yield stair(found, each, calls, tuple(circle), reader)


def gathered(story: Sequence[Call | Widening | Remark]) -> list[tuple[Widening | Remark, list[Call]]]:
    """Each widening with the messages that leave until the next one."""
    steps: list[tuple[Widening | Remark, list[Call]]] = []
    calls: list[Call] = []
    for each in story:
        if isinstance(each, Call):
            calls.append(each)
            continue
        if isinstance(each, Widening):
            calls = []
        steps.append((each, calls if isinstance(each, Widening) else []))
    return steps


def stair(
    found: Foreseen, step: Widening, calls: Sequence[Call], circle: Sequence[PersonId], reader: Reader
) -> Stair:
    theirs: dict[PersonId, list[Call]] = {}
    for call in calls:
        theirs.setdefault(call.person, []).append(call)
    faces = {
        person: reader.face(person, joins=person in step.joins, refused=in_vain(theirs.get(person, ())))
        for person in circle
    }
    again = [person for person in theirs if person not in step.joins]
    return Stair(
        at=step.at,
        after=how_soon(found.at, step.at),
        title=title(step),
        asked=step.circle,
        faces=tuple(faces.values())[:PEOPLE_MAX],
        joins=tuple(
            joining(faces[person], step, theirs.get(person, ()), reader) for person in step.joins[:PEOPLE_MAX]
        ),
        again=reader.names(again),
        left_out=max(0, len(circle) - PEOPLE_MAX),
    )


def joining(face: Face, step: Widening, calls: Sequence[Call], reader: Reader) -> Joining:
    return Joining(
        face=face,
        why=calls[0].why if calls else "",
        manager=reader.manages(face.person),
        ways=tuple(
            Way(
                channel=call.channel,
                address=address_for(reader.actor, call.person, call.address),
                later=f"{spell(call.at - step.at)} later" if call.at > step.at else "",
                why=call.why if number else "",
                refused=call.outcome == REFUSED,
            )
            for number, call in enumerate(calls)
        ),
    )


def in_vain(calls: Sequence[Call]) -> bool:
    """Does nothing of that reach them?"""
    return bool(calls) and all(call.outcome == REFUSED for call in calls)


def title(step: Widening) -> str:
    """`Tier 2`; `Round 2, tier 1`."""
    where = f"tier {step.tier}" if step.tier else "asked alone"
    said = f"round {step.round}, {where}" if step.round > 1 else where
    return f"{said[0].upper()}{said[1:]}"


def in_short(found: Foreseen, reader: Reader) -> str:
    """`Bo Example is called at once, 4 people after 20 min.`"""
    if not found.people:
        return "Nobody would be reached."
    when = first_calls(found)
    soonest = when[found.people[0]]
    first = [person for person in found.people if when[person] == soonest]
    verb = "is" if len(first) == 1 else "are"
    said = f"{reader.names(first)} {verb} called {how_soon(found.at, soonest)}"
    latest = max(when.values())
    if latest == soonest:
        return f"{said}."
    return f"{said}, {len(found.people)} people {how_soon(found.at, latest)}."


def management(found: Foreseen, reader: Reader) -> str:
    """`Dee Example, after 20 min`; who of the teams' managers, or of the last resort, is the first."""
    when = first_calls(found)
    first = next((person for person in found.people if reader.manages(person)), None)
    return f"{reader.name(first)}, {how_soon(found.at, when[first])}" if first is not None else ""


def first_calls(found: Foreseen) -> dict[PersonId, Instant]:
    """When everybody who is reached is reached first."""
    when: dict[PersonId, Instant] = {}
    for call in found.calls:
        if call.outcome != REFUSED:
            when.setdefault(call.person, call.at)
    return when


def groups(found: Foreseen, reader: Reader) -> tuple[Group, ...]:
    reasons: dict[str, list[PersonId]] = {}
    for each in found.not_called:
        reasons.setdefault(each.why, []).append(each.person)
    return tuple(Group(why, reader.names(people)) for why, people in reasons.items())


def how_soon(begin: Instant, at: Instant) -> str:
    """`at once`, `after 5 min`."""
    return f"after {spell(at - begin)}" if at > begin else "at once"


def tone_of(says: str) -> str:
    return next((tone for words, tone in TONES.items() if says.startswith(words)), PLAIN)
