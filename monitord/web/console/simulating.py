"""Who would be called? A form whose address is the question, and the picture that answers it.

Nothing is sent and nothing is changed, so it is a GET: an answer can be kept as a bookmark, and shown to
somebody else. It asks the simulator that the API asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitord.config.problem import Wrong
from monitord.config.scalars import parse_duration
from monitord.core.check import Instant, PersonId
from monitord.core.organization import Priority
from monitord.core.ticket import Ticket
from monitord.core.wallclock import readings
from monitord.play.simulation import Foreseen, Question
from monitord.web.answers import Answer
from monitord.web.console.acts import Refused
from monitord.web.console.room import Room, Told
from monitord.web.console.simulated import drawn
from monitord.web.console.standing_in import instant_in, moment, typed, written
from monitord.web.console.visit import Visit, name_in
from monitord.web.console.words import BAD
from monitord.web.ops.errors import did_you_mean
from monitord.web.ops.limits import SIMULATED_AHEAD_MAX, UNREACHABLE_CHARS_MAX
from monitord.web.ops.simulating import BETWEEN, people_in
from monitord.web.ops.simulator import PROBE, SERVICE, TICKET, Asked, TooMuch, Unknown
from monitord.web.threads import in_thread

PLACE = "/simulate"
LISTED = 200  # of probes, services and tickets each; of more, the others are asked about on their own pages
ABOUT = {PROBE: "Probe", SERVICE: "Service", TICKET: "Ticket"}
KEYS = ("of", "priority", "at", "by", "after", "also", "out", "said", "refresh")
AFTER = ("", "2m", "5m", "10m", "15m", "30m", "1h", "2h", "4h")


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was filled in; `of` is `probe:web`, `out` whom nobody can reach."""

    of: str
    priority: str
    at: str
    by: str
    after: str
    out: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class Supposed:
    """Something that is supposed, in words, and the address without it."""

    words: str
    without: str


class Unclear(Refused):
    """A time that the clock skips or repeats; a field for times cannot say which of the readings is meant."""

    def __init__(self, what: str, both: tuple[Instant, ...]) -> None:
        super().__init__(what)
        self.readings = both


class Simulating:
    def __init__(self, room: Room) -> None:
        self.room, self.sources = room, room.sources

    async def show(self, visit: Visit) -> Answer:
        """The form; and the answer, when something was asked."""
        filled = filled_in(visit)
        asked: Asked | None = None
        found: Foreseen | None = None
        wrong: Told | None = None
        both: tuple[Instant, ...] = ()
        strange = [key for key in visit.query if key not in KEYS]
        if strange:
            wrong = Told(
                BAD,
                f"This address asks for `{strange[0]}`, which is not known here.",
                meant(visit, strange[0]),
            )
        elif filled.of:
            try:
                asked = asked_in(filled, visit)
                found = await self.sources.simulator.foresee(asked)
            except Unclear as unclear:
                wrong, both = Told(BAD, str(unclear), ("Which one do you mean?",)), unclear.readings
            except Refused as refused:
                wrong = Told(BAD, str(refused))
            except Unknown as unknown:
                remedy = did_you_mean(unknown.name, unknown.known)
                wrong = Told(BAD, f"There is no {unknown.what} {unknown.name}.", (remedy,))
            except TooMuch as much:
                wrong = Told(BAD, f"That cannot be told: {much}.", (much.remedy,))
        return await self.page(visit, filled, asked, found, wrong, both)

    async def page(
        self,
        visit: Visit,
        filled: Filled,
        asked: Asked | None,
        found: Foreseen | None,
        wrong: Told | None,
        both: tuple[Instant, ...],
    ) -> Answer:
        here = self.sources.configuration
        picture = await in_thread(drawn, found, here, visit.actor) if found else None
        return await self.room.show(
            visit,
            "simulate",
            422 if wrong else 200,
            filled=filled,
            asked=asked,
            found=found,
            picture=picture,
            wrong=wrong,
            subjects=self.subjects(filled),
            people=sorted(here.people.values(), key=lambda each: (each.name or each.id).casefold()),
            priorities=[each.value for each in Priority],
            spans=AFTER if filled.after in AFTER else (*AFTER, filled.after),
            supposed=supposed(visit, filled, {id: each.name or id for id, each in here.people.items()}),
            written=written,
            place_of=PLACES.get(asked.about, "").format(asked.name) if asked else "",
            what_if=lambda person, word: what_if(visit, filled, person, word),
            readings=both,
            at=shown_at(filled.at, visit),
        )

    def subjects(self, filled: Filled) -> list[tuple[str, list[tuple[str, str]], int]]:
        """What one can choose from, kind by kind: values and words, and how many are not listed."""
        here = self.sources.configuration
        tickets = [each for each in self.sources.world.all(Ticket) if not each.ended]
        kinds = (
            (TICKET, "Open tickets", [(str(each.number), f"{each.number} {each.title}") for each in tickets]),
            (SERVICE, "Services", [(id, each.name or id) for id, each in sorted(here.services.items())]),
            (PROBE, "Probes", [(id, id) for id in sorted(here.probes)]),
        )
        return [(name, *listed(kind, every, filled.of)) for kind, name, every in kinds if every]


def meant(visit: Visit, key: str) -> tuple[str, ...]:
    """What would be right for a key that nobody knows."""
    if key in ABOUT:
        return (f"Write `of={key}:{visit.query[key]}`, or choose below.",)
    return (f"{did_you_mean(key, list(KEYS))}",)


PLACES = {PROBE: "/probes/{}", TICKET: "/tickets/{}"}


def listed(kind: str, every: Sequence[tuple[str, str]], chosen: str) -> tuple[list[tuple[str, str]], int]:
    """The first of them, and always the one that is chosen."""
    values = [(f"{kind}:{id}", words) for id, words in every]
    first = values[:LISTED]
    return first + [each for each in values[LISTED:] if each[0] == chosen], max(0, len(values) - LISTED)


def filled_in(visit: Visit) -> Filled:
    out = BETWEEN.join((visit.query.get("out", ""), name_in(visit.query, "also")))
    return Filled(
        of=visit.query.get("of", "").strip(),
        priority=visit.query.get("priority", Priority.URGENT.value),
        at=visit.query.get("at", "").strip()[:40],
        by=name_in(visit.query, "by"),
        after=visit.query.get("after", "").strip()[:20],
        out=people_in(out),
    )


def asked_in(filled: Filled, visit: Visit) -> Asked:
    """The question in the form. Raises Refused."""
    about, _, name = filled.of.partition(":")
    if about not in ABOUT or not name:
        raise Refused("Please choose a probe, a service or a ticket.")
    if filled.priority not in {each.value for each in Priority}:
        raise Refused("Please choose a priority.")
    if len(BETWEEN.join(filled.out)) > UNREACHABLE_CHARS_MAX:
        raise Refused("These are too many who cannot be reached.")
    question = Question(
        at=instant_of(filled.at, visit),
        acknowledged_by=filled.by or None,
        after=span(filled.after) if filled.by and filled.after else None,
        unreachable=filled.out,
    )
    return Asked(about, name, question, Priority(filled.priority))


def instant_of(text: str, visit: Visit) -> Instant:
    """When it begins; now, if nothing was typed. Raises Refused."""
    if not text:
        return visit.now.replace(second=0, microsecond=0)
    try:
        return moment({"at": text}, "at", visit)
    except Refused as refused:
        both = readings_of(text, visit.zone)
        if not both:
            raise
        raise Unclear(f"{str(refused).partition('; ')[0]}.", both) from refused


def readings_of(text: str, zone: str) -> tuple[Instant, ...]:
    """Both instants, where the clock of that day shows the time twice, or skips it; else none."""
    try:
        wall = datetime.fromisoformat(text)
        found = readings(wall, ZoneInfo(zone)) if wall.tzinfo is None else ()
    except (ValueError, OverflowError):
        return ()
    return found if len(found) > 1 else ()


def shown_at(text: str, visit: Visit) -> str:
    """What stands in the field: what was typed, or an instant out of an address on the reader's clock."""
    if not text:
        return typed(visit.now, visit.zone)
    at = instant_in(text) if text.endswith("Z") else None
    return typed(at, visit.zone) if at else text


def span(text: str) -> timedelta:
    try:
        found = parse_duration(text)
    except Wrong as wrong:
        raise Refused(f"{wrong.what}; {wrong.remedy}") from wrong
    if found > SIMULATED_AHEAD_MAX:
        raise Refused(f"{text} is too long; {SIMULATED_AHEAD_MAX.days} days at most")
    return found


def supposed(visit: Visit, filled: Filled, names: dict[PersonId, str]) -> list[Supposed]:
    """What the answer supposes; each can be taken back by a touch."""
    found = []
    if filled.by:
        when = f"after {filled.after}" if filled.after else "when first called"
        words = f"{names.get(filled.by, filled.by)} acknowledges {when}"
        found.append(Supposed(words, visit.here(by=None, after=None, said=None)))
    for person in filled.out:
        rest = [each for each in filled.out if each != person]
        words = f"{names.get(person, person)} cannot be reached"
        found.append(Supposed(words, visit.here(out=BETWEEN.join(rest), also=None, said=None)))
    return found


def what_if(visit: Visit, filled: Filled, person: PersonId, word: str) -> str:
    """The address of the same question, if that person answered, or could not be reached."""
    if word == "answers":
        return visit.here(by=person, after=None, said=None)
    return visit.here(out=BETWEEN.join((*filled.out, person)), also=None, said=None)
